from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from clustering.adapter import REQUESTS, about_updates
from clustering.rerank import WEIGHTS, PairReader, load_reranker
from clustering.training.annotated import PACKS
from models.errors import Unavailable

EXPORT = "Bulk export of records. Getting all rows out of the product as a file."
IMPORT = "Bulk import of records. Bringing rows into the product from a file."
SPEED = "Faster reports. Reports take too long to load."

MB = 1_000_000


@pytest.fixture(scope="module")
def reranker() -> PairReader:
    return load_reranker()


def test_near_opposites_are_told_apart(reranker: PairReader) -> None:
    out = "no way to download the whole list"
    into = "he has four hundred customers in an old Excel file and types them in one by one"
    scores = reranker.score([(out, EXPORT), (out, IMPORT), (into, EXPORT), (into, IMPORT)])
    assert scores[0] > scores[1]
    assert scores[3] > scores[2]


def test_a_score_hangs_on_its_own_pair_alone(reranker: PairReader) -> None:
    requests = ["rows out as a file", "the page is slow on Mondays " * 6]
    pairs = [(request, item) for request in requests for item in (EXPORT, SPEED)]
    together = reranker.score(pairs)
    order = list(range(len(pairs)))
    random.Random(1).shuffle(order)
    shuffled = reranker.score([pairs[n] for n in order])
    assert np.array_equal(shuffled, together[order])
    assert reranker.score(pairs[:1])[0] == together[0]


def test_nothing_to_read_is_no_work(reranker: PairReader) -> None:
    assert reranker.score([]).shape == (0,)


def test_a_text_of_any_length_is_read(reranker: PairReader) -> None:
    scores = reranker.score([("", EXPORT), ("slow " * 5000, SPEED)])
    assert np.isfinite(scores).all()


def test_loaded_twice_it_is_the_same(reranker: PairReader) -> None:
    again = load_reranker()
    assert again.fingerprint == reranker.fingerprint
    assert len(again.fingerprint) <= 64
    pair = [("we can't get the rows out", EXPORT)]
    assert again.score(pair)[0] == reranker.score(pair)[0]


def test_the_file_is_small_and_says_how_it_was_made() -> None:
    about = about_updates(WEIGHTS)
    assert WEIGHTS.stat().st_size <= 8 * MB
    assert {"base_sha256", "content_sha256", "recipe", "split", "tokens"} <= about.keys()
    assert about["products"].split() == sorted(
        path.name for path in PACKS.iterdir() if path.is_dir()
    )


def test_missing_weights_are_told_of(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="train-adapters") as refused:
        load_reranker(tmp_path / "none.safetensors")
    assert refused.value.code == "adapter_unavailable"


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    altered = bytearray(WEIGHTS.read_bytes())
    altered[-1000] ^= 1
    (tmp_path / "altered.safetensors").write_bytes(altered)
    with pytest.raises(Unavailable) as refused:
        load_reranker(tmp_path / "altered.safetensors")
    assert refused.value.code == "adapter_unavailable"


def test_weights_of_an_encoder_are_no_re_ranker() -> None:
    with pytest.raises(Unavailable, match="not those of a re-ranker") as refused:
        load_reranker(REQUESTS)
    assert refused.value.code == "adapter_unavailable"
