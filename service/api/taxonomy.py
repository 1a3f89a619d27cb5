"""The taxonomy: what requests are mapped to."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request
from starlette.responses import Response

from models.item_decisions import parse_item_decision
from service.api.answers import (
    READ_ERRORS,
    WRITE_ERRORS,
    answer,
    errors,
    tagged_answer,
    version_of,
)
from service.api.bodies import lines_of, object_of
from service.api.decisions import language_for
from service.api.queries import Cursor, Limit
from service.api.schemas_read import DecidedItemAnswer, ItemsAnswer, UploadAnswer
from service.api.schemas_write import ITEM_DECISIONS, TaxonomyItemBody, documented
from service.dependencies import BatchBody, OneBody, ServicesOf, may
from service.flows.decide_item import decide_item, item_etag
from service.flows.taxonomy import list_items, one_item, upsert_items
from service.security import Principal, Right
from service.storage.taxonomy_items import StoredItem

router = APIRouter(tags=["taxonomy"])

_ITEM = {
    "feature_area": "Import & export",
    "customer_need": "Bulk export of records",
    "description": "Get a complete set of records out in one operation.",
    "examples": ["We copy the list page by page."],
}
_REFUSE = {
    "action": "refuse",
    "feature_area": "Import & export",
    "customer_need": "Bulk export of records",
    "reason": "The same as the export that is live already.",
}


@router.put(
    "/taxonomy",
    summary="Add or change taxonomy items",
    responses={200: {"model": UploadAnswer}, **errors(*WRITE_ERRORS)},
    openapi_extra=documented(TaxonomyItemBody, example=[_ITEM], many=True, csv=True),
)
def put_taxonomy(
    services: ServicesOf, who: Annotated[Principal, may(Right.WRITE_TAXONOMY)], body: BatchBody
) -> Response:
    """CS Ops' upload is the review: each item is live at once."""
    lines = lines_of(body, services.settings.batch_lines, "feature_area", "customer_need")
    receipt = upsert_items(services.store, lines, now=services.clock(), actor=who.name, live=True)
    return answer(receipt)


@router.get(
    "/taxonomy",
    summary="Taxonomy items, by area and need",
    responses={200: {"model": ItemsAnswer}, **errors(*READ_ERRORS)},
)
def get_taxonomy(
    request: Request,
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_SIGNALS)],
    cursor: Cursor = "",
    limit: Limit = 100,
) -> Response:
    """Live items with their themes, and those proposed or retired."""
    page = list_items(services.store, cursor=cursor, limit=limit)
    rows = [_row(known) for known in page.data]
    return tagged_answer(request, {"data": rows, "next_cursor": page.next_cursor})


@router.post(
    "/taxonomy/decisions",
    summary="Decide on an item that has no theme yet",
    responses={200: {"model": DecidedItemAnswer}, **errors(*WRITE_ERRORS, 404, 409)},
    openapi_extra=documented(*ITEM_DECISIONS, example=_REFUSE),
)
def post_item_decision(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.WRITE_TAXONOMY)],
    body: OneBody,
    if_match: Annotated[
        str | None, Header(description="The item's `etag`; a stale one is 409.")
    ] = None,
) -> Response:
    """Make it live, or refuse what was proposed; the item after it, with `decision_id`.

    A live item has a theme: what becomes of it is decided there.
    """
    raw = object_of(body)
    pair = parse_item_decision(raw).pair
    decision_id = decide_item(
        services.store,
        raw,
        now=services.clock(),
        actor=who.name,
        if_match=version_of(if_match),
        language=language_for(services, raw.get("action")),
    )
    return answer({**_row(one_item(services.store, *pair)), "decision_id": decision_id})


def _row(known: StoredItem) -> dict[str, Any]:
    return {
        "id": known.id,
        "feature_area": known.item.feature_area,
        "customer_need": known.item.customer_need,
        "description": known.item.description,
        "examples": known.item.examples,
        "status": known.status,
        "theme_id": known.theme_id,
        "etag": item_etag(known),
    }
