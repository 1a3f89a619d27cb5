"""The HTTP API: one file per noun. Endpoints translate; flows do the work."""

from __future__ import annotations

from fastapi import FastAPI

from service.api import (
    audit,
    decisions,
    health,
    jobs,
    keys,
    loop,
    notes,
    observations,
    portfolio,
    process,
    reports,
    requests,
    review,
    signals,
    taxonomy,
    themes,
    webhooks,
)

_NOUNS = (
    notes,
    webhooks,
    observations,
    portfolio,
    taxonomy,
    requests,
    themes,
    decisions,
    review,
    signals,
    process,
    loop,
    reports,
    jobs,
    audit,
    keys,
    health,
)


def install(app: FastAPI) -> None:
    """Add every endpoint to the application."""
    for noun in _NOUNS:
        app.include_router(noun.router)
