"""From bytes to JSON values and rows: strict, and with no error but a sentence that helps.

JSON is RFC 8259 to the letter: UTF-8, no NaN or Infinity, no lone surrogates. Numbers with a
point or an exponent are Decimal, so that money stays exact. Of a name given twice in one object
the last counts, as in every common reader. Lines are counted from 1, as in an editor.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
import re
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, BinaryIO, NoReturn

from models.errors import InvalidInput

if TYPE_CHECKING:
    from _csv import Reader

Line = tuple[int, Mapping[str, object] | InvalidInput]

# A note of 100,000 code points, each escaped as a pair, and room for the other fields.
MAX_LINE_BYTES = 2 * 1024 * 1024
MAX_DEPTH = 64
# Every number we take is far below; Python's own limit on digits is 4,300.
MAX_DIGITS = 100
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINES_TYPES = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
_CSV_TYPES = frozenset({"text/csv", "application/csv"})


def decode_json(data: bytes) -> object:
    """One JSON value.

    Raises:
        InvalidInput: `broken_utf8`; `broken_json`, also for what nests more than 64 deep and
            for numbers of more than 100 digits; `lone_surrogate`.
    """
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as error:
        raise _broken_utf8(f"at byte {error.start + 1}") from None
    try:
        value = json.loads(
            text, parse_float=_decimal, parse_int=_whole, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as error:
        raise _broken_json(f"{error.msg}, line {error.lineno} column {error.colno}") from None
    except RecursionError:
        raise _too_deep() from None
    if "\\u" in text or text.count("[") + text.count("{") > MAX_DEPTH:
        _check_value(value)
    return value


def decode_lines(
    source: bytes | BinaryIO,
    media_type: str,
    *,
    csv_columns: Collection[str] = (),
    delimiter: str = ",",
) -> Iterator[Line]:
    """Rows with the number of their line: of a CSV file, of NDJSON or of a JSON array.

    CSV and NDJSON are told by their media type; anything else is an array when it begins with
    a bracket and NDJSON otherwise. In an array the element's place is its line. A line that
    can't be read is yielded as the InvalidInput that says why, and sinks no other; blank lines
    are passed over.

    Raises:
        InvalidInput: an array that is not JSON as a whole; as `decode_csv`. All before the
            first line.
    """
    if media_type in _CSV_TYPES:
        return decode_csv(source, columns=csv_columns, delimiter=delimiter)
    if media_type in _LINES_TYPES:
        return _decode_ndjson(source)
    data = source if isinstance(source, bytes) else source.read()
    if data.removeprefix(codecs.BOM_UTF8).lstrip()[:1] == b"[":
        return _decode_array(data)
    return _decode_ndjson(data)


def decode_csv(
    source: bytes | BinaryIO, *, columns: Collection[str], delimiter: str = ","
) -> Iterator[Line]:
    """The rows of a CSV file as text cells: RFC 4180 but for its `delimiter`, with or without a
    BOM.

    The first line names the columns; those in `columns` must be among them. A row that spans
    lines is counted where it begins. Columns without a name are passed over.

    Raises:
        InvalidInput: `csv_header` where the header is missing, repeats a name or lacks a
            column; `broken_utf8` in the header. Before the first row.
    """
    reader = csv.reader(_text_lines(source), strict=True, delimiter=delimiter)
    # The reader's own limit is 131,072 characters; one field may be a whole note.
    csv.field_size_limit(MAX_LINE_BYTES)
    try:
        header = [name.strip() for name in next(reader, [])]
    except csv.Error:
        header = []
    _check_header(header, columns)
    return _decode_rows(reader, header)


def _decode_array(data: bytes) -> Iterator[Line]:
    value = decode_json(data)
    assert isinstance(value, list)
    return ((place, _as_object(element)) for place, element in enumerate(value, start=1))


def _decode_ndjson(source: bytes | BinaryIO) -> Iterator[Line]:
    for number, line in _byte_lines(source):
        if line is None:
            yield number, _too_long()
        elif line.strip():
            try:
                yield number, _as_object(decode_json(line))
            except InvalidInput as error:
                yield number, error


def _decode_rows(reader: Reader, header: list[str]) -> Iterator[Line]:
    while True:
        first_line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield (
                first_line,
                InvalidInput(
                    f"This is not a CSV row: {error}; double the quotes inside a quoted cell.",
                    code="broken_csv",
                ),
            )
            if "field limit" in str(error):
                # Inside a quote that was never closed: what follows are no rows.
                return
            continue
        if cells:
            yield first_line, _row(header, cells)


def _row(header: list[str], cells: list[str]) -> Mapping[str, object] | InvalidInput:
    if any(_SURROGATE.search(cell) for cell in cells):
        return _broken_utf8("in this row")
    if len(cells) != len(header):
        return InvalidInput(
            f"The row has {len(cells)} cells and the header {len(header)}; give each column a"
            " cell, an empty one where there is no value.",
            code="csv_cells",
        )
    return {name: cell for name, cell in zip(header, cells, strict=True) if name}


def _check_header(header: list[str], columns: Collection[str]) -> None:
    if any(_SURROGATE.search(name) for name in header):
        raise _broken_utf8("in the header")
    named = [name for name in header if name]
    lacking = [name for name in columns if name not in named]
    repeated = sorted({name for name in named if named.count(name) > 1})
    if not named or lacking:
        raise InvalidInput(
            "The first line must name the columns, separated by commas; it lacks"
            f" {', '.join(lacking) or 'every name'}.",
            code="csv_header",
        )
    if repeated:
        raise InvalidInput(
            f"The header names {', '.join(repeated)} twice; keep one column of each name.",
            code="csv_header",
        )


def _text_lines(source: bytes | BinaryIO) -> Iterator[str]:
    # Bytes that are not UTF-8 come through as lone surrogates, which UTF-8 itself never makes,
    # so that only their own row is refused.
    for _number, line in _byte_lines(source, limit=None):
        yield (line or b"").decode(errors="surrogateescape")


def _byte_lines(
    source: bytes | BinaryIO, limit: int | None = MAX_LINE_BYTES
) -> Iterator[tuple[int, bytes | None]]:
    """Lines with their ends, from 1, without a BOM; None for one that is over the limit."""
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    number = 0
    while line := stream.readline(-1 if limit is None else limit):
        number += 1
        whole = limit is None or len(line) < limit or line.endswith(b"\n")
        while limit is not None and len(line) == limit and not line.endswith(b"\n"):
            line = stream.readline(limit)
        if number == 1 and whole:
            line = line.removeprefix(codecs.BOM_UTF8)
        yield number, line if whole else None


def _as_object(value: object) -> Mapping[str, object] | InvalidInput:
    if isinstance(value, dict):
        return value
    return InvalidInput("This is not a JSON object, like {...}.", code="wrong_type")


def _check_value(value: object) -> None:
    """Refuse lone surrogates and depth, without recursion."""
    level = [value]
    depth = 0
    while level:
        depth += any(isinstance(one, dict | list) for one in level)
        if depth > MAX_DEPTH:
            raise _too_deep()
        inner: list[object] = []
        for one in level:
            if isinstance(one, dict):
                inner.extend(one.keys())
                inner.extend(one.values())
            elif isinstance(one, list):
                inner.extend(one)
            elif isinstance(one, str) and _SURROGATE.search(one):
                raise InvalidInput(
                    "The text holds half a character (a lone surrogate); send the whole one.",
                    code="lone_surrogate",
                )
        level = inner


def _decimal(digits: str) -> Decimal:
    try:
        value = Decimal(digits)
    except InvalidOperation:
        raise _too_many_digits() from None
    # 1e999999 is short to write and endless to spell out.
    if len(digits) > MAX_DIGITS or abs(value.adjusted()) > MAX_DIGITS:
        raise _too_many_digits()
    return value


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise _too_many_digits()
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise _broken_json(f"{name} is not a number of JSON; use null for what is not known")


def _too_many_digits() -> InvalidInput:
    return _broken_json(f"a number has more than {MAX_DIGITS} digits")


def _too_deep() -> InvalidInput:
    return _broken_json(f"it nests more than {MAX_DEPTH} deep")


def _broken_json(why: str) -> InvalidInput:
    return InvalidInput(f"This is not valid JSON: {why}.", code="broken_json")


def _broken_utf8(where: str) -> InvalidInput:
    return InvalidInput(
        f"This is not UTF-8 {where}; save it as UTF-8, or name its encoding (--encoding).",
        code="broken_utf8",
    )


def _too_long() -> InvalidInput:
    return InvalidInput(
        f"The line is over {MAX_LINE_BYTES // 1024 // 1024} MB; a note has at most 100,000"
        " characters.",
        code="line_too_long",
    )
