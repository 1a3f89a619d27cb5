"""A labelled corpus on disk: notes with the requests that an annotator found in them.

A folder with accounts.csv, csms.csv, themes.csv (theme_id, feature_area, customer_need,
description), notes.jsonl (as POST /notes), gold.jsonl ({"external_id", "observations":
[{"quote", "theme_id"|null, "severity"}]}) and probes.jsonl ({"text", "theme_id"|null}).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from models.account import CSM, Account, Portfolio, parse_account, parse_csm
from models.errors import InvalidInput
from models.note import Note, parse_note
from models.severity import Severity, parse_severity
from service.decoding import decode_csv, decode_lines
from service.flows.receipts import Line

Row = Mapping[str, object]

Pair = tuple[str, str]

# A corpus may be of any year: whether its notes are of the future is not asked here.
_END_OF_TIME = datetime(9000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """One request of a note: code points, the gold theme (None for a one-off), severity."""

    start: int
    end: int
    theme_id: str | None
    severity: Severity


@dataclass(frozen=True, slots=True)
class LabelledNote:
    """One note as its sender posted it, with its gold."""

    note: Note
    gold: tuple[GoldSpan, ...]


@dataclass(frozen=True, slots=True)
class Probe:
    """A text that is one whole request, and the theme it belongs to, if any."""

    text: str
    theme_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelledCorpus:
    """A corpus in memory.

    accounts, csms, taxonomy, raw_notes: lines as the loading flows take them.
    themes: gold theme id -> (feature area, customer need).
    """

    accounts: Sequence[Line]
    csms: Sequence[Line]
    taxonomy: Sequence[Line]
    raw_notes: Sequence[Line]
    notes: Sequence[LabelledNote]
    themes: Mapping[str, Pair]
    probes: Sequence[Probe]

    @property
    def last_instant(self) -> datetime:
        """When the last note was written: a `now` under which every note may be loaded."""
        return max(labelled.note.occurred_at for labelled in self.notes)


def load_corpus(folder: Path) -> LabelledCorpus:
    """Read a labelled corpus.

    Raises:
        InvalidInput: code `broken_corpus`, naming the file and line: a file that is missing or
            empty, a line that can't be read, a quote that its note does not hold, a note
            without gold, an unknown theme. A note, severity, account or CSM that the service
            would refuse is refused with the service's own code.
    """
    taxonomy = _lines(folder / "themes.csv", "theme_id", "feature_area", "customer_need")
    themes = {
        str(row["theme_id"]): (str(row["feature_area"]), str(row["customer_need"]))
        for row in _rows("themes.csv", taxonomy)
    }
    raw_notes = _lines(folder / "notes.jsonl")
    gold = {
        str(row["external_id"]): row["observations"]
        for row in _rows("gold.jsonl", _lines(folder / "gold.jsonl"), "external_id", "observations")
    }
    probes = _rows("probes.jsonl", _lines(folder / "probes.jsonl"), "text", "theme_id")
    return LabelledCorpus(
        accounts=_lines(folder / "accounts.csv", "account_id"),
        csms=_lines(folder / "csms.csv", "csm_id"),
        taxonomy=taxonomy,
        raw_notes=raw_notes,
        notes=[
            _labelled(parse_note(row, now=_END_OF_TIME), gold, themes)
            for row in _rows("notes.jsonl", raw_notes)
        ],
        themes=themes,
        probes=[Probe(str(row["text"]), _theme(row, themes, "probes.jsonl")) for row in probes],
    )


def broken_corpus(file: str, what: str) -> InvalidInput:
    """The refusal of a corpus: which file of it, and what is wrong there."""
    return InvalidInput(
        f"The corpus can't be used: {file}: {what.rstrip('.')}.", code="broken_corpus", field=file
    )


def portfolio_of(corpus: LabelledCorpus) -> Portfolio:
    """The corpus's accounts and CSMs, with a bare record for any that only a note names.

    Raises:
        InvalidInput: for a row that the service would refuse.
    """
    accounts: dict[str, Account] = {}
    csms: dict[str, CSM] = {}
    for row in _rows("accounts.csv", corpus.accounts):
        account = parse_account(row)
        accounts[account.account_id] = account.apply(accounts.get(account.account_id))
    for row in _rows("csms.csv", corpus.csms):
        csm = parse_csm(row)
        csms[csm.csm_id] = csm.apply(csms.get(csm.csm_id))
    for labelled in corpus.notes:
        note = labelled.note
        accounts.setdefault(note.account_id, Account(account_id=note.account_id))
        csms.setdefault(note.csm_id, CSM(csm_id=note.csm_id))
    return Portfolio(accounts, csms)


def _labelled(note: Note, gold: Mapping[str, object], themes: Mapping[str, Pair]) -> LabelledNote:
    observations = gold.get(note.external_id)
    if not isinstance(observations, list):
        raise broken_corpus(
            "gold.jsonl", f"the note {note.external_id} has no list of observations"
        )
    return LabelledNote(note, tuple(_spans(note, observations, themes)))


def _spans(
    note: Note, observations: list[object], themes: Mapping[str, Pair]
) -> Iterator[GoldSpan]:
    # A quote that stands twice in its note is meant once per observation, in order.
    after: dict[str, int] = {}
    for row in observations:
        if not isinstance(row, Mapping) or not isinstance(quote := row.get("quote"), str):
            raise broken_corpus("gold.jsonl", f"an observation of {note.external_id} has no quote")
        start = note.text.find(quote, after.get(quote, 0))
        if not quote or start < 0:
            raise broken_corpus("gold.jsonl", f"a quote of {note.external_id} is not in its note")
        after[quote] = end = start + len(quote)
        severity = parse_severity(row.get("severity"))
        yield GoldSpan(start, end, _theme(row, themes, "gold.jsonl"), severity)


def _theme(row: Row, themes: Mapping[str, Pair], file: str) -> str | None:
    theme = row.get("theme_id")
    if theme is not None and theme not in themes:
        raise broken_corpus(file, f"the theme {theme} is not in themes.csv")
    return None if theme is None else str(theme)


def _rows(file: str, lines: Sequence[Line], *columns: str) -> Iterator[Row]:
    """The rows behind the lines of a file, each of which has these columns."""
    if not lines:
        raise broken_corpus(file, "it is empty")
    for number, row in lines:
        if isinstance(row, InvalidInput):
            raise broken_corpus(file, f"line {number}: {row.message}")
        if missing := [column for column in columns if column not in row]:
            raise broken_corpus(file, f"line {number} has no {missing[0]}")
        yield row


def _lines(path: Path, *columns: str) -> list[Line]:
    """The lines of a file; those of a CSV file have these columns."""
    try:
        data = path.read_bytes()
        if path.suffix == ".csv":
            return list(decode_csv(data, columns=columns))
        return list(decode_lines(data, "application/x-ndjson"))
    except OSError as error:
        raise broken_corpus(path.name, f"it can't be read ({error.strerror})") from None
    except InvalidInput as error:
        raise broken_corpus(path.name, error.message) from None
