"""From a body to what the flows take: one JSON object, or the lines of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from models.errors import InvalidInput
from service.decoding import decode_json, decode_lines
from service.dependencies import Body
from service.flows.receipts import Line


def object_of(body: Body) -> Mapping[str, object]:
    """The JSON object that a body holds.

    Raises:
        InvalidInput: `broken_json`, `broken_utf8`, or `wrong_type` for JSON of another kind.
    """
    value = decode_json(body.data)
    if not isinstance(value, Mapping):
        raise InvalidInput("The body must be one JSON object.", code="wrong_type")
    return value


def lines_of(body: Body, *columns: str) -> Iterable[Line]:
    """The lines of a batch: CSV by its media type, else a JSON array or one object a line.

    `columns` are those that the header of a CSV must name.

    Raises:
        InvalidInput: the body as a whole can't be read; a bad line is a line's own matter.
    """
    return decode_lines(body.data, body.media_type, csv_columns=columns)
