"""Which lines of a note are mail furniture, and which were said before.

A reply carries the mails it answers. Those were notes of their own when they came, so what
they ask for would be counted twice: the history below a reply is left out. A note that is
nothing but a forwarded mail is read, and so is what a CSM pasted by hand ('From: Jane' and her
words, lines behind '>'): nobody has told of that before.

Own rules, in place of a mail parser: those give the text of each message, not its place, and
know only the separators of whole mails, where notes hold pieces of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clustering.note_markup import MASK

_MOST_HEADERS = 12
_LONGEST = 400  # code points of a line that may be a header, a greeting or a signature

_HEADER = re.compile(
    r"\*?(?P<name>From|Sent|To|Cc|Bcc|Subject|Date|Reply-To|Importance|Von|Gesendet|An|Betreff|Datum"
    r"|De|Enviado(?: el| em)?|Para|Asunto|Assunto|Fecha|Data|Envoyé|À|Objet)[ ]?:\*?(?=[ ]|$)",
    re.IGNORECASE,
)
_SENDERS = frozenset({"from", "von", "de"})
# A person who pastes a mail types its sender and subject; only a program adds the time.
_TIMES = frozenset(
    {"sent", "date", "gesendet", "datum", "enviado", "enviado el", "enviado em", "fecha", "data"}
    | {"envoyé"}
)
_WROTE = re.compile(
    r"(?:On|Am|Op|El|Em|Le|Il)\b.{0,30}\d.{3,300}"
    r"(?:wrote|schrieb\b.{0,100}|escribió|escreveu|a écrit|ha scritto|schreef\b.{0,100})[ ]?:$",
    re.IGNORECASE,
)
_WROTE_BEGINS = re.compile(r"(?:On|Am|Op|El|Em|Le|Il)\b.{0,30}\d", re.IGNORECASE)
_WROTE_BARE = re.compile(r"On .{3,200} wrote:$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"[-_]{2,}[ ]?(?:Original (?:Message|Appointment)|Ursprüngliche Nachricht|Mensaje original"
    r"|Mensagem original|Message d'origine)[ ]?[-_]{2,}",
    re.IGNORECASE,
)
_FORWARDED = re.compile(
    r"[-_]{2,}[ ]?(?:Forwarded message|Weitergeleitete Nachricht|Mensaje reenviado"
    r"|Mensagem encaminhada|Message transféré)\b.{0,200}|Begin forwarded message:"
    r"|Anfang der weitergeleiteten Nachricht:|Inicio del mensaje reenviado:",
    re.IGNORECASE,
)
_HANDED_ON = re.compile(
    r"\b(?:fyi|fwd?|forward\w*|below|thread|past(?:ed|ing)|copy(?:ing)?|e-?mail from|mail from"
    r"|wei(?:tergeleitet|terleitung)|unten|siehe|reenv\w+|abajo|encaminh\w+|abaixo|ci-dessous)\b"
    r"|:$",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]{2,}")
# A covering line above a forwarded mail is short, and says that it hands something on.
_MOST_COVERING = 20


@dataclass(slots=True)
class Line:
    """One line `[start, end)` of the cleaned text, without its end; `shown` is without masks."""

    start: int
    end: int
    shown: str
    quoted: bool
    furniture: bool = False
    history: bool = False


def lines_of(cleaned: str) -> list[Line]:
    """Every line, with what a reader sees of it once quote marks are away."""
    found: list[Line] = []
    start = 0
    for piece in cleaned.split("\n"):
        shown = piece.replace(MASK, "").strip()
        bare = shown.lstrip(">| \t")
        found.append(Line(start, start + len(piece), bare, quoted=shown[:1] in (">", "|")))
        start += len(piece) + 1
    return found


def mark_thread(lines: Sequence[Line]) -> None:
    """Mark header lines as furniture, and what a reply carries along as history."""
    separators = list(_separators(lines))
    for first, last, _ in separators:
        for line in lines[first : last + 1]:
            line.furniture = True
    earlier = [separator for separator in separators if separator[2] != "pasted"]
    if not earlier or _is_forwarded(lines, earlier[0][0]):
        return
    starts = [first for first, _, _ in earlier[1:]]
    for (_, last, kind), following in zip(earlier, [*starts, len(lines)], strict=True):
        # A forwarded mail is new to us even below words of the sender's own.
        if kind != "forwarded":
            _mark_history(lines[last + 1 : following], only_quoted=kind == "wrote")


def _is_forwarded(lines: Sequence[Line], first: int) -> bool:
    """Whether nothing, or only a covering line, stands above the first separator."""
    above = [line.shown for line in lines[:first] if line.shown and not line.furniture]
    words = sum(len(_WORD.findall(shown[:_LONGEST])) for shown in above)
    if words == 0:
        return True
    return words <= _MOST_COVERING and any(_HANDED_ON.search(shown[:_LONGEST]) for shown in above)


def _mark_history(lines: Sequence[Line], *, only_quoted: bool) -> None:
    """Mark the lines; below 'wrote:' only the quoted ones, where there are any: answers stand
    between them."""
    only_quoted = only_quoted and any(line.quoted for line in lines)
    for line in lines:
        line.history = line.quoted or not only_quoted


def _separators(lines: Sequence[Line]) -> Iterator[tuple[int, int, str]]:
    """(first line, last line, kind) of each place where another mail begins, in order.

    Kinds: `wrote`, `original` and `header` come from a mail program; `forwarded` from one too;
    `pasted` was typed by a person.
    """
    at = 0
    while at < len(lines):
        last, kind = _separator(lines, at)
        if kind:
            yield at, last, kind
            at = last + 1
        else:
            at += 1


def _separator(lines: Sequence[Line], at: int) -> tuple[int, str]:
    shown = lines[at].shown
    if not shown or len(shown) > _LONGEST:
        return at, ""
    if _FORWARDED.match(shown):
        return _headers_end(lines, at + 1)[0], "forwarded"
    if _ORIGINAL.match(shown):
        return _headers_end(lines, at + 1)[0], "original"
    if _WROTE.match(shown):
        return at, "wrote"
    if _WROTE_BEGINS.match(shown) and at + 1 < len(lines):
        both = f"{shown} {lines[at + 1].shown}"
        if len(both) <= _LONGEST and _WROTE.match(both):
            return at + 1, "wrote"
    if _WROTE_BARE.match(shown):
        return at, "pasted"
    return _header_block(lines, at)


def _header_block(lines: Sequence[Line], at: int) -> tuple[int, str]:
    last, names = _headers_end(lines, at)
    if len(names) >= 3 and names & _SENDERS and names & _TIMES:
        return last, "header"
    if len(names) >= 2 or (len(names) == 1 and "@" in lines[at].shown):
        return last, "pasted"
    return at, ""


def _headers_end(lines: Sequence[Line], at: int) -> tuple[int, set[str]]:
    """The last of the header lines that begin at `at` (blank lines before them passed over)."""
    names: set[str] = set()
    begin = at
    while begin < len(lines) and not lines[begin].shown and begin - at < 3:
        begin += 1
    end = begin
    for line in lines[begin : begin + _MOST_HEADERS]:
        match = _HEADER.match(line.shown[:_LONGEST])
        if match is None:
            break
        names.add(match["name"].lower())
        end += 1
    return (end if names else at) - 1, names
