"""The taxonomy: what requests are mapped to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from starlette.responses import Response

from service.api.answers import READ_ERRORS, WRITE_ERRORS, answer, errors, tagged_answer
from service.api.bodies import lines_of
from service.api.queries import Cursor, Limit
from service.api.schemas_read import ListAnswer, UploadAnswer
from service.api.schemas_write import TaxonomyItemBody, documented
from service.dependencies import BatchBody, ServicesOf, may
from service.flows.taxonomy import list_items, upsert_items
from service.security import Principal, Right

router = APIRouter(tags=["taxonomy"])

_ITEM = {
    "feature_area": "Import & export",
    "customer_need": "Bulk export of records",
    "description": "Get a complete set of records out in one operation.",
    "examples": ["We copy the list page by page."],
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
    responses={200: {"model": ListAnswer}, **errors(*READ_ERRORS)},
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
    rows = [
        {
            "feature_area": known.item.feature_area,
            "customer_need": known.item.customer_need,
            "description": known.item.description,
            "examples": known.item.examples,
            "status": known.status,
            "theme_id": known.theme_id,
        }
        for known in page.data
    ]
    return tagged_answer(request, {"data": rows, "next_cursor": page.next_cursor})
