"""Clean a note without moving a character: everything masked keeps its place.

The cleaned text has exactly as many code points as the original, so an offset into one
is an offset into the other. What is not language (tags, quote marks of mail, bullets,
addresses of web pages, signatures, the history below a reply) becomes `MASK`, a character no
note may contain; block tags become line feeds; an entity becomes its character followed by
masks.
"""

from __future__ import annotations

import re

from clustering.mail_furniture import mark_furniture
from clustering.mail_thread import Line, lines_of, mark_thread
from clustering.note_markup import MASK, masked, masked_match, unmarked

__all__ = ["MASK", "clean", "plain", "readable"]

_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"\x00]{1,2000}")
_QUOTE_PREFIX = re.compile(r"^[ \t\x00]{0,40}(?:[>|][ \t\x00]?){1,20}", re.MULTILINE)
_BULLET = re.compile(
    r"^[ \t\x00]{0,40}(?:[-*•‣◦▪●○·–—−+#>]{1,3}|\(?\d{1,2}[.)]|\(?[a-hA-H][.)]|\[[ xX]?\])"
    r"(?=[ \t\x00])",
    re.MULTILINE,
)
_BLANKS = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return `text` with what is no language masked; same number of code points."""
    out = unmarked(text)
    lines = lines_of(out)
    mark_thread(lines)
    mark_furniture(lines)
    out = "\n".join(_line(out, line) for line in lines)
    for pattern in (_URL, _QUOTE_PREFIX, _BULLET):
        out = pattern.sub(masked_match, out)
    return out


def plain(cleaned: str) -> str:
    """A stretch of cleaned text as a model should read it: no masks, single blanks."""
    return _BLANKS.sub(" ", cleaned.replace(MASK, "")).strip()


def readable(span: str) -> str:
    """A span as it was posted, without tags, entities and what is invisible."""
    return plain(unmarked(span))


def _line(out: str, line: Line) -> str:
    piece = out[line.start : line.end]
    return masked(piece) if line.furniture or line.history else piece
