"""RULES.md a second time, by the shortest way from its words: what the service is held against.

It shares no code with the product. It takes plain rows as they were posted, looks at
everything again for every figure, and is slow; exact shares are Fractions.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import product
from math import ceil
from typing import Any

Row = dict[str, Any]
ORDER = ["p1", "signal", "candidate", "anecdote"]
WORST = ["blocking", "degraded", "minor"]


def board(
    observations: list[Row],
    accounts: dict[str, Row],
    csms: dict[str, Row],
    quarter: str,
    as_of: date,
    policy: str,
) -> Row:
    """What GET /signals has to say of these observations; UTC and calendar quarters.

    An observation has id, theme, account_id, csm_id, at (aware datetime), severity, text.
    """
    start, end = days_of(quarter)
    known = [row["arr"] for row in accounts.values() if row["active"] and row["arr"] is not None]
    total = sum(known, Fraction(0)) or None
    team = sum(row["active"] for row in csms.values())
    inside = [row for row in observations if start <= row["at"].date() <= end]
    themes = sorted({row["theme"] for row in inside})
    world = {"accounts": accounts, "total": total, "team": team, "as_of": as_of, "policy": policy}
    rows = []
    for theme in themes:
        own = [row for row in inside if row["theme"] == theme]
        ever = [row for row in observations if row["theme"] == theme]
        row = judged(own, world)
        row["theme"] = theme
        row["first_reported_at"] = min(one["at"] for one in ever)
        row["trend"] = trend(ever, start, as_of)
        row["recognised_at"] = recognised(own, world)
        rows.append(row)
    chances = chances_of(rows, len(themes))
    for row in rows:
        row["coincidence"] = at_least(chances, row["accounts"])
    calibrated = next((k for k in range(len(chances) + 2) if at_least(chances, k) < 0.15), None)
    return {
        "total_arr": total,
        "calibrated_accounts": calibrated if chances else None,
        "data": rows,
    }


def days_of(quarter: str) -> tuple[date, date]:
    year, number = int(quarter[:4]), int(quarter[-1])
    first = date(year, 3 * number - 2, 1)
    return first, date(year + (number == 4), (3 * number) % 12 + 1, 1) - timedelta(days=1)


def judged(own: list[Row], world: Row) -> Row:
    """Everything that one theme's observations of the quarter come to, but for its company."""
    accounts, total = world["accounts"], world["total"]
    reports = independent(own)
    ids = sorted({row["account_id"] for row in reports if row["account_id"] is not None})
    arrs = {account: accounts[account]["arr"] for account in ids}
    arr = sum((value for value in arrs.values() if value is not None), Fraction(0))
    risky = [account for account in ids if at_risk(accounts[account], world["as_of"])]
    csm_ids = sorted({row["csm_id"] for row in reports})
    segments = {accounts[a]["segment"] for a in ids} - {None}
    blocking = {r["account_id"] for r in reports if r["severity"] == "blocking"} - {None}
    three, five = csm_counts(world["team"])
    conditions = {
        "frequency": (len(ids), 3, len(ids) >= 3),
        "arr": arr_condition(arr, list(arrs.values()), total),
        "churn": (len(risky), 2, len(risky) >= 2),
        "three_csms": (len(csm_ids), three, len(csm_ids) >= three),
        "five_csms": (
            {"csms": len(csm_ids), "segments": len(segments)},
            {"csms": five, "segments": 2},
            len(csm_ids) >= five and len(segments) >= 2,
        ),
        "direct": direct_condition({a: arrs[a] for a in blocking}, total),
    }
    level = level_of({code: met for code, (_, _, met) in conditions.items()}, world["policy"])
    days = [days_left(accounts[account], world["as_of"]) for account in risky]
    near = any(left is not None and 0 <= left <= 60 for left in days)
    place = ORDER.index(level)
    return {
        "level": level,
        "accounts": len(ids),
        "csms": len(csm_ids),
        "segments": len(segments),
        "requests": len(reports),
        "arr": arr,
        "arr_share": None if total is None else arr / total,
        "arr_unknown_accounts": [a for a in ids if arrs[a] is None],
        "at_risk_accounts": len(risky),
        "severity": min((r["severity"] for r in reports), key=WORST.index),
        "severities": {word: severity_count(reports, word) for word in WORST},
        "conditions": conditions,
        "suggested_priority": f"P{max(0, place - 2) + 1 if near else place + 1}",
        "account_ids": ids,
        "csm_ids": csm_ids,
    }


def independent(own: list[Row]) -> list[Row]:
    """Same account and same words: one report, of the earliest, as bad as the worst."""
    kept: list[Row] = []
    for row in sorted(own, key=lambda one: (one["at"], one["csm_id"], one["id"])):
        words = normal(row["text"])
        twin = next(
            (
                other
                for other in kept
                if words
                and row["account_id"] is not None
                and other["account_id"] == row["account_id"]
                and normal(other["text"]) == words
            ),
            None,
        )
        if twin is None:
            kept.append(dict(row))
        elif WORST.index(row["severity"]) < WORST.index(twin["severity"]):
            twin["severity"] = row["severity"]
    return kept


def normal(text: str) -> str:
    words = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    return words.strip("".join({c for c in words if not c.isalnum()})) or words


def severity_count(reports: list[Row], word: str) -> Row:
    of_it = [row for row in reports if row["severity"] == word]
    return {
        "requests": len(of_it),
        "accounts": len({row["account_id"] for row in of_it} - {None}),
    }


def at_risk(account: Row, as_of: date) -> bool:
    if account["at_risk"] is not None:
        return bool(account["at_risk"])
    if account["health"] == "red":
        return True
    days = days_left(account, as_of)
    return account["health"] == "yellow" and days is not None and 0 <= days <= 60


def days_left(account: Row, as_of: date) -> int | None:
    return (account["renewal_date"] - as_of).days if account["renewal_date"] else None


def csm_counts(team: int) -> tuple[int, int]:
    if team < 8:
        return max(2, ceil(3 * team / 8)), max(2, ceil(5 * team / 8))
    if team > 20:
        return ceil(3 * team / 20), ceil(team / 4)
    return 3, 5


def arr_condition(
    arr: Fraction, arrs: list[Fraction | None], total: Fraction | None
) -> tuple[Any, Any, bool | None]:
    line = Fraction(1, 10)
    if total is None:
        return None, line, None
    if arr / total > line:
        return arr / total, line, True
    return arr / total, line, None if None in arrs else False


def direct_condition(
    blocking: dict[str, Fraction | None], total: Fraction | None
) -> tuple[Any, Any, bool | None]:
    line = Fraction(1, 20)
    known = {a: arr for a, arr in blocking.items() if arr is not None}
    largest = min(known, key=lambda a: (-known[a], a), default=min(blocking, default=None))
    share = known[largest] / total if total is not None and largest in known else None
    met: bool | None = False
    if total is not None and any(arr / total > line for arr in known.values()):
        met = True
    elif None in blocking.values() or (total is None and blocking):
        met = None
    threshold = {"account_id": None, "share": line}
    return {"account_id": largest, "share": share}, threshold, met


def level_of(met: dict[str, bool | None], policy: str) -> str:
    gates = [met[code] is True for code in ("frequency", "arr", "churn")]
    if all(gates):
        return "p1"
    if sum(gates) == 2 or met["five_csms"] or met["direct"]:
        return "signal"
    if policy == "single_gate" and (met["arr"] or met["churn"]):
        return "signal"
    return "candidate" if sum(gates) == 1 or met["three_csms"] else "anecdote"


def recognised(own: list[Row], world: Row) -> date | None:
    for day in sorted({row["at"].date() for row in own}):
        until = [row for row in own if row["at"].date() <= day]
        if judged(until, world)["level"] != "anecdote":
            return day
    return None


def trend(ever: list[Row], start: date, as_of: date) -> str | None:
    def next_month(day: date) -> date:
        return date(day.year + (day.month == 12), day.month % 12 + 1, 1)

    def accounts_in(first: date) -> int:
        inside = [row for row in ever if first <= row["at"].date() < next_month(first)]
        return len({row["account_id"] for row in inside} - {None})

    months = [start, next_month(start), next_month(next_month(start))]
    complete = [first for first in months if next_month(first) - timedelta(days=1) <= as_of]
    if not complete:
        return None
    before = (complete[-1] - timedelta(days=1)).replace(day=1)
    now, then = accounts_in(complete[-1]), accounts_in(before)
    return "stable" if now == then else "increasing" if now > then else "decreasing"


def chances_of(rows: list[Row], themes: int) -> list[float]:
    reported: dict[str, int] = defaultdict(int)
    for row in rows:
        for account in row["account_ids"]:
            reported[account] += 1
    return [count / themes for count in reported.values()]


def at_least(chances: list[float], accounts: int) -> float:
    """P(X >= accounts), by convolution; by every outcome where there are few."""
    if len(chances) <= 10:
        total = 0.0
        for outcome in product([False, True], repeat=len(chances)):
            if sum(outcome) >= accounts:
                likelihood = 1.0
                for p, hit in zip(chances, outcome, strict=True):
                    likelihood *= p if hit else 1 - p
                total += likelihood
        return total
    counts = {0: 1.0}
    for p in chances:
        following: dict[int, float] = defaultdict(float)
        for count, likelihood in counts.items():
            following[count] += likelihood * (1 - p)
            following[count + 1] += likelihood * p
        counts = following
    return sum(likelihood for count, likelihood in counts.items() if count >= accounts)


def instant(written: str) -> datetime:
    return datetime.fromisoformat(written).astimezone(UTC)
