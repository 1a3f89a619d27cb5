"""What the reports answer, for their description."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from service.api.schemas_write import Severity


class MetricTargetAnswer(BaseModel):
    """Where a value should be; null where that side is open."""

    at_least: float | None
    at_most: float | None
    below: float | None


class MetricAnswer(BaseModel):
    """One metric of a quarter."""

    value: float | None = Field(description="Null where there is nothing to take it over.")
    target: MetricTargetAnswer
    status: Literal["ok", "low", "high", "unknown"]
    points_at: str | None = Field(description="What a miss points at.")
    of: int = Field(description="How many requests, themes or CSMs it was taken over.")


class ProcessMetricsAnswer(BaseModel):
    """The health of the process in one quarter."""

    quarter: str
    as_of: date
    policy: str
    metrics: dict[str, MetricAnswer] = Field(
        description="tagged_share, patterns_surfaced, backlog_share, days_to_recognition and"
        " contribution_rate."
    )


class LoopRowAnswer(BaseModel):
    """One request of a CSM, and what became of it."""

    id: str
    note_id: str | None
    account_id: str | None
    account_name: str | None
    occurred_at: datetime
    text: str
    severity: Severity
    state: Literal[
        "waiting", "proposed", "open", "backlog", "shipped", "declined", "closed", "dismissed"
    ]
    unclassified_area: str | None
    theme: dict[str, Any] | None = Field(
        description="The theme as it stands: names, `level` in today's quarter, `recognised_at`,"
        " `delivery`, `delivered_at`, `reported_by` and `merged_from`. Null where it waits or was"
        " dismissed."
    )
    changes: list[dict[str, Any]] = Field(
        description="Decisions since the day asked about that touched it, newest first: `at`,"
        " `action`, `severity`, `delivery`, `reason`."
    )


class LoopAnswer(BaseModel):
    """A CSM's requests, newest first."""

    csm_id: str
    name: str | None
    quarter: str = Field(description="The quarter that levels are of.")
    since: date
    states: dict[str, int] = Field(description="How many of all their requests are in each state.")
    changed: int = Field(description="How many of them a decision has touched since then.")
    data: list[LoopRowAnswer]
    next_cursor: str


class HeardAnswer(BaseModel):
    """A theme and what it weighs in a period."""

    theme_id: str
    label: str
    feature_area: str | None
    customer_need: str | None
    status: str
    accounts: int
    csms: int
    requests: int
    arr: float
    arr_unknown_accounts: int
    at_risk_accounts: int
    severity: Severity


class TopReportAnswer(BaseModel):
    """At most five themes, by distinct accounts, then ARR, then name."""

    period: str
    first_day: date
    last_day: date
    as_of: date
    data: list[HeardAnswer]


class AgendaThemeAnswer(HeardAnswer):
    """A theme on the agenda, and who heard it."""

    csm_ids: list[str]


class SyncReportAnswer(BaseModel):
    """What the CSMs talk about, by how many of them heard it, then ARR."""

    week: str
    weeks: int
    first_day: date
    last_day: date
    as_of: date
    data: list[AgendaThemeAnswer]
    handle_offline: list[AgendaThemeAnswer] = Field(description="What one CSM alone heard.")
    pre_reads: list[dict[str, Any]] = Field(
        description="For each CSM the `reads`, three at most, those of most accounts first; and"
        " how many were `left_out`."
    )


class DigestAnswer(BaseModel):
    """A month for product: its top themes, what is new, what is done, what is asked."""

    month: str
    title: str
    as_of: date
    policy: str
    complete: bool = Field(description="The month is over.")
    summary: str
    top_themes: list[dict[str, Any]] = Field(
        description="At most three, by accounts: figures, `summary` of two or three sentences,"
        " and one `quote`, masked and without the customer's name."
    )
    new_signals: list[dict[str, Any]] = Field(description="Themes in their first month ever.")
    resolved: list[dict[str, Any]] = Field(
        description="`reason`: shipped, closed or no_longer_reported."
    )
    actions: list[dict[str, Any]] = Field(description="What is asked of product, by when.")
    issued_at: datetime | None = Field(description="Null while it is a draft.")
    issued_by: str | None
    acknowledgement: dict[str, Any] | None = Field(description="`by`, `assessment` and `at`.")
