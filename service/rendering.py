"""Our own values as plain JSON: one shape for the API, the command line and the exports.

Times are RFC 3339 in UTC with `Z`; days ISO 8601; money a JSON number. A Decimal becomes an
int where it is whole, else the nearest double, which prints the same digits up to fifteen.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Any

_AS_THEY_ARE = frozenset({str, int, float, bool, type(None)})


def plain(value: object) -> object:
    """`value` as what `json` can write: dict, list, str, int, float, bool or None.

    Raises:
        TypeError: the value is of a kind that has no agreed JSON form.
    """
    # Most of an answer is of these exact types, and answers are large.
    if type(value) in _AS_THEY_ARE:
        return value
    if type(value) is dict:
        return {
            key if type(key) is str else str(plain(key)): plain(item) for key, item in value.items()
        }
    if type(value) is list:
        return [plain(item) for item in value]
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal | Fraction):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, datetime):
        return instant(value)
    if isinstance(value, date):
        return value.isoformat()
    return _plain_collection(value)


def plain_record(value: object) -> dict[str, Any]:
    """`plain` for an answer that is an object."""
    shown = plain(value)
    assert isinstance(shown, dict)
    return shown


def _plain_collection(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(item) for key, item in value.items()}
    if isinstance(value, Set):
        return sorted(map(plain, value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [plain(item) for item in value]
    raise TypeError(f"no JSON form for {type(value).__name__}")


def instant(value: datetime) -> str:
    """An aware datetime as RFC 3339 in UTC with `Z`; seconds, and fractions only when set."""
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def to_json(value: object, *, indent: int | None = None) -> str:
    """`value` as JSON text, after `plain`. NaN and infinities are refused (ValueError)."""
    return json.dumps(
        plain(value),
        ensure_ascii=False,
        allow_nan=False,
        indent=indent,
        separators=(",", ":") if indent is None else None,
    )
