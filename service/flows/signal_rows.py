"""Signals as they are shown: the rows of the contract."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypedDict

from models.conditions import Condition
from models.signal import Board, Signal


class ConditionRow(TypedDict):
    """One condition; `margin` is {"text", ...figures} or None."""

    value: Any
    threshold: Any
    met: bool | None
    margin: Mapping[str, Any] | None


class SeverityRow(TypedDict):
    """Reports of one severity, and the distinct accounts that made them."""

    requests: int
    accounts: int


class MonthRow(TypedDict):
    """Distinct accounts that a theme was heard from in a month."""

    month: str
    accounts: int


class CsmThresholdsRow(TypedDict):
    """The CSM counts in force, and whether they were fitted to the size of the team."""

    active_csms: int
    three_csms: int
    five_csms: int
    scaled: bool


class SignalRow(TypedDict):
    """A theme's evidence in a quarter, judged. Counts are counts; ids are listed last."""

    theme_id: str
    label: str
    feature_area: str | None
    customer_need: str | None
    status: str
    level: str
    accounts: int
    csms: int
    segments: int
    requests: int
    copies: int
    arr: Decimal
    arr_share: float | None
    arr_unknown_accounts: list[str]
    at_risk_accounts: int
    severity: str
    severities: dict[str, SeverityRow]
    conditions: dict[str, ConditionRow]
    suggested_priority: str
    priority_raised_by: list[str]
    coincidence: float
    trend: str | None
    monthly_accounts: list[MonthRow]
    first_reported_at: datetime | None
    recognised_at: date | None
    delivery: dict[str, str | None]
    account_ids: list[str]
    csm_ids: list[str]
    segment_names: list[str]


class BoardHead(TypedDict):
    """What an answer on signals says of itself."""

    quarter: str
    as_of: date
    policy: str
    policy_numbers: dict[str, Any]
    total_arr: Decimal | None
    calibrated_accounts: int | None
    csm_thresholds: CsmThresholdsRow


def board_head(board: Board) -> BoardHead:
    """The head of every answer made from this board."""
    csms = board.csms
    return BoardHead(
        quarter=str(board.quarter),
        as_of=board.as_of,
        policy=board.policy.name,
        policy_numbers=board.policy.numbers(),
        total_arr=board.total_arr,
        calibrated_accounts=board.calibrated_accounts,
        csm_thresholds=CsmThresholdsRow(
            active_csms=csms.active_csms,
            three_csms=csms.three_csms,
            five_csms=csms.five_csms,
            scaled=csms.scaled,
        ),
    )


def signal_row(signal: Signal) -> SignalRow:
    """One row of GET /signals."""
    theme, evidence, verdict = signal.theme, signal.evidence, signal.verdict
    return SignalRow(
        theme_id=theme.theme_id,
        label=theme.label,
        feature_area=theme.feature_area,
        customer_need=theme.customer_need,
        status=theme.status.value,
        level=verdict.level.value,
        accounts=len(evidence.accounts),
        csms=len(evidence.csm_ids),
        segments=len(evidence.segments),
        requests=evidence.requests,
        copies=evidence.copies,
        arr=evidence.arr,
        arr_share=share_figure(signal.arr_share),
        arr_unknown_accounts=list(evidence.arr_unknown),
        at_risk_accounts=len(evidence.at_risk),
        # A theme is on the board because of a request, so there is a worst one.
        severity=evidence.severity.value if evidence.severity else "",
        severities={
            severity.value: SeverityRow(requests=count.requests, accounts=count.accounts)
            for severity, count in evidence.severities.items()
        },
        conditions={
            code.value: _condition_row(condition) for code, condition in verdict.conditions.items()
        },
        suggested_priority=verdict.suggested_priority.value,
        priority_raised_by=list(verdict.raised_by),
        coincidence=signal.coincidence,
        trend=signal.trend.value if signal.trend else None,
        monthly_accounts=[
            MonthRow(month=str(count.month), accounts=count.accounts) for count in signal.monthly
        ],
        first_reported_at=theme.first_reported_at,
        recognised_at=signal.recognised_on,
        delivery=theme.delivery.as_dict(),
        account_ids=list(evidence.account_ids),
        csm_ids=list(evidence.csm_ids),
        segment_names=list(evidence.segments),
    )


def share_figure(share: Fraction | None) -> float | None:
    """An exact share as the nearest double."""
    return None if share is None else float(share)


def _condition_row(condition: Condition) -> ConditionRow:
    return ConditionRow(
        value=_figures(condition.value),
        threshold=_figures(condition.threshold),
        met=condition.met,
        margin=None if condition.margin is None else _figures(condition.margin),
    )


def _figures(value: Any) -> Any:
    """Exact numbers as ints where they are whole, else as doubles; objects by their parts."""
    if isinstance(value, Mapping):
        return {name: _figures(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Decimal | Fraction):
        return int(value) if value == int(value) else float(value)
    return value
