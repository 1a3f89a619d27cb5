"""The lens: unit rows in, unit rows out; for its own encoder only; probabilities that abstain."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clustering.assign import nearest_theme
from clustering.encoder import TransformerEncoder, load_encoder
from clustering.lens import PLAIN, WEIGHTS, Calibration, Lens, calibrated, lens_for
from clustering.organise import Bindings, RequestRow, organise
from clustering.quality import b_cubed
from tests.clustering.vectors import Rows, groups

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)
DEMO = Path(__file__).parents[2] / "service" / "demo" / "data"


@pytest.fixture(scope="module")
def encoder() -> TransformerEncoder:
    return load_encoder()


def test_bundled_encoder_has_a_lens_that_keeps_rows_of_length_one(
    encoder: TransformerEncoder,
) -> None:
    seen = lens_for(encoder.fingerprint).apply(groups([2] * 5, width=encoder.dimension))
    assert seen.dtype == np.float32
    assert np.linalg.norm(seen, axis=1) == pytest.approx(np.ones(10), abs=1e-5)


def test_lens_finds_the_need_of_more_stories_than_the_plain_rows(
    encoder: TransformerEncoder,
) -> None:
    """On a product it was not learned on: the demo's."""
    with (DEMO / "themes.csv").open(encoding="utf-8", newline="") as stream:
        needs = list(csv.DictReader(stream))
    lines = (DEMO / "probes.jsonl").read_text(encoding="utf-8").splitlines()
    probes = [probe for probe in map(json.loads, lines) if probe["theme_id"]]
    heads = encoder.encode([f"{row['customer_need']}. {row['description']}" for row in needs])
    asked = encoder.encode([probe["text"] for probe in probes])
    truth = [probe["theme_id"] for probe in probes]

    def found(near: Rows) -> int:
        best = [needs[n]["theme_id"] for n in np.argmax(near, axis=1)]
        return sum(a == b for a, b in zip(best, truth, strict=True))

    lens = lens_for(encoder.fingerprint)
    assert found(lens.apply(asked) @ lens.apply(heads).T) > found(asked @ heads.T)


def test_runs_through_the_lens_group_stories_more_as_people_do(
    encoder: TransformerEncoder,
) -> None:
    """On the demo's gold, by B-cubed F1; what waits is a group of its own."""
    lines = (DEMO / "gold.jsonl").read_text(encoding="utf-8").splitlines()
    said = [
        (one["quote"], one["theme_id"])
        for note in map(json.loads, lines)
        for one in note["observations"]
        if one["theme_id"]
    ]
    rows = encoder.encode([quote for quote, _ in said])
    asked = [RequestRow(f"r{n:04}", quote, NOON) for n, (quote, _) in enumerate(said)]

    def agreement(fingerprint: str) -> float:
        answer = organise(asked, rows, [], [], Bindings(pinned={}), encoder=fingerprint)
        group = {r: theme.id for theme in answer.themes for r, _ in theme.members}
        return b_cubed([group.get(r.id, r.id) for r in asked], [theme for _, theme in said]).f1

    assert agreement(encoder.fingerprint) > agreement("plain")


def test_new_request_joins_a_theme_as_seen_through_the_lens(encoder: TransformerEncoder) -> None:
    members = encoder.encode(["nothing in the van without signal", "the app needs a network"])
    new = encoder.encode(["no bars in the cellar, so no form"])
    plain, seen = (
        nearest_theme(new, {"t": members}, encoder=name) for name in ("plain", encoder.fingerprint)
    )
    assert plain != seen


def test_any_other_encoder_is_taken_as_it_is() -> None:
    rows = groups([3, 3])
    assert np.array_equal(lens_for("of another encoder").apply(rows), rows)


def test_weights_are_under_a_megabyte() -> None:
    assert WEIGHTS.stat().st_size < 1_000_000


scores = arrays(
    np.float32,
    st.tuples(st.integers(1, 5), st.integers(1, 9)),
    elements=st.floats(-1, 1, width=32),
)


@given(scores)
def test_probabilities_leave_room_for_none_of_these(table: np.ndarray) -> None:
    shares = calibrated(table, PLAIN)
    assert (shares >= 0).all() and (shares.sum(axis=1) < 1).all()


@given(scores)
def test_more_similar_items_are_more_probable(table: np.ndarray) -> None:
    shares = calibrated(table, PLAIN)
    for row, share in zip(table, shares, strict=True):
        order = np.argsort(row)
        assert (np.diff(share[order]) >= -1e-7).all()


def test_only_item_of_a_taxonomy_can_be_assigned_and_refused() -> None:
    near, far = calibrated(np.array([[0.8], [0.1]], np.float32), PLAIN)[:, 0]
    assert near > 0.5 > 0.2 > far


def test_what_resembles_nothing_much_is_about_none_of_the_items() -> None:
    """Though one item stands out as much from the others in both rows."""
    table = np.array([[0.7, 0.4, 0.4, 0.4], [0.3, 0.0, 0.0, 0.0]], np.float32)
    near, far = calibrated(table, Calibration(0.2, 0.1, 2.5, 4.0, lift=0.5))[:, 0]
    assert near > far + 0.2


def test_meaning_of_a_row_is_its_first_part_of_length_one() -> None:
    rows = groups([2, 2], width=12)
    meant = Lens(None, PLAIN, width=8).meaning(rows)
    assert meant.shape == (4, 8)
    assert np.linalg.norm(meant, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    assert np.allclose(meant * (rows[:, :1] / meant[:, :1]), rows[:, :8], atol=1e-5)


def test_meaning_of_an_encoder_without_wording_is_its_whole_row() -> None:
    rows = groups([2, 2])
    assert np.array_equal(lens_for("of another encoder").meaning(rows), rows)
