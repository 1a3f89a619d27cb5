"""Changes to the taxonomy: what one would do, and doing it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from models.errors import Conflict, GroundswellError, InvalidInput, NotFound, Unavailable
from service.dependencies import FormBody, Services, ServicesOf, SightOf, may
from service.flows.decide import Prepared, prepare
from service.flows.decide_item import PreparedItem, prepare_item, propose_item
from service.flows.language import LanguageModels
from service.flows.rehearse import rehearse
from service.flows.theme_names import theme_names
from service.masking import Sight
from service.rendering import plain_record
from service.security import Principal, Right
from service.web.answering import PageRoute, draw
from service.web.deciding.items import typed_names
from service.web.figures import link
from service.web.taxonomy.change import change_page
from service.web.taxonomy.drawing import (
    Refusal,
    asked_of,
    draw_item,
    draw_tree,
    draw_unclassified,
    item_link,
)
from service.web.taxonomy.forms import Press, posted, read_press, typed
from service.web.taxonomy.tree import TREE, UNCLASSIFIED
from service.web.undoing import after

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Writer = Annotated[Principal, may(Right.WRITE_TAXONOMY)]
Proposer = Annotated[Principal, may(Right.PROPOSE)]
_REFUSALS = (Conflict, InvalidInput, NotFound)


@router.post(f"{TREE}/decide")
def change(services: ServicesOf, who: Writer, sight: SightOf, body: FormBody) -> Response:
    """Do it, and go back with a line that can undo it; a refusal keeps what was typed."""
    fields = posted(body.data)
    try:
        press, asked, _ = _prepared(services, who, fields)
        asked.keep(services.store)
    except _REFUSALS as refusal:
        return _again(services, who, sight, fields, refusal)
    home = link(_home(press.fields), {"quarter": fields["quarter"]})
    return RedirectResponse(after(home, asked.decision_id), status_code=303)


@router.post(f"{TREE}/preview")
def preview(services: ServicesOf, who: Writer, sight: SightOf, body: FormBody) -> Response:
    """What it would do to the signals of the quarter; nothing is stored."""
    fields = posted(body.data)
    try:
        press, asked, subject = _prepared(services, who, fields)
        answer = rehearse(
            services.store,
            asked,
            asked_of(services, fields["quarter"]),
            today=services.today(),
            calendar=services.settings.calendar,
        )
    except _REFUSALS as refusal:
        return _again(services, who, sight, fields, refusal)
    page = change_page(plain_record(answer), press, subject=subject, back=_page_of(fields))
    return draw("taxonomy_change.html", page, who=who, here=TREE)


@router.post(f"{TREE}/propose")
def propose(services: ServicesOf, who: Proposer, sight: SightOf, body: FormBody) -> Response:
    """Keep an item of somebody who may not decide; it waits for CS Ops."""
    fields = {**posted(body.data), "action": "add"}
    try:
        raw = read_press(fields, {}).raw
        said = propose_item(services.store, raw, now=services.clock(), actor=who.name)
    except _REFUSALS as refusal:
        return _again(services, who, sight, fields, refusal)
    query = {"quarter": fields["quarter"], "said": said}
    return RedirectResponse(link(TREE, query), status_code=303)


def _prepared(
    services: Services, who: Principal, fields: dict[str, str]
) -> tuple[Press, Prepared | PreparedItem, str]:
    known = theme_names(services.store)
    items = typed_names(known).items
    press = read_press(fields, items)
    language = _language(services, press.action)
    now, etag = services.clock(), press.etag or None
    if press.of_item:
        asked = prepare_item(
            services.store, press.raw, now=now, actor=who.name, if_match=etag, language=language
        )
        return press, asked, ""
    decision = prepare(
        services.store,
        press.theme_id,
        press.raw,
        now=now,
        actor=who.name,
        if_match=etag,
        language=language,
    )
    paths = {theme_id: path for path, theme_id in items.items()}
    subject = paths.get(press.theme_id) or known.labels.get(press.theme_id, "")
    return press, decision, subject


def _home(fields: Mapping[str, str]) -> str:
    """Where what was done can be seen: of an item that may be gone by then, in the tree."""
    return UNCLASSIFIED if fields["action"] in ("accept", "reject") else TREE


def _page_of(fields: Mapping[str, str]) -> str:
    """The page with the form."""
    if fields["item_id"]:
        return item_link(fields["item_id"], fields["quarter"])
    return link(_home(fields), {"quarter": fields["quarter"]})


def _again(
    services: Services,
    who: Principal,
    sight: Sight,
    fields: dict[str, str],
    error: GroundswellError,
) -> Response:
    """The page with the form once more, as things stand now, with what was typed."""
    status = 409 if isinstance(error, Conflict) else 422
    refusal = Refusal(_reason(error), status, fields["action"], fields["theme_id"], typed(fields))
    if fields["item_id"]:
        return draw_item(services, who, fields["item_id"], fields["quarter"], refusal=refusal)
    if _home(fields) == UNCLASSIFIED:
        return draw_unclassified(services, who, sight, fields["quarter"], refusal=refusal)
    return draw_tree(services, who, fields["quarter"], refusal=refusal)


def _reason(error: GroundswellError) -> str:
    if error.code == "stale_etag":
        return (
            "Somebody else has changed this meanwhile. Nothing was stored; here it is as it"
            " stands now."
        )
    return error.message


def _language(services: Services, action: str) -> LanguageModels | None:
    """The models where there may be new words; without them it is done all the same."""
    if action not in ("add", "edit", "accept"):
        return None
    try:
        found: LanguageModels = services.language()
    except Unavailable:
        return None
    return found
