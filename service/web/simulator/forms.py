"""The policy that somebody tries, out of the page's address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal, DecimalException
from typing import Any

from models.errors import InvalidInput
from models.policy import Policy


@dataclass(frozen=True, slots=True)
class Number:
    """A number of the policy as the page asks for it.

    Shares are asked for in percent. `most` is where its slider ends.
    """

    name: str
    title: str
    unit: str
    most: str
    step: str

    @property
    def is_share(self) -> bool:
        """Whether it is a share, and not a count."""
        return self.unit == "%"

    def shown(self, policy: Policy) -> str:
        """Its value in a policy, as one types it."""
        value = getattr(policy, self.name)
        return f"{(value * 100).normalize():f}" if self.is_share else str(value)


NUMBERS = (
    Number("frequency", "Accounts, at least", "", "15", "1"),
    Number("arr_share", "Share of total ARR, over", "%", "40", "0.5"),
    Number("churn", "Accounts at risk, at least", "", "10", "1"),
    Number("three_csms", "CSMs for a candidate, at least", "", "15", "1"),
    Number("five_csms", "CSMs for a signal, at least", "", "20", "1"),
    Number("segments", "Segments for a signal, at least", "", "6", "1"),
    Number("direct_share", "One blocked account's share of ARR, over", "%", "30", "0.5"),
)
# Larger than any count of accounts or CSMs.
_LARGEST = 1_000_000
# Longer than any number that somebody means.
_LONGEST = 20


@dataclass(frozen=True, slots=True)
class Tried:
    """The policy in an address; where it is none, what is wrong with which number."""

    policy: Policy | None
    typed: Mapping[str, str]
    refused: Mapping[str, str]


def tried_policy(base: Policy, query: Mapping[str, str]) -> Tried:
    """`base` with the numbers of the query in it; one that is left out or empty stays."""
    typed = {number.name: query.get(number.name, "").strip() for number in NUMBERS}
    values: dict[str, Any] = {}
    refused: dict[str, str] = {}
    for number in NUMBERS:
        if not typed[number.name]:
            continue
        try:
            value = _value(number, typed[number.name])
            # Each on its own, so that every wrong one is named.
            alone: dict[str, Any] = {number.name: value}
            replace(base, **alone)
            values |= alone
        except InvalidInput as refusal:
            refused[number.name] = refusal.message
    return Tried(None if refused else replace(base, **values), typed, refused)


def _value(number: Number, text: str) -> int | Decimal:
    if not number.is_share:
        is_count = text.isascii() and text.isdigit() and len(text) <= _LONGEST
        if not (is_count and 1 <= int(text) <= _LARGEST):
            raise _bad(number, "Write a whole number from 1 up.")
        return int(text)
    try:
        share = Decimal(text.rstrip("% ").replace(",", ".")) / 100
    except DecimalException:
        raise _bad(number, "Write a percentage, such as 7.5.") from None
    if len(text) > _LONGEST or not share.is_finite() or not Decimal("1e-9") < share < 1:
        raise _bad(number, "Write a percentage between 0 and 100.")
    return share


def _bad(number: Number, sentence: str) -> InvalidInput:
    return InvalidInput(sentence, code="bad_policy", field=number.name)
