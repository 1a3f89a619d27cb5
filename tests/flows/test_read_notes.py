from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from clustering.reading import ReadSpan
from models.errors import Unavailable
from service.flows.ingest import ingest_note
from service.flows.language import LanguageModels
from service.flows.read_notes import read_pending
from service.flows.requests import add_request
from service.storage import vectors as stored_vectors
from service.storage.engine import Store
from service.storage.tables import notes, requests, vectors
from tests.factories import NOW, raw_note
from tests.flows.world import EXPORT, LOGIN, World, tables_of, texts_on
from tests.language_fakes import SentenceReader, WordEncoder


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def count(world: World, table: object) -> int:
    with world.store.read() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def edit(world: World, number: int, text: str) -> None:
    ingest_note(
        world.store,
        raw_note(number, text=text, account_id=f"a-{number}", csm_id=f"c-{number % 4}"),
        now=world.now,
        actor="t",
    )


def test_requests_are_exact_spans(world: World) -> None:
    world.note(1, "All is well.\r\nThey need exports – all of them. Bye.")
    world.read()
    request = world.request_like("exports")
    whole = "All is well.\r\nThey need exports – all of them. Bye."
    assert request.text == whole[request.start : request.end]
    assert (request.account_id, request.csm_id) == ("a-1", "c-1")


def test_a_request_that_fits_an_item_goes_to_it(world: World) -> None:
    theme = world.item("Data", EXPORT)
    world.note(1, f"{EXPORT} soon.")
    world.read()
    request = world.request_like("export")
    assert (request.theme_id, request.assigned_by) == (theme, "model")


def test_a_request_that_fits_no_item_waits_with_a_guess_of_its_area(world: World) -> None:
    world.item("Data", "Quite another thing")
    world.note(1, f"{LOGIN} soon.")
    world.read()
    request = world.request_like("okta")
    assert (request.theme_id, request.unclassified_area) == (None, "Data")


def test_an_arrival_joins_a_proposed_theme_that_is_near(world: World) -> None:
    world.notes([*texts_on(LOGIN, 5), *texts_on(EXPORT, 4)])
    world.run()
    world.note(20, f"{LOGIN} today.")
    world.read()
    assert len(world.theme(world.proposed_with("okta"))["members"]) == 6


def test_reading_twice_changes_nothing(world: World) -> None:
    world.notes(texts_on(LOGIN, 3))
    world.read()
    before = tables_of(world.store)
    world.read()
    assert tables_of(world.store) == before


def test_an_edited_note_keeps_the_rows_of_unchanged_spans(world: World) -> None:
    theme = world.item("Data", EXPORT)
    world.note(1, "They need okta. They need exports.")
    world.read()
    kept = world.request_like("okta")
    world.decide(theme, "confirm", requests=[kept.id])
    edit(world, 1, "Hello! They need imports. They need okta.")
    world.read()
    after = world.request_like("okta")
    assert after.id == kept.id
    assert after.assigned_by == "person"
    assert after.start == "Hello! They need imports. They need okta.".index("They need okta")
    assert world.request_like("imports").id != kept.id
    assert count(world, requests) == 2


def test_words_that_are_gone_leave_no_vector(world: World) -> None:
    world.note(1, "They need okta.")
    world.read()
    edit(world, 1, "They need exports.")
    world.read()
    assert count(world, requests) == 1
    assert count(world, vectors) == 1


def test_equal_spans_of_one_note_are_requests_of_their_own(world: World) -> None:
    world.note(1, "They need okta.\nThey need okta.")
    world.read()
    with world.store.read() as connection:
        rows = connection.execute(select(requests.c.id, requests.c.start)).all()
    assert len({row.id for row in rows}) == 2
    assert sorted(row.start for row in rows) == [0, 16]


class MoreReader(SentenceReader):
    """A later reader: the same, and whatever holds 'want'."""

    def read(self, texts: Sequence[str]) -> list[list[ReadSpan]]:
        found = super().read(texts)
        for spans, text in zip(found, texts, strict=True):
            spans[:] = [ReadSpan(0, len(text), 0.9, s.severity, 0.5) for s in spans[:1]]
        return found


def test_a_span_that_overlaps_a_persons_is_not_read_again(world: World) -> None:
    note = world.note(1, "Some chatter they want. And they need okta.")
    world.read()
    added = add_request(
        world.store, note, {"start": 0, "end": 12, "severity": "minor"}, now=NOW, actor="ops"
    )
    edit(world, 1, "Some chatter they want. And they need okta!")
    world.language = LanguageModels(WordEncoder(), MoreReader())  # type: ignore[arg-type]
    world.read()
    with world.store.read() as connection:
        rows = connection.execute(select(requests.c.id, requests.c.text)).all()
    assert [(row.id, row.text) for row in rows] == [(added["id"], "Some chatter")]


def test_a_dismissed_span_stays_dismissed(world: World) -> None:
    theme = world.item("Data", EXPORT)
    world.note(1, "They need okta. They need exports.")
    world.read()
    world.decide(theme, "dismiss", requests=world.ids(["okta"]), reason="chatter")
    edit(world, 1, "They need okta. They need imports.")
    world.read()
    assert world.request_like("okta").dismissed


class BrokenReader(SentenceReader):
    def read(self, texts: Sequence[str]) -> list[list[ReadSpan]]:
        if any("poison" in text for text in texts):
            raise ValueError(f"can't read {texts}")
        return super().read(texts)


def test_a_note_that_the_reader_breaks_on_holds_up_no_other(world: World) -> None:
    world.language = LanguageModels(WordEncoder(), BrokenReader())  # type: ignore[arg-type]
    world.note(1, "They need poison.")
    world.note(2, "They need okta.")
    world.read()
    with world.store.read() as connection:
        rows = connection.execute(select(notes.c.external_id, notes.c.read_error)).all()
    assert dict(tuple(row) for row in rows) == {"n-1": "ValueError", "n-2": None}
    assert world.theme_of("okta") is None


class NoEncoder(WordEncoder):
    def encode(self, texts: Sequence[str]) -> object:  # type: ignore[override]
        raise Unavailable("gone", code="encoder_unavailable")


def test_without_an_encoder_the_notes_stay_pending(world: World) -> None:
    world.note(1, "They need okta.")
    broken = LanguageModels(NoEncoder(), SentenceReader())  # type: ignore[arg-type]
    with pytest.raises(Unavailable):
        read_pending(world.store, broken, now=NOW)
    assert count(world, requests) == 0
    assert read_pending(world.store, world.language, now=NOW) == 1
    assert count(world, requests) == 1


def test_what_was_claimed_by_a_killed_worker_is_read_later(world: World) -> None:
    from service.storage.notes import claim_pending

    world.note(1, "They need okta.")
    with world.store.write() as connection:
        claim_pending(connection, now=NOW, until=NOW + timedelta(minutes=5), limit=10)
    assert read_pending(world.store, world.language, now=NOW) == 0
    assert read_pending(world.store, world.language, now=NOW + timedelta(minutes=6)) == 1


class EditingReader(SentenceReader):
    """While it reads, somebody edits the note."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._done = False

    def read(self, texts: Sequence[str]) -> list[list[ReadSpan]]:
        if not self._done:
            self._done = True
            edit(self._world, 1, "They need exports.")
        return super().read(texts)


def test_a_reading_of_an_older_text_is_thrown_away(world: World) -> None:
    world.note(1, "They need okta.")
    language = LanguageModels(WordEncoder(), EditingReader(world))  # type: ignore[arg-type]
    read_pending(world.store, language, now=NOW)
    assert count(world, requests) == 0
    world.read()
    assert world.request_like("exports").text == "They need exports."


def test_markup_does_not_change_what_a_request_means(world: World) -> None:
    plain = "They need bulk export of rows soon."
    posted = "They need <b>bulk</b>&nbsp;export of <span class=quoted>rows</span> soon."
    world.note(1, plain)
    world.note(2, posted)
    world.read()
    found = [world.request_like("need bulk"), world.request_like("<b>")]
    assert found[1].text == posted
    with world.store.read() as connection:
        rows = stored_vectors.load(
            connection, [request.vector_key for request in found], WordEncoder.fingerprint
        )
    assert len({row.tobytes() for row in rows.values()}) == 1 and len(rows) == 2
