"""The board: what it says, what its filters do, and what it costs."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event, update

from service.storage.engine import Store
from service.storage.tables import themes
from tests.api.conftest import make_client, note
from tests.flows.spoken_signals import exports_and_access, note_with_request, say, with_portfolio
from tests.stored import put_theme
from tests.web.seen_signals import board_of, make_p1, receipt_of, text_of


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """Four accounts, twelve CSMs, two items; nothing said yet."""
    return with_portfolio(sqlite_store)


@pytest.fixture
def local(store: Store) -> TestClient:
    """The local administrator."""
    return make_client(store)


@contextmanager
def counted_queries(store: Store) -> Iterator[list[str]]:
    statements: list[str] = []

    def seen(_c: Any, _k: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    engines = (store._reader, store._writer)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", seen)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", seen)


def test_one_sentence_says_what_is_p1_and_why_to_care(store: Store, local: TestClient) -> None:
    make_p1(store)
    assert (
        "1 theme is P1: Bulk export. $510,000 of ARR, 10.2 % of all, stands behind it: 3 accounts,"
        " 2 of them at risk, 1 of these up for renewal within 60 days." in text_of(board_of(local))
    )


def test_without_a_p1_it_names_the_nearest_and_what_would_make_it_one(
    store: Store, local: TestClient
) -> None:
    exports_and_access(store)
    assert (
        "No theme is P1. The nearest is Bulk export: One more at-risk account makes this a P1."
        in text_of(board_of(local))
    )


@pytest.mark.parametrize(
    ("chosen", "shown"),
    [
        ({"feature_area": "Access"}, ["Single sign-on"]),
        ({"severity": "degraded"}, ["Bulk export"]),
        ({"segment": "smb"}, ["Bulk export"]),
        ({"segment": "mid"}, ["Bulk export", "Single sign-on"]),
        ({"level": "anecdote"}, ["Single sign-on"]),
    ],
)
def test_a_filter_chooses_rows_and_stays_in_the_form_and_the_links(
    store: Store, local: TestClient, chosen: dict[str, str], shown: list[str]
) -> None:
    exports_and_access(store)
    page = board_of(local, **chosen)
    assert re.findall(r'scope="row"><a[^>]+>([^<]+)<', page) == shown
    ((name, value),) = chosen.items()
    assert f'<option value="{value}" selected>' in page
    tally = page.partition('class="tally"')[2].partition("</ul>")[0]
    if name != "level":
        assert all(f"{name}={value}" in link for link in re.findall(r'href="([^"]+)"', tally))
    assert f"{name}={value}" in page.partition('rel="next"')[0].rpartition('href="')[2]


def test_filters_offer_what_the_quarter_holds(store: Store, local: TestClient) -> None:
    exports_and_access(store)
    page = board_of(local)
    for name, held in (
        ("feature_area", ["", "Access", "Reporting"]),
        ("severity", ["", "degraded", "minor"]),
        ("segment", ["", "mid", "smb"]),
    ):
        select = page.partition(f'name="{name}"')[2].partition("</select>")[0]
        assert re.findall(r'value="([^"]*)"', select) == held


def test_the_tally_counts_what_passes_the_other_filters(store: Store, local: TestClient) -> None:
    exports_and_access(store)
    page = text_of(board_of(local, feature_area="Access", level="signal"))
    assert "Signal 0" in page and "Anecdote 1" in page
    assert "No theme passes these filters" in page


def test_a_row_shows_six_months_and_the_mix_of_severities_in_words_too(
    store: Store, local: TestClient
) -> None:
    exports_and_access(store)
    say(store, "a-1", occurred_at="2026-04-30T23:30:00Z", verbatim="early")
    say(store, "a-9", severity="blocking", verbatim="stuck")
    page = board_of(local)
    months = "2026-04 1, 2026-05 0, 2026-06 0, 2026-07 4, 2026-08 0, 2026-09 0"
    assert f'aria-label="Accounts a month: {months}"' in page
    assert 'aria-label="1 blocking, 3 degraded"' in page


def test_a_row_says_where_it_stands_in_the_taxonomy_and_in_delivery(
    store: Store, local: TestClient
) -> None:
    exports_and_access(store)
    note_with_request(store, put_theme(store, "t_p", label="Something new"))
    backlog = {"state": "backlog", "priority": "P2", "expected_review": "Q4"}
    with store.write() as connection:
        exports = themes.c.label == "Bulk export"
        connection.execute(update(themes).where(exports).values(delivery=backlog))
    rows = board_of(local).partition("<tbody>")[2].split("<tr>")[1:]
    by_label = {re.findall(r"<a[^>]+>([^<]+)<", row)[0]: text_of(row) for row in rows}
    assert "Reporting" in by_label["Bulk export"] and "backlog P2" in by_label["Bulk export"]
    assert "not in the taxonomy yet" in by_label["Something new"]
    assert "proposed open" in by_label["Something new"]


def test_notes_that_are_still_being_read_are_told_of(store: Store, local: TestClient) -> None:
    exports_and_access(store)
    assert "still being read" not in board_of(local)
    local.post("/notes", json=note())
    assert "1 note is still being read" in board_of(local)


def test_the_table_can_be_downloaded_under_the_same_filters(
    store: Store, local: TestClient
) -> None:
    exports_and_access(store)
    page = board_of(local, segment="smb")
    found = re.search(r'href="(/board\.csv[^"]+)"', page)
    assert found
    file = local.get(found[1].replace("&amp;", "&"))
    assert file.headers["content-type"].startswith("text/csv")
    assert 'filename="signals-2026-Q3.csv"' in file.headers["content-disposition"]
    assert [row["label"] for row in csv.DictReader(io.StringIO(file.text))] == ["Bulk export"]


def test_a_long_board_goes_on_on_further_pages(store: Store, local: TestClient) -> None:
    for number in range(103):
        note_with_request(store, put_theme(store, f"t_{number}", label=f"Theme {number}"))
    first = board_of(local)
    assert "100 of 103 themes" in text_of(first)
    more = re.findall(r'href="([^"]+)" rel="next">More', first)[0].replace("&amp;", "&")
    second = local.get(more).text
    assert second.count('scope="row"') == 3
    assert "Back to the first" in second


def test_no_page_asks_more_queries_for_more_rows(store: Store, local: TestClient) -> None:
    exports_and_access(store)
    receipt = receipt_of(local, "Bulk export")

    def counts() -> list[int]:
        found = []
        for address in ("/?quarter=2026-Q3", receipt):
            with store.write():
                pass
            with counted_queries(store) as statements:
                assert local.get(address).status_code == 200
            found.append(len(statements))
        return found

    def hear(numbers: range) -> None:
        for number in numbers:
            theme = put_theme(store, f"t_{number}", label=f"Theme {number}")
            note_with_request(store, theme)
            say(store, f"a-{number + 20}", verbatim=f"again {number}", csm_id=f"c-{number % 9}")

    # The first drawing of a process knows of nothing that was touched since.
    counts()
    hear(range(1))
    few = counts()
    hear(range(1, 30))
    assert counts() == few
    assert max(few) <= 24
