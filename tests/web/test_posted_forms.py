"""What is posted to the pages, whatever it is, is an answer and no error of ours."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from service.storage.engine import Store
from tests.api.conftest import make_client
from tests.flows.world import EXPORT, World


@pytest.fixture
def local(store: Store) -> TestClient:
    """The local administrator, on each database."""
    return make_client(store)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/desk/map/selection", {"requests": "r\0"}),
        ("/desk/review", {"theme_id": "t\0", "action": "reject"}),
        ("/desk/waiting", {"action": "assign:t\0:r\0"}),
        ("/desk/taxonomy/decide", {"theme_id": "t\0", "action": "reject"}),
        ("/desk/digest/acknowledgement?month=2026-07", {"by": "a\0"}),
    ],
)
def test_a_nul_character_is_refused(local: TestClient, path: str, fields: dict[str, str]) -> None:
    answer = local.post(path, data=fields)
    assert answer.status_code == 422 and "<html" in answer.text


def test_a_nul_character_is_refused_on_a_note(sqlite_store: Store) -> None:
    note_id = World(sqlite_store).note(1, f"{EXPORT}.")
    answer = make_client(sqlite_store).post(
        f"/desk/notes/{note_id}", data={"action": "add", "quote": "a\0", "revision": "1"}
    )
    assert answer.status_code == 422 and "NUL" in answer.text
