"""Carry out what a person said of one note, through the flows behind the API."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.errors import Conflict, InvalidInput
from service.dependencies import Services
from service.flows.decide import decide
from service.flows.note_view import NoteView, PlacedRequest
from service.flows.requests import add_request, mend_request
from service.security import Principal
from service.web.deciding.forms import known
from service.web.notes.forms import NoteForm, span_in


def carry_out(
    services: Services, who: Principal, view: NoteView, form: NoteForm, items: Mapping[str, str]
) -> str:
    """Do it; returns the decision's id. `items` are paths of live items -> themes.

    Raises:
        Conflict: `note_changed`; as the flows.
        InvalidInput, NotFound: as the flows and `span_in`; `unknown_action`.
    """
    if form.revision != view.revision:
        raise Conflict(
            "The note has been edited since you opened it. Nothing was stored; here it is as it"
            " stands now.",
            code="note_changed",
        )
    if form.action == "add":
        return _add(services, who, view, form, items)
    one = next((one for one in view.requests if one.row["id"] == form.request_id), None)
    if one is None:
        raise InvalidInput(
            "This request is no longer in the note; nothing was stored.", code="unknown_request"
        )
    if form.action == "mend":
        start, end = span_in(view.text, form)
        mended = mend_request(
            services.store,
            form.request_id,
            {"start": start, "end": end},
            now=services.clock(),
            actor=who.name,
            language=services.language,
        )
        return mended["decision_id"]
    return _decide(services, who, one, form, items)


def _add(
    services: Services, who: Principal, view: NoteView, form: NoteForm, items: Mapping[str, str]
) -> str:
    start, end = span_in(view.text, form)
    theme_id = known(form.typed.item, items, "item") if form.typed.item else None
    added = add_request(
        services.store,
        view.id,
        {"start": start, "end": end, "severity": form.typed.severity, "theme_id": theme_id},
        now=services.clock(),
        actor=who.name,
        language=services.language,
    )
    return added["decision_id"]


def _decide(
    services: Services,
    who: Principal,
    one: PlacedRequest,
    form: NoteForm,
    items: Mapping[str, str],
) -> str:
    on, raw = one.row["theme_id"], _raw(form)
    if form.action == "move":
        target = known(form.typed.item, items, "item")
        if on in (None, target):
            # What waits, or was put there by the machine, is said to belong there.
            on, raw = target, {**raw, "action": "confirm"}
        else:
            raw["to"] = target
    decided = decide(
        services.store,
        on or _any_theme(one),
        raw,
        now=services.clock(),
        actor=who.name,
        language=None,
    )
    return decided["decision_id"]


def _raw(form: NoteForm) -> dict[str, Any]:
    raw: dict[str, Any] = {"action": form.action, "requests": [form.request_id]}
    if form.action == "hold":
        return {**raw, "action": "move", "to": None}
    if form.action == "severity":
        return {**raw, "severity": form.typed.severity}
    if form.action == "dismiss":
        return {**raw, "reason": "not a request"}
    if form.action == "move":
        return raw
    raise InvalidInput("The page knows no such button; reload it.", code="unknown_action")


def _any_theme(one: PlacedRequest) -> str:
    """Decisions are made on themes: on one that waits, from where it comes closest to being."""
    candidates = one.row["candidates"]
    if not candidates:
        raise Conflict(
            "There is no item in the taxonomy yet, and a decision on a request that waits is made"
            " on one; add an item first.",
            code="no_items",
        )
    return candidates[0]["theme_id"]
