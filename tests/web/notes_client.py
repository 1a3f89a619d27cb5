"""What a test does with the pages of notes, in its own words."""

from __future__ import annotations

import base64
import html
import json
import re
from typing import Any

from fastapi.testclient import TestClient

from service.flows.keys import create_key
from service.storage.engine import Store
from tests.api.conftest import NOW, make_client
from tests.language_fakes import fake_language

NOTES = "/desk/notes"
BACKFILL = "/desk/notes/backfill"


def as_role(store: Store, role: str, csm_id: str | None = None) -> TestClient:
    """A client that shows a key of this role."""
    client = make_client(store, auth="keys", language=fake_language)
    made = create_key(store, role=role, name=f"{role} person", csm_id=csm_id, now=NOW, actor="t")
    client.headers["Authorization"] = f"Bearer {made.key}"
    return client


def note_link(client: TestClient, **query: str) -> str:
    """The address of the one note that this search finds."""
    page = client.get(NOTES, params=query).text
    found = re.findall(rf'href="({NOTES}/n_[0-9a-f]+)"', page)
    assert len(found) == 1, found
    return str(found[0])


def request_id(page: str) -> str:
    """The first request that is marked in the note."""
    found = re.search(r'id="r-(r_[0-9a-f]+)"', page)
    assert found
    return found[1]


def posted(page: str) -> str:
    """The text as the browser has it: marks taken out, line ends as posted."""
    inside = page.split('id="posted"')[1].split(">", 1)[1].split("</div>")[0]
    return html.unescape(re.sub(r"<[^>]*>", "", inside)).strip(" \n")


def say(client: TestClient, link: str, action: str, **fields: str) -> Any:
    """Press one button on the page of a note."""
    form = {"action": action, "revision": "1", **fields}
    return client.post(link, data=form, follow_redirects=False)


def jsonl(*notes: dict[str, Any] | str) -> bytes:
    """Notes, or lines as they stand, as a file."""
    lines = [one if isinstance(one, str) else json.dumps(one) for one in notes]
    return ("\n".join(lines) + "\n").encode()


def upload(client: TestClient, name: str, data: bytes, **fields: str) -> Any:
    """Send a file as a form without a script does."""
    return client.post(BACKFILL, data={"kind": "notes", **fields}, files={"file": (name, data)})


def downloads(page: str) -> list[str]:
    """What the links on the page hold."""
    found = re.findall(r'href="data:[^;]+;charset=utf-8;base64,([^"]+)"', page)
    return [base64.b64decode(one).decode() for one in found]
