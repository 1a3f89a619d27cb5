"""Sentences that say what one change would make of a signal."""

from __future__ import annotations

import pytest

from models.margins import leading_to


@pytest.mark.parametrize(
    ("margin", "said"),
    [
        ("one more at-risk account meets this", "one more at-risk account makes this a P1"),
        ("2 more CSMs meet this", "2 more CSMs make this a P1"),
        (
            "one more at-risk account meets this; Acme becomes one on 2026-10-01 if it is still"
            " yellow then",
            "one more at-risk account makes this a P1; Acme becomes one on 2026-10-01 if it is"
            " still yellow then",
        ),
        ("one account fewer and this no longer holds", "one account fewer and this is a P1"),
        (
            "without Acme the share falls to 6.1 %",
            "without Acme the share falls to 6.1 %, and this is a P1",
        ),
    ],
)
def test_a_margin_says_what_comes_of_it(margin: str, said: str) -> None:
    assert leading_to(margin, "a P1") == said


def test_what_is_not_known_only_could() -> None:
    margin = "Acme has no ARR on record; more than $500 there meets this"
    assert leading_to(margin, "a P1", sure=False) == (
        "Acme has no ARR on record; more than $500 there could make this a P1"
    )
