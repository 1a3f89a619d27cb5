"""Hide e-mail addresses, phone numbers, cards and national ids in what is shown of a note.

What is a valid number is asked of `phonenumbers` (Google's libphonenumber) and `python-stdnum`
(check digits); what may be one at all is found by shape first, so that text without such
digits costs one search. Four digits of ARR, an invoice number or a date have no such shape.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from service.identity_numbers import id_spans
from service.phone_numbers import phone_spans

KINDS = ("email", "phone", "card", "id")

Span = tuple[int, int]

_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]{1,128}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}(?![\w-])")
_CARD = re.compile(r"(?<![\w.,$€£#/-])\d(?:[ -]?\d){12,18}(?![\w/-])(?!\.\d)")
# How Visa, Mastercard, American Express, Diners, JCB, Discover and UnionPay begin, and their
# lengths: a device's number has a check digit of the same kind.
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}"
    r"|6\d{15,18}"
)
# No phone, card or id has fewer digits, nor so much between them.
_ENOUGH_DIGITS = re.compile(r"\d(?:[^\d\n]{0,3}\d){5}")


@dataclass(frozen=True, slots=True)
class Mask:
    """Puts a fixed word ([email], [phone], [card], [id]) in place of each kind it hides."""

    kinds: frozenset[str] = frozenset(KINDS)

    def __call__(self, text: str) -> str:
        """The text with the words in place; the same object where there is nothing to hide."""
        hidden = text
        for kind, spans in self._finders(text):
            hidden = _replaced(hidden, spans(hidden), f"[{kind}]")
        return hidden

    def inside(self, value: Any) -> Any:
        """A JSON value with every string in it masked; keys are left alone."""
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return {key: self.inside(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self.inside(inner) for inner in value]
        return value

    def _finders(self, text: str) -> Iterator[tuple[str, Callable[[str], list[Span]]]]:
        # In this order: a card and an id could be taken for a phone number, an id for a card.
        if "email" in self.kinds and "@" in text:
            yield "email", _email_spans
        if _ENOUGH_DIGITS.search(text) is None:
            return
        for kind, spans in (("id", id_spans), ("card", _card_spans), ("phone", phone_spans)):
            if kind in self.kinds:
                yield kind, spans


@dataclass(frozen=True, slots=True)
class Sight:
    """What one caller may see of what customers said.

    Quotes (of exemplars, receipts, exports, messages) are masked for everyone. The `text` of
    a request is as posted for a role that may read notes: all of them, or a CSM's own.
    """

    mask: Mask = Mask()
    reads_all: bool = False
    own_csm_id: str | None = None

    def request_text(self, text: str, csm_id: str) -> str:
        """A request's words: as posted, or masked."""
        if self.reads_all or (self.own_csm_id is not None and csm_id == self.own_csm_id):
            return text
        return self.mask(text)


PUBLIC = Sight()
"""Masks everything: what is shown where nobody said who looks."""

OPEN = Sight(mask=Mask(frozenset()), reads_all=True)
"""Masks nothing: for what never leaves the process."""


def _email_spans(text: str) -> list[Span]:
    return [match.span() for match in _EMAIL.finditer(text)]


def _card_spans(text: str) -> list[Span]:
    return [match.span() for match in _CARD.finditer(text) if _is_card(match.group())]


def _is_card(shown: str) -> bool:
    from stdnum import luhn

    digits = re.sub(r"\D", "", shown)
    groups = [len(group) for group in re.split(r"[ -]", shown)]
    grouped = len(groups) == 1 or groups in ([4, 4, 4, 4], [4, 6, 5], [4, 4, 4, 4, 3])
    known = _ISSUERS.fullmatch(digits) is not None
    return grouped and known and bool(luhn.is_valid(digits))


def _replaced(text: str, spans: Iterable[Span], word: str) -> str:
    parts: list[str] = []
    done = 0
    for start, end in spans:
        parts += (text[done:start], word)
        done = end
    return "".join((*parts, text[done:])) if done else text
