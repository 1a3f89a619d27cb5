"""The pages: drawn on the server, readable without JavaScript."""

from __future__ import annotations

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from service.web import sign_in, undoing
from service.web.digest import routes as digest
from service.web.map import routes as quarter_map
from service.web.notes import backfill_routes
from service.web.notes import routes as notes
from service.web.pages import HERE
from service.web.process import routes as process
from service.web.reports import routes as reports
from service.web.review import routes as review
from service.web.signals import routes as signals
from service.web.simulator import routes as simulator
from service.web.style_sheet import StyleSheet
from service.web.taxonomy import changing as taxonomy_changes
from service.web.taxonomy import routes as taxonomy
from service.web.themes import routes as themes
from service.web.versioned_files import VersionedFiles
from service.web.waiting import routes as waiting

ROUTERS = (
    signals.router,
    review.router,
    themes.router,
    taxonomy.router,
    taxonomy_changes.router,
    waiting.router,
    reports.router,
    backfill_routes.parts,
    backfill_routes.router,
    notes.router,
    process.router,
    digest.router,
    quarter_map.router,
    simulator.router,
    undoing.router,
    sign_in.router,
)


def install(app: FastAPI) -> None:
    """Add the pages and what they load."""
    app.add_route("/static/groundswell.css", StyleSheet().answer, include_in_schema=False)
    app.mount("/static/vendor", VersionedFiles(directory=HERE / "static" / "vendor"))
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")
    for router in ROUTERS:
        app.include_router(router)
