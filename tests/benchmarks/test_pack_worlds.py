"""A pack with invented accounts is a labelled corpus, and has signals to find."""

from __future__ import annotations

from pathlib import Path

from benchmarks.pack_worlds import write_world
from clustering.training.annotated import PACKS
from models.policy import Level
from service.flows.labelled_corpus import load_corpus
from service.flows.quality_scores import levels_of_gold


def test_a_pack_becomes_a_corpus_with_some_signals_among_its_needs(tmp_path: Path) -> None:
    write_world(PACKS / "hotels", tmp_path, seed=1)
    corpus = load_corpus(tmp_path)
    levels = levels_of_gold(corpus)
    signals = [theme for theme, level in levels.items() if level.rank <= Level.SIGNAL.rank]
    assert len(corpus.notes) > 150
    assert 3 <= len(signals) < len(corpus.themes) / 2


def test_one_seed_is_one_world(tmp_path: Path) -> None:
    for name, seed in (("first", 1), ("again", 1), ("other", 2)):
        write_world(PACKS / "hotels", tmp_path / name, seed)
    first, again, other = (
        {path.name: path.read_bytes() for path in sorted((tmp_path / name).iterdir())}
        for name in ("first", "again", "other")
    )
    assert first == again
    assert first != other
