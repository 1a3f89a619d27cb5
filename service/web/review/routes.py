"""The addresses of the review desk: one question at a time, one press an answer."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import RedirectResponse, Response

from models.errors import Unavailable
from service.dependencies import FormBody, Services, ServicesOf, SightOf, may
from service.flows.health import store_figures
from service.flows.moved_levels import know_levels
from service.flows.review_desk import Asked, Desk, Reviewer, renew_queue, review_desk
from service.flows.theme_names import theme_names
from service.masking import Sight
from service.security import Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.deciding.contexts import Typed
from service.web.deciding.forms import Fields, read_fields, typed_in
from service.web.deciding.items import item_path, typed_names
from service.web.deciding.taking import judging_now, take
from service.web.figures import link
from service.web.review.page import REVIEW, review_page
from service.web.undoing import decision_in, done_line

router = APIRouter(route_class=PageRoute, include_in_schema=False)


@router.get(REVIEW)
def review(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    question: Text = "",
    after: Text = "",
    done: Text = "",
    seen: Text = "",
) -> Response:
    """The most decisive question that nobody has answered, or the one of this name; `after`
    skips to the next, `seen` is the last decision that the page before this one knew of."""
    return _desk(services, who, sight, after, question, done=done, seen=seen)


@router.post(REVIEW)
def answer(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.REVIEW)],
    sight: SightOf,
    body: FormBody,
) -> Response:
    """Take one answer, then show the next question; a refusal shows the same one anew."""
    fields = read_fields(body.data)
    after, seen = fields.one.get("after", ""), fields.one.get("seen", "")
    question = fields.one.get("question", "")
    taken = take(services, who, fields, typed_names(theme_names(services.store)))
    if taken.refused:
        return _desk(
            services,
            who,
            sight,
            after,
            question,
            fields,
            seen=seen,
            refused=taken.refused,
            status=taken.status,
        )
    # What was not answered by this, a new name for one, is asked once more.
    query = {"question": question, "after": after, "done": taken.decision_id, "seen": seen}
    return RedirectResponse(link(REVIEW, query), status_code=303)


def _desk(
    services: Services,
    who: Principal,
    sight: Sight,
    after: str,
    question: str,
    fields: Fields | None = None,
    *,
    done: str = "",
    seen: str = "",
    refused: str = "",
    status: int = 200,
) -> Response:
    asked = Asked(
        services.today(), services.settings.calendar, services.settings.policy_called(None)
    )
    desk = review_desk(
        services.store,
        Reviewer(
            name=who.name,
            seen=int(seen) if seen.isdecimal() and len(seen) < 19 else None,
            own=decision_in(done),
        ),
        asked,
        now=services.clock(),
        cursor=after,
        wanted=question,
        sight=sight,
    )
    known = theme_names(services.store)
    shown = review_page(
        desk,
        here=after,
        wanted=question,
        paths={i.theme_id: item_path(i.feature_area, i.customer_need) for i in known.items},
        labels=known.labels,
        themes=sorted(known.open_themes),
        done=done_line(services, done),
        refused=refused,
        typed=_typed(fields, desk),
        holds=None if desk.question else store_figures(services.store),
        now=services.clock(),
    )
    drawn = draw("review.html", shown, who=who, here=REVIEW, status=status)
    drawn.background = BackgroundTask(_get_ready, services, asked, renew=desk.is_older)
    return drawn


def _get_ready(services: Services, asked: Asked, *, renew: bool) -> None:
    """What the next answer needs, while the question is being read."""
    with suppress(Unavailable):
        if renew:
            renew_queue(services.store, asked)
        know_levels(services.store, judging_now(services), services.settings.calendar)


def _typed(fields: Fields | None, desk: Desk) -> Typed:
    """What was refused, unless another question stands in its place."""
    asked = desk.question.theme.id if desk.question else ""
    same = fields is not None and fields.one.get("theme_id") == asked
    return typed_in(fields) if fields is not None and same else Typed()
