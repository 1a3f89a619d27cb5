"""The markup in a note, found without moving a character.

Own rules, in place of a parser: `html.parser` and `lxml` give up the offsets of entities and
attributes, and mend what is broken by moving it. Each pattern can stop only at the next `<`
or after a bounded stretch, so the time is linear in the text.
"""

from __future__ import annotations

import html
import re

MASK = "\x00"
"""Stands for a character that is no language. Control characters are refused at the door."""

_BLOCKS = (
    "p|br|div|li|ul|ol|dl|dt|dd|tr|td|th|table|tbody|thead|tfoot|caption|h[1-6]|blockquote|hr"
    "|section|article|aside|header|footer|main|nav|pre|address|figure|figcaption|form|fieldset"
    "|body|html|head|center|title|option"
)
_INLINE = (
    "a|abbr|acronym|b|base|bdi|bdo|big|button|cite|code|col|colgroup|del|details|dfn|em|font|i"
    "|iframe|img|input|ins|kbd|label|legend|link|map|area|mark|meta|object|embed|q|rp|rt|ruby|s"
    "|samp|script|select|small|source|span|strike|strong|style|sub|summary|sup|svg|path|template"
    "|textarea|time|tt|u|var|video|audio|wbr|noscript|[a-z]{1,12}:[a-z][a-z0-9]{0,20}"
)
# Quotes that hold a '>' first; whatever else stands between the brackets after them.
_ATTRIBUTES = (
    r"(?:\s(?=[^<>]{0,200}=)(?:[^<>\"']|\"[^\"<]{0,2000}+\"|'[^'<]{0,2000}+')*+"
    r"|\s[^<>]{0,2000}=[^<>]{0,2000}+|\s(?:nowrap|disabled|checked|open|hidden|selected))?"
)
_TAG = re.compile(rf"</?(?:{_BLOCKS}|{_INLINE}){_ATTRIBUTES}\s{{0,20}}/?>", re.IGNORECASE)
_BLOCK = re.compile(rf"</?(?:{_BLOCKS})\b(?!:)", re.IGNORECASE)
_COMMENT = re.compile(r"<!--(?:(?!<!--).){0,5000}?-->", re.DOTALL)
_DECLARATION = re.compile(r"<!(?:doctype|\[(?:if|endif)\b)[^<>]{0,500}>|<\?xml[^<>]{0,500}>", re.I)
_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_UNSEEN = re.compile(
    r"<(style|script|title|template)\b[^<>]{0,500}>(?:(?!<(?:style|script|title|template)\b).)"
    r"{0,20000}?</\1\s{0,20}>",
    re.IGNORECASE | re.DOTALL,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
# Shown as nothing: zero-width spaces and joiners, direction marks, soft hyphens, BOMs.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_BLANK = re.compile("[\u00a0\u2000-\u200a\u202f\u205f\u3000]")
_LINE_END = re.compile("\r(?!\n)|[\u0085\u2028\u2029]")


def _broken(char: str) -> str:
    """What UTF-8 looks like to a program that takes it for Windows-1252; '' where it can't."""
    try:
        return char.encode().decode("cp1252")
    except UnicodeDecodeError:
        return ""


# A whole sequence is looked for, so that a lone 'Ã' stays: the letters of western Europe, and
# the quotes, dashes, dots and signs that word processors put in.
_MOJIBAKE: dict[str, str] = {
    wrong: char
    for char in [*map(chr, range(0xA1, 0x100)), *"‘’“”„‚‹›–—…•€™\u00a0"]
    if len(wrong := _broken(char)) > 1
}
_LEADS = frozenset(wrong[0] for wrong in _MOJIBAKE)
_BROKEN = re.compile("|".join(sorted(map(re.escape, _MOJIBAKE), key=lambda one: (-len(one), one))))


def unmarked(text: str) -> str:
    """Mask tags, comments, styles and what is invisible; as many code points as before.

    A block tag becomes a line feed, an entity and a character decoded wrongly their own
    character, every kind of blank a space and every kind of line end a line feed.
    """
    out = text
    if "<" in text:
        for pattern in (_COMMENT, _UNSEEN, _DECLARATION, _CDATA):
            out = pattern.sub(masked_match, out)
        out = _TAG.sub(_tag, out)
    if "&" in text:
        out = _ENTITY.sub(_entity, out)
    if not text.isascii():
        if any(lead in out for lead in _LEADS):
            out = _BROKEN.sub(_mended, out)
        out = _INVISIBLE.sub(MASK, _BLANK.sub(" ", out))
    return _LINE_END.sub("\n", out)


def masked(piece: str) -> str:
    """As many masks as the piece has characters; its line feeds stay."""
    return "\n".join(MASK * len(part) for part in piece.split("\n"))


def masked_match(match: re.Match[str]) -> str:
    """The match, masked."""
    return masked(match.group())


def _tag(match: re.Match[str]) -> str:
    piece = match.group()
    fill = masked(piece)
    return "\n" + fill[1:] if _BLOCK.match(piece) else fill


def _entity(match: re.Match[str]) -> str:
    piece = match.group()
    char: str = html.unescape(piece)
    if len(char) != 1 or char == piece or (char < " " and char not in "\t\n\r"):
        return piece
    return char + MASK * (len(piece) - 1)


def _mended(match: re.Match[str]) -> str:
    piece: str = match.group()
    return _MOJIBAKE[piece] + MASK * (len(piece) - 1)
