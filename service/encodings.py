"""A data file in another encoding than UTF-8, read as UTF-8.

A byte order mark says which Unicode encoding a file has. Of Windows-1252 and its kin nothing
says which it is, and a guess would store wrong names without a word: so it is named by whoever
knows (`--encoding`), and a file that is not UTF-8 is refused until then. For the same reason
no library is asked to guess.
"""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

from models.errors import InvalidInput

_PIECE = 64 * 1024
# The longer mark first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class AsUtf8(io.RawIOBase):
    """The bytes of a file in UTF-8. `tell` is the place in the file itself, for progress."""

    def __init__(self, source: BinaryIO, encoding: str) -> None:
        self._source = source
        self._encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("strict")
        self._ready = b""
        self._at_end = False

    def readable(self) -> bool:
        """It can be read, and nothing else."""
        return True

    def tell(self) -> int:
        """How far the file itself is read."""
        return self._source.tell()

    def readinto(self, buffer: object) -> int:
        """Fill the buffer; 0 at the end.

        Raises:
            InvalidInput: `broken_encoding` where the bytes are not of the encoding.
        """
        room = memoryview(buffer)  # type: ignore[arg-type]
        while not self._ready and not self._at_end:
            self._ready = self._next().encode(errors="surrogatepass")
        taken = self._ready[: len(room)]
        room[: len(taken)] = taken
        self._ready = self._ready[len(taken) :]
        return len(taken)

    def _next(self) -> str:
        piece = self._source.read(_PIECE)
        self._at_end = not piece
        try:
            return self._decoder.decode(piece, final=self._at_end).removeprefix("\ufeff")
        except UnicodeError:
            raise InvalidInput(
                f"The file is not {self._encoding}; name the encoding that it was saved in"
                " (--encoding), or save it as UTF-8.",
                code="broken_encoding",
            ) from None


def as_utf8(source: BinaryIO, encoding: str | None = None) -> BinaryIO:
    """The file as UTF-8: from the encoding named, else from what its byte order mark says.

    Raises:
        InvalidInput: `unknown_encoding`; `broken_encoding` for UTF-16 without a mark.
    """
    if encoding is not None:
        try:
            name = codecs.lookup(encoding).name
            codecs.getincrementaldecoder(name)
            "".encode(name)
        except LookupError:
            raise InvalidInput(
                f"There is no encoding {encoding!r}; name one such as windows-1252, iso-8859-15"
                " or utf-16.",
                code="unknown_encoding",
                field="encoding",
            ) from None
        return source if name == "utf-8" else _buffered(source, name)
    start = source.read(4)
    source.seek(-len(start), io.SEEK_CUR)
    marked = next((name for mark, name in _MARKS if start.startswith(mark)), None)
    if marked is not None:
        return _buffered(source, marked)
    if b"\0" in start[:2]:
        raise InvalidInput(
            "The file is not UTF-8 but looks like UTF-16; load it with --encoding utf-16-le or"
            " utf-16-be, or save it as UTF-8.",
            code="broken_encoding",
        )
    return source


def _buffered(source: BinaryIO, encoding: str) -> BinaryIO:
    return _Progressing(AsUtf8(source, encoding), _PIECE)


class _Progressing(io.BufferedReader):
    """Tells the place in the file itself: a converted stream has none of its own."""

    def tell(self) -> int:
        """How far the file itself is read."""
        return self.raw.tell()
