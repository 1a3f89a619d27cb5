"""Split a note into clauses: the smallest pieces a request is built from.

A break is found by one pass of one regular expression, so the time is linear in the text.
Every clause says by what kind of break it was opened, which the reader uses as a feature:
a request more often ends before a new sentence than before a comma.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum

from clustering.note_text import MASK, clean

MAX_CLAUSE = 400
"""Code points; a longer run without any break (a paste, a log) is cut at a blank."""


class Break(IntEnum):
    """What separates a clause from the one before it, strongest first."""

    PARAGRAPH = 0
    LINE = 1
    SENTENCE = 2
    SEMICOLON = 3
    DASH = 4
    COLON = 5
    BRACKET = 6
    QUOTE = 7
    COMMA = 8
    CONJUNCTION = 9
    LEAD_IN = 10
    TAIL = 11
    LENGTH = 12


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch `[start, end)` of the note, code points, trimmed and never empty."""

    start: int
    end: int
    opened_by: Break
    bulleted: bool = False


_TITLES = frozenset(
    re.split(
        " ",
        "mr mrs ms dr prof st vs e.g i.e eg ie mme mlle sra srta approx ca incl excl resp z.b",
    )
)
_ABBREVIATIONS = _TITLES | frozenset(
    re.split(
        " ",
        "etc appr cf no nr min max hr hrs qtr dept co corp inc ltd jr sr mt fig cust acct mgr dir "
        "tel ext ref est avg hon rev jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed "
        "thu fri u.s u.k p.s bzw sto av",
    )
)

_SAYS = (
    "said|says|say|adds|added|reports|reported|mentions|mentioned|notes|noted|states|stated"
    r"|complains|complained|explained|explains|told\s+(?:me|us)|raised|confirmed|remarks"
)
_LEAD_IN = (
    r"(?:ask(?:s|ed|ing)?(?:\s+(?:me|us|again|once\s+more|politely|nicely|specifically|also))?"
    r"(?:\s+(?:again|once\s+more))?\s+(?:for|whether|if|about|that|re:?)"
    r"|requests?\s+(?:for\s+)?|requested"
    r"|(?:would|'d)\s+(?:also\s+|really\s+|still\s+)?(?:like|love|welcome)"
    r"(?:\s+to\s+(?:be\s+able\s+to|see|have|get))?"
    r"|wants?(?:\s+to\s+(?:be\s+able\s+to|see|have|get))?|wish(?:es)?\s+(?:for|that|to)"
    r"|needs?(?:\s+to\s+be\s+able\s+to)?"
    rf"|(?:{_SAYS})(?:\s+(?:me|us))?\s+that"
    r"|(?:is\s+there|any)\s+(?:a\s+)?(?:way|chance)\s+(?:of|to|that)|let\s+me\s+know\s+if)"
)
_CONJUNCTION = (
    "and|but|so|because|plus|while|whereas|although|however|otherwise"
    r"|which\s+means|aber|und|pero|mas|porque"
)
_NICE = (
    "nice|great|lovely|good|sweet|handy|welcome|cool|super|useful|helpful|neat|ideal|fine"
    "|ace|brilliant|fab"
)
# Runs of marks are matched whole and only from their first mark, so that the time stays linear.
_BREAKS = re.compile(
    r"(?P<paragraph>\n[ \t\r\x00]*+\n\s*+)"
    r"|(?P<line>\r?\n)"
    r"|(?P<sentence>(?<![.!?…])[.!?…。！？؟۔]++[\"'”’»)\]]*+(?=[\s\x00])\s*+)"
    r"|(?P<semicolon>[;；]\s*+)"
    r"|(?P<dash>(?<=\s)(?:-{1,3}|–|—|−|->|=>|→|/|\||\+)(?=\s)\s*+|—\s*+|\t++)"
    r"|(?P<colon>(?<=\w)[:：]++(?=\s)\s*+)"
    r"|(?P<bracket>(?<=\s)[(\[](?=\w)|[)\]](?=[\s.,;:]))"
    r"|(?P<quote>(?:(?<=\s)|^)[\"“„«](?=\S)|[\"”»](?=\s))"
    r"|(?P<comma>(?<=[^\s,，、،])[,，、،]++[\"”]?(?=\s)\s*+|[，、،]\s*+)"
    rf"|(?P<conjunction>\s(?=(?:{_CONJUNCTION})\s))"
    rf"|(?P<lead>\b{_LEAD_IN}\s++)"
    rf"|(?P<tail>\s(?=(?:would|wd)\s+(?:be\s+(?:{_NICE})|help|please|make)\b))",
    re.IGNORECASE | re.MULTILINE,
)
_KINDS = {
    "paragraph": Break.PARAGRAPH,
    "line": Break.LINE,
    "sentence": Break.SENTENCE,
    "semicolon": Break.SEMICOLON,
    "dash": Break.DASH,
    "colon": Break.COLON,
    "bracket": Break.BRACKET,
    "quote": Break.QUOTE,
    "comma": Break.COMMA,
    "conjunction": Break.CONJUNCTION,
    "lead": Break.LEAD_IN,
    "tail": Break.TAIL,
}
_LAST_WORD = re.compile(r"([^\W_]+(?:\.[^\W_]+)*)$")
_EDGE_LEFT = " \t\r\n\x00\"“”„«»'’)]}.,;:!?…·•*|>–—−-+/="
_EDGE_RIGHT = ' \t\r\n\x00"“”„«»([{,;:·•*|<–—−-+/=.!'


def segment(text: str, cleaned: str | None = None) -> list[Clause]:
    """The clauses of a note, in order, non-overlapping, trimmed; [] when there is no word.

    `cleaned` is `clean(text)`, where that is at hand.
    """
    cleaned = clean(text) if cleaned is None else cleaned
    clauses: list[Clause] = []
    begin, opened = 0, Break.PARAGRAPH
    for match in _BREAKS.finditer(cleaned):
        kind = _KINDS[match.lastgroup or "line"]
        if not _is_break(text, cleaned, match, kind):
            continue
        stop = match.end() if kind is Break.LEAD_IN else match.start()
        if kind is Break.SENTENCE:
            stop = match.start() + len(match.group().rstrip())
        added = _append(clauses, text, cleaned, (begin, stop), opened)
        opened = kind if added else min(opened, kind)
        begin = match.end()
    _append(clauses, text, cleaned, (begin, len(cleaned)), opened)
    return clauses


def _append(
    clauses: list[Clause], text: str, cleaned: str, stretch: tuple[int, int], opened: Break
) -> bool:
    """Add the trimmed stretch as one clause, or several when it is too long; False if wordless."""
    start, end = _trim(cleaned, *stretch)
    if start >= end:
        return False
    bulleted = _is_bulleted(text, cleaned, start)
    while start < end:
        cut = _cut(cleaned, start, end)
        left, right = _trim(cleaned, start, cut)
        if left < right:
            clauses.append(Clause(left, right, opened, bulleted))
            opened = Break.LENGTH
        start = cut
    return True


def _cut(cleaned: str, start: int, end: int) -> int:
    """Where a clause that begins at `start` must end: `end`, or a blank before it is too long."""
    if end - start <= MAX_CLAUSE:
        return end
    blank = cleaned.rfind(" ", start + MAX_CLAUSE // 2, start + MAX_CLAUSE)
    return blank if blank > 0 else start + MAX_CLAUSE


def _trim(cleaned: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (cleaned[start] in _EDGE_LEFT or cleaned[start].isspace()):
        start += 1
    while start < end and (cleaned[end - 1] in _EDGE_RIGHT or cleaned[end - 1].isspace()):
        end -= 1
    if not any(char.isalnum() for char in cleaned[start:end]):
        return start, start
    return start, end


def _is_bulleted(text: str, cleaned: str, start: int) -> bool:
    """Whether a masked bullet (not a mail's quote mark) stands right before `start`."""
    place = start - 1
    while place >= 0 and cleaned[place] in " \t":
        place -= 1
    return place >= 0 and cleaned[place] == MASK and text[place] not in ">|"


def _is_break(text: str, cleaned: str, match: re.Match[str], kind: Break) -> bool:
    if kind is Break.SENTENCE:
        return not _is_abbreviation(cleaned, match)
    if kind is Break.LINE:
        return not _is_soft_wrap(text, cleaned, match)
    if kind is Break.COMMA:
        return not _inside_number(cleaned, match)
    return True


def _is_abbreviation(cleaned: str, match: re.Match[str]) -> bool:
    if match.group().rstrip() != ".":
        return False
    found = _LAST_WORD.search(cleaned, max(0, match.start() - 24), match.start())
    if found is None:
        return False
    word = found.group(1)
    before_capital = cleaned[match.end() : match.end() + 1].isupper()
    if word.lower() in _ABBREVIATIONS:
        return word.lower() in _TITLES or not before_capital
    return len(word) == 1 and word.isupper() and word != "I" and before_capital


def _is_soft_wrap(text: str, cleaned: str, match: re.Match[str]) -> bool:
    """A line feed inside a hard-wrapped sentence: long line, no stop, goes on in lower case."""
    line_start = cleaned.rfind("\n", max(0, match.start() - 200), match.start()) + 1
    if match.start() - line_start < 50:
        return False
    place = match.end()
    while place < len(cleaned) and cleaned[place] in " \t\x00":
        if cleaned[place] == MASK and text[place] not in ">| \t":
            return False
        place += 1
    return cleaned[place : place + 1].islower() and cleaned[match.start() - 1] not in ".!?:;"


def _inside_number(cleaned: str, match: re.Match[str]) -> bool:
    after = cleaned[match.end() : match.end() + 1]
    return match.group().strip() == "," and after.isdigit() and cleaned[match.start() - 1].isdigit()
