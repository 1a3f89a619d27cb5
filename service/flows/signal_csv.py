"""Signals as CSV, one line a theme, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from service.flows.signal_rows import SignalRow
from service.flows.signals import SignalsAnswer
from service.rendering import plain

_PLAIN_COLUMNS = (
    "theme_id",
    "label",
    "feature_area",
    "customer_need",
    "status",
    "level",
    "suggested_priority",
    "accounts",
    "csms",
    "segments",
    "requests",
    "copies",
    "arr",
    "arr_share",
    "at_risk_accounts",
    "severity",
    "coincidence",
    "trend",
    "first_reported_at",
    "recognised_at",
)
_CONDITIONS = ("frequency", "arr", "churn", "three_csms", "five_csms", "direct")
_SEVERITIES = ("blocking", "degraded", "minor")
_LISTS = ("account_ids", "csm_ids", "segment_names", "arr_unknown_accounts")

Cell = Callable[[SignalRow], Any]


def _cells() -> Mapping[str, Cell]:
    cells: dict[str, Cell] = {name: _field(name) for name in _PLAIN_COLUMNS}
    for severity in _SEVERITIES:
        cells[f"{severity}_requests"] = _of_severity(severity)
    for code in _CONDITIONS:
        cells[f"{code}_met"] = _met(code)
    cells["delivery"] = lambda row: row["delivery"]["state"]
    for name in _LISTS:
        cells[name] = _joined(name)
    return cells


def _field(name: str) -> Cell:
    return lambda row: row[name]  # type: ignore[literal-required]


def _of_severity(severity: str) -> Cell:
    return lambda row: row["severities"][severity]["requests"]


def _met(code: str) -> Cell:
    words = {True: "true", False: "false", None: "unknown"}
    return lambda row: words[row["conditions"][code]["met"]]


def _joined(name: str) -> Cell:
    return lambda row: ";".join(row[name])  # type: ignore[literal-required]


def signals_csv(answer: SignalsAnswer) -> str:
    """The rows of an answer under a header, by RFC 4180.

    Each line begins with quarter, as_of and policy. Ids in a list are joined with `;`; what
    is not known is empty, an unknown condition says so.
    """
    cells = _cells()
    head = [str(answer["quarter"]), answer["as_of"].isoformat(), str(answer["policy"])]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["quarter", "as_of", "policy", *cells])
    for row in answer["data"]:
        writer.writerow([*head, *(_written(cell(row)) for cell in cells.values())])
    return text.getvalue()


def _written(value: Any) -> Any:
    shown = plain(value)
    # A label may begin like a formula; the quote keeps a spreadsheet from running it.
    if isinstance(shown, str) and shown.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{shown}"
    return "" if shown is None else shown
