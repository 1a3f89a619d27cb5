"""The bundled encoder: unit rows that depend on the text alone; clear refusals; no network."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from clustering.encoder import (
    BUNDLED,
    TransformerEncoder,
    load_encoder,
    load_first_layers,
    unit_rows,
)
from clustering.encoder_files import bundled_folder, check_bundled, folder_fingerprint
from models.errors import Unavailable

TEXTS = [
    "They want the whole client list in Excel.",
    "Import dies at 40,000 rows, every single time, and nobody is told which row was wrong.",
    "SSO",
    "The aisle had 197, the screen says 212",
    "pls let us undo a bulk edit " * 9,
    "Login über Entra ID funktioniert nicht",
]


@pytest.fixture(scope="module")
def encoder() -> TransformerEncoder:
    return load_encoder(BUNDLED)


def test_rows_are_float32_of_length_one(encoder: TransformerEncoder) -> None:
    rows = encoder.encode(TEXTS)
    assert rows.shape == (len(TEXTS), encoder.dimension) and rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-6)


def test_no_texts_give_no_rows(encoder: TransformerEncoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimension)


def test_row_is_bit_for_bit_the_same_alone_and_among_others(encoder: TransformerEncoder) -> None:
    together = encoder.encode(TEXTS)
    assert np.array_equal(np.vstack([encoder.encode([text]) for text in TEXTS]), together)


def test_order_of_the_texts_is_irrelevant(encoder: TransformerEncoder) -> None:
    assert np.array_equal(encoder.encode(TEXTS[::-1])[::-1], encoder.encode(TEXTS))


def test_repeated_text_has_one_row(encoder: TransformerEncoder) -> None:
    rows = encoder.encode(["SSO", "other", "SSO"])
    assert np.array_equal(rows[0], rows[2]) and not np.array_equal(rows[0], rows[1])


def test_synonymous_requests_are_nearer_than_unrelated_ones(encoder: TransformerEncoder) -> None:
    export, excel, login = encoder.encode(
        ["export all records to a file", "download every record as Excel", "sign in with Okta"]
    )
    assert export @ excel > export @ login + 0.2


def test_end_of_a_text_beyond_the_models_window_still_counts(encoder: TransformerEncoder) -> None:
    start = "The weather in Leeds was fine and lunch was good. " * 40
    plain, asks, wish = encoder.encode(
        [start, start + "Please add single sign-on with Okta. " * 10, "single sign-on with Okta"]
    )
    assert asks @ wish > plain @ wish + 0.05


def test_fingerprint_is_short_and_stays(encoder: TransformerEncoder) -> None:
    assert 0 < len(encoder.fingerprint) <= 64
    assert load_encoder(BUNDLED).fingerprint == encoder.fingerprint


def test_first_layers_are_those_of_the_whole_encoder(encoder: TransformerEncoder) -> None:
    rows = load_first_layers(3).encode(TEXTS)
    assert not np.allclose(rows, encoder.encode(TEXTS), atol=0.1)
    assert np.array_equal(load_first_layers(6).encode(TEXTS), encoder.encode(TEXTS))


def test_first_layers_give_a_text_one_row_in_any_company() -> None:
    first = load_first_layers(3)
    together = first.encode(TEXTS)
    assert np.array_equal(np.vstack([first.encode([text]) for text in TEXTS]), together)


def test_so_many_first_layers_have_a_fingerprint_of_their_own(encoder: TransformerEncoder) -> None:
    names = {load_first_layers(count).fingerprint for count in (2, 3)} | {encoder.fingerprint}
    assert len(names) == 3 and max(map(len, names)) <= 64


def test_folder_of_the_same_model_gives_the_same_rows(encoder: TransformerEncoder) -> None:
    other = load_encoder(str(bundled_folder()))
    assert other.fingerprint == encoder.fingerprint
    assert np.array_equal(other.encode(TEXTS), encoder.encode(TEXTS))


def test_changed_file_changes_the_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    before = folder_fingerprint(tmp_path, "rows-1")
    (tmp_path / "config.json").write_text('{"a": 1}')
    assert folder_fingerprint(tmp_path, "rows-1") != before


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    shutil.copy(bundled_folder() / "model.safetensors", tmp_path)
    with (tmp_path / "model.safetensors").open("r+b") as weights:
        weights.seek(-4, 2)
        weights.write(b"\x00\x00\x80\x3f")
    with pytest.raises(Unavailable, match="altered") as refused:
        check_bundled(tmp_path)
    assert refused.value.code == "encoder_checksum"


def test_model_that_is_not_on_this_machine_is_refused_with_advice() -> None:
    with pytest.raises(Unavailable, match="GROUNDSWELL_ENCODER") as refused:
        load_encoder("nobody/no-such-model")
    assert refused.value.code == "encoder_unavailable"


def test_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        load_encoder(str(tmp_path))
    assert refused.value.code == "encoder_unavailable"


def test_row_of_zeros_stays_zero() -> None:
    assert np.array_equal(unit_rows(np.zeros((1, 3), np.float32)), np.zeros((1, 3)))
