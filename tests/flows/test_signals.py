"""Asking for signals: defaults, filters, pages, and what weighs nothing."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import update

from models.errors import InvalidInput
from models.window import Calendar
from service.flows.signals import SignalQuery, signals
from service.rendering import to_json
from service.storage.engine import Store
from service.storage.tables import requests, themes
from tests.flows.spoken_signals import (
    NOW,
    TODAY,
    ask,
    exports_and_access,
    labels,
    note_with_request,
    say,
    with_portfolio,
)
from tests.stored import put_theme


@pytest.fixture
def loaded(store: Store) -> Store:
    """The organisation on each database, nothing said yet."""
    return with_portfolio(store)


@pytest.fixture
def local(sqlite_store: Store) -> Store:
    """The organisation on SQLite, for what is not the database's work."""
    return with_portfolio(sqlite_store)


@pytest.fixture
def said(local: Store) -> Store:
    """`exports_and_access`, on SQLite."""
    exports_and_access(local)
    return local


# What is judged when nothing is said, and what may be said.


def test_the_quarter_and_the_day_default_to_todays(local: Store) -> None:
    say(local)
    answer = ask(local, today=date(2026, 8, 15))
    assert (answer["quarter"], answer["as_of"]) == ("2026-Q3", date(2026, 8, 15))
    assert (answer["policy"], len(answer["data"])) == ("combined", 1)


def test_a_past_quarter_is_judged_as_of_its_last_day(local: Store) -> None:
    assert ask(local, quarter="2026-Q2")["as_of"] == date(2026, 6, 30)
    assert ask(local, quarter="2027-Q1")["as_of"] == TODAY


def test_as_of_can_be_any_day_and_leaves_no_note_out(local: Store) -> None:
    say(local, occurred_at="2026-09-20T09:30:00Z")
    answer = ask(local, quarter="2026-Q3", as_of="2026-07-01")
    assert (answer["as_of"], len(answer["data"])) == (date(2026, 7, 1), 1)


def test_quarters_are_those_of_the_calendar(loaded: Store) -> None:
    say(loaded, occurred_at="2026-06-30T22:30:00Z")
    berlin = Calendar(ZoneInfo("Europe/Berlin"))
    query = SignalQuery(quarter="2026-Q3")
    assert len(signals(loaded, query, today=TODAY, calendar=berlin)["data"]) == 1
    assert ask(loaded, quarter="2026-Q3")["data"] == []


def test_the_head_says_what_the_answer_was_judged_by(local: Store) -> None:
    say(local)
    answer = ask(local, policy="single_gate")
    assert answer["policy"] == "single_gate"
    assert answer["total_arr"] == Decimal(5_000_000)
    assert answer["csm_thresholds"] == {
        "active_csms": 12,
        "three_csms": 3,
        "five_csms": 5,
        "scaled": False,
    }


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [
        ({"quarter": "2026-Q5"}, "unknown_quarter", "quarter"),
        ({"quarter": "summer"}, "unknown_quarter", "quarter"),
        ({"as_of": "yesterday"}, "bad_date", "as_of"),
        ({"policy": "strict"}, "unknown_policy", "policy"),
        ({"level": "p2"}, "unknown_level", "level"),
        ({"severity": "urgent"}, "unknown_severity", "severity"),
        ({"status": "live"}, "unknown_status", "status"),
        ({"min_arr": "much"}, "not_a_number", "min_arr"),
        ({"min_arr": "NaN"}, "not_a_number", "min_arr"),
        ({"cursor": "x"}, "bad_cursor", "cursor"),
        ({"cursor": "WzAsIngiLCAieSJd"}, "bad_cursor", "cursor"),
    ],
)
def test_a_bad_question_is_named(
    sqlite_store: Store, query: dict[str, str], code: str, field: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        ask(sqlite_store, **query)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_an_empty_store_answers_an_empty_board(store: Store) -> None:
    answer = ask(store)
    assert (answer["data"], answer["total_arr"], answer["calibrated_accounts"]) == ([], None, None)


# The row.


def test_a_row_has_every_field_of_the_contract(loaded: Store) -> None:
    exports_and_access(loaded)
    row = json.loads(to_json(ask(loaded)))["data"][0]
    expected = {
        "label": "Bulk export",
        "feature_area": "Reporting",
        "customer_need": "Bulk export",
        "status": "accepted",
        "level": "signal",
        "accounts": 3,
        "csms": 3,
        "segments": 2,
        "requests": 3,
        "copies": 0,
        "arr": 510_000,
        "arr_share": 0.102,
        "arr_unknown_accounts": [],
        "at_risk_accounts": 1,
        "severity": "degraded",
        "severities": {
            "blocking": {"requests": 0, "accounts": 0},
            "degraded": {"requests": 3, "accounts": 3},
            "minor": {"requests": 0, "accounts": 0},
        },
        "suggested_priority": "P2",
        "priority_raised_by": [],
        "trend": "stable",
        "first_reported_at": "2026-07-03T09:30:00Z",
        "recognised_at": "2026-07-03",
        "delivery": {
            "state": "open",
            "priority": None,
            "expected_review": None,
            "reason": None,
            "release_note": None,
        },
        "account_ids": ["a-1", "a-2", "a-3"],
        "csm_ids": ["c-1", "c-2", "c-3"],
        "segment_names": ["mid", "smb"],
    }
    assert {name: row[name] for name in expected} == expected
    assert row["conditions"]["arr"] == {
        "value": 0.102,
        "threshold": 0.1,
        "met": True,
        "margin": {
            "text": "without Acme the share falls to 2.2 %",
            "account_id": "a-1",
            "share_without": 0.022,
        },
    }
    assert row["conditions"]["five_csms"]["value"] == {"csms": 3, "segments": 2}


def test_first_reported_is_of_whatever_quarter(loaded: Store) -> None:
    say(loaded)
    say(loaded, occurred_at="2025-02-01T08:00:00Z")
    row = ask(loaded)["data"][0]
    assert row["first_reported_at"] == datetime(2025, 2, 1, 8, tzinfo=UTC)
    assert row["requests"] == 1


def test_the_trend_of_the_first_month_looks_at_the_month_before_the_quarter(local: Store) -> None:
    for account in ("a-1", "a-2"):
        say(local, account, occurred_at="2026-06-02T09:30:00Z")
    say(local, "a-1")
    (row,) = ask(local, quarter="2026-Q3", as_of="2026-07-31")["data"]
    assert (row["trend"], row["accounts"]) == ("decreasing", 1)
    assert row["monthly_accounts"][:2] == [
        {"month": "2026-06", "accounts": 2},
        {"month": "2026-07", "accounts": 1},
    ]


def test_asking_again_answers_the_same(local: Store) -> None:
    exports_and_access(local)
    assert to_json(ask(local)) == to_json(ask(local))


# What weighs, and what doesn't.


def test_proposed_themes_are_included_marked_and_without_an_area(loaded: Store) -> None:
    note_with_request(loaded, put_theme(loaded, "t_p"))
    (row,) = ask(loaded)["data"]
    assert (row["theme_id"], row["status"], row["feature_area"]) == ("t_p", "proposed", None)
    assert ask(loaded, status="accepted")["data"] == []


@pytest.mark.parametrize(
    "state",
    [
        {"status": "rejected"},
        {"status": "merged", "merged_into": "t_other"},
        {"faded_at": NOW},
    ],
    ids=["rejected", "merged", "faded"],
)
def test_a_theme_that_is_gone_weighs_nothing(loaded: Store, state: dict[str, Any]) -> None:
    put_theme(loaded, "t_other")
    note_with_request(loaded, put_theme(loaded, "t_gone"))
    assert [row["theme_id"] for row in ask(loaded)["data"]] == ["t_gone"]
    with loaded.write() as connection:
        connection.execute(update(themes).where(themes.c.id == "t_gone").values(**state))
    assert ask(loaded)["data"] == []


def test_waiting_and_dismissed_requests_weigh_nothing(loaded: Store) -> None:
    note_with_request(loaded, None)
    note_with_request(loaded, put_theme(loaded, "t_1"), dismissed=True)
    answer = ask(loaded)
    assert (answer["data"], answer["calibrated_accounts"]) == ([], None)


def test_a_dismissed_request_is_no_first_report(loaded: Store) -> None:
    say(loaded)
    early = say(loaded, occurred_at="2026-01-01T08:00:00Z")
    with loaded.write() as connection:
        of_it = requests.c.observation_id == early
        connection.execute(update(requests).where(of_it).values(dismissed=True))
    row = ask(loaded)["data"][0]
    assert row["first_reported_at"] == datetime(2026, 7, 3, 9, 30, tzinfo=UTC)


# Filters and pages.


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"level": "signal"}, ["Bulk export"]),
        ({"level": "anecdote"}, ["Single sign-on"]),
        ({"level": "candidate"}, []),
        ({"feature_area": "Access"}, ["Single sign-on"]),
        ({"severity": "degraded"}, ["Bulk export"]),
        ({"severity": "blocking"}, []),
        ({"segment": "smb"}, ["Bulk export"]),
        ({"segment": "mid"}, ["Bulk export", "Single sign-on"]),
        ({"min_arr": "60000"}, ["Bulk export", "Single sign-on"]),
        ({"min_arr": "60000.01"}, ["Bulk export"]),
        ({"status": "accepted"}, ["Bulk export", "Single sign-on"]),
        ({"status": "proposed"}, []),
        ({"level": "signal", "feature_area": "Access"}, []),
    ],
)
def test_filters_choose_rows(said: Store, query: dict[str, str], found: list[str]) -> None:
    assert labels(ask(said, **query)) == found


def test_filters_never_change_evidence(said: Store) -> None:
    whole, mid = ask(said), ask(said, segment="mid", min_arr="100000")
    assert mid["data"] == whole["data"][:1]
    assert mid["calibrated_accounts"] == whole["calibrated_accounts"]
    assert mid["data"][0]["account_ids"] == ["a-1", "a-2", "a-3"]


def test_pages_hold_every_row_once_in_order(said: Store) -> None:
    for number in range(5):
        theme = put_theme(said, f"t_{number}")
        note_with_request(said, theme)
    whole = [row["theme_id"] for row in ask(said)["data"]]
    paged, cursor = [], ""
    while True:
        page = ask(said, limit=2, cursor=cursor)
        paged += [row["theme_id"] for row in page["data"]]
        cursor = page["next_cursor"]
        if not cursor:
            break
    assert paged == whole
    assert len(whole) == 7


def test_the_last_page_has_no_cursor(said: Store) -> None:
    assert ask(said, limit=2)["next_cursor"] == ""
    past = ask(said, limit=1)["next_cursor"]
    rest = ask(said, limit=1, cursor=past, level="signal")
    assert (rest["data"], rest["next_cursor"]) == ([], "")
