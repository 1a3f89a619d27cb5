"""The HTTP API: one file per noun. Endpoints translate; flows do the work."""

from __future__ import annotations

from fastapi import FastAPI

from service.api import (
    audit,
    decisions,
    health,
    jobs,
    notes,
    observations,
    portfolio,
    requests,
    review,
    signals,
    taxonomy,
    themes,
)

_NOUNS = (
    notes,
    observations,
    portfolio,
    taxonomy,
    requests,
    themes,
    decisions,
    review,
    signals,
    jobs,
    audit,
    health,
)


def install(app: FastAPI) -> None:
    """Add every endpoint to the application."""
    for noun in _NOUNS:
        app.include_router(noun.router)
