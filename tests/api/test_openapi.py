"""The API's description, and its page without a network."""

from __future__ import annotations

import re
from typing import Any

from fastapi.testclient import TestClient

METHODS = {"get", "put", "post", "patch", "delete"}


def operations(client: TestClient) -> list[tuple[str, dict[str, Any]]]:
    paths = client.get("/openapi.json").json()["paths"]
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in paths.items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_every_address_says_what_it_is_for_and_how_it_fails(local: TestClient) -> None:
    for name, operation in operations(local):
        assert operation.get("summary"), name
        failures = {code for code in operation["responses"] if code[0] in "45"}
        assert failures, name
        for code in failures:
            content = operation["responses"][code]["content"]["application/json"]
            assert content["schema"]["$ref"].endswith("/ErrorAnswer"), (name, code)


def test_every_address_that_takes_a_body_describes_it(local: TestClient) -> None:
    without_body = {
        "POST /runs",
        "POST /decisions/{decision_id}/undo",
        "POST /keys/{key_id}/revoke",
        "POST /digests/{month}/issue",
    }
    for name, operation in operations(local):
        if name.split()[0] in {"POST", "PUT", "PATCH"} and name not in without_body:
            content = operation["requestBody"]["content"]["application/json"]
            assert content["schema"] and content["example"] is not None, name


def test_every_address_of_the_contract_is_there(local: TestClient) -> None:
    served = {name for name, _ in operations(local)}
    assert served >= {
        "POST /notes",
        "POST /notes/batch",
        "DELETE /notes/{source}/{external_id}",
        "POST /notes/{note_id}/requests",
        "PATCH /requests/{request_id}",
        "PUT /accounts",
        "PUT /csms",
        "PUT /taxonomy",
        "POST /observations",
        "POST /runs",
        "GET /jobs/{job_id}",
        "GET /requests",
        "GET /themes",
        "GET /themes/{theme_id}",
        "GET /review",
        "POST /themes/{theme_id}/decisions",
        "POST /decisions/{decision_id}/undo",
        "GET /signals",
        "GET /signals/{theme_id}",
        "GET /audit",
        "GET /loop",
        "GET /process-metrics",
        "GET /reports/top",
        "GET /reports/sync",
        "GET /digests/{month}",
        "POST /digests/{month}/issue",
        "POST /digests/{month}/acknowledgement",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
    }


def test_the_documentation_page_loads_nothing_from_elsewhere(local: TestClient) -> None:
    page = local.get("/docs")
    assert page.status_code == 200
    assert "://" not in page.text
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert local.get(address).status_code == 200, address
