"""The pages: drawn on the server, readable without JavaScript."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from service.web import sign_in, undoing
from service.web.pages import HERE
from service.web.review import routes as review
from service.web.signals import routes as signals

_ROUTERS = (
    signals.router,
    review.router,
    undoing.router,
    sign_in.router,
)


def install(app: FastAPI) -> None:
    """Add the pages and what they load."""
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for router in _ROUTERS:
        app.include_router(router)
