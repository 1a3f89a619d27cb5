"""Ids come from content, and nothing else."""

from __future__ import annotations

import pytest

from models.identity import (
    cluster_theme_id,
    group_theme_id,
    item_id,
    item_theme_id,
    normalise_text,
    note_id,
    observation_request_id,
    request_id,
    text_key,
    vector_key,
)


def test_ids_stay_as_they_were_issued() -> None:
    # Ids are in stores and in other people's systems; a change here orphans them.
    assert note_id("manual", "n-1") == "n_2ad9af424f5f030f028f3903e97f93aa"


def test_the_parts_of_an_id_do_not_run_together() -> None:
    assert note_id("ab", "c") != note_id("a", "bc")
    assert item_id("a", "b") != item_theme_id("a", "b")


def test_a_clusters_id_does_not_depend_on_order() -> None:
    assert cluster_theme_id(["r1", "r2"]) == cluster_theme_id(["r2", "r1"])
    assert cluster_theme_id(["r1", "r2"]) != cluster_theme_id(["r1", "r2"], 1)


def test_the_same_words_twice_in_a_note_are_two_requests() -> None:
    assert request_id("n", "export all", 0) != request_id("n", "export all", 1)


def test_other_kinds_of_ids_differ_by_their_parts() -> None:
    assert observation_request_id("o1") != observation_request_id("o2")
    assert group_theme_id("2026-07", "A", "minor") != group_theme_id("2026-08", "A", "minor")
    assert item_theme_id("A", "N", 0) != item_theme_id("A", "N", 1)


@pytest.mark.parametrize(
    "pasted",
    ["Need bulk export!", "  need   BULK\nexport ", "> Need bulk export.", "need bulk ｅxport"],
)
def test_pastes_of_one_text_have_one_key(pasted: str) -> None:
    assert text_key(pasted) == text_key("need bulk export")


def test_inner_punctuation_and_other_words_make_another_text() -> None:
    assert text_key("no, export") != text_key("no export")
    assert normalise_text("...") == "..."


def test_vectors_are_of_exactly_a_text() -> None:
    assert vector_key("Export") != vector_key("export")
