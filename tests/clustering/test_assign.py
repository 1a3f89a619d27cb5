"""Requests go to the item they fit, wait when they fit none, and join themes they're near."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from clustering.assign import (
    ItemIndex,
    ItemProfile,
    Rows,
    assign,
    nearest_theme,
    pick,
    profile_texts,
)
from clustering.encoder import TransformerEncoder, load_encoder
from clustering.params import ClusteringParams
from tests.clustering.vectors import groups, unit

NEEDS = {
    "t_export": ("Bulk export of records", "Get all records out into one file."),
    "t_import": ("Bulk import of large files", "Load a large list of records in one go."),
    "t_sso": ("Single sign-on", "People sign in with the company's identity provider."),
    "t_dark": ("Dark mode", "A dark colour theme for the screens."),
}
NOTHING = np.zeros((0, 16), np.float32)


@pytest.fixture(scope="module")
def encoder() -> TransformerEncoder:
    return load_encoder()


def real_index(encoder: TransformerEncoder, **accepted: Sequence[str]) -> ItemIndex:
    profiles = [
        ItemProfile(
            theme,
            "Area",
            encoder.encode(profile_texts(need, description)),
            encoder.encode(accepted.get(theme, ())),
        )
        for theme, (need, description) in NEEDS.items()
    ]
    return ItemIndex.build(profiles, encoder.fingerprint)


def fake_index(count: int = 8) -> tuple[ItemIndex, Rows]:
    rows = groups([1] * count, width=16)
    profiles = [ItemProfile(f"t_{n}", f"Area {n}", rows[n : n + 1], NOTHING) for n in range(count)]
    return ItemIndex.build(profiles), rows


@pytest.mark.parametrize(
    ("text", "theme"),
    [
        ("wants the whole client list in Excel, one click", "t_export"),
        ("uploading their 60,000 suppliers never finishes", "t_import"),
        ("can't get in through Okta, needs another password", "t_sso"),
    ],
)
def test_first_note_finds_its_item_without_any_other(
    encoder: TransformerEncoder, text: str, theme: str
) -> None:
    (ids,) = real_index(encoder).rank(encoder.encode([text])).theme_ids
    assert ids[0] == theme


def test_plain_request_is_assigned_to_its_item(encoder: TransformerEncoder) -> None:
    (answer,) = assign(encoder.encode(["please add single sign-on"]), real_index(encoder))
    assert answer is not None and answer.theme_id == "t_sso"


def test_what_fits_no_item_waits(encoder: TransformerEncoder) -> None:
    asked = encoder.encode(["the invoice of May shows the wrong VAT number"])
    assert assign(asked, real_index(encoder)) == [None]


def test_accepted_request_teaches_the_item_its_wording(encoder: TransformerEncoder) -> None:
    story = ["my eyes hurt after the night shift staring at that bright white page"]
    before = real_index(encoder).rank(encoder.encode(story)).confidences[0]
    told = ["the night shift complains that the bright white page hurts their eyes"]
    after = real_index(encoder, t_dark=told).rank(encoder.encode(story))
    assert after.theme_ids[0][0] == "t_dark" and after.confidences[0][0] > before[0]


def test_confidences_fall_along_the_ranking_and_sum_to_at_most_one() -> None:
    index, _ = fake_index()
    ranking = index.rank(groups([1] * 20, seed=3, width=16))
    assert (np.diff(ranking.confidences, axis=1) <= 0).all()
    assert (ranking.confidences >= 0).all() and (ranking.confidences.sum(axis=1) <= 1).all()


def test_ranking_holds_at_most_twelve_items() -> None:
    index, rows = fake_index(20)
    assert all(len(ids) == 12 for ids in index.rank(rows).theme_ids)


def test_order_of_the_profiles_is_irrelevant() -> None:
    rows = groups([1] * 5, width=16)
    profiles = [ItemProfile(f"t_{n}", "A", rows[n : n + 1], NOTHING) for n in range(5)]
    asked = groups([1] * 9, seed=2, width=16)
    one, two = ItemIndex.build(profiles), ItemIndex.build(profiles[::-1])
    assert one.rank(asked).theme_ids == two.rank(asked).theme_ids
    assert np.array_equal(one.rank(asked).confidences, two.rank(asked).confidences)


def test_answer_for_one_request_is_the_same_among_others() -> None:
    index, rows = fake_index()
    alone, together = index.rank(rows[2:3]), index.rank(rows)
    assert alone.theme_ids[0] == together.theme_ids[2]
    assert alone.confidences[0] == pytest.approx(together.confidences[2], abs=1e-6)


def test_without_items_everything_waits() -> None:
    assert assign(groups([3]), ItemIndex.build([])) == [None] * 3


def test_without_requests_there_is_nothing_to_rank() -> None:
    index, _ = fake_index()
    assert index.rank(NOTHING).theme_ids == [] and assign(NOTHING, index) == []


def test_confidence_on_the_line_is_enough() -> None:
    index, rows = fake_index()
    ranking = index.rank(rows[:1])
    line = float(ranking.confidences[0][0])
    assert pick(ranking, line) != [None] and pick(ranking, line + 1e-6) == [None]


def test_higher_line_assigns_no_more() -> None:
    index, _ = fake_index()
    asked = groups([1] * 40, seed=5, width=16)
    counts = [
        sum(a is not None for a in assign(asked, index, ClusteringParams(assign_line=line)))
        for line in (0.1, 0.4, 0.8)
    ]
    assert counts == sorted(counts, reverse=True)


def test_new_request_joins_the_theme_it_lies_in() -> None:
    rows = groups([4, 4, 1], seed=1, spread=0.08)
    centre = unit(rows[4:8].mean(axis=0, keepdims=True))
    (answer,) = nearest_theme(centre, {"t_a": rows[:4], "t_b": rows[4:8]})
    assert answer is not None and answer.theme_id == "t_b"


def test_new_request_far_from_every_theme_waits() -> None:
    rows = groups([4, 4, 1], seed=1, spread=0.08)
    assert nearest_theme(rows[8:], {"t_a": rows[:4], "t_b": rows[4:8]}) == [None]


def test_without_proposed_themes_new_requests_wait() -> None:
    assert nearest_theme(groups([2]), {}) == [None, None]


def test_profile_holds_need_with_description_then_examples() -> None:
    assert profile_texts("Need", "What it is.", ["one", "two"]) == [
        "Need. What it is.",
        "one",
        "two",
    ]
    assert profile_texts("Need", " ") == ["Need"]
