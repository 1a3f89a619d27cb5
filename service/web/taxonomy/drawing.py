"""Draw the taxonomy's pages, as they were asked for or with what was refused on them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from service.dependencies import Services
from service.flows.signals import SignalQuery
from service.flows.taxonomy_tree import live_areas, taxonomy_item, taxonomy_tree
from service.flows.theme_names import theme_names
from service.flows.unclassified import open_candidates, unclassified_by_month
from service.masking import Sight
from service.rendering import plain_record
from service.security import ROLES_THAT, Principal, Right
from service.web.answering import draw
from service.web.deciding.items import typed_names
from service.web.figures import link
from service.web.taxonomy.contexts import Head, ItemForm
from service.web.taxonomy.tree import TREE, UNCLASSIFIED, head_of, item_page, tree_page
from service.web.taxonomy.unclassified import SHOWN, unclassified_page
from service.web.undoing import done_line


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why nothing was stored, on what, and what had been typed."""

    message: str
    status: int
    action: str
    theme_id: str
    form: ItemForm


def may_write(who: Principal) -> bool:
    """Whether a person decides on the taxonomy."""
    return who.role in ROLES_THAT[Right.WRITE_TAXONOMY]


def asked_of(services: Services, quarter: str) -> SignalQuery:
    """The signals of a quarter by the organisation's own policy."""
    return SignalQuery(quarter=quarter or None, policy=services.settings.policy_called(None))


def draw_tree(
    services: Services,
    who: Principal,
    quarter: str,
    *,
    q: str = "",
    retired: bool = False,
    start: int = 0,
    done: str = "",
    said: str = "",
    refusal: Refusal | None = None,
) -> Response:
    """The tree."""
    found = taxonomy_tree(
        services.store,
        asked_of(services, quarter),
        today=services.today(),
        calendar=services.settings.calendar,
    )
    answer = plain_record(found)
    query = {"q": q, "retired": "1" if retired else ""}
    page = tree_page(
        answer["items"],
        _head(services, who, answer["quarter"], TREE, query, done, refusal),
        q=q,
        retired=retired,
        start=start,
        said=said,
        form=refusal.form if refusal else ItemForm(),
        may_propose=who.role in ROLES_THAT[Right.PROPOSE],
    )
    status = refusal.status if refusal else 200
    return draw("taxonomy.html", page, who=who, here=TREE, status=status)


def draw_item(
    services: Services,
    who: Principal,
    item_id: str,
    quarter: str,
    *,
    done: str = "",
    refusal: Refusal | None = None,
) -> Response:
    """One item."""
    found = taxonomy_item(
        services.store,
        item_id,
        asked_of(services, quarter),
        today=services.today(),
        calendar=services.settings.calendar,
    )
    answer = plain_record(found)
    names = typed_names(theme_names(services.store)).items
    path = f"{TREE}/items/{item_id}"
    page = item_page(
        answer["item"],
        _head(services, who, answer["quarter"], path, {}, done, refusal),
        paths=sorted(names),
        areas=live_areas(services.store),
        refused=refusal.action if refusal else "",
        form=refusal.form if refusal else ItemForm(),
    )
    status = refusal.status if refusal else 200
    return draw("taxonomy_item.html", page, who=who, here=TREE, status=status)


def draw_unclassified(
    services: Services,
    who: Principal,
    sight: Sight,
    quarter: str,
    *,
    start: int = 0,
    done: str = "",
    refusal: Refusal | None = None,
) -> Response:
    """What fits no item."""
    found = unclassified_by_month(
        services.store,
        quarter or None,
        today=services.today(),
        calendar=services.settings.calendar,
        start=start,
        limit=SHOWN,
        sight=sight,
    )
    answer = plain_record(found)
    page = unclassified_page(
        answer,
        _head(services, who, answer["quarter"], UNCLASSIFIED, {}, done, refusal),
        start=start,
        areas=live_areas(services.store),
        reads_notes=who.role in ROLES_THAT[Right.READ_REQUESTS],
        refused_on=refusal.theme_id if refusal else "",
        form=refusal.form if refusal else None,
    )
    status = refusal.status if refusal else 200
    return draw("taxonomy_unclassified.html", page, who=who, here=TREE, status=status)


def item_link(item_id: str, quarter: str) -> str:
    """The page of an item."""
    return link(f"{TREE}/items/{item_id}", {"quarter": quarter})


def _head(
    services: Services,
    who: Principal,
    quarter: str,
    path: str,
    query: dict[str, str],
    done: str,
    refusal: Refusal | None,
) -> Head:
    return head_of(
        quarter,
        path,
        query,
        open_candidates=open_candidates(services.store),
        may_decide=may_write(who),
        done=done_line(services, done),
        refused=refusal.message if refusal else "",
    )
