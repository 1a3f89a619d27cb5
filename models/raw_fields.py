"""Single fields out of decoded JSON or CSV cells, checked, with a sentence for each refusal.

Every function takes the raw record and a field's name and either returns a clean value or
raises InvalidInput with that field and a stable code. Values are never echoed in messages:
they may be note text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation

from models.errors import InvalidInput

MAX_ID = 255
MAX_LABEL = 255
MAX_TEXT = 100_000
FUTURE_TOLERANCE = timedelta(hours=24)
EARLIEST_YEAR = 1900

_LINE_CHARACTERS = "\t\n\r"
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_CONTROL_BUT_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# RFC 3339, section 5.6; the blank instead of T is the note of that section.
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})", re.ASCII
)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_MONEY_LIMIT = Decimal(10) ** 15
_MONEY_STEP = Decimal("0.0001")

Raw = Mapping[str, object]


def as_object(raw: object, what: str) -> Raw:
    """The record itself: a JSON object. Raises InvalidInput `wrong_type`."""
    if not isinstance(raw, Mapping):
        raise InvalidInput(f"{what} must be a JSON object.", code="wrong_type")
    return raw


def unknown_columns(raw: Raw, known: frozenset[str]) -> tuple[str, ...]:
    """Names of columns that are not ours, sorted."""
    return tuple(sorted(str(key) for key in raw if key not in known))


def identifier(raw: Raw, field: str) -> str:
    """A required id: 1 to 255 code points, not blank, no control characters; kept as sent."""
    value = _required_text(raw, field)
    check_characters(value, field, lines=False)
    if not _visible(value):
        raise InvalidInput(f"{field} is empty; give an id.", code="empty_field", field=field)
    if len(value) > MAX_ID:
        raise InvalidInput(
            f"{field} has {len(value)} characters; at most {MAX_ID} are allowed.",
            code="id_too_long",
            field=field,
        )
    return value


def optional_identifier(raw: Raw, field: str) -> str | None:
    """An id that may be absent, null or empty."""
    return None if _is_blank(raw.get(field)) else identifier(raw, field)


def label(raw: Raw, field: str) -> str:
    """A required one-line name of 1 to 255 code points; blanks around it are cut."""
    value = _required_text(raw, field)
    check_characters(value, field, lines=False)
    value = value.strip()
    if not _visible(value):
        raise InvalidInput(f"{field} is empty; give a name.", code="empty_field", field=field)
    if len(value) > MAX_LABEL:
        raise InvalidInput(
            f"{field} has {len(value)} characters; at most {MAX_LABEL} are allowed.",
            code="text_too_long",
            field=field,
        )
    return value


def optional_label(raw: Raw, field: str) -> str | None:
    """A one-line name that may be absent, null or blank."""
    return None if _is_blank(raw.get(field)) else label(raw, field)


def text(raw: Raw, field: str, *, limit: int = MAX_TEXT) -> str:
    """A required text with something to read in it, kept exactly as sent.

    Tab, LF and CR are fine. Raises InvalidInput `empty_text`, `text_too_long`,
    `control_character`, `lone_surrogate`, `wrong_type`, `missing_field`.
    """
    value = _required_text(raw, field)
    if len(value) > limit:
        raise InvalidInput(
            f"{field} has {len(value):,} characters; at most {limit:,} are allowed.",
            code="text_too_long",
            field=field,
        )
    check_characters(value, field, lines=True)
    if not _visible(value):
        raise InvalidInput(f"{field} is empty or only white space.", code="empty_text", field=field)
    return value


def optional_text(raw: Raw, field: str, *, limit: int = MAX_TEXT) -> str | None:
    """A text that may be absent, null or blank."""
    return None if _is_blank(raw.get(field)) else text(raw, field, limit=limit)


def check_characters(value: str, field: str, *, lines: bool) -> None:
    """Refuse lone surrogates and control characters; `lines` lets tab, LF and CR through."""
    if _SURROGATE.search(value):
        raise InvalidInput(
            f"{field} holds half of a surrogate pair, which is not a character; "
            "send whole UTF-8 characters.",
            code="lone_surrogate",
            field=field,
        )
    found = (_CONTROL_BUT_LINES if lines else _CONTROL).search(value)
    if found:
        allowed = "; only tab, LF and CR are allowed" if lines else ""
        raise InvalidInput(
            f"{field} holds the control character U+{ord(found.group()):04X} at position "
            f"{found.start()}{allowed}.",
            code="control_character",
            field=field,
        )


def instant(raw: Raw, field: str, *, now: datetime) -> datetime:
    """A required RFC 3339 time with an offset, in UTC, at most 24 hours after `now`.

    Raises InvalidInput `naive_time`, `future_time`, `bad_time`, `wrong_type`, `missing_field`.
    """
    value = _required_text(raw, field)
    moment = _parse_instant(value.strip(), field)
    if moment > now + FUTURE_TOLERANCE:
        raise InvalidInput(
            f"{field} is more than 24 hours in the future; check its date and offset.",
            code="future_time",
            field=field,
        )
    return moment


def optional_instant(raw: Raw, field: str, *, now: datetime) -> datetime | None:
    """A time that may be absent, null or empty."""
    return None if _is_blank(raw.get(field)) else instant(raw, field, now=now)


def parse_date(value: object, field: str) -> date:
    """A day as YYYY-MM-DD. Raises InvalidInput `bad_date` or `wrong_type`."""
    if not isinstance(value, str):
        raise _wrong_type(field, 'a date in quotes, like "2026-09-30"')
    cleaned = value.strip()
    if _DATE.fullmatch(cleaned):
        try:
            return date.fromisoformat(cleaned)
        except ValueError:
            pass
    raise InvalidInput(
        f"{field} is not a date; write it as YYYY-MM-DD, like 2026-09-30.",
        code="bad_date",
        field=field,
    )


def money(value: object, field: str) -> Decimal:
    """US dollars: a JSON number or number text, not negative, under 10^15, four decimals.

    Raises InvalidInput `wrong_type`, `not_a_number`, `negative_arr`, `number_too_large`,
    `too_many_decimals`.
    """
    number = _decimal(value, field)
    if not number.is_finite():
        raise _not_a_number(field)
    if number < 0:
        raise InvalidInput(
            f"{field} is negative; give it as zero or more US dollars a year.",
            code="negative_arr",
            field=field,
        )
    if number >= _MONEY_LIMIT:
        raise InvalidInput(
            f"{field} must be below 1,000,000,000,000,000.", code="number_too_large", field=field
        )
    exact = number.quantize(_MONEY_STEP)
    if exact != number:
        raise InvalidInput(
            f"{field} has more than four decimals; round it.",
            code="too_many_decimals",
            field=field,
        )
    whole = exact.to_integral_value()
    return abs(whole) if exact == whole else exact.normalize()


def boolean(value: object, field: str) -> bool:
    """true or false, as JSON or as text. Raises InvalidInput `wrong_type`."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise _wrong_type(field, "true or false")


def whole_number(raw: Raw, field: str, *, least: int, most: int) -> int:
    """A required JSON integer (not a boolean) within [least, most].

    Raises InvalidInput `missing_field`, `wrong_type`, `out_of_range`.
    """
    value = raw.get(field)
    if value is None:
        raise missing(field)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type(field, "a whole number")
    if not least <= value <= most:
        raise InvalidInput(
            f"{field} must be from {least:,} to {most:,}.", code="out_of_range", field=field
        )
    return value


def one_of(value: object, field: str, words: tuple[str, ...], *, code: str) -> str:
    """One of a few stable words. Raises InvalidInput `code`, or `wrong_type` if not text."""
    if not isinstance(value, str):
        raise _wrong_type(field, "a text")
    if value not in words:
        raise InvalidInput(f"{field} must be one of {', '.join(words)}.", code=code, field=field)
    return value


def identifiers(raw: Raw, field: str, *, most: int = 10_000) -> tuple[str, ...]:
    """A required, non-empty list of ids, repeats dropped, order kept.

    Raises InvalidInput `missing_field`, `wrong_type`, `empty_list`, `too_many` and those of
    `identifier`.
    """
    value = raw.get(field)
    if value is None:
        raise missing(field)
    if not isinstance(value, list | tuple):
        raise _wrong_type(field, "a list of ids")
    if not value:
        raise InvalidInput(f"{field} is empty; name at least one.", code="empty_list", field=field)
    if len(value) > most:
        raise InvalidInput(
            f"{field} names {len(value):,}; at most {most:,} are allowed at once.",
            code="too_many",
            field=field,
        )
    return tuple(dict.fromkeys(identifier({field: entry}, field) for entry in value))


def missing(field: str) -> InvalidInput:
    """The refusal for a field that has to be there."""
    return InvalidInput(f"{field} is missing.", code="missing_field", field=field)


def is_cleared(value: object) -> bool:
    """Whether an upsert's cell means 'clear it': null or blank text."""
    return _is_blank(value)


def _required_text(raw: Raw, field: str) -> str:
    value = raw.get(field)
    if value is None:
        raise missing(field)
    if not isinstance(value, str):
        raise _wrong_type(field, "a text")
    return value


def _parse_instant(value: str, field: str) -> datetime:
    example = "like 2026-07-03T09:30:00Z"
    try:
        # fromisoformat reads T and Z in capitals only on some versions.
        moment = datetime.fromisoformat(value.upper())
    except ValueError:
        moment = None
    if moment is not None and moment.tzinfo is None:
        raise InvalidInput(
            f"{field} has no offset; add Z or +02:00, {example}.", code="naive_time", field=field
        )
    if moment is not None and _RFC3339.fullmatch(value):
        try:
            utc = moment.astimezone(UTC)
        except OverflowError:
            utc = None
        if utc is not None and utc.year >= EARLIEST_YEAR:
            return utc
    raise InvalidInput(
        f"{field} is not a time since {EARLIEST_YEAR} in RFC 3339 form; write it {example}.",
        code="bad_time",
        field=field,
    )


def _decimal(value: object, field: str) -> Decimal:
    if isinstance(value, bool):
        raise _wrong_type(field, "a number")
    if isinstance(value, Decimal | int):
        return Decimal(value)
    if isinstance(value, float):
        return Decimal(repr(value))
    if not isinstance(value, str):
        raise _wrong_type(field, "a number")
    cleaned = value.strip()
    if not _NUMBER.fullmatch(cleaned):
        raise _not_a_number(field)
    try:
        return Decimal(cleaned)
    except InvalidOperation:
        raise _not_a_number(field) from None


def _not_a_number(field: str) -> InvalidInput:
    return InvalidInput(
        f"{field} is not a number; write it with digits only, like 412000 or 412000.50.",
        code="not_a_number",
        field=field,
    )


def _wrong_type(field: str, wanted: str) -> InvalidInput:
    return InvalidInput(f"{field} must be {wanted}.", code="wrong_type", field=field)


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _visible(value: str) -> bool:
    return any(
        not character.isspace() and unicodedata.category(character) not in ("Cf", "Cc")
        for character in value
    )
