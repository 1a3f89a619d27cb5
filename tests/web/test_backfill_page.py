"""Files of notes, taken in from a page: without a script, and in the parts that one cuts."""

from __future__ import annotations

import re

import pytest
from fastapi.testclient import TestClient

from service.app import create_app
from service.settings import Settings
from service.storage.engine import Store
from tests.api.conftest import NOW, make_client, no_language, note
from tests.flows.world import World
from tests.web.notes_client import BACKFILL, NOTES, as_role, downloads, jsonl, upload

COLUMNS = "source,external_id,account_id,csm_id,occurred_at,text"


@pytest.fixture
def local(sqlite_store: Store) -> TestClient:
    """The local administrator."""
    return make_client(sqlite_store)


@pytest.mark.parametrize(
    ("role", "search", "backfill"),
    [("product", 403, 403), ("csm", 200, 403), ("ingest", 403, 200), ("cs_ops", 200, 200)],
)
def test_pages_ask_for_the_right_of_the_api_behind_them(
    sqlite_store: Store, role: str, search: int, backfill: int
) -> None:
    client = as_role(sqlite_store, role, "c-1" if role == "csm" else None)
    assert client.get(NOTES).status_code == search
    assert client.get(BACKFILL).status_code == backfill
    assert upload(client, "n.jsonl", jsonl(note())).status_code == backfill
    assert client.get(f"{BACKFILL}/progress").status_code == backfill


def test_a_file_is_taken_without_javascript_and_its_bad_lines_named(
    sqlite_store: Store, local: TestClient
) -> None:
    data = jsonl(note(), note(external_id="n-2"), '{"source": 7, "text": "<b>lost</b>"}')
    page = upload(local, "backfill.jsonl", data).text
    assert re.search(r"Accepted</dt><dd>2<", page) and re.search(r"Rejected</dt><dd>1<", page)
    assert '<td class="n">3</td>' in page and "<b>lost" not in page and "&lt;b&gt;lost" in page
    listed, lines = downloads(page)
    assert listed.splitlines()[0] == "line,code,message,raw" and listed.splitlines()[1][:2] == "3,"
    assert lines == '{"source": 7, "text": "<b>lost</b>"}\n'
    again = upload(local, "backfill.jsonl", data).text
    assert re.search(r"Duplicate</dt><dd>2<", again)


def test_bad_rows_of_a_csv_come_back_whole_under_their_header(local: TestClient) -> None:
    good = 'crm,1,a-1,c-1,2026-07-01T09:00:00Z,"Two\nlines, one ""row"""\n'
    bad = 'crm,2,a-1,c-1,whenever,"Also\ntwo lines"'
    page = upload(local, "notes.csv", f"{COLUMNS}\n{good}{bad}\n".encode()).text
    assert re.search(r"Accepted</dt><dd>1<", page) and '<td class="n">4</td>' in page
    assert downloads(page)[1] == f"{COLUMNS}\n{bad}\n"


def test_an_encoding_is_told_by_its_mark_or_named(local: TestClient) -> None:
    rows = f"{COLUMNS}\ncrm,1,a-1,c-1,2026-07-01T09:00:00Z,Café créé\n"
    assert "<dd>1</dd>" in upload(local, "n.csv", rows.encode("utf-16")).text
    refused = upload(local, "n.csv", rows.replace("crm,1", "crm,2").encode("cp1252")).text
    assert "broken_utf8" in refused
    named = upload(
        local, "n.csv", rows.replace("crm,1", "crm,2").encode("cp1252"), encoding="windows-1252"
    )
    assert re.search(r"Accepted</dt><dd>1<", named.text)
    assert "2 notes found" in local.get(NOTES, params={"q": "cafe"}).text


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("notes.xlsx", b"PK", "Only .csv and .jsonl"),
        ("notes.csv", b"who,what\n1,2\n", "it lacks"),
        ("", b"", "Choose a file first"),
    ],
)
def test_a_file_that_can_not_be_read_is_refused_as_a_page(
    local: TestClient, name: str, data: bytes, said: str
) -> None:
    page = upload(local, name, data)
    assert page.status_code == 422 and said in page.text and 'role="alert"' in page.text


def test_accounts_can_be_dropped_too(local: TestClient) -> None:
    page = upload(local, "a.csv", b"account_id,name\na-1,Acme\n", kind="accounts").text
    assert re.search(r"Accepted</dt><dd>1<", page)
    assert local.get("/accounts").json()["data"][0]["name"] == "Acme"


def test_a_crms_own_export_is_read_as_the_command_line_reads_it(local: TestClient) -> None:
    rows = (
        "Id,AccountId,OwnerId,CreatedDate,ActivityDate,Subject,Description,IsDeleted,Colour\n"
        "00T1,a-1,c-1,2026-07-01T09:00:00Z,2026-07-01,Call,They asked for it.,false,red\n"
        "00T2,a-1,c-1,2026-07-01T09:00:00Z,2026-07-01,Call,Gone.,true,\n"
    )
    page = upload(local, "tasks.csv", rows.encode(), kind="salesforce-task").text
    assert re.search(r"Accepted</dt><dd>1<", page) and re.search(r"Left out[^<]*</dt><dd>1<", page)
    assert "Colour" in page
    assert "1 note found" in local.get(NOTES, params={"q": "asked", "source": "salesforce"}).text


def test_a_part_of_a_file_is_counted_from_the_files_beginning(local: TestClient) -> None:
    part = f"{COLUMNS}\nbroken\n".encode()
    query = {"kind": "notes", "ending": "csv", "before": 1_000}
    answer = local.post(f"{BACKFILL}/part", params=query, content=part).json()
    rejected = answer["rejected"][0]
    assert (rejected["line"], rejected["code"], rejected["raw"]) == (1002, "csv_cells", "broken")


def test_a_part_that_can_not_be_read_answers_as_the_api_does(local: TestClient) -> None:
    query = {"kind": "notes", "ending": "csv"}
    answer = local.post(f"{BACKFILL}/part", params=query, content=b"who\n1\n")
    assert answer.status_code == 422 and answer.json()["error"]["code"] == "csv_header"


def test_progress_says_what_waits_and_that_nobody_reads(
    sqlite_store: Store, local: TestClient
) -> None:
    upload(local, "n.jsonl", jsonl(note()))
    assert local.get(f"{BACKFILL}/progress").json() == {"waiting": 1, "is_read": False}
    page = local.get(NOTES).text
    assert "1 note waits" in page and "is a worker running?" in page
    World(sqlite_store).read()
    assert local.get(f"{BACKFILL}/progress").json() == {"waiting": 0, "is_read": False}


@pytest.mark.parametrize("address", [BACKFILL, f"{BACKFILL}/part?kind=notes&ending=jsonl"])
def test_other_sites_may_not_send_a_file(
    sqlite_store: Store, local: TestClient, address: str
) -> None:
    sent = local.post(
        address,
        files={"file": ("n.jsonl", jsonl(note()))},
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert sent.status_code == 403
    assert "There are no notes yet" in local.get(NOTES).text


def test_a_file_of_more_lines_than_a_batch_is_refused_as_a_whole(sqlite_store: Store) -> None:
    settings = Settings(auth="off", batch_lines=3)
    app = create_app(settings, sqlite_store, language=no_language, clock=lambda: NOW)
    client = TestClient(app, base_url="http://127.0.0.1")
    rows = [f'crm,{n},a-1,c-1,2026-07-01T09:00:00Z,"Two\nlines"' for n in range(4)]
    refused = upload(client, "n.csv", "\n".join([COLUMNS, *rows]).encode())
    assert refused.status_code == 413 and "more than 3 lines" in refused.text
    taken = upload(client, "n.csv", "\n".join([COLUMNS, *rows[:3]]).encode())
    # None of them was stored before.
    assert re.search(r"Accepted</dt><dd>3<", taken.text)
