"""The simulator's page: a policy out of the address, beside the one in force."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from service.storage.engine import Store
from tests.api.conftest import make_client, observation
from tests.flows.world import tables_of

Q3 = {"quarter": "2026-Q3"}


@pytest.fixture
def local(sqlite_store: Store) -> TestClient:
    """The local administrator of an organisation where one need is heard from two accounts."""
    client = make_client(sqlite_store)
    for need in ("Bulk <b>export", "Dark mode"):
        client.put("/taxonomy", json=[{"feature_area": "Export", "customer_need": need}])
    client.put(
        "/accounts",
        json=[
            {"account_id": "a-1", "name": "One", "arr": 1_000, "at_risk": True},
            {"account_id": "a-2", "name": "Two", "arr": 1_000, "at_risk": True},
            {"account_id": "a-3", "name": "Three", "arr": 900_000, "at_risk": False},
        ],
    )
    heard(client, "a-1", "2026-07-03T09:30:00Z")
    heard(client, "a-2", "2026-08-12T09:30:00Z")
    return client


def heard(client: TestClient, account: str, at: str, need: str = "Bulk <b>export") -> None:
    body = observation(
        customer_need=need, account_id=account, occurred_at=at, verbatim=f"{account}."
    )
    assert client.post("/observations", json=body).status_code == 201


def test_the_policy_in_force_is_where_it_starts(local: TestClient) -> None:
    page = local.get("/desk/simulator", params=Q3).text
    assert "This is the policy in force" in page
    assert 'name="frequency" value="3"' in page and 'name="arr_share" value="10"' in page
    assert "GROUNDSWELL_POLICY" not in page


def test_a_lower_line_makes_a_signal_with_the_day(local: TestClient) -> None:
    page = local.get("/desk/simulator", params={**Q3, "frequency": "2"}).text
    assert "1 more theme would have become a signal" in page
    assert "Would have become a signal" in page and "12 Aug" in page
    assert "Bulk &lt;b&gt;export" in page and "Bulk <b>" not in page
    assert "GROUNDSWELL_POLICY_FREQUENCY=2" in page


def test_a_higher_line_names_what_would_have_been_missed(local: TestClient) -> None:
    heard(local, "a-3", "2026-09-01T09:30:00Z")
    query = {**Q3, "frequency": "9", "churn": "9", "arr_share": "99.9", "direct_share": "99.9"}
    page = local.get("/desk/simulator", params=query).text
    assert "Would have been missed" in page
    assert "GROUNDSWELL_POLICY_ARR_SHARE=0.999" in page


def test_what_is_only_recognised_on_another_day_is_listed_too(local: TestClient) -> None:
    for account, month in (("b-1", "07"), ("b-2", "08"), ("b-3", "09")):
        heard(local, account, f"2026-{month}-01T09:30:00Z", need="Dark mode")
    page = local.get("/desk/simulator", params={**Q3, "frequency": "2"}).text
    assert "1 theme would have been recognised sooner" in page
    listed = page.split("Would have been at the same level, recognised on another day")[-1]
    assert "Dark mode" in listed and "1 Sep → 1 Aug" in listed


def test_the_other_policy_is_a_choice(local: TestClient) -> None:
    page = local.get("/desk/simulator", params={**Q3, "policy": "single_gate"}).text
    assert "1 more theme would have become a signal" in page
    assert "<option selected>single_gate</option>" in page
    assert "GROUNDSWELL_POLICY=single_gate" in page


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("frequency", "0"),
        ("frequency", "three"),
        ("frequency", "9" * 400),
        ("churn", "-1"),
        ("churn", "1.5"),
        ("segments", "²"),
        ("arr_share", "100"),
        ("arr_share", "NaN"),
        ("arr_share", "a lot"),
        ("direct_share", "0"),
        ("direct_share", "1e-999999999"),
    ],
)
def test_a_bad_number_is_told_beside_it_and_stays(local: TestClient, name: str, typed: str) -> None:
    page = local.get("/desk/simulator", params={**Q3, name: typed, "three_csms": "4"})
    assert page.status_code == 422
    assert f'id="e-{name}"' in page.text and f'name="{name}" value="{typed}"' in page.text
    assert 'name="three_csms" value="4"' in page.text


@pytest.mark.parametrize("query", [{"quarter": "2026-Q9"}, {"policy": "strict"}])
def test_what_is_no_quarter_or_policy_is_a_page_that_says_so(
    local: TestClient, query: dict[str, str]
) -> None:
    page = local.get("/desk/simulator", params=query)
    assert page.status_code == 422 and "can't be shown" in page.text.replace("&#39;", "'")


def test_it_changes_nothing(local: TestClient, sqlite_store: Store) -> None:
    before = tables_of(sqlite_store)
    local.get("/desk/simulator", params={**Q3, "frequency": "1"})
    assert tables_of(sqlite_store) == before


def test_an_empty_store_says_what_to_do(sqlite_store: Store) -> None:
    page = make_client(sqlite_store).get("/desk/simulator", params=Q3).text
    assert "Nothing was heard in the four quarters" in page and "groundswell run" in page


def test_levels_in_force_are_those_of_the_board(local: TestClient) -> None:
    board = local.get("/signals", params=Q3).json()["data"]
    assert [row["level"] for row in board] == ["candidate"]
    page = local.get("/desk/simulator", params=Q3).text
    assert "2026-Q3: in force 0 P1, 0 Signal, 1 Candidate; tried 0 P1, 0 Signal, 1" in page


def test_the_store_is_read_once_whatever_is_tried(local: TestClient, sqlite_store: Store) -> None:
    local.get("/desk/simulator", params=Q3)
    few = statements(local, sqlite_store, frequency="2")
    heard(local, "b-1", "2026-05-01T09:30:00Z")
    after_one = statements(local, sqlite_store, frequency="2")
    for number in range(20):
        heard(local, f"c-{number}", "2026-05-01T09:30:00Z")
    after_many = statements(local, sqlite_store, frequency="2")
    assert statements(local, sqlite_store, frequency="4") == few < after_many == after_one < 40


def statements(client: TestClient, store: Store, **query: str) -> int:
    seen: list[Any] = []

    def count(*call: Any) -> None:
        seen.append(call[2])

    event.listen(store._reader, "before_cursor_execute", count)
    try:
        assert client.get("/desk/simulator", params={**Q3, **query}).status_code == 200
    finally:
        event.remove(store._reader, "before_cursor_execute", count)
    return len(seen)


@pytest.mark.parametrize(
    "query",
    [
        {"frequency": f"000000001{'0' * 5_000}"},
        {"frequency": "00000000199999999999"},
        {"arr_share": "1e999999999"},
        {"arr_share": "1e-400000"},
        {"arr_share": f"1{'0' * 5_000}"},
    ],
)
def test_numbers_beyond_any_sense_are_refused(local: TestClient, query: dict[str, str]) -> None:
    answer = local.get("/desk/simulator", params={**Q3, **query})
    assert answer.status_code == 422 and len(answer.text) < 50_000
