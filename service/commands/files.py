"""Data files that commands read, and files that they write."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, TextIO

import typer

from models.errors import InvalidInput

if TYPE_CHECKING:
    from service.flows.receipts import Line

_MEDIA_TYPES = {
    ".csv": "text/csv",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".json": "application/json",
}

DataFile = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", exists=True, dir_okay=False, readable=True, help=".csv, .jsonl or .json"
    ),
]

EncodingOption = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        metavar="NAME",
        help="What the file was saved in, where that is not UTF-8: windows-1252, utf-16...",
    ),
]


@contextmanager
def opened_file(file: Path, encoding: str | None = None) -> Iterator[BinaryIO]:
    """The file, open for reading as UTF-8: from the encoding named, else by its byte order mark.

    Raises:
        InvalidInput: `unreadable_file`, `unknown_encoding`, `broken_encoding`.
    """
    from service.encodings import as_utf8

    try:
        source = file.open("rb")
    except OSError as error:
        raise InvalidInput(
            f"{file} can't be read: {error.strerror}.", code="unreadable_file"
        ) from None
    with source:
        yield as_utf8(source, encoding)


def lines_of_file(
    file: Path, source: BinaryIO, columns: Sequence[str], delimiter: str = ","
) -> Iterable[Line]:
    """The lines of an open data file, told by its suffix; `columns` must be in a CSV's header,
    whose cells are cut at `delimiter`.

    Raises:
        typer.BadParameter: another suffix.
        InvalidInput: the file as a whole can't be read.
    """
    from service.decoding import decode_lines

    media_type = _MEDIA_TYPES.get(file.suffix.lower())
    if media_type is None:
        raise typer.BadParameter(
            f"{file.name} must end in {', '.join(_MEDIA_TYPES)}", param_hint="FILE"
        )
    return decode_lines(source, media_type, csv_columns=columns, delimiter=delimiter)


@contextmanager
def written_whole(target: Path) -> Iterator[TextIO]:
    """A file that takes its name only when it is whole: a failure leaves what was there.

    Raises:
        InvalidInput: `unwritable_file`.
    """
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    except OSError as error:
        raise InvalidInput(
            f"{target} can't be written: {error.strerror}.", code="unwritable_file"
        ) from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            yield out
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
