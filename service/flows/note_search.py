"""Search in all notes: by words, phrases, names and what a note is about."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from models.errors import InvalidInput
from models.window import Window
from models.words import Query, Term, parse_query, searchable
from service.flows.pages import bad_cursor, decode_cursor, encode_cursor
from service.masking import PUBLIC, Sight
from service.storage import figures, note_search
from service.storage.engine import Store
from service.storage.note_search import STATES, FoundNote, NoteConditions, NotePosition, Sought

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# A beginning that more names share than this is no name.
_MOST_NAMES = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteFilters:
    """What to look for; '' and None leave a condition out.

    `typed` is looked for in texts, names, sources and external ids; `account` in the names and
    ids of accounts alone. `language` is ISO 639-1, or `unknown`.
    """

    typed: str = ""
    account: str = ""
    csm_id: str = ""
    window: Window | None = None
    source: str = ""
    state: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note that was found; `text` as the caller may see it."""

    id: str
    source: str
    external_id: str
    account: str
    csm: str
    occurred_at: datetime
    text: str
    requests: int
    state: str
    language: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundNotes:
    """A page of a search.

    Attributes:
        terms: what was looked for in the texts; `cut` where more was typed than that.
        no_words: something was typed, and no letter or digit is in it.
        total: how many notes there are, on all pages.
        is_empty: the store holds no note at all; `waiting` of them are not read yet.
        csms, sources, languages: what can be asked for; CSM ids with their names.
    """

    rows: Sequence[NoteRow]
    next_cursor: str
    terms: Sequence[Term]
    cut: bool
    no_words: bool
    total: int
    is_empty: bool
    waiting: int
    csms: Mapping[str, str]
    sources: Sequence[str]
    languages: Sequence[str]


def search_notes(
    store: Store,
    filters: NoteFilters,
    *,
    cursor: str = "",
    limit: int = 50,
    sight: Sight = PUBLIC,
) -> FoundNotes:
    """Notes that hold every term and meet every condition, newest first.

    Raises:
        InvalidInput: `bad_cursor`; `unknown_state`.
    """
    place = decode_cursor(cursor, int, str)
    after = None if place is None else _position(int(place[0]), str(place[1]))
    if filters.state not in ("", *STATES):
        raise InvalidInput(
            f"state is one of {', '.join(STATES)}, or left out.",
            code="unknown_state",
            field="state",
        )
    query = parse_query(filters.typed)
    with store.read() as connection:
        accounts = note_search.account_names(connection)
        csms = note_search.csm_names(connection)
        conditions = _conditions(filters, query, accounts, csms)
        records, total = note_search.page(connection, conditions, after=after, limit=limit + 1)
        shown = records[:limit]
        counts = note_search.requests_in(connection, [record.id for record in shown])
        last = shown[-1] if len(records) > limit else None
        return FoundNotes(
            rows=[_row(record, accounts, csms, counts, sight) for record in shown],
            next_cursor=encode_cursor(_micros(last.occurred_at), last.id) if last else "",
            terms=query.terms,
            cut=query.cut,
            no_words=bool(filters.typed.strip()) and not query.terms,
            total=total,
            is_empty=not note_search.has_notes(connection),
            waiting=figures.pending_notes(connection),
            csms=dict(sorted(csms.items(), key=lambda pair: (pair[1].casefold(), pair[0]))),
            sources=note_search.sources(connection),
            languages=note_search.languages(connection),
        )


def reading_progress(store: Store, *, now: datetime) -> tuple[int, bool]:
    """How many notes wait to be read, and whether a worker holds some at this moment."""
    with store.read() as connection:
        return figures.pending_notes(connection), note_search.is_being_read(connection, now=now)


def _conditions(
    filters: NoteFilters, query: Query, accounts: Mapping[str, str], csms: Mapping[str, str]
) -> NoteConditions:
    asks_names = bool(query.terms or filters.account)
    account_words = _searchable(accounts) if asks_names else {}
    csm_words = _searchable(csms) if asks_names else {}
    window, language = filters.window, filters.language.lower()
    return NoteConditions(
        sought=[
            Sought(
                term.pattern,
                _some(_having(account_words, [term])),
                _some(_having(csm_words, [term])),
            )
            for term in query.terms
        ],
        account_ids=_having(account_words, parse_query(filters.account).terms)
        if filters.account.strip()
        else None,
        csm_id=filters.csm_id or None,
        start=window.start if window else None,
        end=window.end if window else None,
        source=filters.source or None,
        state=filters.state or None,
        language=("" if language == "unknown" else language) if language else None,
    )


def _searchable(names: Mapping[str, str]) -> dict[str, str]:
    return {id_: searchable(name, id_) for id_, name in names.items()}


def _having(words: Mapping[str, str], terms: Sequence[Term]) -> list[str]:
    """Ids of what has every one of the terms; none of them where there is no term."""
    patterns = [term.pattern for term in terms]
    return [
        id_
        for id_, held in words.items()
        if patterns and all(pattern in held for pattern in patterns)
    ]


def _some(ids: Collection[str]) -> Collection[str]:
    return ids if len(ids) <= _MOST_NAMES else ()


def _row(
    record: FoundNote,
    accounts: Mapping[str, str],
    csms: Mapping[str, str],
    counts: Mapping[str, int],
    sight: Sight,
) -> NoteRow:
    return NoteRow(
        id=record.id,
        source=record.source,
        external_id=record.external_id,
        account=accounts.get(record.account_id, record.account_id),
        csm=csms.get(record.csm_id, record.csm_id),
        occurred_at=record.occurred_at,
        text=sight.request_text(record.text, record.csm_id),
        requests=counts.get(record.id, 0),
        state="failed" if record.read_error else record.state,
        language=record.language,
    )


def _micros(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _position(micros: int, note_id: str) -> NotePosition:
    try:
        return NotePosition(_EPOCH + timedelta(microseconds=micros), note_id)
    except OverflowError:
        raise bad_cursor() from None
