"""How a page is answered: its headers, its navigation, and its refusals as pages."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.responses import HTMLResponse, RedirectResponse, Response

from models.errors import GroundswellError, Unauthenticated
from service.errors import headers_of, request_id_of, status_of, validation_error
from service.security import Principal
from service.session_seal import SESSION_COOKIE
from service.web.contexts import ProblemPage
from service.web.figures import link
from service.web.navigation import navigation
from service.web.pages import PAGE_POLICY, render

Handler = Callable[[Request], Coroutine[Any, Any, Response]]

# A parameter of a page's address.
Text = Annotated[str, Query(max_length=1_000)]


def draw(
    template: str,
    page: object,
    *,
    who: Principal | None,
    here: str,
    status: int = 200,
    headers: dict[str, str] | None = None,
) -> Response:
    """A page that runs no script but ours and is kept by no cache.

    `here` is the path of the page in the navigation, and `who` decides what else is in it.
    """
    return HTMLResponse(
        render(template, page=page, navigation=navigation(here, who)),
        status_code=status,
        headers={
            "Content-Security-Policy": PAGE_POLICY,
            "Cache-Control": "no-store",
            **(headers or {}),
        },
    )


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
    409: "Something has changed meanwhile",
    422: "That can't be shown",
    503: "The service is busy",
}


def _problem(request: Request, error: GroundswellError) -> Response:
    status = status_of(error)
    problem = ProblemPage(
        title=_TITLES.get(status, "That did not work"),
        message=error.message,
        request_id=request_id_of(request),
        again=request.url.path if status == 422 and request.method == "GET" else "",
    )
    return draw(
        "problem.html", problem, who=None, here="", status=status, headers=headers_of(error)
    )
