"""The reviewer who knows the gold: what it answers, and the curve that comes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from models.note import Note
from models.severity import Severity
from service.flows.labelled_corpus import GoldSpan, LabelledCorpus, LabelledNote
from service.flows.simulated_review import SimulatedReviewer

TEXT = "export it all, sign on once, a pony please, lovely weather, export that"
SPANS = {
    "export": (0, 13, "x"),
    "sign": (15, 27, "s"),
    "pony": (29, 42, None),
    "weather": (44, 58, "nothing"),
    "again": (60, 71, "x"),
}


def corpus() -> LabelledCorpus:
    note = Note(
        source="manual",
        external_id="n1",
        account_id="a",
        csm_id="c",
        occurred_at=datetime(2026, 8, 1, tzinfo=UTC),
        text=TEXT,
    )
    gold = tuple(
        GoldSpan(start, end, theme, Severity.MINOR)
        for start, end, theme in SPANS.values()
        if theme != "nothing"
    )
    return LabelledCorpus(
        accounts=(),
        csms=(),
        taxonomy=(),
        raw_notes=(),
        notes=[LabelledNote(note, gold)],
        themes={"x": ("Data", "Export"), "s": ("Access", "Sign-on")},
        probes=(),
    )


class FakeApi:
    """A store with these requests and two items; remembers what was posted."""

    def __init__(self, queue: Sequence[Mapping[str, Any]] = ()) -> None:
        self.queue = list(queue)
        self.posted: list[tuple[str, Mapping[str, Any]]] = []
        self.members: list[str] = []

    def get(self, path: str, **query: str | int) -> Mapping[str, Any]:
        if path == "/review":
            return {"data": self.queue[: int(query["limit"])], "next_cursor": ""}
        if path == "/requests":
            return {"data": [row(name) for name in SPANS], "next_cursor": ""}
        if path == "/themes":
            items = [("t-x", "Data", "Export"), ("t-s", "Access", "Sign-on")]
            rows = [{"id": i, "feature_area": a, "customer_need": n} for i, a, n in items]
            return {"data": rows, "next_cursor": ""}
        return {"members": [row(name) for name in self.members]}

    def post(self, path: str, body: Mapping[str, Any]) -> Mapping[str, Any]:
        self.posted.append((path, body))
        self.queue = self.queue[1:]
        return {}


def row(name: str) -> dict[str, Any]:
    start, end, _ = SPANS[name]
    return {"id": name, "external_id": "n1", "start": start, "end": end}


def doubtful(theme: str, *names: str) -> dict[str, Any]:
    return {"kind": "requests", "theme": {"id": theme}, "requests": [row(name) for name in names]}


def answered(api: FakeApi) -> tuple[str, Mapping[str, Any]]:
    assert SimulatedReviewer(api, corpus()).answer_next()
    (posted,) = api.posted
    return posted


def test_the_largest_group_with_one_right_answer_is_answered() -> None:
    path, body = answered(FakeApi([doubtful("t-x", "weather", "export", "sign", "again")]))
    assert path == "/themes/t-x/decisions"
    assert body == {"action": "confirm", "requests": ["export", "again"]}


def test_what_belongs_elsewhere_is_moved_there() -> None:
    _, body = answered(FakeApi([doubtful("t-s", "export", "again", "sign")]))
    assert body == {"action": "move", "requests": ["export", "again"], "to": "t-x"}


def test_what_is_no_request_is_dismissed_and_a_one_off_taken_off() -> None:
    _, body = answered(FakeApi([doubtful("t-x", "weather")]))
    assert (body["action"], body["requests"]) == ("dismiss", ["weather"])
    _, body = answered(FakeApi([doubtful("t-x", "pony")]))
    assert body == {"action": "move", "requests": ["pony"], "to": None}


@pytest.mark.parametrize(
    ("members", "action"),
    [
        (["export", "again", "sign"], "accept"),
        (["export", "weather"], "accept"),
        (["export", "sign", "weather"], "reject"),
        (["pony", "weather"], "reject"),
    ],
)
def test_a_theme_is_accepted_when_half_of_all_its_requests_agree(
    members: list[str], action: str
) -> None:
    api = FakeApi([{"kind": "theme", "theme": {"id": "t-1"}, "requests": []}])
    api.members = members
    _, body = answered(api)
    assert body["action"] == action
    if action == "accept":
        assert (body["feature_area"], body["customer_need"]) == ("Data", "Export")


def test_an_empty_queue_ends_the_review() -> None:
    api = FakeApi()
    assert not SimulatedReviewer(api, corpus()).answer_next()
    assert api.posted == []
