"""What reading a note, for the first time or again, makes of its requests. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from clustering.reading import ReadSpan
from models.identity import request_id
from service.storage.requests import RequestRecord


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request that the reader has found, and that is not on record."""

    id: str
    text: str
    span: ReadSpan


@dataclass(slots=True)
class Rereading:
    """The differences to the requests on record: new ones, shifted and judged ones, and gone."""

    new: list[NewRequest] = field(default_factory=list)
    shifted: dict[str, tuple[int, int]] = field(default_factory=dict)
    judged: dict[str, tuple[str, float]] = field(default_factory=dict)
    gone: list[RequestRecord] = field(default_factory=list)


def reread(
    note_id: str, text: str, spans: Sequence[ReadSpan], held: Sequence[RequestRecord]
) -> Rereading:
    """Compare what the reader finds in a note with the requests on record.

    A request whose words the reader finds again keeps its row. One on which a person's word
    stands is kept as long as its words are in the note, wherever they have gone, and nothing
    that overlaps it is added.
    """
    outcome = Rereading()
    peoples = [record for record in held if record.has_a_persons_word]
    kept = find_again(text, peoples)
    outcome.shifted = {
        record.id: kept[record.id]
        for record in peoples
        if record.id in kept and kept[record.id] != (record.start, record.end)
    }
    by_id = {record.id: record for record in held if record.id not in kept}
    seen: dict[str, int] = {}
    found: set[str] = set()
    for span in sorted(spans, key=lambda span: (span.start, span.end)):
        words = text[span.start : span.end]
        ordinal = seen.get(words, 0)
        seen[words] = ordinal + 1
        if any(span.start < end and start < span.end for start, end in kept.values()):
            continue
        while (own_id := request_id(note_id, words, ordinal)) in kept or own_id in found:
            ordinal += 1
        found.add(own_id)
        record = by_id.get(own_id)
        if record is None:
            outcome.new.append(NewRequest(own_id, words, span))
            continue
        if (record.start, record.end) != (span.start, span.end):
            outcome.shifted[own_id] = (span.start, span.end)
        if (record.severity, record.severity_confidence) != (
            span.severity.value,
            span.severity_confidence,
        ):
            outcome.judged[own_id] = (span.severity.value, span.severity_confidence)
    gone = by_id.keys() - found
    outcome.gone = [record for record in held if record.id in gone]
    return outcome


def find_again(text: str, held: Sequence[RequestRecord]) -> dict[str, tuple[int, int]]:
    """Request id -> where its words stand in this text; those whose words are gone are left out.

    Of equal words each request takes the place nearest to its own, in the order given.
    """
    found: dict[str, tuple[int, int]] = {}
    for record in held:
        start = _nearest(text, record.text, record.start, {place for place, _ in found.values()})
        if start is not None:
            found[record.id] = (start, start + len(record.text))
    return found


def _nearest(text: str, words: str, near: int, taken: set[int]) -> int | None:
    """Where the words stand, closest to where they stood, at no place that is taken."""
    places = []
    place = text.find(words)
    while place != -1:
        if place not in taken:
            places.append(place)
        place = text.find(words, place + 1)
    return min(places, key=lambda start: (abs(start - near), start), default=None)
