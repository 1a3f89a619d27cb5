"""The shape of what a webhook is answered, for the API's description."""

from __future__ import annotations

from pydantic import BaseModel


class SkippedRecordAnswer(BaseModel):
    """A record that was understood and not stored: private, a bot's, of no account."""

    external_id: str | None
    reason: str


class RejectedRecordAnswer(BaseModel):
    """A record that could not be stored; its place is counted from 1."""

    record: int
    external_id: str | None
    code: str
    message: str
    field: str | None


class DeliveryAnswer(BaseModel):
    """What became of the records of a delivery."""

    accepted: int
    duplicate: int
    updated: int
    stale: int
    deleted: int
    forgotten: int
    fetching: int
    skipped: list[SkippedRecordAnswer]
    rejected: list[RejectedRecordAnswer]
