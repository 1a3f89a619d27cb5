"""The door for notes: what gets in, and how each refusal reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.errors import InvalidInput
from models.note import MAX_TEXT, Note, parse_note

NOW = datetime(2026, 7, 4, 12, tzinfo=UTC)
GOOD = {
    "source": "manual",
    "external_id": "n-1",
    "account_id": "a-1",
    "csm_id": "c-1",
    "occurred_at": "2026-07-03T09:30:00Z",
    "text": "They need a bulk export.",
}


def refusal(**changes: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse_note({**GOOD, **changes}, now=NOW)
    return caught.value


def test_a_good_note_comes_through_whole() -> None:
    assert parse_note(GOOD, now=NOW) == Note(
        source="manual",
        external_id="n-1",
        account_id="a-1",
        csm_id="c-1",
        occurred_at=datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
        text="They need a bulk export.",
    )


def test_text_is_kept_exactly_as_posted() -> None:
    text = "  - tab\there\r\n\u00a0and a family 👩‍👩‍👧 \n"
    assert parse_note({**GOOD, "text": text}, now=NOW).text == text


def test_unknown_fields_are_ignored() -> None:
    assert parse_note({**GOOD, "mood": "good"}, now=NOW) == parse_note(GOOD, now=NOW)


def test_an_offset_is_turned_into_utc() -> None:
    note = parse_note({**GOOD, "occurred_at": "2026-07-03T09:30:00.25+02:00"}, now=NOW)
    assert note.occurred_at == datetime(2026, 7, 3, 7, 30, 0, 250_000, tzinfo=UTC)
    assert note.occurred_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize("written", ["2026-07-03t09:30:00z", "2026-07-03 09:30:00+00:00"])
def test_every_form_of_rfc_3339_is_read(written: str) -> None:
    note = parse_note({**GOOD, "occurred_at": written}, now=NOW)
    assert note.occurred_at == datetime(2026, 7, 3, 9, 30, tzinfo=UTC)


def test_the_id_depends_on_source_and_external_id_alone() -> None:
    note = parse_note(GOOD, now=NOW)
    assert parse_note({**GOOD, "text": "Other.", "csm_id": "c-2"}, now=NOW).id == note.id
    assert parse_note({**GOOD, "source": "other"}, now=NOW).id != note.id


def test_revised_at_is_optional_and_read_like_occurred_at() -> None:
    assert parse_note(GOOD, now=NOW).revised_at is None
    note = parse_note({**GOOD, "revised_at": "2026-07-03T10:00:00Z"}, now=NOW)
    assert note.revised_at == datetime(2026, 7, 3, 10, tzinfo=UTC)
    assert refusal(revised_at="2026-07-03T10:00:00").code == "naive_time"


@pytest.mark.parametrize("field", sorted(GOOD))
@pytest.mark.parametrize("gone", [True, False])
def test_a_missing_or_null_field_is_named(field: str, gone: bool) -> None:
    raw = {key: value for key, value in GOOD.items() if key != field or not gone}
    if not gone:
        raw[field] = None  # type: ignore[assignment]
    with pytest.raises(InvalidInput) as caught:
        parse_note(raw, now=NOW)
    assert (caught.value.code, caught.value.field) == ("missing_field", field)


@pytest.mark.parametrize("field", sorted(GOOD))
@pytest.mark.parametrize("value", [1, True, 1.5, ["x"], {"x": "y"}])
def test_a_wrong_type_is_named(field: str, value: object) -> None:
    error = refusal(**{field: value})
    assert (error.code, error.field) == ("wrong_type", field)


@pytest.mark.parametrize("raw", [None, [], "note", 3])
def test_a_note_that_is_no_object_is_refused(raw: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_note(raw, now=NOW)
    assert caught.value.code == "wrong_type"


@pytest.mark.parametrize("written", ["2026-07-03T09:30:00", "2026-07-03 09:30", "2026-07-03"])
def test_a_naive_time_is_refused_with_an_example(written: str) -> None:
    error = refusal(occurred_at=written)
    assert (error.code, error.field) == ("naive_time", "occurred_at")
    assert "2026-07-03T09:30:00Z" in error.message


@pytest.mark.parametrize(
    "written",
    [
        "yesterday",
        "",
        "2026-02-30T09:30:00Z",
        "2026-07-03T25:00:00Z",
        "20260703T093000Z",
        "2026-07-03T09:30:00+25:00",
        "0001-01-01T00:00:00+14:00",
        "1899-12-31T23:59:59Z",
        "٢٠٢٦-07-03T09:30:00Z",
    ],
)
def test_what_is_no_time_is_refused(written: str) -> None:
    error = refusal(occurred_at=written)
    assert (error.code, error.field) == ("bad_time", "occurred_at")


def test_up_to_24_hours_ahead_is_fine_and_a_second_more_is_not() -> None:
    edge = "2026-07-05T12:00:00Z"
    assert parse_note({**GOOD, "occurred_at": edge}, now=NOW).occurred_at == NOW + timedelta(days=1)
    assert refusal(occurred_at="2026-07-05T12:00:01Z").code == "future_time"
    assert refusal(occurred_at="9999-12-31T23:59:59-12:00").code in ("future_time", "bad_time")


@pytest.mark.parametrize("field", ["source", "external_id", "account_id", "csm_id"])
def test_ids_have_1_to_255_code_points(field: str) -> None:
    longest = "é" * 255
    assert getattr(parse_note({**GOOD, field: longest}, now=NOW), field) == longest
    error = refusal(**{field: longest + "x"})
    assert (error.code, error.field) == ("id_too_long", field)
    for empty in ("", "  ", "\u200b"):
        assert refusal(**{field: empty}).code == "empty_field"


def test_an_id_keeps_its_blanks() -> None:
    assert parse_note({**GOOD, "external_id": " n 1 "}, now=NOW).external_id == " n 1 "


@pytest.mark.parametrize("bad", ["\x00", "\t", "\n", "\x7f", "\x85"])
def test_ids_hold_no_control_characters(bad: str) -> None:
    assert refusal(external_id=f"n{bad}1").code == "control_character"


@pytest.mark.parametrize("bad", ["\x00", "\x08", "\x0b", "\x0c", "\x1b", "\x7f", "\x9f"])
def test_control_characters_in_the_text_are_refused_by_place(bad: str) -> None:
    error = refusal(text=f"abc{bad}def")
    assert (error.code, error.field) == ("control_character", "text")
    assert f"U+{ord(bad):04X}" in error.message
    assert "position 3" in error.message


@pytest.mark.parametrize("field", ["text", "external_id"])
def test_a_lone_surrogate_is_refused(field: str) -> None:
    error = refusal(**{field: "half \ud83d of an emoji"})
    assert (error.code, error.field) == ("lone_surrogate", field)


@pytest.mark.parametrize("empty", ["", " \t\r\n", "\u00a0\u2003", "\u200b\ufeff"])
def test_text_with_nothing_to_read_is_refused(empty: str) -> None:
    error = refusal(text=empty)
    assert (error.code, error.field) == ("empty_text", "text")


def test_text_may_have_100_000_code_points_and_not_one_more() -> None:
    longest = "é" * MAX_TEXT
    assert len(parse_note({**GOOD, "text": longest}, now=NOW).text) == 100_000
    error = refusal(text=longest + "x")
    assert (error.code, error.field) == ("text_too_long", "text")
    assert "100,001" in error.message


def test_no_message_repeats_what_was_sent() -> None:
    secret = "Jane Roe, +49 30 1234"
    for field in GOOD:
        for value in (secret + "\x00", secret * 20_000, [secret]):
            assert secret not in refusal(**{field: value}).message
