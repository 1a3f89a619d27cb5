"""One note as a page: its text with the requests in it, and what became of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from models.severity import Severity
from models.window import Calendar
from service.flows.candidates import CandidateRow
from service.flows.note_view import Cut, NoteView, PlacedRequest, WordOf
from service.web.contexts import Done
from service.web.deciding.items import item_path
from service.web.figures import UNKNOWN, dollars, link, percent
from service.web.notes.contexts import (
    NotePage,
    RequestCard,
    Runner,
    Segment,
    Typed,
)
from service.web.notes.search_page import NOTES

_STATES = {"pending": "waits to be read", "read": "read"}
_PENDING = "It waits to be read; its requests show up here once a worker has read it."
_RUNNERS = 3


def note_page(
    view: NoteView,
    *,
    may_review: bool,
    items: Sequence[str],
    calendar: Calendar,
    typed: Typed,
    refused: str = "",
    done: Done | None = None,
) -> NotePage:
    """The page of one note; `items` are the paths that a request can be moved to."""
    numbers = {one.row["id"]: place for place, one in enumerate(view.requests, start=1)}
    cards = [_card(one, numbers[one.row["id"]], view, calendar) for one in view.requests]
    severities = {one.row["id"]: one.row["severity"] for one in view.requests}
    return NotePage(
        id=view.id,
        title=view.account or view.account_id,
        facts=_facts(view),
        reading=_reading(view),
        language=view.language or "",
        masked=view.masked,
        marked=view.placed,
        segments=_segments(view.cuts, numbers, severities),
        cards=[card for card in cards if not card.dismissed],
        dismissed=[card for card in cards if card.dismissed],
        may_review=may_review,
        revision=view.revision,
        items=items,
        severities=[severity.value for severity in Severity],
        typed=typed,
        refused=refused,
        done=done,
        here=f"{NOTES}/{view.id}",
    )


def _segments(
    cuts: Sequence[Cut], numbers: Mapping[str, int], severities: Mapping[str, str]
) -> list[Segment]:
    begun: set[str] = set()
    found = []
    for cut in cuts:
        new = [id_ for id_ in cut.request_ids if id_ not in begun]
        begun.update(cut.request_ids)
        named = (new or cut.request_ids)[-1] if cut.request_ids else ""
        found.append(
            Segment(
                text=cut.text,
                number=numbers.get(named, 0),
                severity=severities.get(named, ""),
                anchors=[f"r-{id_}" for id_ in new],
                target=f"#of-{named}" if named else "",
            )
        )
    return found


def _facts(view: NoteView) -> list[tuple[str, str]]:
    risk = UNKNOWN if view.at_risk is None else "at risk" if view.at_risk else "not at risk"
    return [
        ("Account", _named(view.account, view.account_id)),
        ("ARR", dollars(None if view.arr is None else float(view.arr))),
        ("Risk", f"{risk}: {view.risk_why}"),
        ("CSM", _named(view.csm, view.csm_id)),
        ("Written", _minute(view.occurred_at)),
        ("Received", _minute(view.received_at)),
        ("Source", f"{view.source} · {view.external_id}"),
        ("Language", view.language or "not told"),
        ("Revision", str(view.revision)),
        ("State", "could not be read" if view.read_error else _STATES[view.state]),
    ]


def _named(name: str | None, id_: str) -> str:
    return f"{name} ({id_})" if name and name != id_ else id_


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _reading(view: NoteView) -> str:
    if view.read_error:
        return f"It could not be read: {view.read_error}. An edited text is tried anew."
    return _PENDING if view.state == "pending" else ""


def _card(one: PlacedRequest, number: int, view: NoteView, calendar: Calendar) -> RequestCard:
    row = one.row
    state, where = _where(one)
    is_item = state == "item"
    quarter = str(calendar.quarter_of(view.occurred_at))
    last = one.words[-1] if one.words else None
    return RequestCard(
        id=row["id"],
        number=number,
        text=row["text"],
        severity=row["severity"],
        severity_by=_severity_by(one),
        where="" if is_item else where,
        state=state,
        theme=where if is_item else one.theme or "",
        theme_link=f"/desk/themes/{row['theme_id']}" if row["theme_id"] else "",
        receipt_link=link(f"/board/{row['theme_id']}", {"quarter": quarter})
        if row["theme_id"] and one.theme_status in ("accepted", "proposed")
        else "",
        why=_why(one),
        runners=_runners(row["candidates"], row["theme_id"]),
        dismissed=row["dismissed"],
        undo=(last.id, _DID.get(last.action, last.action)) if last else None,
    )


def _where(one: PlacedRequest) -> tuple[str, str]:
    row = one.row
    if row["dismissed"]:
        return "dismissed", "is no request"
    if row["theme_id"] is None:
        if one.held:
            return "held", "is held: on no item until a person says otherwise"
        guess = row["unclassified_area"]
        return "waiting", f"waits; perhaps it is {guess}" if guess else "waits: it fits no item yet"
    if row["feature_area"] and row["customer_need"]:
        return "item", item_path(row["feature_area"], row["customer_need"])
    return "theme", "is on a theme that is not reviewed yet"


def _severity_by(one: PlacedRequest) -> str:
    if one.row["severity_by"] == "model":
        return "by the machine"
    said = _last(one.words, "severity", "add_request")
    return f"by {said.actor}, {said.made_at:%Y-%m-%d}" if said else "by a person"


_DID = {
    "add_request": "added",
    "mend_request": "words set",
    "move": "moved",
    "confirm": "confirmed",
    "dismiss": "dismissed",
    "severity": "severity set",
    "split": "split off",
    "accept": "theme accepted",
    "merge": "theme merged",
}


def _why(one: PlacedRequest) -> list[str]:
    """How it came to where it is, and every word of a person on it."""
    row, sentences = one.row, []
    if row["assigned_by"] == "model":
        sure = "" if row["confidence"] is None else f", {percent(row['confidence'])} sure"
        sentences.append(f"The machine put it there{sure}.")
        if one.bound and one.on_theme is not None:
            sentences.append(f"Its {_said(one.on_theme)}.")
    elif row["theme_id"] is None and not row["dismissed"] and not one.held:
        best = row["candidates"][0] if row["candidates"] else None
        if best is not None:
            sentences.append(f"Its best item is only {percent(best['confidence'])} likely.")
    sentences += [_sentence(_said(word)) for word in one.words]
    if row["assigned_by"] == "person" and not one.words:
        sentences.append("A person put it there.")
    return sentences


def _said(word: WordOf) -> str:
    did = _DID.get(word.action, word.action)
    reason = f": {word.reason}" if word.reason else ""
    return f"{did} by {word.actor} on {word.made_at:%Y-%m-%d}{reason}"


def _sentence(clause: str) -> str:
    return f"{clause[:1].upper()}{clause[1:]}{'' if clause.endswith('.') else '.'}"


def _last(words: Sequence[WordOf], *actions: str) -> WordOf | None:
    return next((word for word in reversed(words) if word.action in actions), None)


def _runners(candidates: Sequence[CandidateRow], theme_id: str | None) -> list[Runner]:
    return [
        Runner(
            item["theme_id"],
            item_path(item["feature_area"], item["customer_need"]),
            item["confidence"],
        )
        for item in candidates
        if item["theme_id"] != theme_id
    ][:_RUNNERS]
