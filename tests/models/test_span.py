"""Spans that a person adds or mends."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import InvalidInput
from models.severity import Severity
from models.span import AddedRequest, Span, parse_added_request, parse_span

TEXT = "Hi. They need SSO 🙏 now."


def test_a_span_is_in_code_points() -> None:
    assert Span(4, 19).of(TEXT) == "They need SSO 🙏"


def test_a_span_may_reach_the_end_of_the_text_and_no_further() -> None:
    assert Span(0, len(TEXT)).of(TEXT) == TEXT
    with pytest.raises(InvalidInput) as caught:
        Span(0, len(TEXT) + 1).of(TEXT)
    assert (caught.value.code, caught.value.field) == ("span_outside", "end")


def test_a_span_holds_words() -> None:
    with pytest.raises(InvalidInput) as caught:
        Span(17, 20).of(TEXT)
    assert caught.value.code == "empty_span"


@pytest.mark.parametrize(
    ("start", "end", "shared"), [(0, 4, False), (0, 5, True), (8, 9, False), (7, 9, True)]
)
def test_spans_that_only_touch_do_not_overlap(start: int, end: int, shared: bool) -> None:
    assert Span(4, 8).overlaps(start, end) is shared


def test_bodies_are_read() -> None:
    assert parse_span({"start": 0, "end": 3}) == Span(0, 3)
    body = {"start": 0, "end": 3, "severity": "minor", "theme_id": None}
    assert parse_added_request(body) == AddedRequest(Span(0, 3), Severity.MINOR, None)
    assert parse_added_request({**body, "theme_id": "t_1"}).theme_id == "t_1"


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"start": None}, "missing_field", "start"),
        ({"end": "3"}, "wrong_type", "end"),
        ({"start": True}, "wrong_type", "start"),
        ({"start": -1}, "out_of_range", "start"),
        ({"end": 100_001}, "out_of_range", "end"),
        ({"start": 3, "end": 3}, "empty_span", "end"),
        ({"severity": "bad"}, "unknown_severity", "severity"),
        ({"theme_id": 7}, "wrong_type", "theme_id"),
    ],
)
def test_a_bad_body_is_named(changes: dict[str, Any], code: str, field: str) -> None:
    body = {"start": 0, "end": 3, "severity": "minor", "theme_id": None}
    with pytest.raises(InvalidInput) as caught:
        parse_added_request({**body, **changes})
    assert (caught.value.code, caught.value.field) == (code, field)
