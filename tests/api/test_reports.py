"""Reports over HTTP: process metrics, the loop, top, sync and the digest."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from service.storage.engine import Store
from tests.api.conftest import ITEM, error_of, make_client, note, observation

Keyed = Callable[[str | None], TestClient]
QUOTE = "Every Friday we copy the rows by hand, page after page."


def fill(client: TestClient) -> None:
    """Three accounts of three CSMs ask for exports in July."""
    client.put("/taxonomy", json=[ITEM])
    client.put("/csms", json=[{"csm_id": f"c-{n}", "name": f"CSM {n}"} for n in (1, 2, 3, 4)])
    client.put("/accounts", json=[{"account_id": f"a-{n}", "arr": 1000 * n} for n in (1, 2, 3)])
    for number in (1, 2, 3):
        body = observation(
            account_id=f"a-{number}",
            csm_id=f"c-{number}",
            verbatim=f"{QUOTE} {number}",
            occurred_at=f"2026-07-0{number}T09:30:00Z",
        )
        assert client.post("/observations", json=body).status_code == 201


@pytest.fixture
def filled(local: TestClient) -> TestClient:
    fill(local)
    return local


def test_process_metrics_carry_value_target_status_and_what_a_miss_points_at(
    filled: TestClient,
) -> None:
    body = filled.get("/process-metrics?quarter=2026-Q3").json()
    assert (body["quarter"], body["as_of"], body["policy"]) == (
        "2026-Q3",
        "2026-09-30",
        "combined",
    )
    assert body["metrics"] == {
        "tagged_share": {
            "value": 1,
            "target": {"at_least": 0.85, "at_most": None, "below": None},
            "status": "ok",
            "points_at": None,
            "of": 3,
        },
        "patterns_surfaced": {
            "value": 1,
            "target": {"at_least": 4, "at_most": 8, "below": None},
            "status": "low",
            "points_at": "over-filtering, or under-aggregation: one need scattered over themes"
            " that are each too small to count",
            "of": 3,
        },
        "backlog_share": {
            "value": 0,
            "target": {"at_least": 0.3, "at_most": 0.5, "below": None},
            "status": "low",
            "points_at": "over-escalation, or product not triaging",
            "of": 1,
        },
        "days_to_recognition": {
            # The first account has over a tenth of all ARR.
            "value": 0,
            "target": {"at_least": None, "at_most": None, "below": 45},
            "status": "ok",
            "points_at": None,
            "of": 1,
        },
        "contribution_rate": {
            "value": 0.75,
            "target": {"at_least": 0.8, "at_most": None, "below": None},
            "status": "low",
            "points_at": "CSMs who see no outcome",
            "of": 4,
        },
    }


def test_a_store_without_notes_knows_no_metric(local: TestClient) -> None:
    metrics = local.get("/process-metrics").json()["metrics"]
    assert {metric["status"] for metric in metrics.values()} == {"unknown"}


def test_the_loop_tells_a_csm_what_became_of_it(filled: TestClient) -> None:
    theme = filled.get("/signals?quarter=2026-Q3").json()["data"][0]["theme_id"]
    said = {"action": "deliver", "state": "backlog", "priority": "P2", "expected_review": "Q4"}
    filled.post(f"/themes/{theme}/decisions", json=said)
    body = filled.get("/loop?csm_id=c-1").json()
    assert body["states"]["backlog"] == 1
    row = body["data"][0]
    assert row["theme"]["delivery"]["priority"] == "P2"
    assert row["theme"]["reported_by"] == {"csms": 3, "accounts": 3}
    assert [change["action"] for change in row["changes"]] == ["deliver"]
    assert filled.get("/loop?csm_id=c-1&state=shipped").json()["data"] == []
    assert len(filled.get("/loop?csm_id=c-1&changed=true").json()["data"]) == 1


def test_a_csm_sees_their_own_loop_and_no_other(keyed: Keyed) -> None:
    fill(keyed("admin"))
    client = keyed("csm")
    assert client.get("/loop").json()["csm_id"] == "c-1"
    assert client.get("/loop?csm_id=c-1").status_code == 200
    assert error_of(client.get("/loop?csm_id=c-2"), 403)["code"] == "not_your_csm"


def test_others_say_whose_loop_they_mean(filled: TestClient) -> None:
    assert error_of(filled.get("/loop"), 422)["field"] == "csm_id"
    assert error_of(filled.get("/loop?csm_id=nobody"), 404)["code"] == "unknown_csm"


def test_the_top_report_takes_months_and_weeks(filled: TestClient) -> None:
    for period in ("2026-07", "2026-W27"):
        body = filled.get(f"/reports/top?period={period}").json()
        assert [(row["label"], row["accounts"], row["arr"]) for row in body["data"]] == [
            ("Bulk export", 3, 6000)
        ]
    assert error_of(filled.get("/reports/top?period=2026-Q3"), 422)["field"] == "period"
    error_of(filled.get("/reports/top"), 422)


def test_the_sync_lists_what_several_csms_heard(filled: TestClient) -> None:
    body = filled.get("/reports/sync?week=2026-W28&weeks=2").json()
    assert [(row["csms"], row["csm_ids"]) for row in body["data"]] == [(3, ["c-1", "c-2", "c-3"])]
    assert [row["csm_id"] for row in body["pre_reads"]] == ["c-1", "c-2", "c-3"]
    assert filled.get("/reports/sync?week=2026-W28").json()["data"] == []
    error_of(filled.get("/reports/sync?weeks=3"), 422)


def test_the_digest_is_json_markdown_or_html(filled: TestClient) -> None:
    as_json = filled.get("/digests/2026-07")
    assert as_json.headers["content-type"] == "application/json"
    assert as_json.json()["top_themes"][0]["quote"]["text"].startswith(QUOTE)
    markdown = filled.get("/digests/2026-07", headers={"Accept": "text/markdown"})
    assert markdown.headers["content-type"] == "text/markdown; charset=utf-8"
    assert markdown.text.startswith("# Customer signals, July 2026\n")
    assert f"> {QUOTE}" in markdown.text
    html = filled.get("/digests/2026-07", headers={"Accept": "text/html,*/*;q=0.1"})
    assert html.headers["content-type"] == "text/html; charset=utf-8"
    assert (
        f"<p>{QUOTE}" in html.text
        and "default-src 'none'" in html.headers["content-security-policy"]
    )


@pytest.mark.parametrize("kind", ["application/json", "text/markdown", "text/html"])
def test_a_digest_that_one_has_is_304(filled: TestClient, kind: str) -> None:
    accept = {"Accept": kind}
    etag = filled.get("/digests/2026-07", headers=accept).headers["etag"]
    again = filled.get("/digests/2026-07", headers={**accept, "If-None-Match": etag})
    assert again.status_code == 304


def test_what_customers_say_is_escaped_in_each_form(sqlite_store: Store) -> None:
    client = make_client(sqlite_store)
    fill(client)
    attack = '<script>alert("x")</script> # *not* [a](link)'
    body = observation(account_id="a-3", severity="blocking", verbatim=attack)
    client.post("/observations", json=body)
    html = client.get("/digests/2026-07", headers={"Accept": "text/html"}).text
    assert "<script" not in html and "&lt;script&gt;" in html
    markdown = client.get("/digests/2026-07", headers={"Accept": "text/markdown"}).text
    assert r"\<script\>" in markdown and r"\*not\* \[a\](link)" in markdown


def test_a_digest_is_issued_once_and_answered(filled: TestClient) -> None:
    address = "/digests/2026-07"
    assert filled.post(f"{address}/acknowledgement", json={"by": "Sam"}).status_code == 404
    issued = filled.post(f"{address}/issue")
    assert (issued.status_code, issued.json()["issued_by"]) == (201, "local")
    again = filled.post(f"{address}/issue")
    assert (again.status_code, again.json()) == (200, issued.json())
    said = {"by": "Sam", "assessment": "P2"}
    answered = filled.post(f"{address}/acknowledgement", json=said).json()["acknowledgement"]
    assert answered == {"by": "Sam", "assessment": "P2", "at": "2026-10-01T12:00:00Z"}
    markdown = filled.get(address, headers={"Accept": "text/markdown"}).text
    assert "*Issued on 2026-10-01.*" in markdown
    assert "Acknowledged by Sam on 2026-10-01: P2" in markdown


def test_a_month_that_goes_on_can_not_be_issued(local: TestClient) -> None:
    assert error_of(local.post("/digests/2026-10/issue"), 409)["code"] == "month_not_over"


def test_a_bad_month_is_refused(local: TestClient) -> None:
    assert error_of(local.get("/digests/2026-00"), 422)["code"] == "unknown_month"


def test_notes_that_were_only_posted_are_in_no_report(local: TestClient) -> None:
    local.post("/notes", json=note())
    assert local.get("/digests/2026-07").json()["top_themes"] == []
