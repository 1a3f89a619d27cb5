"""The addresses of the pages. They ask for the same rights as the API behind them."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.errors import GroundswellError, Unauthenticated
from service.dependencies import Services, ServicesOf, may
from service.errors import headers_of, request_id_of, status_of, validation_error
from service.flows.health import store_figures
from service.flows.signal_receipt import receipt
from service.flows.signals import SignalQuery, signals
from service.rendering import plain
from service.security import Principal, Right
from service.session_seal import SESSION_COOKIE
from service.web.board import board_page
from service.web.contexts import ProblemPage
from service.web.figures import link
from service.web.pages import PAGE_POLICY, render_board, render_problem, render_receipt
from service.web.receipt import receipt_page

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class PageRoute(APIRoute):
    """A route whose refusals are pages too."""

    def get_route_handler(self) -> Handler:
        handler = super().get_route_handler()

        async def answered(request: Request) -> Response:
            try:
                return await handler(request)
            except RequestValidationError as error:
                return _problem(request, validation_error(error))
            except Unauthenticated as error:
                return _sign_in_first(request, error)
            except GroundswellError as error:
                return _problem(request, error)

        return answered


router = APIRouter(route_class=PageRoute, include_in_schema=False)

Text = Annotated[str, Query(max_length=1_000)]
# More than a person reads, and a page that still draws at once.
ROWS = 500


def page(html: str, *, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """A page that runs no script and is kept by no cache."""
    return HTMLResponse(
        html,
        status_code=status,
        headers={
            "Content-Security-Policy": PAGE_POLICY,
            "Cache-Control": "no-store",
            **(headers or {}),
        },
    )


@router.get("/")
def board(
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_SIGNALS)],
    quarter: Text = "",
    as_of: Text = "",
    policy: Text = "",
    level: Text = "",
    status: Text = "",
    cursor: Text = "",
) -> Response:
    """The signals of a quarter; every filter is in the address."""
    judged = SignalQuery(
        quarter=quarter or None,
        as_of=as_of or None,
        policy=services.settings.policy_called(policy or None),
    )
    chosen = replace(judged, level=level or None, status=status or None, cursor=cursor, limit=ROWS)
    whole = _judge(services, judged)
    is_whole = not (level or status or cursor) and len(whole["data"]) <= ROWS
    shown = whole if is_whole else _judge(services, chosen)
    query = {"as_of": as_of, "level": level, "status": status}
    figures = store_figures(services.store)
    return page(render_board(board_page(shown, whole["data"], query, figures)))


@router.get("/board/{theme_id}")
def one_signal(
    services: ServicesOf,
    _who: Annotated[Principal, may(Right.READ_SIGNALS)],
    theme_id: str,
    quarter: Text = "",
    as_of: Text = "",
    policy: Text = "",
) -> Response:
    """Why one theme is at its level, down to each quote."""
    judged = SignalQuery(
        quarter=quarter or None,
        as_of=as_of or None,
        policy=services.settings.policy_called(policy or None),
    )
    found = receipt(
        services.store,
        theme_id,
        judged,
        today=services.today(),
        calendar=services.settings.calendar,
        mask=services.settings.quote_mask,
    )
    return page(render_receipt(receipt_page(_as_json(found), {"as_of": as_of})))


def _judge(services: Services, query: SignalQuery) -> dict[str, Any]:
    return _as_json(
        signals(services.store, query, today=services.today(), calendar=services.settings.calendar)
    )


def _as_json(answer: object) -> dict[str, Any]:
    shown = plain(answer)
    assert isinstance(shown, dict)
    return shown


def _sign_in_first(request: Request, error: Unauthenticated) -> Response:
    """To the form, and from there back here; a script that showed a key is told what is wrong."""
    if "authorization" in request.headers:
        return _problem(request, error)
    # A form that was posted can't be come back to, but the page that it was on can.
    seen = urlsplit(request.headers.get("referer", "") if request.method == "POST" else "")
    ours = seen.netloc == request.url.netloc
    path, query = (seen.path, seen.query) if ours else (request.url.path, request.url.query)
    if request.method == "POST" and not ours:
        path, query = "/", ""
    back = f"{path}?{query}" if query else path
    answer = RedirectResponse(link("/login", {"next": back}), status_code=303)
    answer.headers["Cache-Control"] = "no-store"
    answer.delete_cookie(SESSION_COOKIE)
    return answer


_TITLES = {
    401: "This key opens nothing",
    403: "This key may not look here",
    404: "There is nothing here",
    422: "That can't be shown",
    503: "The service is busy",
}


def _problem(request: Request, error: GroundswellError) -> Response:
    status = status_of(error)
    problem = ProblemPage(
        title=_TITLES.get(status, "That did not work"),
        message=error.message,
        request_id=request_id_of(request),
    )
    return page(render_problem(problem), status=status, headers=headers_of(error))
