"""The pages: drawn on the server, readable without JavaScript."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from service.web.pages import HERE
from service.web.routes import router


def install(app: FastAPI) -> None:
    """Add the pages and what they load."""
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(router)
