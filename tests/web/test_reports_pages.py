"""The pages of reports, process metrics and the digest: content, escaping, rights, queries."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from service.flows.keys import create_key
from service.storage.engine import Store
from service.web.digest.page import month_to_send
from service.web.reports.last_look import last_look
from tests.api.conftest import ITEM, NOW, make_client, observation

ATTACK = '<script>alert("x")</script>"><img src=x onerror=alert(1)>'


@pytest.fixture
def local(sqlite_store: Store) -> TestClient:
    """The local administrator."""
    return make_client(sqlite_store)


@pytest.fixture
def keyed(sqlite_store: Store) -> Callable[..., TestClient]:
    """A maker of clients that show a key of a role; csm is bound to c-1."""

    def client_of(role: str) -> TestClient:
        client = make_client(sqlite_store, auth="keys")
        made = create_key(
            sqlite_store,
            role=role,
            name=role,
            csm_id="c-1" if role == "csm" else None,
            now=NOW,
            actor="test",
        )
        client.headers["Authorization"] = f"Bearer {made.key}"
        return client

    return client_of


def fill(client: TestClient, *, need: str = "Bulk export", first: int = 1, last: int = 3) -> None:
    """One request each of so many accounts, by three CSMs in turn."""
    client.put("/taxonomy", json=[{**ITEM, "customer_need": need}])
    names = ["Priya Raman", "Tom Eklund", "Dana Whitfield"]
    team = [{"csm_id": f"c-{n}", "name": name} for n, name in enumerate(names, 1)]
    client.put("/csms", json=team)
    for number in range(first, last + 1):
        client.put("/accounts", json=[{"account_id": f"a-{number}", "name": f"Account {number}"}])
        body = observation(
            account_id=f"a-{number}",
            csm_id=f"c-{(number - 1) % 3 + 1}",
            customer_need=need,
            verbatim=f"We copy page {number} by hand.",
            occurred_at=f"2026-07-{number % 28 + 1:02d}T09:30:00Z",
        )
        assert client.post("/observations", json=body).status_code == 201


def theme_of(client: TestClient) -> str:
    found: str = client.get("/signals?quarter=2026-Q3").json()["data"][0]["theme_id"]
    return found


def deliver(client: TestClient, **said: Any) -> None:
    address = f"/themes/{theme_of(client)}/decisions"
    assert client.post(address, json={"action": "deliver", **said}).status_code == 200


# Process metrics.


def test_each_metric_is_a_card_with_value_target_and_what_a_miss_points_at(
    local: TestClient,
) -> None:
    fill(local)
    page = local.get("/desk/process?quarter=2026-Q3").text
    for shown in (
        "100.0 %",
        "Target: at least 85 %.",
        "Target: 4 to 8.",
        "below target",
        "This points at over-escalation, or product not triaging.",
        "Target: under 45 days.",
        "on target",
    ):
        assert shown in page
    assert page.count('<section class="metric ') == 5


def test_the_last_four_quarters_are_a_chart_and_numbers(local: TestClient) -> None:
    fill(local)
    page = local.get("/desk/process?quarter=2026-Q3").text
    assert page.count('<svg class="history"') == 5
    words = re.findall(r'aria-label="(Contribution by quarter: [^"]+)"', page)
    assert words == [
        "Contribution by quarter: 2025-Q4 0.0 %; 2026-Q1 0.0 %; 2026-Q2 0.0 %; 2026-Q3 100.0 %"
    ]
    # No column where nothing is known.
    assert len(re.findall(r"<rect ", page.split("Tagged by quarter")[1].split("</svg>")[0])) == 1


def test_a_quarter_without_notes_says_what_to_do(local: TestClient) -> None:
    page = local.get("/desk/process?quarter=2026-Q3").text
    assert "Nothing was heard in 2026-Q3" in page and "groundswell load notes" in page
    assert "not known yet" in page


def test_a_quarter_that_goes_on_says_so(local: TestClient) -> None:
    assert "The quarter so far, as of 2026-10-01" in local.get("/desk/process").text


# My reports.


def test_a_csm_sees_their_own_without_choosing(
    local: TestClient, keyed: Callable[..., TestClient]
) -> None:
    fill(local)
    page = keyed("csm").get("/desk/reports").text
    assert "<h1>My reports</h1>" in page
    assert "We copy page 1 by hand." in page and "We copy page 2 by hand." not in page
    assert "3 CSMs have reported it, from 3 accounts." in page


def test_a_csm_may_not_look_at_another(local: TestClient, keyed: Callable[..., TestClient]) -> None:
    fill(local)
    assert keyed("csm").get("/desk/reports?csm=c-2").status_code == 403


def test_cs_ops_chooses_by_a_name(local: TestClient) -> None:
    fill(local)
    chooser = local.get("/desk/reports").text
    assert '<option value="Priya Raman (c-1)">' in chooser
    assert 'href="/desk/reports?csm=c-2"' in chooser
    for typed in ("priya", "Priya Raman", "Priya Raman (c-1)", "c-1", " RAMAN "):
        page = local.get("/desk/reports", params={"csm": typed}).text
        assert "Reports of Priya Raman" in page and "We copy page 1 by hand." in page


def test_a_name_that_several_share_is_offered_again(local: TestClient) -> None:
    fill(local)
    page = local.get("/desk/reports", params={"csm": "a"}).text
    assert "Priya Raman" in page and "Dana Whitfield" in page
    assert "Nobody is called that" in local.get("/desk/reports", params={"csm": "zz"}).text


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            {"state": "backlog", "priority": "P2", "expected_review": "Q4 planning"},
            "Product put it into the backlog as P2 on 2026-10-01. Expected review: Q4 planning.",
        ),
        (
            {"state": "shipped", "release_note": "Exports overnight"},
            "Product shipped it on 2026-10-01: Exports overnight.",
        ),
        (
            {"state": "declined", "reason": "Too rare."},
            "Product declined it on 2026-10-01: Too rare.",
        ),
    ],
)
def test_what_became_of_it_is_a_sentence(
    local: TestClient, said: dict[str, Any], told: str
) -> None:
    fill(local)
    deliver(local, **said)
    page = local.get("/desk/reports?csm=c-1").text
    assert told in page
    assert "Changed since 2026-09-01 <b>1</b>" in page


def test_states_are_links_that_filter(local: TestClient) -> None:
    fill(local)
    page = local.get("/desk/reports?csm=c-1").text
    assert '<a href="/desk/reports?csm=c-1&amp;state=open">Open <b>1</b></a>' in page
    filtered = local.get("/desk/reports?csm=c-1&state=waiting").text
    assert "Nothing here" in filtered and "We copy page" not in filtered


def test_older_ones_are_behind_a_link(local: TestClient) -> None:
    fill(local, last=81)
    first = local.get("/desk/reports?csm=c-1").text
    assert first.count("<blockquote>") == 25
    more = re.search(r'href="([^"]+)" rel="next"', first)
    assert more
    second = local.get(more[1].replace("&amp;", "&")).text
    assert second.count("<blockquote>") == 2
    assert 'href="/desk/reports?csm=c-1">Newest</a>' in second


def test_changes_are_told_since_the_last_look(
    local: TestClient, keyed: Callable[..., TestClient]
) -> None:
    fill(local)
    client = keyed("csm")
    client.cookies.set("groundswell_looked", "/2026-09-20", path="/desk/reports")
    page = client.get("/desk/reports")
    assert "Changed since 2026-09-20" in page.text
    assert "2026-09-20/2026-10-01" in page.headers["set-cookie"]
    assert "HttpOnly" in page.headers["set-cookie"]


@pytest.mark.parametrize(
    ("cookie", "since", "kept"),
    [
        (None, None, "/2026-10-01"),
        ("nonsense", None, "/2026-10-01"),
        ("/2026-09-20", date(2026, 9, 20), "2026-09-20/2026-10-01"),
        ("2026-09-20/2026-10-01", date(2026, 9, 20), "2026-09-20/2026-10-01"),
        ("/2027-01-01", None, "/2026-10-01"),
    ],
)
def test_looking_twice_on_a_day_uses_nothing_up(
    cookie: str | None, since: date | None, kept: str
) -> None:
    assert last_look(cookie, date(2026, 10, 1)) == (since, kept)


# Digest.


def test_the_digest_is_shown_as_it_is_sent(local: TestClient) -> None:
    fill(local)
    page = local.get("/desk/digest?month=2026-07").text
    document = local.get("/digests/2026-07", headers={"Accept": "text/html"}).text
    body = document.split("</em></p>")[1].split("</body>")[0].strip()
    assert body in page
    assert "A draft as of 2026-07-31, not issued yet." in page


@pytest.mark.parametrize(
    ("today", "month"),
    [((2026, 9, 29), "2026-08"), ((2026, 9, 30), "2026-09"), ((2026, 10, 1), "2026-09")],
)
def test_the_month_to_send_is_the_last_that_is_over(
    today: tuple[int, int, int], month: str
) -> None:
    assert str(month_to_send(date(*today))) == month


def test_cs_ops_issues_and_product_answers(
    local: TestClient, keyed: Callable[..., TestClient]
) -> None:
    fill(local)
    ops, product = keyed("cs_ops"), keyed("product")
    address = "/desk/digest?month=2026-07"
    assert "Issue the digest of 2026-07" in ops.get(address).text
    assert "Issue the digest" not in product.get(address).text
    assert product.post("/desk/digest/issue?month=2026-07").status_code == 403
    issued = ops.post("/desk/digest/issue?month=2026-07", follow_redirects=False)
    assert (issued.status_code, issued.headers["location"]) == (303, address)
    page = product.get(address).text
    assert "Issued on 2026-10-01." in page and "<h2>Product's answer</h2>" in page
    said = {"by": "Sam", "assessment": "P2"}
    product.post("/desk/digest/acknowledgement?month=2026-07", data=said)
    assert "Acknowledged by Sam on 2026-10-01: P2" in ops.get(address).text


def test_an_answer_that_is_refused_keeps_what_was_typed(local: TestClient) -> None:
    local.post("/desk/digest/issue?month=2026-07")
    said = {"by": " ", "assessment": "Soon & well"}
    page = local.post("/desk/digest/acknowledgement?month=2026-07", data=said)
    assert page.status_code == 422
    assert 'role="alert"' in page.text and "Soon &amp; well</textarea>" in page.text


def test_a_month_that_goes_on_is_not_issued(local: TestClient) -> None:
    assert "Issue the digest" not in local.get("/desk/digest?month=2026-10").text
    page = local.post("/desk/digest/issue?month=2026-10")
    assert page.status_code == 409 and "is not over" in page.text


# All of them.

PAGES = (
    "/desk/process?quarter=2026-Q3",
    "/desk/reports?csm=c-1",
    "/desk/digest?month=2026-07",
    "/desk/reports",
)


def test_what_people_wrote_is_escaped_everywhere(local: TestClient) -> None:
    fill(local, need=ATTACK)
    local.put("/csms", json=[{"csm_id": "c-1", "name": ATTACK}])
    local.post(
        "/observations", json=observation(customer_need=ATTACK, verbatim=ATTACK, account_id="a-2")
    )
    deliver(local, state="shipped", release_note=ATTACK)
    for address in PAGES:
        page = local.get(address).text
        assert "<script>" not in page and "<img src=x" not in page
        assert " style=" not in page
    assert "&lt;script&gt;" in local.get("/desk/reports?csm=c-1").text
    assert "&lt;script&gt;" in local.get("/desk/digest?month=2026-07").text


@pytest.mark.parametrize(
    ("role", "reports", "others"),
    [("csm", 200, 200), ("product", 403, 200), ("ingest", 403, 403), ("cs_ops", 200, 200)],
)
def test_pages_ask_for_the_right_of_the_api_behind_them(
    keyed: Callable[..., TestClient], role: str, reports: int, others: int
) -> None:
    client = keyed(role)
    assert client.get("/desk/reports").status_code == reports
    assert client.get("/desk/process").status_code == others
    assert client.get("/desk/digest").status_code == others


@contextmanager
def counting(store: Store) -> Iterator[list[str]]:
    """The statements that are read with while the block runs."""
    statements: list[str] = []

    def note_it(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(store._reader, "before_cursor_execute", note_it)
    try:
        yield statements
    finally:
        event.remove(store._reader, "before_cursor_execute", note_it)


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asks_as_many_questions_of_few_rows_as_of_many(
    local: TestClient, sqlite_store: Store, address: str
) -> None:
    counts = []
    fill(local, first=90, last=90, need="Maps")
    local.get(address)
    for first, last, need in ((1, 2, "Bulk export"), (3, 40, "Filters")):
        fill(local, first=first, last=last, need=need)
        # After a write, so that little of what was kept helps.
        with counting(sqlite_store) as statements:
            assert local.get(address).status_code == 200
        counts.append(len(statements))
    assert counts[0] == counts[1] < 40
