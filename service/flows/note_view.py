"""One note with its requests: where each went, and by whose word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise

from models.account import risk
from models.errors import NotFound
from service.flows.request_rows import RequestRow, request_rows
from service.masking import PUBLIC, Mask, Sight
from service.storage import note_search, request_decisions, requests, themes
from service.storage.accounts import ACCOUNTS, CSMS
from service.storage.decisions import DecisionRecord
from service.storage.engine import Store
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord


@dataclass(frozen=True, slots=True)
class WordOf:
    """One decision that stands on a request: what, by whom, when and why."""

    id: str
    action: str
    actor: str
    made_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedRequest:
    """One request of the note.

    Attributes:
        row: as `GET /requests` shows it.
        held: a person took it off every item. bound: a decision on its theme keeps it there.
        added, mended: a person added it, or set its span.
        theme, theme_status: the name of the theme that it is on, and how far that is.
        words: decisions that name it, oldest first.
        on_theme: the last accept or merge that concerns its theme.
    """

    row: RequestRow
    held: bool
    bound: bool
    added: bool
    mended: bool
    theme: str | None
    theme_status: str | None
    words: Sequence[WordOf]
    on_theme: WordOf | None


@dataclass(frozen=True, slots=True)
class Cut:
    """A run of the note's text that stands in the same requests, by their ids."""

    text: str
    request_ids: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteView:
    """One note.

    Attributes:
        text: as the caller may see it; `masked` where that is not as posted.
        cuts: the same text in pieces, at the edges of its requests; in one piece, and `placed`
            False, where what is hidden reaches over such an edge.
    """

    id: str
    source: str
    external_id: str
    text: str
    masked: bool
    cuts: Sequence[Cut]
    placed: bool
    account_id: str
    account: str | None
    arr: Decimal | None
    at_risk: bool | None
    risk_why: str
    csm_id: str
    csm: str | None
    occurred_at: datetime
    received_at: datetime
    revision: int
    language: str | None
    state: str
    read_error: str | None
    requests: Sequence[PlacedRequest]


def view_note(store: Store, note_id: str, *, as_of: date, sight: Sight = PUBLIC) -> NoteView:
    """The note with this id; dismissed requests are among its requests, last.

    Raises:
        NotFound: `unknown_note`.
    """
    with store.read() as connection:
        note = note_search.get(connection, note_id)
        if note is None:
            raise NotFound("No note has this id.", code="unknown_note")
        account = ACCOUNTS.find(connection, [note.account_id])[note.account_id].value
        csm = CSMS.find(connection, [note.csm_id])[note.csm_id].value
        records = requests.of_notes(connection, [note_id])[note_id]
        records.sort(key=lambda record: (record.dismissed, record.start, record.id))
        rows = request_rows(store, connection, records, sight)
        on = {record.theme_id for record in records if record.theme_id is not None}
        known = themes.get_many(connection, on)
        words = request_decisions.on_requests(connection, [record.id for record in records])
        on_themes = request_decisions.on_themes(connection, on)
    judged = risk(account, as_of)
    text = sight.request_text(note.text, note.csm_id)
    cuts = [
        Cut(sight.request_text(cut.text, note.csm_id), cut.request_ids)
        for cut in _cuts(note.text, [record for record in records if not record.dismissed])
    ]
    placed = "".join(cut.text for cut in cuts) == text
    return NoteView(
        id=note.id,
        source=note.source,
        external_id=note.external_id,
        text=text,
        masked=text != note.text,
        cuts=cuts if placed else [Cut(text, ())],
        placed=placed,
        account_id=note.account_id,
        account=account.name,
        arr=account.arr,
        at_risk=judged.at_risk,
        risk_why=judged.why,
        csm_id=note.csm_id,
        csm=csm.name,
        occurred_at=note.occurred_at,
        received_at=note.received_at,
        revision=note.revision,
        language=note.language,
        state=note.state,
        read_error=note.read_error,
        requests=[
            _placed(record, row, known, words[record.id], on_themes, sight.mask)
            for record, row in zip(records, rows, strict=True)
        ],
    )


def _cuts(text: str, records: Sequence[RequestRecord]) -> list[Cut]:
    edges = {0, len(text)}
    for record in records:
        edges |= {min(record.start, len(text)), min(record.end, len(text))}
    places = sorted(edges)
    return [
        Cut(
            text[start:end],
            [record.id for record in records if record.start < end and start < record.end],
        )
        for start, end in pairwise(places)
    ]


def _placed(
    record: RequestRecord,
    row: RequestRow,
    known: Mapping[str, ThemeRecord],
    words: Sequence[DecisionRecord],
    on_themes: Mapping[str, Sequence[DecisionRecord]],
    mask: Mask,
) -> PlacedRequest:
    theme = known.get(record.theme_id or "")
    binding = [
        decision
        for decision in on_themes.get(record.theme_id or "", ())
        if decision.action in ("accept", "merge")
    ]
    return PlacedRequest(
        row=row,
        held=record.held,
        bound=record.bound,
        added=record.origin == "person",
        mended=record.span_by == "person",
        theme=theme.label if theme else None,
        theme_status=theme.status if theme else None,
        words=[_word(decision, mask) for decision in words],
        on_theme=_word(binding[-1], mask) if binding else None,
    )


def _word(decision: DecisionRecord, mask: Mask) -> WordOf:
    reason = mask(decision.reason) if decision.reason else None
    return WordOf(decision.id, decision.action, decision.actor, decision.made_at, reason)
