"""The pages: what they show, what they escape, and who may see them."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from service.flows.keys import create_key
from service.storage.engine import Store
from tests.api.conftest import NOW, make_client, note, observation

Q3 = {"quarter": "2026-Q3"}


@pytest.fixture
def local(sqlite_store: Store) -> TestClient:
    """The local administrator."""
    return make_client(sqlite_store)


def fill(client: TestClient, need: str = "Bulk export", verbatim: str = "Page by page.") -> None:
    client.put("/taxonomy", json=[{"feature_area": "Export", "customer_need": need}])
    client.put("/accounts", json=[{"account_id": "a-1", "name": "One & Co", "arr": 400_000}])
    client.put("/csms", json=[{"csm_id": "c-1", "name": "Priya"}])
    body = observation(customer_need=need, verbatim=verbatim)
    assert client.post("/observations", json=body).status_code == 201


def receipt_link(client: TestClient) -> str:
    page = client.get("/", params=Q3).text
    found = re.search(r'href="(/board/[^"]+)"', page)
    assert found
    return found[1].replace("&amp;", "&")


def test_the_board_shows_each_theme_with_its_figures(local: TestClient) -> None:
    fill(local)
    page = local.get("/", params=Q3)
    assert page.status_code == 200
    for shown in ("Bulk export", "$400,000", "100.0 %", "degraded", "accepted", "Candidate"):
        assert shown in page.text


def test_the_receipt_shows_why_down_to_the_quotes(local: TestClient) -> None:
    fill(local)
    page = local.get(receipt_link(local))
    assert page.status_code == 200
    for shown in ("Page by page.", "One &amp; Co", "Priya", "over 10.0 %", "2026-07-03"):
        assert shown in page.text


def test_texts_are_escaped_wherever_they_show(local: TestClient) -> None:
    attack = '<script>alert("x")</script>'
    fill(local, need=attack, verbatim=attack)
    for page in (local.get("/", params=Q3), local.get(receipt_link(local))):
        assert "<script>" not in page.text
        assert "&lt;script&gt;" in page.text


def test_no_page_runs_a_script_but_ours_or_loads_from_elsewhere(local: TestClient) -> None:
    fill(local)
    for address in ("/?quarter=2026-Q3", receipt_link(local), "/?quarter=nonsense"):
        page = local.get(address)
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert "<script>" not in page.text and " onclick" not in page.text
        assert " style=" not in page.text
        assert "://" not in page.text.replace("http://www.w3.org", "")


def test_the_navigation_says_where_one_is_and_leads_to_pages_that_exist(local: TestClient) -> None:
    page = local.get("/").text
    assert page.count('aria-current="page"') == 1
    assert '<a href="/" aria-current="page">Signals</a>' in page
    for address in re.findall(r'href="([^"]+)"', page.split("<nav")[1].split("</nav>")[0]):
        assert local.get(address).status_code == 200, address


def test_the_navigation_holds_what_the_role_may_open(sqlite_store: Store) -> None:
    client = make_client(sqlite_store, auth="keys")
    made = create_key(sqlite_store, role="product", name="pm", csm_id=None, now=NOW, actor="test")
    page = client.get("/", headers={"Authorization": f"Bearer {made.key}"}).text
    assert 'href="/"' in page and 'href="/desk/review"' not in page


def test_what_a_page_loads_is_there(local: TestClient) -> None:
    page = local.get("/").text
    for address in set(re.findall(r'(?:src|href)="(/static/[^"]+)"', page)):
        assert local.get(address).status_code == 200, address


def test_filters_are_in_the_address_and_stay_in_the_form(local: TestClient) -> None:
    fill(local)
    page = local.get("/", params={**Q3, "level": "p1", "policy": "single_gate"}).text
    assert "No theme passes these filters" in page
    assert '<option value="p1" selected>' in page
    assert "<option selected>single_gate</option>" in page


@pytest.mark.parametrize("query", ["?quarter=2026-Q9", "?policy=strict", "?level=huge"])
def test_a_bad_filter_is_a_page_that_says_so(local: TestClient, query: str) -> None:
    page = local.get(f"/{query}")
    assert page.status_code == 422
    assert page.headers["content-type"].startswith("text/html")
    assert "shown" in page.text and page.headers["x-request-id"] in page.text


def test_a_theme_that_does_not_exist_is_a_page(local: TestClient) -> None:
    page = local.get("/board/t_none")
    assert page.status_code == 404
    assert page.headers["content-type"].startswith("text/html")


def test_an_empty_store_says_what_to_do_next(local: TestClient) -> None:
    page = local.get("/").text
    assert "There are no notes yet" in page
    assert "groundswell load notes" in page


def test_notes_that_wait_are_told_of(local: TestClient) -> None:
    local.post("/notes", json=note())
    page = local.get("/").text
    assert "The notes are being read" in page
    assert "Notes that wait for the worker: 1." in page


def test_another_quarter_without_notes_says_so(local: TestClient) -> None:
    fill(local)
    assert "Nothing was heard in 2026-Q2" in local.get("/", params={"quarter": "2026-Q2"}).text


def test_the_demos_day_is_what_the_board_defaults_to(sqlite_store: Store) -> None:
    client = make_client(sqlite_store, fixed_day=date(2026, 9, 30))
    page = client.get("/").text
    assert "As of 2026-09-30" in page
    assert client.get("/signals").json()["quarter"] == "2026-Q3"


@pytest.mark.parametrize("address", ["/", "/board/t_1?quarter=2026-Q3"])
def test_pages_are_closed_without_a_key(sqlite_store: Store, address: str) -> None:
    client = make_client(sqlite_store, auth="keys")
    asked = client.get(address, follow_redirects=False)
    assert (asked.status_code, asked.text) == (303, "")
    assert asked.headers["location"] == "/login?" + urlencode({"next": address})


def test_a_wrong_key_that_is_shown_to_a_page_is_told_so(sqlite_store: Store) -> None:
    client = make_client(sqlite_store, auth="keys")
    page = client.get("/", headers={"Authorization": "Bearer gs_guess"})
    assert page.status_code == 401
    assert page.headers["content-type"].startswith("text/html")
    assert "not known here" in page.text


@pytest.mark.parametrize(("role", "status"), [("product", 200), ("csm", 200), ("ingest", 403)])
def test_pages_ask_for_the_right_of_the_api_behind_them(
    sqlite_store: Store, role: str, status: int
) -> None:
    csm_id = "c-1" if role == "csm" else None
    made = create_key(sqlite_store, role=role, name=role, csm_id=csm_id, now=NOW, actor="test")
    client = make_client(sqlite_store, auth="keys")
    page = client.get("/", headers={"Authorization": f"Bearer {made.key}"})
    assert page.status_code == status


def test_pages_are_kept_by_no_cache(local: TestClient) -> None:
    assert local.get("/").headers["cache-control"] == "no-store"
