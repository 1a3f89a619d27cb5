"""What a key is asked for: whose, for which role, until when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import StrEnum

from models import raw_fields
from models.errors import InvalidInput

_LIFETIME = re.compile(r"([1-9]\d{0,4})([hdw])")
_HOURS = {"h": 1, "d": 24, "w": 7 * 24}
# An end may lie as far ahead as anybody likes.
_NO_LIMIT = datetime(9000, 1, 1, tzinfo=UTC)


class Role(StrEnum):
    """What the holder of a key is to the service."""

    INGEST = "ingest"
    CSM = "csm"
    CS_OPS = "cs_ops"
    PRODUCT = "product"
    ADMIN = "admin"


ROLES = tuple(role.value for role in Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyWish:
    """A key that somebody asks for. `csm_id` goes with the role csm alone."""

    role: str
    name: str
    csm_id: str | None = None
    expires_at: datetime | None = None


def check_wish(wish: KeyWish, *, now: datetime) -> KeyWish:
    """The wish, its name without white space around it.

    Raises:
        InvalidInput: `unknown_role`, `bad_name`, `missing_csm_id`, `csm_id_not_allowed`,
            `bad_expiry`, or what an identifier is refused for.
    """
    role = raw_fields.one_of(wish.role, "role", ROLES, code="unknown_role")
    name = wish.name.strip()
    if not name or len(name) > raw_fields.MAX_LABEL or not name.isprintable():
        raise InvalidInput(
            f"name must be 1 to {raw_fields.MAX_LABEL} printable characters that say whose"
            " key this is.",
            code="bad_name",
            field="name",
        )
    if role == "csm" and not wish.csm_id:
        raise InvalidInput(
            "A key of role csm is bound to one CSM; name it in csm_id.",
            code="missing_csm_id",
            field="csm_id",
        )
    if role != "csm" and wish.csm_id:
        raise InvalidInput(
            "Only a key of role csm is bound to a CSM; leave csm_id out.",
            code="csm_id_not_allowed",
            field="csm_id",
        )
    csm_id = raw_fields.optional_identifier({"csm_id": wish.csm_id}, "csm_id")
    if wish.expires_at is not None and wish.expires_at <= now:
        raise InvalidInput(
            "The key would have expired already; choose a time to come.",
            code="bad_expiry",
            field="expires_at",
        )
    return KeyWish(role=role, name=name, csm_id=csm_id, expires_at=wish.expires_at)


def parse_wish(raw: Mapping[str, object]) -> KeyWish:
    """A wish as JSON tells it: `role`, `name`, `csm_id`, `expires_at`; still to be checked.

    Raises:
        InvalidInput: a field is missing or of another type.
    """
    return KeyWish(
        role=raw_fields.text(raw, "role"),
        name=raw_fields.text(raw, "name"),
        csm_id=raw_fields.optional_identifier(raw, "csm_id"),
        expires_at=raw_fields.optional_instant(raw, "expires_at", now=_NO_LIMIT),
    )


def parse_lifetime(text: str) -> timedelta:
    """`12h`, `90d` or `52w`.

    Raises:
        InvalidInput: `bad_lifetime`.
    """
    match = _LIFETIME.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(
            "A lifetime is a whole number of hours, days or weeks, like 12h, 90d or 52w.",
            code="bad_lifetime",
            field="expires_in",
        )
    return timedelta(hours=int(match[1]) * _HOURS[match[2]])


def parse_last_day(text: str, timezone: tzinfo) -> datetime:
    """The end of a day written YYYY-MM-DD, in UTC.

    Raises:
        InvalidInput: `bad_date`.
    """
    day = raw_fields.parse_date(text, "expires")
    try:
        end = datetime.combine(day + timedelta(days=1), time(), tzinfo=timezone)
        return end.astimezone(UTC)
    except OverflowError:
        raise InvalidInput("That day is too far ahead.", code="bad_date", field="expires") from None
