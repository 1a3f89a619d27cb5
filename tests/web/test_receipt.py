"""The receipt: what it says of a signal, quotes in their notes, and what product may do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from models.identity import note_id
from service.flows.portfolio import upsert_accounts
from service.storage.engine import Store
from service.storage.tables import themes
from tests.api.conftest import NOW, make_client, note
from tests.factories import lines_of
from tests.flows.spoken_signals import exports_and_access, say, with_portfolio
from tests.stored import put_request, put_theme
from tests.web.seen_signals import Q3, as_role, board_of, make_p1, receipt_of, text_of


@pytest.fixture
def store(sqlite_store: Store) -> Store:
    """Four accounts, twelve CSMs, two items; nothing said yet."""
    return with_portfolio(sqlite_store)


@pytest.fixture
def local(store: Store) -> TestClient:
    """The local administrator."""
    return make_client(store)


# The receipt.


def test_conditions_say_what_one_change_would_make_of_it(store: Store, local: TestClient) -> None:
    exports_and_access(store)
    page = text_of(local.get(receipt_of(local, "Bulk export")).text)
    assert "One more at-risk account makes this a P1." in page
    assert "Without Acme the share falls to 2.2 %, and this is at most a Candidate." in page
    assert "Without Acme, its largest account, this is an Anecdote:" in page
    assert "2 accounts with 2.2 % of all ARR, 0 at risk." in page


def test_it_says_why_and_how_likely_chance_is_and_what_raises_the_priority(
    store: Store, local: TestClient
) -> None:
    make_p1(store)
    page = text_of(local.get(receipt_of(local, "Bulk export")).text)
    assert (
        "A P1, because it has 3 accounts (at least 3), 10.2 % of all ARR (over 10.0 %) and"
        " 2 at-risk accounts (at least 2)." in page
    )
    assert "raised by Bolt: an account at risk with a renewal within 60 days." in page
    assert "If requests fell on themes at random, 3 accounts or more" in page


def test_accounts_show_renewal_and_the_arr_of_when_they_reported(
    store: Store, local: TestClient
) -> None:
    make_p1(store)
    upsert_accounts(store, lines_of({"account_id": "a-1", "arr": 500_000}), now=NOW, actor="test")
    page = text_of(local.get(receipt_of(local, "Bulk export")).text)
    assert "$500,000 $400,000 when reported" in page
    assert "2026-10-20 (in 20 d)" in page
    assert "yes, the CRM says it is at risk" in page


WORDS = "Call with Ann, mail ann@example.com, phone +49 30 901820 11. "
SPAN = "We cannot export <b>all</b> rows"


def with_note(store: Store, text: str = f"{WORDS}{SPAN}. Then lunch.") -> str:
    theme = put_theme(store, "t_n", label="From notes")
    client = make_client(store)
    assert client.post("/notes", json=note(text=text)).status_code == 202
    return put_request(
        store, note_id("manual", "n-1"), text=SPAN, theme_id=theme, assigned_by="model"
    )


def test_a_quote_is_marked_in_its_note_and_what_is_around_it_is_masked(
    store: Store, local: TestClient
) -> None:
    with_note(store)
    page = local.get(receipt_of(local, "From notes")).text
    marked = "<mark>We cannot export &lt;b&gt;all&lt;/b&gt; rows</mark>. Then lunch."
    assert f"Call with Ann, mail [email], phone [phone]. {marked}" in page
    assert "901820" not in page


def test_a_quote_without_a_note_stands_alone(store: Store, local: TestClient) -> None:
    say(store, verbatim="We copy by hand.")
    say(store, "a-2", verbatim=None)
    page = local.get(receipt_of(local, "Bulk export")).text
    assert "<blockquote><mark>We copy by hand.</mark></blockquote>" in page
    assert "Reported without a quote." in page
    assert "the whole note" not in page


@pytest.mark.parametrize(("role", "linked"), [("cs_ops", True), ("product", False)])
def test_the_whole_note_is_linked_for_those_who_may_read_it(
    store: Store, local: TestClient, role: str, linked: bool
) -> None:
    request = with_note(store)
    page = as_role(store, role).get(receipt_of(local, "From notes")).text
    assert (f'#r-{request}">the whole note' in page) is linked
    assert "<mark>" in page


def test_many_quotes_and_accounts_come_in_pages(store: Store, local: TestClient) -> None:
    for number in range(60):
        say(store, f"a-{number}", verbatim=f"Quote {number}.", csm_id="c-1")
    address = receipt_of(local, "Bulk export")
    first = local.get(address).text
    assert first.count("<mark>") == 40
    assert "1 to 40 of 60" in text_of(first) and "50 largest of 60 accounts" in text_of(first)
    later = re.findall(r'href="([^"]+)" rel="next">Later', first)[0].replace("&amp;", "&")
    assert local.get(later).text.count("<mark>") == 20
    every = local.get(f"{address}&accounts=all").text
    assert every.partition('id="accounts"')[2].count('scope="row"') == 60


def test_an_id_that_was_merged_away_shows_the_survivor_and_says_so(
    store: Store, local: TestClient
) -> None:
    exports_and_access(store)
    address = receipt_of(local, "Bulk export")
    survivor = address.split("/")[2].split("?")[0]
    put_theme(store, "t_old")
    with store.write() as connection:
        old = update(themes).where(themes.c.id == "t_old")
        connection.execute(old.values(status="merged", merged_into=survivor))
    page = text_of(local.get("/board/t_old", params=Q3).text)
    assert "The theme you asked for was merged into this one." in page


# Delivery.


def etag_in(page: str) -> str:
    return str(re.findall(r'name="etag" value="([^"]+)"', page)[0])


def deliver(client: TestClient, address: str, **fields: str) -> Any:
    """Post one of the forms as it stands on the page."""
    form = {"etag": etag_in(client.get(address).text), **fields}
    path, _, query = address.partition("?")
    return client.post(f"{path}/delivery?{query}", data=form, follow_redirects=False)


BACKLOG = {"state": "backlog", "priority": "P2", "expected_review": "Q4 planning"}


def test_product_puts_a_theme_in_the_backlog_and_sees_it_in_the_timeline(
    store: Store, local: TestClient
) -> None:
    exports_and_access(store)
    address = receipt_of(local, "Bulk export")
    product = as_role(store, "product")
    answer = deliver(product, address, **BACKLOG)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(address.partition("?")[0])
    shown = product.get(answer.headers["location"]).text
    assert "<b>Put in the backlog as P2 by product</b>" in shown
    assert "Delivery now: backlog P2 expected review: Q4 planning" in text_of(shown)
    assert "Delivery is now backlog: Bulk export" in shown
    assert "/desk/undo/" not in shown
    assert "backlog P2" in board_of(local)


def test_cs_ops_takes_it_back(store: Store, local: TestClient) -> None:
    exports_and_access(store)
    address = receipt_of(local, "Bulk export")
    shown = local.get(deliver(local, address, **BACKLOG).headers["location"]).text
    undo = re.findall(r'action="(/desk/undo/[^"]+)"', shown)[0].replace("&amp;", "&")
    back = local.post(undo).text
    assert "Taken back." in back and "Delivery now: open" in text_of(back)
    assert "Put in the backlog as" not in back


def test_a_csm_sees_delivery_and_may_not_change_it(store: Store, local: TestClient) -> None:
    exports_and_access(store)
    address = receipt_of(local, "Bulk export")
    csm = as_role(store, "csm")
    page = csm.get(address).text
    assert "Delivery now:" in page and 'name="state"' not in page
    path, _, query = address.partition("?")
    assert csm.post(f"{path}/delivery?{query}", data=BACKLOG).status_code == 403


def test_what_is_refused_says_why_and_keeps_what_was_typed(store: Store, local: TestClient) -> None:
    exports_and_access(store)
    address = receipt_of(local, "Bulk export")
    answer = deliver(local, address, state="backlog", priority="P3", expected_review=" ")
    assert answer.status_code == 422
    assert "expected_review is missing" in answer.text and 'role="alert"' in answer.text
    assert "<option selected>P3</option>" in answer.text
    assert "Delivery now: open" in text_of(answer.text)


def test_a_stale_page_overwrites_nothing_and_shows_how_it_stands(
    store: Store, local: TestClient
) -> None:
    exports_and_access(store)
    address = receipt_of(local, "Bulk export")
    seen = etag_in(local.get(address).text)
    deliver(local, address, **BACKLOG)
    stale = deliver(local, address, etag=seen, state="declined", reason="Out of scope.")
    assert stale.status_code == 409
    assert "Somebody else has decided" in stale.text
    assert "Delivery now: backlog P2" in text_of(stale.text)
    assert "Out of scope.</textarea>" in stale.text
