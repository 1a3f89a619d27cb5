"""A vendor's export, row by row, as notes: which column is what, in a small TOML file.

Exports differ by vendor and by customer, so the mapping is data: a file shipped beside this
module for each export we know, or the customer's own, which may start from one of them.
"""

from __future__ import annotations

import base64
import binascii
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from importlib import resources
from zoneinfo import ZoneInfo

from models.errors import InvalidInput, NotFound

FIELDS = ("external_id", "account_id", "csm_id", "occurred_at", "revised_at", "text")
REQUIRED = ("external_id", "account_id", "csm_id", "occurred_at", "text")
_KEYS = frozenset(
    {"source", "timezone", "delimiter", "time_formats", "columns", "defaults", "skip", "base64"}
)
# What exports write besides RFC 3339; `time_formats` of a mapping comes before these.
_TIME_FORMATS = (
    "%Y-%m-%dT%H:%M:%S.%f%z",
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%d %H:%M:%S.%f%z",
    "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
)
_MILLISECONDS_FROM = 10_000_000_000

Row = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnMapping:
    """How a row of one export becomes a note.

    Attributes:
        source: the `source` of its notes, the same as that vendor's webhook has, so that a
            note that comes both ways is one note.
        columns: field of a note -> columns, in order. The first that isn't empty counts; of
            `text` all count, a blank line between them. `a.b` is b inside a.
        defaults: field -> value where its columns are empty.
        skip: column -> values (lower case) that leave a row out: drafts, deleted ones.
        base64: columns that hold base64, as Salesforce writes the body of a ContentNote.
        timezone: of times that come without an offset.
        time_formats: `strptime` forms of this export, besides RFC 3339 and the usual ones.
        delimiter: between the cells of a CSV.
    """

    source: str
    columns: Mapping[str, tuple[str, ...]]
    defaults: Mapping[str, str]
    skip: Mapping[str, frozenset[str]]
    base64: frozenset[str]
    timezone: ZoneInfo
    time_formats: tuple[str, ...]
    delimiter: str

    @property
    def known_columns(self) -> frozenset[str]:
        """Every column that the mapping reads, by its first name where it is nested."""
        named = [name for names in self.columns.values() for name in names]
        return frozenset(name.split(".")[0] for name in (*named, *self.skip))

    def note(self, row: Row) -> dict[str, object] | None:
        """The row as `POST /notes` takes it, or None where it is to be left out.

        Raises:
            InvalidInput: `bad_time`, `bad_base64`. What is missing is left to `parse_note`.
        """
        for column, left_out in self.skip.items():
            if _text(_cell(row, column)).lower() in left_out:
                return None
        raw: dict[str, object] = {"source": self.source}
        for field in FIELDS:
            values = [self._value(row, column) for column in self.columns.get(field, ())]
            filled = [value for value in values if value.strip()]
            joined = "\n\n".join(filled) if field == "text" else next(iter(filled), "")
            value = joined or self.defaults.get(field, "")
            if value and field in ("occurred_at", "revised_at"):
                value = self._instant(value.strip(), field)
            if value or field in REQUIRED:
                raw[field] = value if field == "text" else value.strip()
        return raw

    def _value(self, row: Row, column: str) -> str:
        value = _text(_cell(row, column))
        if column not in self.base64 or not value:
            return value
        try:
            return base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise InvalidInput(
                f"{column} is not base64 of UTF-8 text; take it out of `base64` in the mapping"
                " if it holds plain text.",
                code="bad_base64",
                field=column,
            ) from None

    def _instant(self, value: str, field: str) -> str:
        moment = self._moment(value)
        if moment is None:
            raise InvalidInput(
                f"{field} is in no form that the mapping knows; add its form to `time_formats`,"
                ' like "%d/%m/%Y %H:%M".',
                code="bad_time",
                field=field,
            )
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=self.timezone)
        return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

    def _moment(self, value: str) -> datetime | None:
        if value.isdecimal() and len(value) >= 9:
            seconds = int(value) / (1000 if int(value) > _MILLISECONDS_FROM else 1)
            try:
                return datetime.fromtimestamp(seconds, UTC)
            except (OverflowError, OSError, ValueError):
                return None
        for form in (*self.time_formats, *_TIME_FORMATS):
            try:
                return datetime.strptime(value, form)  # noqa: DTZ007 - the zone comes after
            except ValueError:
                continue
        return None


def shipped_mappings() -> list[str]:
    """The names of the mappings that come with us."""
    folder = resources.files("service.crm") / "mappings"
    names = [entry.name for entry in folder.iterdir()]
    return sorted(name.removesuffix(".toml") for name in names if name.endswith(".toml"))


def shipped_mapping(name: str) -> ColumnMapping:
    """A mapping that comes with us, by name.

    Raises:
        NotFound: `unknown_mapping`.
    """
    if name not in shipped_mappings():
        raise NotFound(
            f"There is no mapping '{name}'; give a .toml file, or one of"
            f" {', '.join(shipped_mappings())}.",
            code="unknown_mapping",
            field="mapping",
        )
    file = resources.files("service.crm") / "mappings" / f"{name}.toml"
    return parse_mapping(file.read_text(encoding="utf-8"))


def parse_mapping(content: str) -> ColumnMapping:
    """A mapping file's content.

    Raises:
        InvalidInput: `bad_mapping`, with what to mend.
    """
    try:
        table = tomllib.loads(content)
    except tomllib.TOMLDecodeError as broken:
        raise _bad(f"it is not TOML: {broken}") from None
    unknown = sorted(set(table) - _KEYS)
    if unknown:
        raise _bad(f"it does not know {', '.join(unknown)}; it takes {', '.join(sorted(_KEYS))}")
    source = table.get("source")
    if not isinstance(source, str) or not source.strip():
        raise _bad('it lacks `source = "..."`')
    return ColumnMapping(
        source=source.strip(),
        columns=_columns(table.get("columns", {}), table.get("defaults", {})),
        defaults=_defaults(table.get("defaults", {})),
        skip={
            column: frozenset(value.lower() for value in _words(values, f"skip.{column}"))
            for column, values in _table(table.get("skip", {}), "skip").items()
        },
        base64=frozenset(_words(table.get("base64", []), "base64")),
        timezone=_timezone(table.get("timezone", "UTC")),
        time_formats=tuple(_words(table.get("time_formats", []), "time_formats")),
        delimiter=_delimiter(table.get("delimiter", ",")),
    )


def _columns(value: object, defaults: object) -> dict[str, tuple[str, ...]]:
    columns = {
        field: tuple(_words(names, f"columns.{field}"))
        for field, names in _table(value, "columns").items()
    }
    unknown = sorted(set(columns) - set(FIELDS))
    if unknown:
        raise _bad(f"columns names {', '.join(unknown)}; the fields are {', '.join(FIELDS)}")
    given = {*columns, *_table(defaults, "defaults")}
    lacking = [field for field in REQUIRED if field not in given]
    if lacking:
        raise _bad(f"columns lacks {', '.join(lacking)}")
    return columns


def _defaults(value: object) -> dict[str, str]:
    found = _table(value, "defaults")
    for field, default in found.items():
        if field not in FIELDS or not isinstance(default, str):
            raise _bad(f"defaults.{field} must be a text for one of {', '.join(FIELDS)}")
    return {field: str(default) for field, default in found.items()}


def _timezone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        raise _bad(f"timezone '{value}' is not known; write it like Europe/Berlin") from None


def _delimiter(value: object) -> str:
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n':
        raise _bad("delimiter must be one character, like ;")
    return value


def _table(value: object, name: str) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _bad(f"{name} must be a table, [{name}]")
    return value


def _words(value: object, name: str) -> Sequence[str]:
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(w, str) and w for w in words):
        raise _bad(f"{name} must be a text or a list of texts")
    return words


def _cell(row: Row, column: str) -> object:
    if column in row:
        return row[column]
    value: object = row
    for part in column.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(value: object) -> str:
    if value is None or isinstance(value, Mapping | list):
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value)


def _bad(why: str) -> InvalidInput:
    return InvalidInput(f"The mapping can't be used: {why}.", code="bad_mapping", field="mapping")
