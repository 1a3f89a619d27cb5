"""A note: what a CSM wrote, as it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from models.identity import note_id
from models.raw_fields import MAX_TEXT, as_object, identifier, instant, optional_instant, text

__all__ = ["MAX_TEXT", "Note", "parse_note"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One note. Times are aware and in UTC; `text` is exactly as posted.

    The pair (source, external_id) is its identity.
    """

    source: str
    external_id: str
    account_id: str
    csm_id: str
    occurred_at: datetime
    text: str
    revised_at: datetime | None = None

    @property
    def id(self) -> str:
        """Content-derived id, the same in every store."""
        return note_id(self.source, self.external_id)


def parse_note(raw: object, *, now: datetime) -> Note:
    """The one door for a note, whatever way it came. Unknown fields are ignored.

    Raises InvalidInput with field and code: `missing_field`, `wrong_type`, `empty_field`,
    `id_too_long`, `control_character`, `lone_surrogate`, `naive_time`, `future_time`,
    `bad_time`, `empty_text`, `text_too_long`.
    """
    record = as_object(raw, "A note")
    return Note(
        source=identifier(record, "source"),
        external_id=identifier(record, "external_id"),
        account_id=identifier(record, "account_id"),
        csm_id=identifier(record, "csm_id"),
        occurred_at=instant(record, "occurred_at", now=now),
        text=text(record, "text"),
        revised_at=optional_instant(record, "revised_at", now=now),
    )
