"""The service in this process, spoken to through its HTTP API: what a simulated reviewer uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from typing import Any

from models.errors import GroundswellError
from service.flows.language import LanguageModels
from service.flows.quality_scores import scored_as_of
from service.flows.review_curve import Review
from service.flows.simulated_review import Api
from service.storage.engine import Store


def review_of(decisions: int, language: LanguageModels) -> Review:
    """A review of so many decisions, in the quarter that quality is scored in."""
    return Review(decisions, lambda store: api_in_process(store, language, today=scored_as_of()))


@contextmanager
def api_in_process(store: Store, language: LanguageModels, *, today: date) -> Iterator[Api]:
    """The API over an open store, without keys, on a standing day and under default settings."""
    from fastapi.testclient import TestClient

    from service.app import create_app
    from service.settings import Settings

    app = create_app(
        Settings.model_construct(**_defaults(Settings), auth="off"),
        store,
        language=lambda: language,
        clock=lambda: datetime.combine(today, time.max, UTC),
        fixed_day=today,
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        yield _InProcess(client)


def _defaults(settings: Any) -> dict[str, Any]:
    # What the environment says of the real service must not reach the measured one.
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in settings.model_fields.items()
        if name != "auth"
    }


class _InProcess:
    def __init__(self, client: Any) -> None:
        self._client = client

    def get(self, path: str, **query: str | int) -> Mapping[str, Any]:
        return _body(self._client.get(path, params=query))

    def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        return _body(self._client.post(path, json=body))


def _body(response: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = response.json()
    if response.is_error:
        error = found["error"]
        raise GroundswellError(error["message"], code=error["code"], field=error["field"])
    return found
