"""The pages: drawn on the server, readable without JavaScript."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from service.web.pages import HERE
from service.web.review_desk import router as review_router
from service.web.routes import router
from service.web.sign_in import router as sign_in_router


def install(app: FastAPI) -> None:
    """Add the pages and what they load."""
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    app.include_router(router)
    app.include_router(sign_in_router)
    app.include_router(review_router)
