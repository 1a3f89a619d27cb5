"""What became of a person's last files, an hour long."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.flows.receipts import BatchReceipt
from service.storage.engine import Store, open_store
from service.web.notes.bad_lines import RefusedLine
from service.web.notes.kept_uploads import FileSent, KeptUpload, KeptUploads
from service.web.notes.taking import Taken
from tests.api.conftest import NOW, make_client, note
from tests.web.notes_client import BACKFILL, NOTES, as_role, downloads, jsonl, upload

SECRET = "half a line that Acme said"
BROKEN = f'{{"source": "crm", "text": "{SECRET}'


@pytest.fixture
def local(sqlite_store: Store) -> TestClient:
    """The local administrator."""
    return make_client(sqlite_store)


def own_link(page: str) -> str:
    found = re.search(r'<a href="([^"]+)">Link to this', page)
    assert found
    return html.unescape(found[1])


def send_part(client: TestClient, data: bytes, **query: Any) -> dict[str, Any]:
    """A part of a file as the script sends it; the answer."""
    sent = client.post(
        f"{BACKFILL}/part",
        params={"kind": "notes", "ending": "jsonl", **query},
        content=data,
        headers={"X-File-Name": "caf%C3%A9.jsonl"},
    )
    assert sent.status_code == 200, sent.text
    answer: dict[str, Any] = sent.json()
    return answer


def test_what_became_of_a_file_has_an_address(local: TestClient) -> None:
    first = upload(local, "backfill.jsonl", jsonl(note(), BROKEN)).text
    again = local.get(own_link(first)).text
    assert re.search(r"Accepted</dt><dd>1<", again) and re.search(r"Rejected</dt><dd>1<", again)
    assert downloads(again) == downloads(first) and downloads(again)[1] == f"{BROKEN}\n"


@pytest.mark.parametrize("page", [NOTES, BACKFILL])
def test_who_comes_back_is_led_to_the_last_files(local: TestClient, page: str) -> None:
    address = own_link(upload(local, "backfill.jsonl", jsonl(note(), BROKEN)).text)
    listed = html.unescape(local.get(page).text)
    assert f'<a href="{address}">backfill.jsonl, 12:00 UTC: 1 line not taken</a>' in listed
    assert SECRET not in listed


def test_the_parts_of_a_file_are_told_as_one(local: TestClient) -> None:
    first = send_part(local, jsonl(note(), BROKEN), upto=2, total=4)
    token = first["upload"]
    address = f"{BACKFILL}?upload={token}"
    assert "Of <b>café.jsonl</b> 2 of 4 lines are stored" in local.get(address).text
    rest = jsonl(note(external_id="n-2"), BROKEN)
    for _ in range(2):
        # The answer to the first may have been lost on the way.
        send_part(local, rest, upload=token, before=2, upto=4, total=4)
    page = local.get(address).text
    assert "<b>café.jsonl</b> is stored, but for the lines below" in page
    assert re.search(r"Accepted</dt><dd>2<", page) and re.search(r"Rejected</dt><dd>2<", page)
    assert re.findall(r'<td class="n">(\d+)</td>', page) == ["2", "4"]
    assert downloads(page)[1] == f"{BROKEN}\n{BROKEN}\n"


def test_where_the_beginning_was_forgotten_it_is_not_told_as_whole(local: TestClient) -> None:
    token = send_part(local, jsonl(note(), BROKEN), upto=2, total=3)["upload"]
    local.delete("/notes/manual/n-1")
    assert token not in local.get(BACKFILL).text
    answer = send_part(
        local, jsonl(note(external_id="n-9")), upload=token, before=2, upto=3, total=3
    )
    page = html.unescape(local.get(BACKFILL, params={"upload": answer["upload"]}).text)
    assert "lines 3 to 3 are stored" in page and "is kept no longer: drop the file again" in page
    assert "all of it taken, of lines 3 to 3" in page and "</b> is stored" not in page


def test_nobody_else_sees_it_or_adds_to_it(sqlite_store: Store) -> None:
    mine, other = as_role(sqlite_store, "cs_ops"), as_role(sqlite_store, "cs_ops")
    token = send_part(mine, jsonl(note(), BROKEN))["upload"]
    page = other.get(BACKFILL, params={"upload": token}).text
    assert "is kept no longer" in page and SECRET not in page
    assert send_part(other, jsonl(BROKEN), upload=token, before=2)["upload"] != token
    assert re.search(r"Rejected</dt><dd>1<", mine.get(BACKFILL, params={"upload": token}).text)
    assert token not in other.get(BACKFILL).text


@pytest.mark.parametrize("address", ["/notes/manual/n-1", "/accounts/a-1", "/csms/c-1"])
def test_it_is_shown_no_more_once_something_is_erased(local: TestClient, address: str) -> None:
    kept = own_link(upload(local, "n.jsonl", jsonl(note(), BROKEN)).text)
    assert local.delete(address).status_code in (200, 204)
    page = local.get(kept).text
    assert "is kept no longer" in page and SECRET not in page
    assert SECRET not in local.get(BACKFILL).text


def test_another_process_says_what_to_do(sqlite_url: str, local: TestClient) -> None:
    kept = own_link(upload(local, "n.jsonl", jsonl(note(), BROKEN)).text)
    other = open_store(sqlite_url)
    page = make_client(other).get(kept)
    other.close()
    assert page.status_code == 200 and "Drop the file again" in page.text


def taken(*bad: str) -> Taken:
    return Taken(BatchReceipt(), [RefusedLine(1, "code", "Why.", raw) for raw in bad], None)


def sent(token: str, owner: str = "me") -> KeptUpload:
    return KeptUpload(token, ("", owner), FileSent("n.jsonl", "notes", ""), NOW, 0)


def test_after_an_hour_it_is_forgotten() -> None:
    now = [0.0]
    kept = KeptUploads(lambda: now[0])
    kept.keep(sent("a"), taken("x"))
    now[0] = 3_599.0
    assert [one.token for one in kept.of(("", "me"))] == ["a"]
    now[0] = 3_600.0
    assert kept.of(("", "me")) == []


def test_the_oldest_of_too_many_go_first() -> None:
    kept = KeptUploads(lambda: 0.0)
    for number in range(7):
        kept.keep(sent(str(number)), taken("x"))
    assert [one.token for one in kept.of(("", "me"))] == ["6", "5", "4", "3", "2"]
    for number in range(20):
        kept.keep(sent(f"other {number}", f"other {number}"), taken("x"))
    assert kept.of(("", "me")) == []


def test_of_too_much_only_what_is_shown_is_kept(local: TestClient) -> None:
    kept = KeptUploads(lambda: 0.0)
    upload = kept.keep(sent("a"), taken(*["x" * 1_000] * 2_000))
    assert (upload.refused, len(upload.bad), upload.is_whole) == (2_000, 100, False)
    large = jsonl(*["x" * 1_000] * 1_100)
    page = local.post(BACKFILL, data={"kind": "notes"}, files={"file": ("n.jsonl", large)}).text
    assert re.search(r"Rejected</dt><dd>1,100<", page) and "and 1,000 more" in page
    assert downloads(page) == [] and "Too much to download" in page
