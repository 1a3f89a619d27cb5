"""The receipt: each account, each quote, and what would tip the level."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import update

from models.errors import InvalidInput, NotFound
from service.flows.portfolio import upsert_accounts
from service.storage.engine import Store
from service.storage.tables import requests, themes
from tests.factories import lines_of
from tests.flows.spoken_signals import NOW, ask, explain, exports_and_access, say, with_portfolio
from tests.stored import put_theme


@pytest.fixture
def loaded(sqlite_store: Store) -> Store:
    """The organisation on SQLite, nothing said yet."""
    return with_portfolio(sqlite_store)


@pytest.fixture
def on_each(store: Store) -> Store:
    """The organisation on each database, nothing said yet."""
    return with_portfolio(store)


def exports(store: Store) -> str:
    return next(row["theme_id"] for row in ask(store)["data"] if row["label"] == "Bulk export")


def test_a_receipt_is_the_row_with_what_it_rests_on(on_each: Store) -> None:
    exports_and_access(on_each)
    answer = explain(on_each, exports(on_each), quarter="2026-Q3")
    board = ask(on_each, quarter="2026-Q3")
    assert {name: answer[name] for name in board["data"][0]} == board["data"][0]
    assert {name: answer[name] for name in board if name not in ("data", "next_cursor")} == {
        name: value for name, value in board.items() if name not in ("data", "next_cursor")
    }
    assert (answer["asked_for"], answer["merged_from"]) == (None, [])


def test_each_account_with_arr_risk_and_why(loaded: Store) -> None:
    exports_and_access(loaded)
    say(loaded, "a-new", severity="blocking")
    accounts = explain(loaded, exports(loaded))["receipt"]["accounts"]
    assert [row["account_id"] for row in accounts] == ["a-1", "a-2", "a-3", "a-new"]
    assert accounts[0] == {
        "account_id": "a-1",
        "name": "Acme",
        "segment": "smb",
        "arr": Decimal(400_000),
        "arr_share": 0.08,
        "arr_when_reported": Decimal(400_000),
        "at_risk": True,
        "why": "the CRM says it is at risk",
        "reason_code": "stated_at_risk",
        "health": None,
        "renewal_date": None,
        "days_to_renewal": None,
        "active": True,
        "requests": 1,
        "severity": "degraded",
    }
    assert (accounts[3]["arr"], accounts[3]["arr_share"]) == (None, None)
    assert accounts[3]["why"] == "neither a risk statement nor a health is on record"


def test_risk_is_that_of_the_day_asked_about(loaded: Store) -> None:
    row = {"account_id": "a-1", "at_risk": None, "health": "yellow", "renewal_date": "2026-12-01"}
    upsert_accounts(loaded, lines_of(row), now=NOW, actor="test")
    say(loaded)

    def risk(as_of: str) -> tuple[bool, int | None, date | None]:
        (account,) = explain(loaded, exports(loaded), as_of=as_of)["receipt"]["accounts"]
        return account["at_risk"], account["days_to_renewal"], account["renewal_date"]

    assert risk("2026-10-01") == (False, 61, date(2026, 12, 1))
    assert risk("2026-10-02") == (True, 60, date(2026, 12, 1))


def test_requests_keep_the_arr_of_when_they_were_reported(loaded: Store) -> None:
    say(loaded)
    upsert_accounts(loaded, lines_of({"account_id": "a-1", "arr": 100}), now=NOW, actor="test")
    answer = explain(loaded, exports(loaded))
    (account,), (request,) = answer["receipt"]["accounts"], answer["receipt"]["requests"]
    assert (answer["arr"], account["arr"]) == (100, 100)
    assert account["arr_when_reported"] == request["arr_when_reported"] == 400_000


def test_an_accounts_arr_when_reported_is_that_of_its_first_report(loaded: Store) -> None:
    say(loaded, verbatim="first")
    upsert_accounts(loaded, lines_of({"account_id": "a-1", "arr": 100}), now=NOW, actor="test")
    say(loaded, verbatim="second", occurred_at="2026-07-09T09:30:00Z")
    shown = explain(loaded, exports(loaded))["receipt"]
    assert shown["accounts"][0]["arr_when_reported"] == 400_000
    assert [row["arr_when_reported"] for row in shown["requests"]] == [400_000, 100]


def test_each_request_with_its_quote_and_who_reported_it(loaded: Store) -> None:
    say(loaded, verbatim="We cannot go live.", severity="blocking", external_id="o-1")
    (request,) = explain(loaded, exports(loaded))["receipt"]["requests"]
    assert request["quote"] == "We cannot go live."
    assert (request["csm_id"], request["csm_name"]) == ("c-1", "CSM 1")
    assert (request["severity"], request["account_id"]) == ("blocking", "a-1")
    assert (request["source"], request["external_id"]) == ("observation", "o-1")


def test_copies_are_shown_as_copies_of_the_first(loaded: Store) -> None:
    say(loaded, verbatim="Same words", csm_id="c-2", occurred_at="2026-07-05T09:30:00Z")
    say(loaded, verbatim="Other words", occurred_at="2026-07-04T09:30:00Z")
    say(loaded, verbatim="same words!", csm_id="c-1", occurred_at="2026-07-03T09:30:00Z")
    answer = explain(loaded, exports(loaded))
    shown = answer["receipt"]["requests"]
    assert (answer["requests"], answer["copies"], answer["csm_ids"]) == (2, 1, ["c-1"])
    assert [row["quote"] for row in shown] == ["same words!", "Same words", "Other words"]
    assert [row["copy_of"] for row in shown] == [None, shown[0]["id"], None]


def test_only_requests_of_the_quarter_are_in_it(on_each: Store) -> None:
    say(on_each, verbatim="now")
    say(on_each, verbatim="before", occurred_at="2026-06-30T23:59:59Z")
    answer = explain(on_each, exports(on_each), quarter="2026-Q3")
    assert [row["quote"] for row in answer["receipt"]["requests"]] == ["now"]


def test_what_would_tip_the_level(loaded: Store) -> None:
    exports_and_access(loaded)
    tips = explain(loaded, exports(loaded))["receipt"]["tips"]
    assert {
        "condition": "churn",
        "direction": "up",
        "level": "p1",
        "text": "At-risk accounts: one more at-risk account meets this. The level is then p1.",
    } in tips


def test_filters_of_the_board_are_not_applied(loaded: Store) -> None:
    exports_and_access(loaded)
    assert explain(loaded, exports(loaded), level="p1")["level"] == "signal"


def test_a_merged_id_answers_with_the_survivor_and_says_so(on_each: Store) -> None:
    say(on_each)
    survivor = exports(on_each)
    put_theme(on_each, "t_old")
    put_theme(on_each, "t_older")
    with on_each.write() as connection:
        for old, into in (("t_older", "t_old"), ("t_old", survivor)):
            merged = {"status": "merged", "merged_into": into}
            connection.execute(update(themes).where(themes.c.id == old).values(**merged))
    answer = explain(on_each, "t_older")
    assert (answer["theme_id"], answer["asked_for"]) == (survivor, "t_older")
    assert answer["merged_from"] == ["t_old", "t_older"]


def test_an_unknown_theme_is_not_found(loaded: Store) -> None:
    with pytest.raises(NotFound) as caught:
        explain(loaded, "t_none")
    assert caught.value.code == "unknown_theme"


def test_a_theme_that_was_not_heard_of_in_the_quarter_has_no_receipt(loaded: Store) -> None:
    say(loaded)
    theme = exports(loaded)
    with pytest.raises(NotFound) as caught:
        explain(loaded, theme, quarter="2026-Q2")
    assert caught.value.code == "no_signal"
    assert "2026-Q2" in caught.value.message
    with loaded.write() as connection:
        connection.execute(update(requests).values(dismissed=True))
    with pytest.raises(NotFound):
        explain(loaded, theme, quarter="2026-Q3")


def test_an_unknown_quarter_is_refused(loaded: Store) -> None:
    with pytest.raises(InvalidInput):
        explain(loaded, "t_none", quarter="2026-Q9")
