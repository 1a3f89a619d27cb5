"""Phone numbers in running text: by shape, then by what libphonenumber knows of a country.

Its own matcher needs a country to look in, and takes a plain run of digits for a number of
that country: order numbers would go. So a number must look like one: a plus, an area code in
brackets, a trunk zero with groups, or a word such as 'call' before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache

Span = tuple[int, int]

_REST = r"[\d(][\d ()./\-\u00a0\u2010-\u2013]{4,20}\d"
_AFTER = r"(?![\w/-])(?!\.\d)"
_INTERNATIONAL = re.compile(r"(?<![\w+])(?:\+[ ]?|00(?=[1-9]))" + _REST + _AFTER)
_AMERICAN = re.compile(
    r"(?<![\w.$€£#/+-])(?:1[ .-])?(?:\([2-9]\d\d\)[ .-]?\d{3}[ .-]\d{4}"
    r"|[2-9]\d\d(?P<by>[.-])\d{3}(?P=by)\d{4})" + _AFTER
)
# A trunk zero and at least two groups: '020 7946 0958', '0171/1234567', '01 23 45 67 89'.
_TRUNK = re.compile(r"(?<![\w.,$€£#/+:-])\(?0[1-9]\d{0,4}\)?[ /-]+\d(?:[ /-]?\d){4,10}" + _AFTER)
_NAMED = re.compile(
    r"\b(?:tel(?:efon|efone|éfono|ephone)?|phone|mobile?|mobil|móvil|handy|cell|fax|whatsapp|sms"
    r"|direct line|hotline|call|ring|text|dial|reach(?:able)?|anrufen|llamar?|ligar)\b"
    r"(?:[ ]?(?:no|nr|number|num|nummer))?[.]?"
    r"(?:[ ](?:me|him|her|us|them|back|is|on|at|under|unter|al|em|para)){0,3}"
    r"[ ]?[:#]?[ ]?(?P<number>\+?" + _REST + ")" + _AFTER,
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{4}[./-]\d{1,2}[./-]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
    r"|\d{1,2}[./-]\d{1,2}[./-]?(?=[ ])"
)
# Countries with a trunk zero, where a number without '+' can be told from another figure.
_TRUNK_COUNTRIES = ("GB", "DE", "FR", "IT", "NL", "CH", "AU", "IN")
_LEAST, _MOST = 7, 15  # digits: E.164 has at most fifteen


def phone_spans(text: str) -> list[Span]:
    """Where the numbers stand, in order, not overlapping."""
    found = [
        *_spans(_INTERNATIONAL, text, _is_international),
        *_spans(_AMERICAN, text, _is_american),
        *_spans(_TRUNK, text, _is_of_a_trunk_country),
        *_spans(_NAMED, text, _could_be_dialled),
    ]
    kept: list[Span] = []
    for start, end in sorted(found, key=lambda span: (span[0], -span[1])):
        if not kept or start >= kept[-1][1]:
            kept.append((start, end))
    return kept


def _spans(pattern: re.Pattern[str], text: str, check: Callable[[str], bool]) -> Iterator[Span]:
    group = "number" if "number" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        shown = match[group]
        digits = sum(char.isdigit() for char in shown)
        if _LEAST <= digits <= _MOST and not _DATE.search(shown) and check(shown):
            yield match.span(group)


def _is_international(shown: str) -> bool:
    import phonenumbers

    if shown.startswith("00"):
        # Without a plus it could be any figure with zeros before it.
        return _known(f"+{shown[2:]}", None, phonenumbers.is_valid_number)
    return _known(shown, None, phonenumbers.is_possible_number)


def _is_american(shown: str) -> bool:
    import phonenumbers

    # Possible, not valid: made-up numbers of films (555) hide nobody, but look like a leak.
    return _known(shown, "US", phonenumbers.is_possible_number)


# A page shows the same signature many times, and each country's plan is some work.
@lru_cache(maxsize=4096)
def _is_of_a_trunk_country(shown: str) -> bool:
    import phonenumbers

    return any(_known(shown, one, phonenumbers.is_valid_number) for one in _TRUNK_COUNTRIES)


def _could_be_dialled(shown: str) -> bool:
    return "." not in shown or re.search(r"\d\.\d{1,2}$", shown) is None


def _known(shown: str, country: str | None, check: Callable[..., bool]) -> bool:
    import phonenumbers

    try:
        return check(phonenumbers.parse(shown, country))
    except phonenumbers.NumberParseException:
        return False
