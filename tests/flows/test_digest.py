"""The digest and the reports as the store tells them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models.errors import InvalidInput
from models.policy import COMBINED
from service.flows.decide import decide
from service.flows.digest import digest
from service.flows.sync_report import sync_report
from service.flows.top_report import top_report
from service.masking import Mask
from service.rendering import to_json
from service.storage.engine import Store
from tests.flows.spoken_signals import NOW, note_with_request, say, with_portfolio
from tests.models.factories import UTC_CALENDAR
from tests.stored import put_theme

TODAY = date(2026, 10, 1)
ACCESS = {"feature_area": "Access", "customer_need": "Single sign-on"}


@pytest.fixture
def loaded(store: Store) -> Store:
    return with_portfolio(store)


@pytest.fixture
def local(sqlite_store: Store) -> Store:
    return with_portfolio(sqlite_store)


def ask(flow: Any, store: Store, *asked: Any, **options: Any) -> dict[str, Any]:
    judged = {"today": TODAY, "calendar": UTC_CALENDAR, "policy": COMBINED, "mask": Mask()}
    return dict(flow(store, *asked, **{**judged, **options}))


def on(day: str, account: str | None = "a-1", **said: Any) -> dict[str, Any]:
    return {"account_id": account, "occurred_at": f"2026-{day}T09:00:00Z", **said}


def fill(store: Store) -> None:
    """September: three accounts on exports, one on access; August: two on exports."""
    for number, text in enumerate(("all rows at once", "by hand each Friday", "too slow"), 1):
        say(store, **on(f"09-0{number}", f"a-{number}", csm_id=f"c-{number}", verbatim=text))
    for number in (1, 2):
        say(
            store,
            **on(f"08-0{number}", f"a-{number}", csm_id="c-1", verbatim=f"{number} in August"),
        )
    say(store, **on("09-09", "a-2", csm_id="c-1", verbatim="okta", **ACCESS))


def test_the_digest_has_figures_sentences_and_a_quote(loaded: Store) -> None:
    fill(loaded)
    found = ask(digest, loaded, "2026-09")
    first, second = found["top_themes"]
    assert (first["label"], first["accounts"], first["accounts_before"], first["trend"]) == (
        "Bulk export",
        3,
        2,
        "increasing",
    )
    assert (first["arr"], first["level"], first["csms"]) == (Decimal(510_000), "signal", 3)
    assert first["summary"].startswith("Three accounts asked for this in September, up from two")
    # All are as short and as severe; this one's account is the largest.
    assert (first["quote"]["text"], first["quote"]["segment"]) == ("all rows at once", "smb")
    assert (second["label"], second["rank"]) == ("Single sign-on", 2)
    assert [row["label"] for row in found["new_signals"]] == ["Single sign-on"]
    assert [row["action"] for row in found["actions"]] == ["acknowledge", "prioritise"]


def test_the_quote_is_readable_then_severe_then_of_a_large_account(local: Store) -> None:
    long = "We copy the rows by hand, page after page, every Friday"
    say(local, **on("09-01", "a-9", verbatim="no", severity="blocking"))
    say(local, **on("09-02", "a-2", verbatim=f"{long} afternoon."))
    say(local, **on("09-03", "a-1", verbatim=f"{long} evening."))
    say(local, **on("09-04", "a-9", verbatim=f"{long}, but it is fine.", severity="minor"))
    quote = ask(digest, local, "2026-09")["top_themes"][0]["quote"]
    assert quote["text"] == f"{long} evening."


def test_quotes_and_labels_are_masked_and_no_customer_is_named(local: Store) -> None:
    say(local, **on("09-01", verbatim="Write to jo@acme.example about the export, please."))
    said = to_json(ask(digest, local, "2026-09"))
    assert "[email]" in said and "jo@acme.example" not in said
    assert "Acme" not in said and '"a-1"' not in said


def test_what_product_shipped_in_the_month_is_resolved(loaded: Store) -> None:
    fill(loaded)
    theme_id = ask(digest, loaded, "2026-09")["top_themes"][0]["theme_id"]
    said = {"action": "deliver", "state": "shipped", "release_note": "Out now"}
    decide(loaded, theme_id, said, now=NOW, actor="pm")
    found = ask(digest, loaded, "2026-09")["resolved"]
    assert [(row["label"], row["reason"], row["sentence"]) for row in found] == [
        ("Bulk export", "shipped", "Shipped: Out now.")
    ]
    assert ask(digest, loaded, "2026-08")["resolved"] == []


def test_a_rejected_theme_is_not_in_it(local: Store) -> None:
    note_with_request(local, put_theme(local, status="rejected"))
    assert ask(digest, local, "2026-07")["top_themes"] == []


def test_a_quiet_month_asks_for_no_priority(local: Store) -> None:
    found = ask(digest, local, "2026-09")
    assert found["summary"] == "In September 2026 nothing was reported on any theme."
    assert [row["action"] for row in found["actions"]] == ["acknowledge"]


def test_what_is_said_later_changes_nothing_of_an_earlier_month(local: Store) -> None:
    fill(local)
    before = ask(digest, local, "2026-08")
    for number in range(1, 4):
        say(local, **on(f"09-1{number}", f"a-{number}", csm_id=f"c-{number}", verbatim=f"{number}"))
    assert ask(digest, local, "2026-08") == before


@pytest.mark.parametrize("month", ["2026-13", "2026-9", "September", "2026-W37"])
def test_a_month_that_is_none_is_refused(local: Store, month: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(digest, local, month)
    assert refused.value.code == "unknown_month"


def test_the_top_report_takes_a_month_or_a_week(loaded: Store) -> None:
    fill(loaded)
    month = ask(top_report, loaded, "2026-09")
    assert [(row["label"], row["accounts"], row["arr"]) for row in month["data"]] == [
        ("Bulk export", 3, Decimal(510_000)),
        ("Single sign-on", 1, Decimal(60_000)),
    ]
    # Tuesday 1 to Thursday 3 September.
    week = ask(top_report, loaded, "2026-W36")
    assert (week["first_day"], week["last_day"]) == (date(2026, 8, 31), date(2026, 9, 6))
    assert [row["label"] for row in week["data"]] == ["Bulk export"]


def test_the_top_report_holds_five(local: Store) -> None:
    for number in range(7):
        theme = put_theme(local, f"t_{number}", label=f"Need {number}")
        note_with_request(local, theme, text="They need")
    assert len(ask(top_report, local, "2026-07")["data"]) == 5


@pytest.mark.parametrize("period", ["2026-W60", "2026-Q3", "", "today"])
def test_a_period_that_is_none_is_refused(local: Store, period: str) -> None:
    with pytest.raises(InvalidInput):
        ask(top_report, local, period)


def test_the_sync_parts_what_several_heard_from_what_one_did(loaded: Store) -> None:
    fill(loaded)
    found = ask(sync_report, loaded, "2026-W37", 2)
    assert (found["first_day"], found["last_day"]) == (date(2026, 8, 31), date(2026, 9, 13))
    assert [(row["label"], row["csms"], row["requests"], row["arr"]) for row in found["data"]] == [
        ("Bulk export", 3, 3, Decimal(510_000))
    ]
    assert [(row["label"], row["csm_ids"]) for row in found["handle_offline"]] == [
        ("Single sign-on", ["c-1"])
    ]
    assert ask(sync_report, loaded, "2026-W37")["data"] == []


def test_pre_reads_are_listed_by_csm_three_at_most(local: Store) -> None:
    for number in range(1, 5):
        say(local, **on(f"09-0{number}", None, verbatim=f"v{number}", accounts_count=number))
    brought = ask(sync_report, local, "2026-W36", 1)["pre_reads"]
    # 31 August to 6 September.
    assert [(row["csm_id"], row["name"], row["left_out"]) for row in brought] == [
        ("c-1", "CSM 1", 1)
    ]
    assert [read["accounts_count"] for read in brought[0]["reads"]] == [4, 3, 2]


def test_the_sync_is_of_this_week_unless_said_otherwise(local: Store) -> None:
    assert ask(sync_report, local, None)["week"] == "2026-W40"
    with pytest.raises(InvalidInput):
        ask(sync_report, local, None, 3)
