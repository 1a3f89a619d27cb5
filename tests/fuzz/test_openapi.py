"""Schemathesis over the whole OpenAPI document, as every role, without a key and with a wrong one.

No 5xx but a 503 that is meant, no trace of our insides, every error in the one shape, and
every status and answer as described. A few examples here; `make fuzz` takes many.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.app import create_app
from service.flows.keys import create_key
from service.jobs.worker import Worker
from service.security import Role
from service.settings import SIGNED_SOURCES, Settings
from service.storage.engine import Store
from tests.api.conftest import ITEM, NOW, make_client, note, observation
from tests.language_fakes import fake_language

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1"))
CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
SECRET = "a secret that is long enough for everybody"


@dataclass
class World:
    """An application with a little in its store, who may ask it, and ids that are there."""

    operations: list[APIOperation]
    callers: dict[str, dict[str, str]]
    ids: dict[str, str]


@pytest.fixture
def world(sqlite_store: Store) -> World:
    ids = fill(sqlite_store)
    secrets: dict[str, Any] = {f"webhook_secret_{source}": SECRET for source in SIGNED_SOURCES}
    settings = Settings(rate_limit="off", wrong_key_limit="off", **secrets)
    app = create_app(settings, sqlite_store, language=fake_language, clock=lambda: NOW)
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    operations = [result.ok() for result in schema.get_all_operations()]
    callers = {role.value: bearer(key_of(sqlite_store, role)) for role in Role}
    callers |= {"without a key": {}, "with a wrong key": bearer("gs_guess")}
    return World(operations, callers, ids)


def fill(store: Store) -> dict[str, str]:
    local = make_client(store, language=fake_language)
    local.put("/taxonomy", json=[ITEM])
    local.post("/notes", json=note(text="Call went well. They need a bulk export. Twice."))
    local.post("/observations", json=observation())
    worker = Worker(store, fake_language, clock=lambda: NOW)
    while worker.run_once():
        pass
    row = local.get("/requests?source=manual").json()["data"][0]
    theme = row["candidates"][0]["theme_id"]
    renamed = local.post(f"/themes/{theme}/decisions", json={"action": "rename", "label": "x"})
    return {
        "note_id": row["note_id"],
        "request_id": row["id"],
        "theme_id": theme,
        "decision_id": renamed.json()["decision_id"],
        "job_id": local.post("/runs").json()["job_id"],
        "key_id": local.post("/keys", json={"role": "admin", "name": "x"}).json()["id"],
        "source": "manual",
        "external_id": "n-1",
    }


def key_of(store: Store, role: Role) -> str:
    csm_id = "c-1" if role is Role.CSM else None
    made = create_key(store, role=role, name=role, csm_id=csm_id, now=NOW, actor="test")
    return made.key


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def check(case: Case, response: Any, caller: str) -> None:
    """What must hold of every answer, whatever was asked."""
    text = response.content.decode()
    asked = f"{caller}: {case.method} {case.formatted_path} {response.status_code} {text[:500]}"
    assert "Traceback" not in text and 'File "' not in text, asked
    if response.status_code >= 400:
        assert response.status_code < 500 or response.status_code == 503, asked
        error = json.loads(text)["error"]
        assert {"code", "message", "field", "request_id"} <= set(error), asked
        assert error["message"].endswith("."), asked
    case.validate_response(response, checks=CHECKS)


def strategies(operation: APIOperation, ids: Mapping[str, str]) -> Iterator[Any]:
    """Input as described, input that is not, and input as described for what is there."""
    yield operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    yield operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    names = {parameter.name for parameter in operation.path_parameters}
    if names & set(ids):
        known = {name: ids[name] for name in names if name in ids}
        yield operation.as_strategy(path_parameters=known)


def fuzz(strategy: Any, callers: Mapping[str, dict[str, str]]) -> None:
    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=EXAMPLES < 10,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(case=strategy)
    def one(case: Case) -> None:
        for caller, headers in callers.items():
            check(case, case.call(headers=headers), caller)

    # What takes no input can't be given a wrong one.
    with suppress(Unsatisfiable):
        one()


def test_no_operation_breaks_under_any_input(world: World) -> None:
    assert len(world.operations) >= 25
    for operation in world.operations:
        for strategy in strategies(operation, world.ids):
            fuzz(strategy, world.callers)
