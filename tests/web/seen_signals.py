"""What the tests of the board and of the receipt share: a small quarter, and reading its pages."""

from __future__ import annotations

import re

from fastapi.testclient import TestClient

from service.flows.keys import create_key
from service.flows.portfolio import upsert_accounts
from service.storage.engine import Store
from tests.api.conftest import NOW, make_client
from tests.factories import lines_of
from tests.flows.spoken_signals import exports_and_access

Q3 = {"quarter": "2026-Q3"}


def as_role(store: Store, role: str) -> TestClient:
    """A client that shows a key of this role."""
    client = make_client(store, auth="keys")
    csm_id = "c-1" if role == "csm" else None
    made = create_key(store, role=role, name=role, csm_id=csm_id, now=NOW, actor="test")
    client.headers["Authorization"] = f"Bearer {made.key}"
    return client


def make_p1(store: Store) -> None:
    """A second at-risk account makes the exports a P1."""
    exports_and_access(store)
    row = {"account_id": "a-2", "at_risk": True, "renewal_date": "2026-10-20"}
    upsert_accounts(store, lines_of(row), now=NOW, actor="test")


def text_of(page: str) -> str:
    """What a person reads of a page: no tags, single blanks."""
    body = re.sub(r"<(script|style|title).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", body).replace("&amp;", "&").split())


def receipt_of(client: TestClient, label: str, **query: str) -> str:
    page = client.get("/", params={**Q3, **query}).text
    found = re.search(rf'href="(/board/[^"]+)">{label}</a>', page.partition("<tbody>")[2])
    assert found
    return found[1].replace("&amp;", "&")


def board_of(client: TestClient, **query: str) -> str:
    """The board of the quarter."""
    page = client.get("/", params={**Q3, **query})
    assert page.status_code == 200, page.text
    return page.text
