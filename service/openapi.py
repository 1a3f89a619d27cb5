"""The API's description and its page, which needs no network: the assets are served here."""

from __future__ import annotations

from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from service.web.pages import DOCS_POLICY, render

_ABOUT = """\
Reads customer-success notes into requests, groups them into lasting themes, and says which
weigh enough to be a signal.

Every error has one shape: `{"error": {"code", "message", "field", "request_id"}}`. Lists take
`limit` and `cursor`; an `ETag` with `If-None-Match` answers 304.
"""


def describe() -> dict[str, Any]:
    """What FastAPI is told about the whole API."""
    return {"version": _version(), "description": _ABOUT, "openapi_url": "/openapi.json"}


def _version() -> str:
    try:
        return version("groundswell")
    except PackageNotFoundError:
        # Run from a checkout that was not installed.
        return "0+unknown"


def install_openapi(app: FastAPI) -> None:
    """Add /docs, drawn by the Swagger UI that the fastapi-offline package ships."""
    assets = resources.files("fastapi_offline") / "static"
    app.mount("/static/swagger", StaticFiles(directory=str(assets)), name="swagger")

    @app.get("/docs", include_in_schema=False)
    def docs() -> HTMLResponse:
        return HTMLResponse(render("docs.html"), headers={"Content-Security-Policy": DOCS_POLICY})
