"""Clean a note without moving a character: everything masked keeps its place.

The cleaned text has exactly as many code points as the original, so an offset into one
is an offset into the other. What is not language (tags, quote marks of mail, bullets,
addresses of web pages) becomes `MASK`, a character no note may contain; block tags become line
feeds; an entity becomes its character followed by masks.
"""

from __future__ import annotations

import html
import re

MASK = "\x00"
"""Stands for a character that is no language. Control characters are refused at the door."""

_COMMENT = re.compile(r"<!--(?:(?!<!--).){0,5000}?-->", re.DOTALL)
_STYLE = re.compile(
    r"<(style|script)\b[^<>]{0,500}>(?:(?!<(?:style|script)).){0,20000}?</\1>",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"</?[a-zA-Z][a-zA-Z0-9:]{0,20}(?:\s[^<>]{0,2000})?/?>")
_BLOCK = re.compile(
    r"</?(?:p|br|div|li|ul|ol|tr|td|th|table|h[1-6]|blockquote|hr|section|article|pre)\b",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_URL = re.compile(r"\b(?:https?://|www\.)[^\s<>\"]{1,2000}")
_QUOTE_PREFIX = re.compile(r"^[ \t]{0,20}(?:[>|][ \t]?){1,20}", re.MULTILINE)
_BULLET = re.compile(
    r"^[ \t\x00]{0,40}(?:[-*•‣◦▪●○·–—−+#>]{1,3}|\(?\d{1,2}[.)]|\(?[a-hA-H][.)]|\[[ xX]?\])"
    r"(?=[ \t\x00])",
    re.MULTILINE,
)
_HEADER_NAME = r"(?:From|Sent|To|Cc|Bcc|Subject|Date|Von|Gesendet|An|Betreff|De|Para|Asunto)[ \t]?:"
_HEADER_LINE = rf"[ \t\x00]{{0,20}}{_HEADER_NAME}[^\n]{{0,300}}"
_MAIL_HEADER = re.compile(
    rf"^(?:{_HEADER_LINE}(?:\n{_HEADER_LINE}){{1,10}}$"
    rf"|{_HEADER_LINE}@[^\n]{{0,300}}"
    r"|On [^\n]{3,200} wrote:[ \t]*$"
    r"|-{2,}[ \t]?(?:Original Message|Forwarded message)[ \t]?-{2,}[^\n]{0,300}$)",
    re.MULTILINE | re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^[ \t\x00]{0,20}--[ \t]?$(?:\n(?![ \t]{0,20}[>|])[^\n]{0,120}$){0,6}", re.MULTILINE
)
_BLANKS = re.compile(r"\s+")


def clean(text: str) -> str:
    """Return `text` with what is no language masked; same number of code points."""
    out = text
    for pattern in (_COMMENT, _STYLE):
        out = pattern.sub(_mask, out)
    out = _ENTITY.sub(_entity, _TAG.sub(_tag, out))
    for pattern in (_URL, _QUOTE_PREFIX, _SIGNATURE, _MAIL_HEADER, _BULLET):
        out = pattern.sub(_mask, out)
    return out


def plain(cleaned: str) -> str:
    """A stretch of cleaned text as a model should read it: no masks, single blanks."""
    return _BLANKS.sub(" ", cleaned.replace(MASK, "")).strip()


def _masked(piece: str) -> str:
    return "".join("\n" if char == "\n" else MASK for char in piece)


def _mask(match: re.Match[str]) -> str:
    return _masked(match.group())


def _tag(match: re.Match[str]) -> str:
    piece = match.group()
    fill = _masked(piece)
    return "\n" + fill[1:] if _BLOCK.match(piece) else fill


def _entity(match: re.Match[str]) -> str:
    piece = match.group()
    char = html.unescape(piece)
    if len(char) != 1 or char == piece or (char < " " and char not in "\t\n\r"):
        return piece
    return (" " if char == "\xa0" else char) + MASK * (len(piece) - 1)
