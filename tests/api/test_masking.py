"""Who reads a customer's mail address: those who may read the note, and nobody else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from models.identity import item_id
from service.flows.keys import create_key
from service.flows.language import LanguageModels
from service.jobs.worker import Worker
from service.settings import Settings
from service.storage.engine import Store
from service.web import ROUTERS
from tests.api.conftest import ITEM, NOW, make_client, note
from tests.language_fakes import fake_language

MAIL, PHONE = "jane.doe@acme.example", "+1 415 555 0132"
TEXT = f"They need a bulk export by Friday, so write to {MAIL} or {PHONE}."
MASKED = "They need a bulk export by Friday, so write to [email] or [phone]."
OTHER = f"Users need darker colours says {MAIL}."


class SpaceReader:
    """The whole note is one request."""

    def read(self, texts: list[str]) -> Any:
        """One span for each text."""
        from clustering.reading import ReadSpan
        from models.severity import Severity

        return [[ReadSpan(0, len(text), 0.9, Severity.MINOR, 0.8)] for text in texts]


def language() -> LanguageModels:
    fake = fake_language()
    return LanguageModels(encoder=fake.encoder, reader=SpaceReader())  # type: ignore[arg-type]


@pytest.fixture
def caller(sqlite_store: Store) -> Callable[..., TestClient]:
    """A store with requests on an item and in proposed themes, asked by a key of a role."""
    ops = make_client(sqlite_store, language=language)
    ops.put("/taxonomy", json=[ITEM])
    for number in range(4):
        ops.post("/notes", json=note(external_id=f"e-{number}", text=TEXT))
        other = note(external_id=f"o-{number}", text=f"{OTHER} {number}", csm_id="c-2")
        ops.post("/notes", json=other)
    ops.post("/runs")
    worker = Worker(sqlite_store, language, clock=lambda: NOW)
    while worker.run_once():
        pass

    def client_of(role: str, *, csm_id: str = "c-1", **settings: Any) -> TestClient:
        client = make_client(sqlite_store, auth="keys", language=language)
        if settings:
            client = _with(sqlite_store, settings)
        bound = csm_id if role == "csm" else None
        made = create_key(sqlite_store, role=role, name=role, csm_id=bound, now=NOW, actor="t")
        client.headers["Authorization"] = f"Bearer {made.key}"
        return client

    return client_of


def _with(store: Store, settings: dict[str, Any]) -> TestClient:
    from service.app import create_app

    app = create_app(Settings(**settings), store, language=language, clock=lambda: NOW)
    return TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)


def everything_read(client: TestClient) -> dict[str, str]:
    """The answer of every address that can be read, pages too, for every theme and note."""
    themes = [row["id"] for row in client.get("/themes").json()["data"]]
    rows = client.get("/requests", params={"limit": 1000}).json().get("data", [])
    assert len(themes) > 1
    names = {
        "{theme_id}": themes,
        "{note_id}": sorted({row["note_id"] for row in rows}) or ["n_1"],
        "{item_id}": [item_id(ITEM["feature_area"], ITEM["customer_need"])],
        "{month}": ["2026-07"],
    }
    answers = {}
    for path in sorted(_read_paths(client)):
        name = next((name for name in names if name in path), "")
        for value in names[name] if name else [""]:
            address = path.replace(name, value) if name else path
            for query in ("", "?quarter=2026-Q3", "?month=2026-07&period=2026-07&week=2026-W27"):
                answers[address + query] = client.get(address + query).text
    for row in rows:
        at = f"/desk/map/quote?id={row['id']}"
        answers[at] = client.get(at).text
    answers["/desk/notes?q=export"] = client.get("/desk/notes?q=export").text
    return answers


def _read_paths(client: TestClient) -> set[str]:
    described = client.get("/openapi.json").json()["paths"]
    pages = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    drawn = {page.path for page in pages if "GET" in page.methods}
    return {path for path, methods in described.items() if "get" in methods} | drawn


def test_no_answer_to_product_holds_an_address_or_a_number(
    caller: Callable[..., TestClient],
) -> None:
    answers = everything_read(caller("product"))
    leaks = [at for at, shown in answers.items() if MAIL in shown or PHONE in shown]
    assert leaks == []
    assert any("[email] or [phone]" in shown for at, shown in answers.items() if "themes/" in at)
    assert any("[email]" in shown for at, shown in answers.items() if "signals/" in at)
    assert any("[email]" in shown for at, shown in answers.items() if "digests/2026-07" in at)
    assert any("[email]" in shown for at, shown in answers.items() if "/desk/digest?month" in at)
    assert any("[email]" in shown for at, shown in answers.items() if at.startswith("/board/"))


def test_no_answer_to_another_csm_holds_an_address_or_a_number(
    caller: Callable[..., TestClient],
) -> None:
    answers = everything_read(caller("csm", csm_id="c-3"))
    leaks = [at for at, shown in answers.items() if MAIL in shown or PHONE in shown]
    assert leaks == []
    for page in ("/desk/themes/", "/desk/notes/", "/desk/map/quote", "/desk/notes?q=export"):
        assert any("[email]" in shown for at, shown in answers.items() if at.startswith(page)), page


def test_cs_ops_reads_requests_as_posted(caller: Callable[..., TestClient]) -> None:
    rows = caller("cs_ops").get("/requests?external_id=e-1").json()["data"]
    assert [(row["text"], row["text_masked"]) for row in rows] == [(TEXT, False)]


def test_a_csm_reads_their_own_as_posted_and_others_masked(
    caller: Callable[..., TestClient],
) -> None:
    rows = caller("csm").get("/requests").json()["data"]
    shown = {row["csm_id"]: (row["text"], row["text_masked"]) for row in rows}
    assert shown["c-1"] == (TEXT, False)
    assert shown["c-2"][1] and "[email]" in shown["c-2"][0]


def test_labels_phrases_exemplars_and_quotes_are_masked_for_all(
    caller: Callable[..., TestClient],
) -> None:
    client = caller("admin")
    for theme in client.get("/themes").json()["data"]:
        said = repr((theme["label"], theme["keyphrases"], theme["exemplars"]))
        assert all(word not in said for word in ("doe", "acme.example", "415"))
    for signal in client.get("/signals?quarter=2026-Q3").json()["data"]:
        receipt = client.get(f"/signals/{signal['theme_id']}?quarter=2026-Q3").json()["receipt"]
        assert all("[email]" in request["quote"] for request in receipt["requests"])


def test_a_label_that_a_person_gives_is_masked(caller: Callable[..., TestClient]) -> None:
    client = caller("cs_ops")
    theme = client.get("/themes?status=proposed").json()["data"][0]["id"]
    body = {"action": "rename", "label": f"Ask {MAIL}"}
    assert client.post(f"/themes/{theme}/decisions", json=body).json()["label"] == "Ask [email]"


def test_masking_can_be_narrowed_and_turned_off(caller: Callable[..., TestClient]) -> None:
    def quotes(mask: str) -> str:
        return caller("product", mask=mask).get("/themes").text

    assert MAIL in quotes("off") and PHONE in quotes("off")
    assert MAIL not in quotes("email") and PHONE in quotes("email")
