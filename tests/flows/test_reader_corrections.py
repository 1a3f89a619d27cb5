"""People's corrections teach the reader: the notes after them, until they are undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from clustering.reader_lessons import Correction
from clustering.reading import ReadSpan
from models.severity import Severity
from service.flows.forget import delete_note
from service.flows.jobs import start_run
from service.flows.language import LanguageModels
from service.flows.requests import RequestFilters, add_request, list_requests, mend_request
from service.storage.engine import Store
from tests.flows.world import EXPORT, World
from tests.language_fakes import SentenceReader, WordEncoder

ODD = "The till sulks"


@dataclass(frozen=True)
class Words:
    """What the pupil below has learned."""

    yes: frozenset[str]
    no: frozenset[str]


class Pupil(SentenceReader):
    """Reads the sentences with 'need', and word for word what it was taught."""

    def __init__(self) -> None:
        self.taught = 0

    def read(self, texts: Sequence[str], lessons: Words | None = None) -> list[list[ReadSpan]]:
        answers = super().read(texts)
        if lessons is None:
            return answers
        for text, spans in zip(texts, answers, strict=True):
            spans[:] = [s for s in spans if text[s.start : s.end] not in lessons.no]
            for words in sorted(lessons.yes):
                place = text.find(words)
                if place >= 0:
                    spans.append(ReadSpan(place, place + len(words), 0.9, Severity.MINOR, 0.9))
        return answers

    def learn(self, corrections: Sequence[Correction], studied: object) -> Words:  # type: ignore[override]
        self.taught += 1
        return Words(
            frozenset(c.text[a:b] for c in corrections for a, b in c.requests),
            frozenset(c.text[a:b] for c in corrections for a, b in c.no_requests),
        )


@pytest.fixture
def world(store: Store) -> World:
    return World(store, LanguageModels(WordEncoder(), Pupil()))  # type: ignore[arg-type]


def read_of(world: World, number: int) -> set[str]:
    world.read()
    filters = RequestFilters(external_id=f"n-{number}")
    return {row["text"] for row in list_requests(world.store, filters).data}


def add(world: World, note: str, text: str, words: str) -> str:
    start = text.index(words)
    body = {"start": start, "end": start + len(words), "severity": "minor"}
    return add_request(world.store, note, body, now=world.now, actor="ops")["decision_id"]


def test_an_added_request_is_found_in_the_next_note_until_it_is_undone(world: World) -> None:
    note = world.note(1, f"Fine. {ODD}.")
    world.note(2, f"Quiet. {ODD}.")
    assert read_of(world, 2) == set()
    decision = add(world, note, f"Fine. {ODD}.", ODD)
    world.note(3, f"Calm. {ODD}.")
    assert read_of(world, 3) == {ODD}
    world.undo(decision)
    world.note(4, f"Warm. {ODD}.")
    assert read_of(world, 4) == set()


def test_a_dismissed_request_is_left_out_of_the_next_note(world: World) -> None:
    theme = world.item("Data", EXPORT)
    world.note(1, "They need a parking space.")
    world.read()
    said = world.decide(theme, "dismiss", requests=world.ids(["parking"]), reason="no product")
    world.note(2, "They need a parking space. They need okta.")
    assert read_of(world, 2) == {"They need okta."}
    world.undo(said["decision_id"])
    world.note(3, "They need a parking space.")
    assert read_of(world, 3) == {"They need a parking space."}


def test_a_mended_span_teaches_its_new_words(world: World) -> None:
    world.note(1, f"{ODD} and they need rest.")
    world.read()
    request = world.request_like("rest").id
    mend_request(world.store, request, {"start": 0, "end": len(ODD)}, now=world.now, actor="ops")
    world.note(2, f"Calm. {ODD}.")
    assert read_of(world, 2) == {ODD}


def test_notes_already_read_follow_only_when_asked(world: World) -> None:
    note = world.note(1, f"Fine. {ODD}.")
    world.note(2, f"Quiet. {ODD}. They need okta.")
    world.read()
    kept = world.request_like("okta").id
    add(world, note, f"Fine. {ODD}.", ODD)
    world.run()
    assert read_of(world, 2) == {"They need okta."}
    start_run(world.store, now=world.now, actor="ops", reread=True)
    assert read_of(world, 2) == {ODD, "They need okta."}
    assert world.request_like("okta").id == kept


def test_a_deleted_note_teaches_nothing(world: World) -> None:
    note = world.note(1, f"Fine. {ODD}.")
    world.read()
    add(world, note, f"Fine. {ODD}.", ODD)
    delete_note(world.store, "manual", "n-1", now=world.now, actor="ops")
    world.note(2, f"Calm. {ODD}.")
    assert read_of(world, 2) == set()


def test_lessons_are_learned_once_for_the_same_corrections(world: World) -> None:
    note = world.note(1, f"Fine. {ODD}.")
    world.read()
    add(world, note, f"Fine. {ODD}.", ODD)
    for number in range(2, 6):
        world.note(number, f"Calm day {number}.")
        world.read()
    assert world.language.reader.taught == 1  # type: ignore[attr-defined]
