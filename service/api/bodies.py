"""From a body to what the flows take: one JSON object, or the lines of a batch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice

from models.errors import InvalidInput, TooLarge
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


def lines_of(body: Body, most: int, *columns: str) -> Iterable[Line]:
    """The lines of a batch: CSV by its media type, else a JSON array or one object a line.

    `columns` are those that the header of a CSV must name; `most` is how many lines there may be.

    Raises:
        InvalidInput: the body as a whole can't be read; a bad line is a line's own matter.
        TooLarge: `batch_too_long`; nothing of it is stored.
    """
    lines = decode_lines(body.data, body.media_type, csv_columns=columns)
    # A line ends, an element opens a brace: where both are few, there is nothing to count.
    if body.data.count(b"\n") + body.data.count(b"{") < most:
        return lines
    counted = list(islice(lines, most + 1))
    if len(counted) > most:
        raise TooLarge(
            f"The batch has more than {most:,} lines; send it in parts.", code="batch_too_long"
        )
    return counted
