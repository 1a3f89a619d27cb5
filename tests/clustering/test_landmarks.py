"""Landmarks: what stands by the same known needs comes nearer; for their own encoder only."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from clustering.adapter import REQUESTS, about_updates, adapted_fingerprint
from clustering.assign import nearest_theme
from clustering.landmarks import ENCODER, LANDMARKS, Landmarks, landmarks_of, load_landmarks
from clustering.lens import PLAIN, Lens, lens_for
from clustering.organise import Bindings, RequestRow, organise
from clustering.quality import b_cubed
from clustering.word_pieces import WIDTH
from tests.clustering.vectors import Rows, groups, numbers, unit

NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def shipped() -> str:
    """The fingerprint of the shipped encoder."""
    about = about_updates(REQUESTS)
    return adapted_fingerprint(about["encoder"], about)


def about_needs(needs: Rows, count: int, *, noise: float, seed: int = 1) -> Rows:
    """So many rows about each need, each mostly something of its own."""
    chance = np.random.default_rng(seed)
    rows = np.repeat(needs, count, axis=0)
    return unit(rows + noise * unit(chance.normal(size=rows.shape)))


def test_rows_are_of_length_one_and_hold_the_meaning_first() -> None:
    rows = groups([3, 3], width=24)
    seen = landmarks_of(groups([1] * 10, width=24, seed=2)).beside(rows)
    assert seen.shape == (6, 34) and seen.dtype == np.float32
    assert np.linalg.norm(seen, axis=1) == pytest.approx(np.ones(6), abs=1e-5)
    meant = seen[:, :24] / np.linalg.norm(seen[:, :24], axis=1, keepdims=True)
    assert np.allclose(meant, rows, atol=1e-5)


def test_two_requests_by_one_known_need_are_nearer_than_two_that_share_something_else() -> None:
    axes = np.eye(96, dtype=np.float32)
    known = axes[:30]
    one = 0.6 * axes[0] + 0.8 * axes[40]
    by_the_same = 0.6 * axes[0] + 0.8 * axes[50]
    otherwise = 0.45 * axes[40] + 0.6 * axes[1] + 0.6614 * axes[60]
    rows = unit(np.stack([one, by_the_same, otherwise]))
    assert rows[0] @ rows[1] == pytest.approx(rows[0] @ rows[2], abs=1e-3)
    seen = landmarks_of(known).beside(rows)
    assert seen[0] @ seen[1] > seen[0] @ seen[2] + 0.05


def test_same_text_has_the_same_row_bit_for_bit_wherever_it_stands() -> None:
    rows = groups([1000, 25], width=40)
    rows[-1] = rows[0]
    landmarks = landmarks_of(groups([1] * 50, width=40, seed=5))
    seen, turned = landmarks.beside(rows), landmarks.beside(rows[::-1].copy())
    assert np.array_equal(seen[-1], seen[0])
    assert np.array_equal(seen, turned[::-1])


def test_axes_keep_what_the_shares_of_all_landmarks_say() -> None:
    known = groups([4] * 60, width=96, seed=6, spread=0.03)
    whole = Landmarks(known, np.eye(len(known), dtype=np.float32))
    rows = about_needs(known[::20], 3, noise=0.5)
    folded, full = landmarks_of(known).beside(rows), whole.beside(rows)
    assert np.allclose(folded @ folded.T, full @ full.T, atol=0.02)


def test_shipped_landmarks_are_for_the_shipped_encoder_alone(shipped: str) -> None:
    found = load_landmarks(shipped)
    assert found is not None and len(found.needs) > 500
    assert np.linalg.norm(found.needs, axis=1) == pytest.approx(np.ones(len(found.needs)), abs=1e-2)
    assert load_landmarks("of another encoder") is None
    assert LANDMARKS.stat().st_size < 2**20


def test_landmarks_come_back_from_their_file_as_they_were(tmp_path: Path) -> None:
    made = landmarks_of(groups([1] * 12, width=16))
    save_file(made.tensors(), tmp_path / "some.safetensors", metadata={ENCODER: "ours"})
    back = load_landmarks("ours", tmp_path / "some.safetensors")
    assert back is not None
    rows = groups([2, 2], width=16)
    assert np.allclose(back.beside(rows), made.beside(rows), atol=5e-3)


def test_likeness_without_landmarks_is_meaning() -> None:
    rows = groups([2, 2], width=12)
    lens = Lens(None, PLAIN, width=8)
    assert np.array_equal(lens.likeness(rows), lens.meaning(rows))
    assert lens.likeness(rows[:0]).shape == (0, 12)


def test_runs_group_requests_by_the_known_needs_they_stand_by(shipped: str) -> None:
    """Rows so far apart that their meaning alone says too little."""
    known = load_landmarks(shipped)
    assert known is not None
    chosen = unit(known.needs[:: len(known.needs) // 30][:30])
    rows, gold = worded(about_needs(chosen, 6, noise=2.5)), numbers([6] * 30)
    requests = [RequestRow(f"{n:03d}", f"text {n}", NOON) for n in range(len(rows))]

    def found(encoder: str, table: Rows) -> float:
        themes = organise(requests, table, [], [], Bindings(pinned={}), encoder=encoder).themes
        label = {member: n for n, theme in enumerate(themes) for member, _ in theme.members}
        return b_cubed([label.get(row.id) for row in requests], gold).f1

    meaning = lens_for(shipped).meaning(rows)
    assert found(shipped, rows) > found("of another encoder", meaning) + 0.05


def test_arrivals_join_the_theme_of_their_need_as_in_a_run(shipped: str) -> None:
    """Rather than one whose meaning is a little nearer."""
    known = load_landmarks(shipped)
    assert known is not None
    chance = np.random.default_rng(0)
    need, other = unit(np.stack([known.needs[0], chance.normal(size=384)]))
    own = unit(chance.normal(size=(7, 384)))
    themes = {
        "by its need": worded(unit(0.55 * need + 0.83 * own[:3])),
        "otherwise": worded(unit(0.62 * other + 0.78 * own[3:6])),
    }
    arrival = worded(unit((0.6 * need + 0.6 * other + 0.5 * own[6])[None]))
    meaning = lens_for(shipped).meaning
    by_meaning = {theme: meaning(rows) for theme, rows in themes.items()}
    (plain,) = nearest_theme(meaning(arrival), by_meaning, encoder="of another encoder")
    (joined,) = nearest_theme(arrival, themes, encoder=shipped)
    assert plain is not None and plain.theme_id == "otherwise"
    assert joined is not None and joined.theme_id == "by its need"


def worded(meant: Rows) -> Rows:
    """As wide as the shipped encoder's rows, saying nothing of how texts are worded."""
    return np.hstack([meant, np.zeros((len(meant), WIDTH), np.float32)])


def test_shipped_file_says_of_which_products_it_was_made() -> None:
    with safe_open(LANDMARKS, framework="numpy") as file:
        assert len((file.metadata() or {})["products"].split()) == 24
