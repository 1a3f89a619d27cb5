"""The addresses of the review desk: one question at a time, one press an answer."""

from __future__ import annotations

from functools import partial
from typing import Annotated

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from models.errors import Conflict, GroundswellError, InvalidInput, NotFound, Unavailable
from service.dependencies import FormBody, Services, ServicesOf, may
from service.flows.decide import decide
from service.flows.health import store_figures
from service.flows.language import LanguageModels
from service.flows.review import review_queue
from service.flows.theme_names import ThemeNames, theme_names
from service.rendering import plain
from service.security import Principal, Right, check_action
from service.web.answering import PageRoute, Text, draw
from service.web.figures import link
from service.web.review.forms import Names, read_form
from service.web.review.page import REVIEW, item_path, review_page
from service.web.undoing import done_line

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# The question, and so many after it that its place in the queue can be seen.
SHOWN = 8


@router.get(REVIEW)
def review(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    after: Text = "",
    done: Text = "",
) -> Response:
    """The most decisive question that nobody has answered; `after` skips to the next."""
    return _desk(services, who, after, done=done)


@router.post(REVIEW)
def answer(
    services: ServicesOf, who: Annotated[Principal, may(Right.DECIDE)], body: FormBody
) -> Response:
    """Take one answer, then show the next question; a refusal shows the same one anew."""
    known = theme_names(services.store)
    after = ""
    try:
        form = read_form(body.data, _names(known))
        after = form.after
        check_action(who, form.raw["action"])
        decided = decide(
            services.store,
            form.theme_id,
            form.raw,
            now=services.clock(),
            actor=who.name,
            if_match=form.etag,
            language=_language(services, form.raw["action"]),
        )
    except Conflict as conflict:
        return _desk(services, who, after, refused=_somebody_else(conflict), status=409)
    except (InvalidInput, NotFound) as refusal:
        return _desk(services, who, after, refused=refusal.message, status=422)
    query = {"after": after, "done": decided["decision_id"]}
    return RedirectResponse(link(REVIEW, query), status_code=303)


def _desk(
    services: Services,
    who: Principal,
    after: str,
    *,
    done: str = "",
    refused: str = "",
    status: int = 200,
) -> Response:
    asked = partial(
        review_queue,
        services.store,
        now=services.clock(),
        today=services.today(),
        calendar=services.settings.calendar,
        policy=services.settings.policy_called(None),
    )
    first = asked(cursor=after, limit=1)
    rest = asked(cursor=first.next_cursor, limit=SHOWN - 1) if first.next_cursor else None
    known = theme_names(services.store)
    rows = plain([*first.data, *(rest.data if rest else ())])
    assert isinstance(rows, list)
    shown = review_page(
        rows,
        next_cursor=rest.next_cursor if rest else "",
        skip_cursor=first.next_cursor,
        here=after,
        names=known.labels,
        items=[item_path(item.feature_area, item.customer_need) for item in known.items],
        themes=sorted(known.open_themes),
        done=done_line(services, done),
        refused=refused,
        holds=store_figures(services.store),
        now=services.clock(),
    )
    return draw("review.html", shown, who=who, here=REVIEW, status=status)


def _names(known: ThemeNames) -> Names:
    paths = {item_path(i.feature_area, i.customer_need): i.theme_id for i in known.items}
    return Names(paths, {**known.open_themes, **paths})


def _somebody_else(conflict: GroundswellError) -> str:
    if conflict.code == "stale_etag":
        return (
            "Somebody else has decided on this theme, or a run has changed it, since you opened"
            " it. Nothing was stored; here it is as it stands now."
        )
    return conflict.message


def _language(services: Services, action: str) -> LanguageModels | None:
    if action != "accept":
        return None
    try:
        return services.language()
    except Unavailable:
        return None
