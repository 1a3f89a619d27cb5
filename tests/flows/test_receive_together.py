"""Deliveries that line up for the store share a commit, and nothing else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

from models.errors import InvalidInput, Unavailable
from service.crm.connector import Change, Deletion, NoteChange
from service.flows import receive_together
from service.flows.receive import DeliveryReceipt
from service.flows.receive_together import IntakeLine
from service.storage import audit
from service.storage.engine import Store
from tests.factories import NOW, raw_note
from tests.stored import note_texts


def change(number: int, text: str = "They need bulk export.", **options: Any) -> NoteChange:
    return NoteChange(raw_note(number, text=text), **options)


def at_once(
    store: Store,
    deliveries: Sequence[Sequence[Change]],
    line: IntakeLine | None = None,
    *,
    alone: Collection[int] = (),
) -> list[DeliveryReceipt | Exception]:
    """Deliver all of these while another writer has the store, and let them in together.

    They come in this order, each when the one before is at the store or in line for it; but for
    those that go their own way, whose places are `alone`.
    """
    line = line or IntakeLine(store)
    answers: list[DeliveryReceipt | Exception | None] = [None] * len(deliveries)

    def deliver(place: int) -> None:
        try:
            answers[place] = line.receive("generic", deliveries[place], now=NOW)
        except Exception as error:
            answers[place] = error

    threads = [threading.Thread(target=deliver, args=(n,)) for n in range(len(deliveries))]
    with store.write():
        behind = -1  # the first is at the store, not in line
        for place, thread in enumerate(threads):
            thread.start()
            if place in alone:
                continue
            behind += 1
            while thread.is_alive() and not (line._busy and len(line._line) == behind):
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


def versions(store: Store) -> int:
    with store.read() as connection:
        return store.data_version(connection)


def test_those_that_line_up_are_stored_in_two_transactions(store: Store) -> None:
    before = versions(store)
    answers = at_once(store, [[change(number)] for number in range(1, 21)])
    assert [answer.accepted for answer in answers if isinstance(answer, DeliveryReceipt)] == [
        1
    ] * 20
    assert len(note_texts(store)) == 20
    # The writer that held them up; the first, at it alone when the others came; all the others.
    assert versions(store) - before == 1 + 2


def test_each_is_told_what_became_of_its_own_notes(store: Store) -> None:
    line = IntakeLine(store)
    line.receive("generic", [change(2, "Old words.")], now=NOW)
    first, same, edited, many = at_once(
        store,
        [[change(1)], [change(1)], [change(2, "New words.")], [change(3), change(4), change(1)]],
        line,
    )
    assert isinstance(first, DeliveryReceipt) and first.accepted == 1
    assert isinstance(same, DeliveryReceipt) and (same.accepted, same.duplicate) == (0, 1)
    assert isinstance(edited, DeliveryReceipt) and edited.updated == 1
    assert isinstance(many, DeliveryReceipt) and (many.accepted, many.duplicate) == (2, 1)


def test_a_delivery_that_comes_twice_at_once_is_stored_once(store: Store) -> None:
    twice = [[change(1, "First words.", delivery="d-1")], [change(1, "Other.", delivery="d-1")]]
    answers = at_once(store, [[change(9)], *twice])
    counted = [(a.accepted, a.duplicate) for a in answers if isinstance(a, DeliveryReceipt)]
    assert counted == [(1, 0), (1, 0), (0, 1)]
    assert note_texts(store)["n-1"] == "First words."


def test_a_bad_one_is_refused_alone(store: Store) -> None:
    good, bad, other = at_once(store, [[change(1)], [change(2, " ")], [change(3)]], alone={1})
    assert isinstance(bad, InvalidInput) and bad.code == "empty_text"
    assert isinstance(good, DeliveryReceipt) and isinstance(other, DeliveryReceipt)
    assert set(note_texts(store)) == {"n-1", "n-3"}


def test_what_is_more_than_notes_goes_its_own_way(store: Store) -> None:
    line = IntakeLine(store)
    line.receive("generic", [change(1)], now=NOW)
    gone = line.receive("manual", [Deletion("n-1")], now=NOW)
    assert gone.forgotten == 1 and note_texts(store) == {}


def test_each_delivery_has_its_row_in_the_audit_trail(store: Store) -> None:
    at_once(store, [[change(1)], [change(2)], [change(3)], [change(1)]])
    with store.read() as connection:
        rows = audit.page(connection, before=None, limit=50)
    assert [row.actor for row in rows if row.action == "notes.batch"] == ["webhook:generic"] * 3


def breaking(
    monkeypatch: pytest.MonkeyPatch, error: Exception, when: Callable[[int], bool]
) -> None:
    """Let the shared transaction fail where so many notes are in it."""
    real = receive_together.store_notes

    def failing(connection: Any, notes: Sequence[Any], **options: Any) -> Any:
        if when(len(notes)):
            raise error
        return real(connection, notes, **options)

    monkeypatch.setattr(receive_together, "store_notes", failing)


def test_a_full_store_is_told_to_each(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    breaking(monkeypatch, Unavailable("The disk is full.", code="store_full"), lambda n: n > 1)
    answers = at_once(store, [[change(number)] for number in range(1, 5)])
    refused = [answer for answer in answers if isinstance(answer, Unavailable)]
    assert len(refused) == 3 and len(note_texts(store)) == 1


def test_one_that_breaks_the_others_transaction_breaks_only_itself(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, RuntimeError("poison"), lambda n: n > 1)
    answers = at_once(store, [[change(number)] for number in range(1, 5)])
    assert all(isinstance(answer, DeliveryReceipt) for answer in answers)
    assert len(note_texts(store)) == 4


def test_the_line_goes_on_after_a_failure(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    line = IntakeLine(store)

    @contextmanager
    def closed() -> Any:
        raise Unavailable("Locked.", code="store_busy")
        yield

    with monkeypatch.context() as patch:
        patch.setattr(store, "write", closed)
        with pytest.raises(Unavailable):
            line.receive("generic", [change(1)], now=NOW)
    assert line.receive("generic", [change(1)], now=NOW).accepted == 1
