"""The addresses of the taxonomy: the tree, one item, Unclassified, and changes to them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from service.dependencies import ServicesOf, SightOf, may
from service.flows.taxonomy_csv import taxonomy_csv
from service.security import Principal, Right
from service.web.answering import PageRoute, Text
from service.web.taxonomy.drawing import draw_item, draw_tree, draw_unclassified
from service.web.taxonomy.tree import TREE, UNCLASSIFIED

router = APIRouter(route_class=PageRoute, include_in_schema=False)

Place = Annotated[int, Query(ge=0, le=1_000_000)]
Reader = Annotated[Principal, may(Right.READ_SIGNALS)]


@router.get(TREE)
def tree(
    services: ServicesOf,
    who: Reader,
    quarter: Text = "",
    q: Text = "",
    retired: Text = "",
    start: Place = 0,
    done: Text = "",
    said: Text = "",
) -> Response:
    """Every item with what was heard of it in a quarter; `q` filters, `retired` shows all."""
    return draw_tree(
        services,
        who,
        quarter,
        q=q,
        retired=bool(retired),
        start=start,
        done=done,
        said=said,
    )


@router.get(f"{TREE}/items/{{item_id}}")
def one_item(
    services: ServicesOf, who: Reader, item_id: str, quarter: Text = "", done: Text = ""
) -> Response:
    """One item, with what can be done with it."""
    return draw_item(services, who, item_id, quarter, done=done)


@router.get(UNCLASSIFIED)
def unclassified(
    services: ServicesOf,
    who: Reader,
    sight: SightOf,
    quarter: Text = "",
    start: Place = 0,
    done: Text = "",
) -> Response:
    """What fits no item in a quarter, by month, with the candidates for new items."""
    return draw_unclassified(services, who, sight, quarter, start=start, done=done)


@router.get(f"{TREE}.csv")
def download(services: ServicesOf, _who: Reader) -> Response:
    """The live items in the columns of PUT /taxonomy."""
    return Response(
        taxonomy_csv(services.store),
        media_type="text/csv",
        headers={
            "Content-Disposition": 'attachment; filename="taxonomy.csv"',
            "Cache-Control": "no-store",
        },
    )
