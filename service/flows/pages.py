"""Lists in pages: opaque cursors that hold the place where the last page ended."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Generic, TypeVar

from models.errors import InvalidInput

T = TypeVar("T")

# Beyond any money of ours, and far from where arithmetic on Decimal overflows.
_MAX_EXPONENT = 100


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows of a list, and the cursor of the next ones; '' when these are the last."""

    data: list[T]
    next_cursor: str


def encode_cursor(*place: str | int) -> str:
    """A place in a list as one URL-safe word."""
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, *kinds: type[str] | type[int]) -> tuple[str | int, ...] | None:
    """The place that a cursor holds, one value of each kind; None for the empty cursor.

    Raises:
        InvalidInput: code `bad_cursor` for what no list has answered.
    """
    if not cursor:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        place = json.loads(base64.b64decode(padded.encode(), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError):
        raise bad_cursor() from None
    # Exact types: True is an int to isinstance, and to no list of ours.
    if not isinstance(place, list) or [type(value) for value in place] != list(kinds):
        raise bad_cursor()
    if not all(_can_be_stored(value) for value in place):
        raise bad_cursor()
    return tuple(place)


def amount_in_cursor(value: str | int) -> Decimal:
    """An exact amount that a cursor holds as text.

    Raises:
        InvalidInput: code `bad_cursor` for what is no finite number of a sane size.
    """
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        raise bad_cursor() from None
    if not amount.is_finite() or abs(amount.adjusted()) > _MAX_EXPONENT:
        raise bad_cursor()
    return amount


def bad_cursor() -> InvalidInput:
    """The refusal of a cursor that no list has answered."""
    return InvalidInput(
        "cursor is not one that this list answered; leave it out to start over.",
        code="bad_cursor",
        field="cursor",
    )


def _can_be_stored(value: str | int) -> bool:
    # What no database takes as a parameter would fail there instead of here.
    if isinstance(value, int):
        return abs(value) < 2**63
    return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def page_of(rows: list[T], limit: int, place: tuple[str | int, ...] | None) -> Page[T]:
    """A page of rows fetched with `limit + 1`; `place` is that of the last row shown."""
    more = len(rows) > limit and place is not None
    return Page(rows[:limit], encode_cursor(*place) if more and place else "")
