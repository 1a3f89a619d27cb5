"""What a person said of one note: a request that was missed, a span, a place, a severity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from models.errors import InvalidInput
from service.web.deciding.forms import form_values
from service.web.notes.contexts import Typed

_LINE_END = re.compile(r"\r\n?")


@dataclass(frozen=True, slots=True)
class NoteForm:
    """One press of a button on the page of a note.

    Attributes:
        action: what it does; `request_id` is the request that it is about, if any.
        start, end: what a script has read off the selection; None without one.
        revision: the note's, as the page showed it.
        typed: what to show again where it is refused.
    """

    action: str
    request_id: str
    start: int | None
    end: int | None
    revision: int
    typed: Typed


def read_note_form(data: bytes) -> NoteForm:
    """A form as the browser posts it.

    Raises:
        InvalidInput: as `form_values`.
    """
    one = {name: values[-1] for name, values in form_values(data).items()}
    action = one.get("action", "").strip()
    request_id = one.get("request_id", "").strip()
    typed = Typed(
        action=f"{action}:{request_id}" if request_id else action,
        quote=_LINE_END.sub("\n", one.get("quote", "")),
        severity=one.get("severity", "").strip(),
        item=one.get("item", "").strip(),
    )
    revision = _number(one, "revision")
    return NoteForm(
        action,
        request_id,
        _number(one, "start"),
        _number(one, "end"),
        0 if revision is None else revision,
        typed,
    )


def span_in(text: str, form: NoteForm) -> tuple[int, int]:
    """The place that was selected; else the only one in the note where the quote stands.

    White space counts as white space, whatever kind; case counts only where it has to.

    Raises:
        InvalidInput: `no_quote`, `quote_not_found`, `quote_repeated`.
    """
    quote = form.typed.quote.strip()
    if form.start is not None and form.end is not None:
        selected = text[form.start : form.end]
        if not quote or _LINE_END.sub("\n", selected).strip() == quote:
            return form.start, form.end
    if not quote:
        raise InvalidInput(
            "Select the words in the note, or type them as they stand there.",
            code="no_quote",
            field="quote",
        )
    pattern = r"\s+".join(map(re.escape, quote.split()))
    found = [match.span() for match in re.finditer(pattern, text)]
    if not found:
        found = [match.span() for match in re.finditer(pattern, text, re.IGNORECASE)]
    if not found:
        raise InvalidInput(
            "These words are not in the note; copy them exactly as they stand there.",
            code="quote_not_found",
            field="quote",
        )
    if len(found) > 1:
        raise InvalidInput(
            f"These words stand in the note {len(found)} times; take some words before or behind"
            " them too, or select the place that you mean.",
            code="quote_repeated",
            field="quote",
        )
    return found[0]


def _number(one: Mapping[str, str], name: str) -> int | None:
    value = one.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
