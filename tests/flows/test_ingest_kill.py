"""SIGKILL in the middle of a load: what was told as stored is there, and again completes it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from service.flows.ingest import ingest_notes
from service.storage.engine import Store
from service.storage.operating_tables import audit
from service.storage.tables import notes
from tests.factories import NOW, lines_of, raw_note

ROOT = Path(__file__).parents[2]
NOTES = 12_000

PROGRAM = f"""
import sys
from service.flows.ingest import ingest_notes
from service.storage.engine import open_store
from tests.factories import NOW, lines_of, raw_note

lines = lines_of(*(raw_note(number) for number in range({NOTES})))

def told(receipt):
    print(receipt.accepted, flush=True)
    if receipt.accepted == {NOTES} - 1_000:
        sys.stdin.read()  # until the end: it is killed in here, if not before

ingest_notes(open_store(sys.argv[1]), lines, now=NOW, actor="load", on_chunk=told)
"""


def test_a_load_killed_in_the_middle_is_completed_by_the_next(store: Store, store_url: str) -> None:
    load = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, store_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    assert load.stdout is not None and load.stdin is not None
    told = [int(load.stdout.readline()) for _ in range(2)][-1]
    load.send_signal(signal.SIGKILL)
    assert load.wait() == -signal.SIGKILL
    load.stdout.close()
    load.stdin.close()

    lines = lines_of(*(raw_note(number) for number in range(NOTES)))
    receipt = ingest_notes(store, lines, now=NOW, actor="load")
    # Whole transactions; none of those told of is missing, and it did not get to the end.
    assert told <= receipt.duplicate < NOTES
    assert receipt.duplicate % 1_000 == 0
    assert receipt.accepted == NOTES - receipt.duplicate
    with store.read() as connection:
        assert connection.scalar(select(func.count()).select_from(notes)) == NOTES
        assert connection.scalar(select(func.count()).select_from(audit)) == NOTES / 1_000
