"""The receipt: why one theme is at its level, as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.conditions import title
from models.policy import ConditionCode
from service.web.figures import (
    LEVEL_TITLES,
    chance,
    condition_value,
    dollars,
    link,
    met,
    percent,
    threshold,
    trend,
)
from service.web.signals.contexts import AccountRow, ConditionRow, Quote, ReceiptPage

Row = Mapping[str, Any]


def receipt_page(answer: Row, query: Mapping[str, str]) -> ReceiptPage:
    """The page of an answer of GET /signals/{theme_id}, as plain JSON."""
    names = {row["account_id"]: row["name"] for row in answer["receipt"]["accounts"]}
    board = {**query, "quarter": answer["quarter"], "policy": answer["policy"]}
    return ReceiptPage(
        label=answer["label"],
        feature_area=answer["feature_area"],
        customer_need=answer["customer_need"],
        quarter=answer["quarter"],
        as_of=answer["as_of"],
        policy=answer["policy"],
        level=answer["level"],
        level_title=LEVEL_TITLES[answer["level"]],
        status=answer["status"],
        board_link=link("/", board),
        figures=_figures(answer),
        conditions=[_condition(code, row) for code, row in answer["conditions"].items()],
        tips=[tip["text"] for tip in answer["receipt"]["tips"]],
        accounts=[_account(row) for row in answer["receipt"]["accounts"]],
        quotes=[_quote(row, names) for row in answer["receipt"]["requests"] if row["quote"]],
    )


def _figures(answer: Row) -> list[tuple[str, str]]:
    return [
        ("Accounts", str(answer["accounts"])),
        ("ARR", dollars(answer["arr"])),
        ("Share of ARR", percent(answer["arr_share"])),
        ("At risk", str(answer["at_risk_accounts"])),
        ("CSMs", str(answer["csms"])),
        ("Worst severity", answer["severity"]),
        ("Trend", trend(answer["trend"])),
        ("Suggested priority", answer["suggested_priority"]),
        ("By coincidence", chance(answer["coincidence"])),
        ("Recognised", answer["recognised_at"] or "not yet"),
    ]


def _condition(code: str, row: Row) -> ConditionRow:
    return ConditionRow(
        name=title(ConditionCode(code)),
        value=condition_value(code, row["value"]),
        threshold=threshold(code, row["threshold"]),
        met=met(row["met"]),
        margin=(row["margin"] or {}).get("text", ""),
    )


def _account(row: Row) -> AccountRow:
    return AccountRow(
        name=row["name"] or row["account_id"],
        segment=row["segment"] or "",
        arr=row["arr"],
        share=row["arr_share"],
        at_risk=row["at_risk"],
        why=row["why"],
        requests=row["requests"],
    )


def _quote(row: Row, names: Mapping[str, str | None]) -> Quote:
    account = row["account_id"]
    return Quote(
        text=row["quote"],
        severity=row["severity"],
        account=(names.get(account) or account) if account else "no account named",
        csm=row["csm_name"] or row["csm_id"],
        day=row["occurred_at"][:10],
        is_copy=row["copy_of"] is not None,
    )
