"""The door for structured pre-reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from models.errors import InvalidInput
from models.observation import Observation, parse_observation
from models.severity import Severity

NOW = datetime(2026, 7, 4, 12, tzinfo=UTC)
GOOD = {
    "csm_id": "c-1",
    "account_id": "a-1",
    "occurred_at": "2026-07-03T09:30:00Z",
    "feature_area": "Reporting",
    "customer_need": "Bulk data",
    "severity": "blocking",
    "accounts_count": 3,
    "verbatim": "We cannot go live.",
    "external_id": "o-1",
}


def refusal(**changes: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse_observation({**GOOD, **changes}, now=NOW)
    return caught.value


def test_a_full_observation_is_read() -> None:
    assert parse_observation(GOOD, now=NOW) == Observation(
        csm_id="c-1",
        account_id="a-1",
        occurred_at=datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
        feature_area="Reporting",
        customer_need="Bulk data",
        severity=Severity.BLOCKING,
        accounts_count=3,
        verbatim="We cannot go live.",
        external_id="o-1",
    )


@pytest.mark.parametrize("field", ["account_id", "verbatim", "external_id"])
def test_what_may_be_null_may_be_absent_and_blank(field: str) -> None:
    absent = {key: value for key, value in GOOD.items() if key != field}
    for raw in (absent, {**GOOD, field: None}, {**GOOD, field: " "}):
        assert getattr(parse_observation(raw, now=NOW), field) is None


@pytest.mark.parametrize("field", sorted(set(GOOD) - {"account_id", "verbatim", "external_id"}))
def test_the_rest_is_required(field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_observation({k: v for k, v in GOOD.items() if k != field}, now=NOW)
    assert (caught.value.code, caught.value.field) == ("missing_field", field)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("severity", "urgent", "unknown_severity"),
        ("severity", "Blocking", "unknown_severity"),
        ("severity", 1, "wrong_type"),
        ("accounts_count", 0, "out_of_range"),
        ("accounts_count", -1, "out_of_range"),
        ("accounts_count", 10**30, "out_of_range"),
        ("accounts_count", "3", "wrong_type"),
        ("accounts_count", 3.0, "wrong_type"),
        ("accounts_count", True, "wrong_type"),
        ("verbatim", "x" * 100_001, "text_too_long"),
        ("verbatim", "a\x00b", "control_character"),
        ("verbatim", ["a"], "wrong_type"),
        ("occurred_at", "2026-07-03T09:30:00", "naive_time"),
        ("occurred_at", "2026-07-06T09:30:00Z", "future_time"),
        ("account_id", 7, "wrong_type"),
        ("account_id", "a" * 256, "id_too_long"),
        ("feature_area", "", "empty_field"),
        ("external_id", "e" * 256, "id_too_long"),
    ],
)
def test_a_bad_field_is_named(field: str, value: object, code: str) -> None:
    error = refusal(**{field: value})
    assert (error.code, error.field) == (code, field)


def test_an_unknown_severity_lists_the_known_ones() -> None:
    assert "blocking, degraded, minor" in refusal(severity="urgent").message
