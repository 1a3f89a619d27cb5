"""From a vendor's values to ours: ids as text, times as RFC 3339, text without stray controls."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from models.errors import InvalidInput, TooLarge
from service.crm.connector import (
    MAX_RECORDS,
    Change,
    Deletion,
    NoteChange,
    Preferences,
    SignedRequest,
    Skipped,
    Unreadable,
)
from service.decoding import decode_json

# In seconds it is the year 2286, in milliseconds April 1970: the two can't be mistaken.
_MILLISECONDS_FROM = 10**10
_TRUE = frozenset({"true", "yes", "1"})
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_OFFSET = re.compile(r"([+-]\d{2})(\d{2})$")
_ZONED = re.compile(r"([zZ]|[+-]\d{2}:\d{2})$")
# A vertical tab is what Outlook and Excel write for a line break.
_LINE_BREAKS = re.compile("\x0b|\x0c|\x85")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x9f]")


def json_body(request: SignedRequest) -> object:
    """The JSON of a body. Raises InvalidInput as `decode_json`."""
    return decode_json(request.body)


def records_of(value: object, *names: str) -> list[object]:
    """The records of a payload: an array's, those under one of `names`, or the one it is.

    Raises:
        InvalidInput: `wrong_type` for what is neither an object nor an array.
        TooLarge: `too_many_records`.
    """
    records: list[object]
    if isinstance(value, Mapping):
        listed = next((value[name] for name in names if isinstance(value.get(name), list)), None)
        records = [value] if listed is None else list(listed)
    elif isinstance(value, list):
        records = value
    else:
        raise InvalidInput("The body must be a JSON object or an array.", code="wrong_type")
    if len(records) > MAX_RECORDS:
        raise TooLarge(
            f"The delivery holds more than {MAX_RECORDS:,} records; send it in parts.",
            code="too_many_records",
        )
    return records


def identity(value: object) -> object:
    """An id as text; what can't be one is left for `parse_note` to refuse."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


def truth(value: object) -> bool:
    """A flag, as JSON or as text."""
    return value is True or (isinstance(value, str) and value.strip().lower() in _TRUE)


def tidy(value: object) -> object:
    """Text without the control characters that CRMs let through and we refuse."""
    if not isinstance(value, str):
        return value
    return _CONTROL.sub("", _LINE_BREAKS.sub("\n", value))


def instant(value: object) -> object:
    """A time as RFC 3339: of an epoch, a day, or ISO 8601 in the vendors' spellings.

    Without an offset it is taken for UTC. What is no time is left for `parse_note` to refuse.
    """
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str) and value.strip().isdecimal() and len(value.strip()) >= 9:
        value = Decimal(value.strip())
    if isinstance(value, int | Decimal):
        return _from_epoch(value)
    if not isinstance(value, str):
        return value
    text = value.strip()
    if _DAY.fullmatch(text):
        return f"{text}T00:00:00Z"
    if text[10:11] == " ":
        text = f"{text[:10]}T{text[11:]}"
    text = _OFFSET.sub(r"\1:\2", text)
    if text and not _ZONED.search(text):
        text += "Z"
    return re.sub(r"T(\d{2}:\d{2})(?=[zZ+-])", r"T\1:00", text)


def fingerprint(values: Mapping[str, object]) -> str:
    """An id for what has none: the same values, the same id."""
    data = json.dumps({name: str(value) for name, value in values.items()}, sort_keys=True)
    return hashlib.sha256(data.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def written(*parts: object) -> object:
    """Subject and body as one text, a blank line between; '' where there is nothing to read.

    The same join as a pull or an export makes, so that a note that comes both ways is one.
    """
    for part in parts:
        if part is not None and not isinstance(part, str):
            return part
    return "\n\n".join(part for part in parts if isinstance(part, str) and part.strip())


def note_of(
    source: str,
    external_id: object,
    record: object,
    wanted: Preferences,
    *,
    undated: bool = False,
    keeps_stored: bool = False,
    sparse: bool = False,
    delivery: str | None = None,
) -> Change:
    """The change that one record makes, by the fields of its source.

    `sparse`: the vendor leaves out what is empty, so what is absent is no fault of the payload.
    """
    fields = wanted.fields
    external_id = identity(external_id)
    known_id = external_id if isinstance(external_id, str) else None
    if truth(fields.value(record, "deleted")):
        return Deletion(external_id)
    if truth(fields.value(record, "private")) and not wanted.keep_private:
        return Skipped(known_id, "private", withdraw=True)
    text = tidy(written(fields.value(record, "subject"), fields.value(record, "text")))
    account = identity(fields.value(record, "account"))
    raw: dict[str, object] = {
        "source": source,
        "external_id": external_id,
        "account_id": account,
        "csm_id": identity(fields.value(record, "csm")),
        "occurred_at": instant(fields.value(record, "occurred_at")),
        "revised_at": instant(fields.value(record, "revised_at")),
        "text": text,
    }
    if not keeps_stored:
        if text == "" and (sparse or fields.mentions(record, "text")):
            return Skipped(known_id, "empty", withdraw=True)
        if account is None and (sparse or fields.mentions(record, "account")):
            return Skipped(known_id, "no_account")
    given = {name: value for name, value in raw.items() if value not in (None, "")}
    undated = undated and "occurred_at" not in given
    stamp = None if "revised_at" in given else delivery
    return NoteChange(given, keeps_stored=keeps_stored, undated=undated, delivery=stamp)


def not_an_object(what: str = "A record") -> Unreadable:
    """The refusal of a record that is no object."""
    return Unreadable(InvalidInput(f"{what} must be a JSON object.", code="wrong_type"))


def members(value: object) -> Iterator[object]:
    """The elements of a list; nothing of anything else."""
    if isinstance(value, list):
        yield from value


def _from_epoch(value: int | Decimal) -> object:
    seconds = value / 1000 if value >= _MILLISECONDS_FROM else value
    try:
        moment = datetime.fromtimestamp(float(seconds), UTC)
    except (OverflowError, OSError, ValueError):
        return str(value)
    # Decimal seconds of Slack and milliseconds keep their order and their place.
    return moment.isoformat().replace("+00:00", "Z")
