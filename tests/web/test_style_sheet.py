"""The style sheet: one answer, made of every file that there is, and asked for once."""

from __future__ import annotations

from service.storage.engine import Store
from service.web.style_sheet import SHEETS, STYLES
from tests.api.conftest import make_client

ADDRESS = "/static/groundswell.css"


def test_it_holds_every_pages_rules(sqlite_store: Store) -> None:
    answer = make_client(sqlite_store).get(ADDRESS)
    assert answer.headers["content-type"].startswith("text/css")
    assert sorted(SHEETS) == sorted(path.stem for path in STYLES.glob("*.css"))
    for path in STYLES.glob("*.css"):
        assert path.read_text(encoding="utf-8") in answer.text, path.name


def test_a_browser_that_has_it_is_told_so(sqlite_store: Store) -> None:
    client = make_client(sqlite_store)
    etag = client.get(ADDRESS).headers["etag"]
    again = client.get(ADDRESS, headers={"If-None-Match": etag})
    assert (again.status_code, again.content) == (304, b"")


def test_it_needs_no_key(sqlite_store: Store) -> None:
    assert make_client(sqlite_store, auth="keys").get(ADDRESS).status_code == 200
