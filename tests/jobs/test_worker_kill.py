"""SIGKILL in the middle of the worker's loop: the next one finishes, nothing is doubled."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from service.flows.ingest import ingest_notes
from service.flows.jobs import get_job, start_run
from service.jobs.worker import Worker
from service.storage.engine import Store
from service.storage.tables import notes, requests
from tests.factories import NOW, lines_of, raw_note
from tests.fakes import FakeLanguage

ROOT = Path(__file__).parents[2]
NOTES = 640

PROGRAM = """
import sys, threading
from service.jobs import worker
from service.jobs.worker import Worker
from service.storage.engine import open_store
from tests.factories import NOW
from tests.fakes import FakeLanguage

worker.NOTES_AT_ONCE = 128
language = FakeLanguage()
read = language.reader.read
batches = iter(range(1, 99))

def read_two(given):
    print("reading", flush=True)
    if next(batches) == 3:
        sys.stdin.read()  # until the end: it is killed in here
    return read(given)

language.reader.read = read_two
Worker(open_store(sys.argv[1]), language, clock=lambda: NOW).run(threading.Event())
"""


def test_a_worker_killed_in_the_middle_of_a_run_is_followed_by_the_next(
    store: Store, store_url: str
) -> None:
    lines = lines_of(*(raw_note(number, text=f"Ask {number}.") for number in range(NOTES)))
    ingest_notes(store, lines, now=NOW, actor="crm")
    job_id = start_run(store, now=NOW, actor="ops")
    first = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, store_url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        text=True,
    )
    assert first.stdout is not None and first.stdin is not None
    for _ in range(3):
        first.stdout.readline()
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL
    first.stdout.close()
    first.stdin.close()

    with store.read() as connection:
        done = connection.scalar(select(func.count()).where(notes.c.state == "read")) or 0
        found = connection.scalar(select(func.count()).select_from(requests))
    # The killed batch left no half of itself.
    assert 0 < done < NOTES
    assert found == done

    later = NOW + timedelta(minutes=5)
    worker = Worker(store, FakeLanguage(), clock=lambda: later)
    while worker.run_once():
        pass
    assert get_job(store, job_id).state == "done"
    with store.read() as connection:
        assert connection.scalar(select(func.count()).where(notes.c.state == "pending")) == 0
        found_texts = connection.scalars(select(requests.c.text)).all()
    assert sorted(found_texts) == sorted(f"Ask {number}." for number in range(NOTES))
