"""What may be asked of a key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from models.access import KeyWish, check_wish, parse_last_day, parse_lifetime, parse_wish
from models.errors import InvalidInput

NOW = datetime(2026, 10, 1, 12, tzinfo=UTC)


def test_a_wish_is_read_from_json() -> None:
    raw = {
        "role": "csm",
        "name": " Ana ",
        "csm_id": "c-1",
        "expires_at": "2027-01-01T02:00:00+02:00",
    }
    wish = check_wish(parse_wish(raw), now=NOW)
    assert wish == KeyWish(
        role="csm", name="Ana", csm_id="c-1", expires_at=datetime(2027, 1, 1, tzinfo=UTC)
    )


def test_what_is_left_out_is_none() -> None:
    wish = check_wish(parse_wish({"role": "admin", "name": "Ana"}), now=NOW)
    assert (wish.csm_id, wish.expires_at) == (None, None)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"role": "root"}, "unknown_role"),
        ({"role": None}, "missing_field"),
        ({"role": 1}, "wrong_type"),
        ({"name": None}, "missing_field"),
        ({"name": "a\tb"}, "bad_name"),
        ({"name": "x" * 256}, "bad_name"),
        ({"csm_id": "c-1"}, "csm_id_not_allowed"),
        ({"role": "csm"}, "missing_csm_id"),
        ({"expires_at": "2026-10-01T12:00:00Z"}, "bad_expiry"),
        ({"expires_at": "tomorrow"}, "bad_time"),
        ({"expires_at": "2027-01-01T00:00:00"}, "naive_time"),
    ],
)
def test_what_no_key_may_be_is_refused(changes: dict[str, object], code: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_wish(parse_wish({"role": "admin", "name": "Ana", **changes}), now=NOW)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("text", "lifetime"),
    [("12h", timedelta(hours=12)), ("90d", timedelta(days=90)), ("52w", timedelta(weeks=52))],
)
def test_a_lifetime_is_read(text: str, lifetime: timedelta) -> None:
    assert parse_lifetime(text) == lifetime


@pytest.mark.parametrize("text", ["", "0d", "-1d", "90", "d", "1y", "1.5d", "999999d"])
def test_what_is_no_lifetime_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_lifetime(text)
    assert caught.value.code == "bad_lifetime"


def test_a_last_day_is_over_at_its_local_midnight() -> None:
    end = parse_last_day("2026-12-31", ZoneInfo("Europe/Berlin"))
    assert end == datetime(2026, 12, 31, 23, tzinfo=UTC)


@pytest.mark.parametrize("text", ["31.12.2026", "2026-13-01", "9999-12-31"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_last_day(text, UTC)
    assert caught.value.code == "bad_date"
