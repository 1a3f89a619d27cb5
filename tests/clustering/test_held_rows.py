"""A quick look from held rows sees what a close one does, whatever came and went between."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.assign import ItemIndex, ItemProfile
from clustering.glance import MARGIN
from clustering.held_rows import HeldRows
from clustering.learning import NO_ITEM, Lessons
from tests.clustering.vectors import Rows, unit

WIDTH = 24


def units(chance: np.random.Generator, count: int) -> Rows:
    return unit(chance.standard_normal((count, WIDTH)))


def index_of(chance: np.random.Generator, texts: dict[str, Rows], lessons: int) -> ItemIndex:
    none = np.zeros((0, WIDTH), dtype=np.float32)
    profiles = [ItemProfile(theme, "Area", rows, none) for theme, rows in texts.items()]
    truths = [str(truth) for truth in chance.choice([*texts, NO_ITEM], lessons)]
    weights = np.ones(lessons, dtype=np.float32)
    return ItemIndex.build(profiles, "", Lessons(units(chance, lessons), truths, weights))


@pytest.mark.parametrize("seed", range(5))
def test_a_glance_is_near_what_is_judged(seed: int) -> None:
    chance = np.random.default_rng(seed)
    rows = dict(zip("abcdefghijklmnopqrstuvwxyz", units(chance, 26), strict=True))
    texts = {f"t{n}": units(chance, 1 + n % 3) for n in range(6)}
    held = HeldRows(1_000_000)
    for step in range(6):
        kept = sorted(chance.choice(list(rows), 18, replace=False))
        texts[f"t{step}"] = units(chance, 2)
        texts[f"n{step}"] = units(chance, 1)
        index = index_of(chance, texts, lessons=3 * step)
        missing = held.keep_only(kept)
        assert held.add({key: rows[key] for key in missing})
        assert len(held) == len(kept)
        look = held.look(index)
        assert look is not None
        slots = held.slots(kept)
        judged = index.judged(np.vstack([rows[key] for key in kept]))
        ordered = np.sort(judged, axis=1)
        assert look.confidence[slots] == pytest.approx(ordered[:, -1], abs=MARGIN / 10)
        assert look.second[slots] == pytest.approx(ordered[:, -2], abs=MARGIN / 10)
        assert (look.first[slots] == judged.argmax(axis=1)).all()


def test_what_takes_too_much_is_not_held() -> None:
    chance = np.random.default_rng(0)
    rows = dict(zip("abcdef", units(chance, 6), strict=True))
    held = HeldRows(4 * WIDTH * 5)
    assert not held.add(rows)
    assert len(held) == 0
    held = HeldRows(4 * (WIDTH + 1) * 6)
    assert held.add(rows)
    assert held.look(index_of(chance, {f"t{n}": units(chance, 1) for n in range(9)}, 0)) is None
    assert len(held) == 0
