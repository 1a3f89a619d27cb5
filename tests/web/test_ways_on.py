"""Pages that are read lead on to what is behind them, and never to what is not there yet."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from service.storage.engine import Store
from tests.api.conftest import make_client
from tests.web.test_reports_pages import fill


@pytest.fixture
def local(sqlite_store: Store) -> TestClient:
    """The local administrator."""
    return make_client(sqlite_store)


def test_each_theme_of_the_digest_leads_to_its_receipt_once(local: TestClient) -> None:
    fill(local)
    page = local.get("/desk/digest?month=2026-07").text
    evidence = page.split('aria-label="Evidence"')[1].split("</nav>")[0]
    links = re.findall(r'href="([^"]+)"', evidence)
    assert links and len(links) == len(set(links))
    assert all(to.startswith("/board/") and to.endswith("?quarter=2026-Q3") for to in links)
    assert all(local.get(to).status_code == 200 for to in links)


def test_no_month_or_quarter_that_has_not_begun_is_offered(local: TestClient) -> None:
    # Today is 1 October 2026.
    assert 'rel="next"' in local.get("/desk/digest?month=2026-09").text
    assert 'rel="next"' not in local.get("/desk/digest?month=2026-10").text
    assert 'rel="next"' in local.get("/desk/process?quarter=2026-Q3").text
    assert 'rel="next"' not in local.get("/desk/process?quarter=2026-Q4").text


def test_each_metric_leads_to_what_is_behind_it(local: TestClient) -> None:
    fill(local)
    page = local.get("/desk/process?quarter=2026-Q3").text
    for path in ("/desk/taxonomy/unclassified", "/", "/desk/simulator"):
        assert f'href="{path}?quarter=2026-Q3"' in page
        assert local.get(path, params={"quarter": "2026-Q3"}).status_code == 200


def test_an_address_that_is_wrong_leads_back_to_its_page(local: TestClient) -> None:
    page = local.get("/desk/process?quarter=nonsense")
    assert page.status_code == 422 and '<a href="/desk/process">' in page.text
