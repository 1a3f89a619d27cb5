"""What the API answers, for its description. Answers are written by `service.rendering`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from service.api.schemas_write import Severity

Level = Literal["p1", "signal", "candidate", "anecdote"]
Status = Literal["proposed", "accepted", "rejected", "merged"]


class ErrorDetail(BaseModel):
    """What went wrong, and how to mend it."""

    code: str = Field(description="A stable word.")
    message: str
    field: str | None
    request_id: str | None


class ErrorAnswer(BaseModel):
    """The one error shape."""

    error: ErrorDetail


class HealthAnswer(BaseModel):
    """The process answers."""

    status: Literal["alive"]


class ReadinessAnswer(BaseModel):
    """The store answers and the worker can read; 503 adds `error` with the reasons."""

    ready: bool
    checks: dict[str, Any]


class NoteAnswer(BaseModel):
    """What became of a posted note. 202 when there is something to read, else 200."""

    id: str
    status: Literal["accepted", "updated", "duplicate", "stale", "deleted"]


class RejectedLineAnswer(BaseModel):
    """One line that was not taken."""

    line: int
    code: str
    message: str
    field: str | None


class BatchAnswer(BaseModel):
    """Good lines are kept, bad ones are named."""

    accepted: int
    duplicate: int
    updated: int
    rejected: list[RejectedLineAnswer]


class UploadAnswer(BatchAnswer):
    """An upload of accounts, CSMs or taxonomy."""

    ignored_columns: list[str]


class IdAnswer(BaseModel):
    """The id of what was stored."""

    id: str


class JobQueuedAnswer(BaseModel):
    """A job to ask after under /jobs/{id}."""

    job_id: str


class JobAnswer(BaseModel):
    """How far a job is."""

    id: str
    kind: str
    state: Literal["queued", "running", "done", "failed"]
    done: int
    total: int
    error: dict[str, Any] | None


class CandidateAnswer(BaseModel):
    """A live item that a request may belong to."""

    theme_id: str
    feature_area: str
    customer_need: str
    confidence: float


class RequestAnswer(BaseModel):
    """One ask or pain: an exact span of a note."""

    id: str
    note_id: str | None
    source: str | None
    external_id: str | None
    account_id: str | None
    csm_id: str
    occurred_at: datetime
    language: str | None = Field(description="ISO 639-1; null where it can't be told.")
    foreign: bool = Field(description="The encoder in use does not understand its language.")
    text: str
    text_masked: bool
    start: int
    end: int
    severity: Severity
    severity_by: Literal["model", "person"]
    theme_id: str | None
    feature_area: str | None
    customer_need: str | None
    unclassified_area: str | None
    assigned_by: Literal["model", "person"] | None
    confidence: float | None
    candidates: list[CandidateAnswer]


class DecidedRequestAnswer(RequestAnswer):
    """A request after a decision on it."""

    decision_id: str


class ProposalAnswer(BaseModel):
    """What the machine suggests for a theme."""

    feature_area: str | None
    customer_need: str | None
    is_new: bool
    confidence: float
    alternatives: list[CandidateAnswer]
    due_at: datetime
    overdue: bool


class SeverityCountAnswer(BaseModel):
    """Requests of one severity, and the accounts they come from."""

    requests: int
    accounts: int


class ThemeAnswer(BaseModel):
    """A theme with what it weighs."""

    id: str
    etag: str
    label: str
    keyphrases: list[str]
    status: Status
    merged_into: str | None
    feature_area: str | None
    customer_need: str | None
    requests: int
    accounts: int
    csms: int
    arr: float | None
    severities: dict[Severity, SeverityCountAnswer]
    languages: dict[str, int] = Field(description="Requests by language; more than one: mixed.")
    exemplars: list[str]
    proposal: ProposalAnswer | None


class DecidedAnswer(ThemeAnswer):
    """A theme after a decision."""

    decision_id: str


class UndoneAnswer(BaseModel):
    """The theme as it is again (or `request`, for a span), and what was undone."""

    decision_id: str
    action: str
    undone_at: datetime
    undone_by: str


class SignalAnswer(BaseModel):
    """A theme's evidence in a quarter, judged by the policy."""

    theme_id: str
    label: str
    feature_area: str | None = Field(description="Null until it is accepted.")
    customer_need: str | None
    status: Status
    level: Level
    accounts: int
    csms: int
    segments: int
    requests: int
    copies: int = Field(description="Texts pasted again by the same account, counted once.")
    arr: float
    arr_share: float | None
    arr_unknown_accounts: list[str]
    at_risk_accounts: int
    severity: Severity = Field(description="The worst in the window.")
    severities: dict[Severity, SeverityCountAnswer]
    conditions: dict[str, dict[str, Any]]
    suggested_priority: Literal["P1", "P2", "P3", "P4"]
    priority_raised_by: list[str]
    coincidence: float
    trend: Literal["increasing", "stable", "decreasing"] | None
    monthly_accounts: list[dict[str, Any]]
    first_reported_at: datetime | None
    recognised_at: date | None
    delivery: dict[str, Any]
    account_ids: list[str]
    csm_ids: list[str]
    segment_names: list[str]


class BoardHeadAnswer(BaseModel):
    """What an answer on signals says of itself."""

    quarter: str
    as_of: date
    policy: str
    policy_numbers: dict[str, Any] = Field(description="Every number the policy judged by.")
    total_arr: float | None
    calibrated_accounts: int | None
    csm_thresholds: dict[str, Any] = Field(description="The CSM counts for a team of this size.")


class SignalsAnswer(BoardHeadAnswer):
    """The board of one quarter, ordered by level, then ARR."""

    data: list[SignalAnswer]
    next_cursor: str


class ReceiptAnswer(BoardHeadAnswer, SignalAnswer):
    """A signal with all that it rests on."""

    asked_for: str | None
    merged_from: list[str]
    etag: str = Field(description="Goes into the If-Match of a decision on the theme.")
    receipt: dict[str, Any] = Field(description="`accounts`, `requests` with quotes, `tips`.")


class ListAnswer(BaseModel):
    """One page of a list; `next_cursor` is empty on the last."""

    data: list[dict[str, Any]]
    next_cursor: str


class ItemAnswer(BaseModel):
    """A taxonomy item; `theme_id` is null while it is proposed or was refused."""

    id: str
    feature_area: str
    customer_need: str
    description: str
    examples: list[str]
    status: Literal["proposed", "live", "retired"]
    theme_id: str | None
    etag: str


class DecidedItemAnswer(ItemAnswer):
    """An item after a decision."""

    decision_id: str


class ItemsAnswer(BaseModel):
    """One page of the taxonomy."""

    data: list[ItemAnswer]
    next_cursor: str


class RequestsAnswer(BaseModel):
    """One page of requests."""

    data: list[RequestAnswer]
    next_cursor: str


class ThemesAnswer(BaseModel):
    """One page of themes."""

    data: list[ThemeAnswer]
    next_cursor: str


class OfferedAnswer(BaseModel):
    """An answer whose `body` can be posted to the theme's decisions as it is."""

    action: Literal["accept", "reject", "confirm", "move", "dismiss"]
    body: dict[str, Any]
    confidence: float


class ReviewRowAnswer(BaseModel):
    """One decision to take."""

    kind: Literal["theme", "requests"]
    theme: ThemeAnswer
    requests: list[RequestAnswer]
    impact: dict[str, Any]
    due_at: datetime | None
    overdue: bool
    suggested_action: OfferedAnswer
    alternatives: list[OfferedAnswer]


class ReviewAnswer(BaseModel):
    """The queue of CS Ops, most decisive first."""

    data: list[ReviewRowAnswer]
    next_cursor: str
