"""The adapted encoder: stories nearer their need, its own name, and clear refusals."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.torch import save_file

from clustering.adapter import BASE, CONTENT, REQUESTS, checked, content_sha256
from clustering.encoder import ADAPTED, PIECES, Encoder, load_adapted, load_encoder
from clustering.encoder_files import BUNDLED_SHA256
from clustering.lens import PLAIN, lens_for
from models.errors import Unavailable

DEMO = Path(__file__).parents[2] / "service" / "demo" / "data"


@pytest.fixture(scope="module")
def adapted() -> Encoder:
    return load_encoder(ADAPTED)


@pytest.fixture(scope="module")
def plain() -> Encoder:
    return load_encoder()


def written(folder: Path, about: Mapping[str, str], *, change: float = 0.0) -> Path:
    """The shipped updates with other metadata, and one number changed by so much."""
    tensors = checked(REQUESTS, BUNDLED_SHA256)
    with safe_open(REQUESTS, framework="numpy") as file:
        metadata = {**file.metadata(), **about}
    name = min(tensors)
    tensors[name][0, 0] += change
    path = folder / "adapter.safetensors"
    save_file(tensors, path, metadata=metadata)
    return path


def test_more_stories_find_their_need_than_by_the_plain_encoder(
    adapted: Encoder, plain: Encoder
) -> None:
    """On a product nothing was trained on: the demo's."""
    with (DEMO / "themes.csv").open(encoding="utf-8", newline="") as stream:
        needs = list(csv.DictReader(stream))
    lines = (DEMO / "probes.jsonl").read_text(encoding="utf-8").splitlines()
    probes = [probe for probe in map(json.loads, lines) if probe["theme_id"]]
    heads = [f"{row['customer_need']}. {row['description']}" for row in needs]

    def found(encoder: Encoder) -> float:
        near = encoder.encode([probe["text"] for probe in probes]) @ encoder.encode(heads).T
        best = [needs[n]["theme_id"] for n in near.argmax(axis=1)]
        right = sum(a == probe["theme_id"] for a, probe in zip(best, probes, strict=True))
        return right / len(probes)

    assert found(adapted) > found(plain) + 0.1


def test_adapted_rows_are_told_apart_from_plain_ones(adapted: Encoder, plain: Encoder) -> None:
    assert adapted.fingerprint != plain.fingerprint and len(adapted.fingerprint) <= 64
    meant = lens_for(adapted.fingerprint).meaning(adapted.encode(["SSO"]))
    assert meant.shape == (1, plain.dimension)
    assert not np.allclose(meant, plain.encode(["SSO"]), atol=1e-3)


def test_rows_are_of_length_one_and_of_the_width_that_is_named(adapted: Encoder) -> None:
    rows = adapted.encode(["SSO", "...", "undo a bulk edit"])
    assert rows.shape == (3, adapted.dimension) and rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(3), abs=1e-5)


def test_same_name_for_a_thing_brings_a_request_nearer_its_need(adapted: Encoder) -> None:
    need, same, other = adapted.encode(
        ["SCIM provisioning", "they ask for SCIM this year", "they ask for SAML this year"]
    )
    meaning = lens_for(adapted.fingerprint).meaning
    (meant, same_meant, other_meant) = meaning(np.stack([need, same, other]))
    assert need @ same - need @ other > 0.5 * (meant @ same_meant - meant @ other_meant)


def test_what_a_row_means_does_not_hang_on_how_it_is_worded(adapted: Encoder) -> None:
    lens = lens_for(adapted.fingerprint)
    rows = adapted.encode(["SSO"])
    reworded = rows.copy()
    reworded[:, lens.width :] = 0.0
    assert np.allclose(lens.meaning(rows), lens.meaning(reworded), atol=1e-6)


def test_adapted_encoder_has_a_calibration_of_its_own_and_no_map(
    adapted: Encoder,
) -> None:
    lens = lens_for(adapted.fingerprint)
    assert lens.matrix is None and lens.calibration != PLAIN


def test_row_is_bit_for_bit_the_same_alone_and_among_others(adapted: Encoder) -> None:
    texts = ["The aisle had 197, the screen says 212", "SSO", "undo a bulk edit " * 9]
    alone = np.vstack([adapted.encode([text]) for text in texts])
    assert np.array_equal(alone, adapted.encode(texts))


def test_updates_of_other_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="other weights") as refused:
        load_adapted(written(tmp_path, {BASE: "0" * 64}))
    assert refused.value.code == "adapter_base"


def test_altered_updates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="train-adapters") as refused:
        load_adapted(written(tmp_path, {}, change=0.5))
    assert refused.value.code == "adapter_unavailable"


def test_damaged_or_missing_updates_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "adapter.safetensors"
    path.write_bytes(REQUESTS.read_bytes()[:100_000])
    for broken in (path, tmp_path / "none.safetensors"):
        with pytest.raises(Unavailable) as refused:
            load_adapted(broken)
        assert refused.value.code == "adapter_unavailable"


def test_updates_that_do_not_say_how_rare_words_are_are_refused(tmp_path: Path) -> None:
    tensors = checked(REQUESTS, BUNDLED_SHA256)
    del tensors[PIECES]
    path = tmp_path / "adapter.safetensors"
    save_file(tensors, path, metadata={BASE: BUNDLED_SHA256, CONTENT: content_sha256(tensors)})
    with pytest.raises(Unavailable, match="rare") as refused:
        load_adapted(path)
    assert refused.value.code == "adapter_unavailable"


def test_updates_of_layers_the_model_lacks_are_refused(tmp_path: Path) -> None:
    tensors = checked(REQUESTS, BUNDLED_SHA256)
    moved = {name.replace("layer.0", "layer.9"): values for name, values in tensors.items()}
    path = tmp_path / "adapter.safetensors"
    save_file(moved, path, metadata={BASE: BUNDLED_SHA256, CONTENT: content_sha256(moved)})
    with pytest.raises(Unavailable, match="does not fit") as refused:
        load_adapted(path)
    assert refused.value.code == "adapter_unavailable"


def test_shipped_updates_are_small() -> None:
    assert REQUESTS.stat().st_size < 8_000_000
