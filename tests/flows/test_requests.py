from __future__ import annotations

from typing import Any

import pytest

from models.errors import Conflict, InvalidInput, NotFound
from models.window import Window
from service.flows.ingest import ingest_note
from service.flows.requests import RequestFilters, add_request, list_requests, mend_request
from service.storage.engine import Store
from tests.factories import NOW, raw_note
from tests.flows.world import EXPORT, LOGIN, World, clock, tables_of, texts_on

TRAIL = ("decisions", "audit", "data_version", "touched", "vectors", "jobs")
ODD = "We need sandwiches with mustard, pickles, gravy and lemonade"
TEXT = "All fine. They need exports. We want darker colours."


@pytest.fixture
def world(store: Store) -> World:
    return World(store)


def texts(world: World, **filters: Any) -> set[str]:
    return {row["text"] for row in list_requests(world.store, RequestFilters(**filters)).data}


def test_requests_are_filtered(world: World) -> None:
    item = world.item("Data", EXPORT)
    first = world.note(1, f"{EXPORT} soon.", occurred_at="2026-07-03T09:30:00Z")
    world.note(2, f"{LOGIN} soon.", occurred_at="2026-05-03T09:30:00Z")
    world.note(3, f"{LOGIN} today.", occurred_at="2026-08-03T09:30:00Z", source="crm")
    world.read()
    summer = Window(clock(-24 * 91), clock(24))
    assert texts(world) == {f"{EXPORT} soon.", f"{LOGIN} soon.", f"{LOGIN} today."}
    assert texts(world, theme_id=item) == {f"{EXPORT} soon."}
    assert texts(world, note_id=first) == {f"{EXPORT} soon."}
    assert texts(world, source="crm") == {f"{LOGIN} today."}
    assert texts(world, external_id="n-2") == {f"{LOGIN} soon."}
    assert texts(world, tagged=True) == {f"{EXPORT} soon."}
    assert texts(world, tagged=False) == {f"{LOGIN} soon.", f"{LOGIN} today."}
    assert texts(world, q="OKTA to") == {f"{LOGIN} today."}
    assert texts(world, window=summer) == {f"{EXPORT} soon.", f"{LOGIN} today."}
    assert texts(world, q="100%") == set()


def test_a_merged_theme_finds_the_survivors_requests(world: World) -> None:
    world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 4)])
    world.run()
    source, target = world.proposed_with("okta"), world.proposed_with("export")
    world.decide(source, "merge", into=target)
    assert len(texts(world, theme_id=source)) == 9


def test_pages_are_newest_first_without_gap_or_repeat(world: World) -> None:
    for number in range(1, 8):
        world.note(number, f"We need number {chr(96 + number) * 3}.")
    world.note(9, "We need the newest.", occurred_at="2026-08-01T00:00:00Z")
    world.read()
    whole = [row["id"] for row in list_requests(world.store, RequestFilters()).data]
    seen: list[str] = []
    cursor = ""
    while True:
        page = list_requests(world.store, RequestFilters(), cursor=cursor, limit=3)
        seen += [row["id"] for row in page.data]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == whole
    assert len(seen) == 8
    assert list_requests(world.store, RequestFilters()).data[0]["text"] == "We need the newest."


def test_candidates_are_three_or_more_live_items_best_first_the_assigned_included(
    world: World,
) -> None:
    export = world.item("Data", EXPORT)
    for need in (LOGIN, "Darker colours", "A pony"):
        world.item("Other", need)
    world.note(1, f"{EXPORT} soon.")
    world.note(2, f"{ODD}.")
    world.read()
    rows = {row["text"]: row for row in list_requests(world.store, RequestFilters()).data}
    tagged, waiting = rows[f"{EXPORT} soon."], rows[f"{ODD}."]
    assert tagged["theme_id"] == export
    assert (tagged["feature_area"], tagged["customer_need"]) == ("Data", EXPORT)
    assert tagged["candidates"][0]["theme_id"] == export
    for row in rows.values():
        sure = [candidate["confidence"] for candidate in row["candidates"]]
        assert len(sure) >= 3
        assert sure == sorted(sure, reverse=True)
    assert (waiting["feature_area"], waiting["theme_id"]) == (None, None)
    assert waiting["unclassified_area"] is not None


def test_an_item_that_is_not_embedded_yet_is_a_candidate_all_the_same(world: World) -> None:
    from service.flows.taxonomy import upsert_items
    from tests.factories import lines_of, raw_item

    upsert_items(world.store, lines_of(raw_item()), now=NOW, actor="t", live=True)
    world.note(1, f"{EXPORT} soon.")
    world.read()
    (row,) = list_requests(world.store, RequestFilters()).data
    assert [c["customer_need"] for c in row["candidates"]] == ["Bulk export"]


def add(world: World, note: str, words: str, **changes: Any) -> dict[str, Any]:
    start = TEXT.index(words)
    body = {"start": start, "end": start + len(words), "severity": "minor"} | changes
    return dict(
        add_request(world.store, note, body, now=NOW, actor="ops", language=lambda: world.language)
    )


def test_an_added_request_is_a_persons_and_assigned_like_an_arrival(world: World) -> None:
    item = world.item("Looks", "We want darker colours")
    note = world.note(1, TEXT)
    world.read()
    added = add(world, note, "We want darker colours")
    assert added["text"] == "We want darker colours"
    assert (added["severity"], added["severity_by"]) == ("minor", "person")
    assert (added["theme_id"], added["assigned_by"]) == (item, "model")


def test_an_added_request_goes_on_the_theme_that_is_named(world: World) -> None:
    item = world.item("Data", EXPORT)
    note = world.note(1, TEXT)
    world.read()
    added = add(world, note, "darker colours", theme_id=item)
    assert (added["theme_id"], added["assigned_by"]) == (item, "person")


def test_a_mended_request_keeps_its_id_and_outlives_reading_anew(world: World) -> None:
    world.note(1, TEXT)
    world.read()
    request = world.request_like("exports")
    mended = mend_request(
        world.store,
        request.id,
        {"start": request.start + 5, "end": request.end - 1},
        now=NOW,
        actor="ops",
        language=lambda: world.language,
    )
    assert (mended["id"], mended["text"]) == (request.id, "need exports")
    edited = "Hello! " + TEXT
    ingest_note(
        world.store,
        raw_note(1, text=edited, account_id="a-1", csm_id="c-1"),
        now=NOW,
        actor="t",
    )
    world.read()
    after = world.request_like("exports")
    assert (after.id, after.text) == (request.id, "need exports")
    assert edited[after.start : after.end] == "need exports"


@pytest.mark.parametrize("kind", ["add", "mend"])
def test_a_decision_on_a_span_is_undone_to_the_row(world: World, kind: str) -> None:
    note = world.note(1, TEXT)
    world.read()
    before = tables_of(world.store, without=TRAIL)
    if kind == "add":
        decided = add(world, note, "darker colours")
    else:
        request = world.request_like("exports")
        span = {"start": request.start + 5, "end": request.end - 1}
        decided = dict(mend_request(world.store, request.id, span, now=NOW, actor="ops"))
    assert tables_of(world.store, without=TRAIL) != before
    world.undo(decided["decision_id"])
    assert tables_of(world.store, without=TRAIL) == before


def test_a_mended_span_is_not_undone_over_an_edited_note(world: World) -> None:
    world.note(1, TEXT)
    world.read()
    request = world.request_like("exports")
    span = {"start": request.start + 5, "end": request.end - 1}
    decided = mend_request(world.store, request.id, span, now=NOW, actor="ops")
    world.note(1, "They want, and need exports, all of them.")
    world.read()
    with pytest.raises(Conflict):
        world.undo(decided["decision_id"])


@pytest.mark.parametrize(
    ("body", "error", "code"),
    [
        ({"start": 5, "end": 5}, InvalidInput, "empty_span"),
        ({"start": 8, "end": 10}, InvalidInput, "empty_span"),
        ({"start": -1, "end": 5}, InvalidInput, "out_of_range"),
        ({"start": 5, "end": 9999}, InvalidInput, "span_outside"),
        ({"start": 12, "end": 20}, Conflict, "span_overlaps"),
        ({"start": "1", "end": 20}, InvalidInput, "wrong_type"),
        ({"start": 0, "end": 3, "severity": "awful"}, InvalidInput, "unknown_severity"),
        ({"start": 0, "end": 3, "theme_id": "t_nowhere"}, NotFound, "unknown_theme"),
    ],
)
def test_a_bad_span_is_refused_and_nothing_stored(
    world: World, body: dict[str, Any], error: type[Exception], code: str
) -> None:
    note = world.note(1, TEXT)
    world.read()
    before = tables_of(world.store)
    with pytest.raises(error) as refused:
        add_request(world.store, note, {"severity": "minor"} | body, now=NOW, actor="ops")
    assert refused.value.code == code  # type: ignore[attr-defined]
    assert tables_of(world.store) == before


def test_a_request_added_without_an_encoder_is_placed_when_there_is_one(world: World) -> None:
    from service.flows.items import embed_items

    item = world.item("Looks", "We want darker colours")
    note = world.note(1, TEXT)
    world.read()
    start = TEXT.index("We want")
    body = {"start": start, "end": start + 22, "severity": "minor", "theme_id": None}
    add_request(world.store, note, body, now=NOW, actor="ops")
    assert world.theme_of("darker") is None
    embed_items(world.store, world.language.encoder, now=NOW)
    assert world.theme_of("darker") == item
