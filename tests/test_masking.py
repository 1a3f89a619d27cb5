"""What tells who somebody is gets a fixed word in its place, and nothing else does."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.demo import SAMPLE_CORPUS
from service.masking import KINDS, Mask, Sight

HIDDEN = [
    ("write to jane.doe+x@acme.co.uk, please", "write to [email], please"),
    ("<max@x.example>; ÅSA@BÜRO.example", "<[email]>; [email]"),
    ("+1 415 555 0132 or +1 (555) 123-4567", "[phone] or [phone]"),
    ("at 555-123-4567 or (415) 555-0132.", "at [phone] or [phone]."),
    ("London 020 7946 0958, 07911 123456", "London [phone], [phone]"),
    ("Berlin 030 1234567 / 089/12345678", "Berlin [phone] / [phone]"),
    ("Paris 01 23 45 67 89; 0049 30 901820", "Paris [phone]; [phone]"),
    ("tel 4155550132, call me at 555-0142", "tel [phone], call me at [phone]"),
    ("card 4111 1111 1111 1111 was charged", "card [card] was charged"),
    ("3782 822463 10005 and 5500000000000004", "[card] and [card]"),
    ("SSN 536-90-4399, DNI 12345678Z", "SSN [id], DNI [id]"),
    ("DE89 3704 0044 0532 0130 00 PAID", "[id] PAID"),
    ("X1234567L; 390.533.447-05; AB 12 34 56 C", "[id]; [id]; [id]"),
    ("her passport no. 123456789", "her passport no. [id]"),
]

LEFT_ALONE = [
    "the aisle had 197, the screen says 212",
    "order SO-10023 and invoice INV-2026-000123, ticket #10023412",
    "version 2.14.3 at 192.168.100.200 since 2026-07-03T09:30:00Z",
    "moved from 03.07.2026 09:30 to 01/02/2026 - 03/04/2026, 06:30-14:00",
    "ARR $1,200,000, or 1.200.000 EUR, 12 345 678 rows, +100,000 users, +12%",
    "555 of 10,000,000 rows; Q3 2026 1,500,000; 2024-2025",
    "order 4155550132, GTIN 04006381333931, IMEI 490154203237518, ISBN 978-3-16-148410-0",
    "550e8400-e29b-41d4-a716-446655440000 and 1Z999AA10123456784, 1000000000000000",
    "Call on 2026-07-03 10:00; call volume 300; the phone field; sin 200000 filas",
    "a@b, @handle, b.okonjo@tallow, ratio 3@4",
    "41 11 11 11 11 11 11 11 rows, one figure each",
    "4111 1111 1111 1112 has a wrong check digit, and 000-12-3456 is nobody's",
]


@pytest.mark.parametrize(("text", "shown"), HIDDEN)
def test_what_tells_who_somebody_is_is_hidden(text: str, shown: str) -> None:
    assert Mask()(text) == shown


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_figures_numbers_and_dates_are_left_alone(text: str) -> None:
    assert Mask()(text) == text


def test_of_the_sample_notes_only_signatures_with_a_number_are_touched() -> None:
    notes = (SAMPLE_CORPUS / "notes.jsonl").read_text().splitlines()
    touched = [line for line in notes if Mask()(line) != line]
    assert 0 < len(touched) < len(notes) / 100
    assert all("512-555-0177" in line for line in touched)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_hidden_alone(kind: str) -> None:
    text = "a@b.example, +1 415 555 0132, 4111 1111 1111 1111, 536-90-4399"
    shown = Mask(frozenset({kind}))(text)
    assert shown.count("[") == shown.count(f"[{kind}]") == 1


def test_a_mask_of_nothing_hides_nothing() -> None:
    text = "a@b.example, +1 415 555 0132"
    assert Mask(frozenset())(text) == text


@given(st.text(alphabet="0123456789 +-().@abcDEXZ\n", max_size=200) | st.text(max_size=200))
def test_what_is_masked_has_nothing_left_to_mask(text: str) -> None:
    once = Mask()(text)
    assert Mask()(once).count("[") >= once.count("[")
    assert "@" not in once or Mask()(once) == once


RUNS = ["1", "1 ", "+1", "(1", "0 ", "a@", "a.", "AB12 ", "A1 ", "tel 1", "SSN ", "1-", "@"]


@pytest.mark.parametrize("bit", RUNS)
def test_a_hundred_thousand_of_anything_are_masked_in_one_go(bit: str) -> None:
    # A pattern that goes back over them would not return before the test run is stopped.
    assert Mask()((bit * 100_000)[:100_000])


def test_strings_inside_json_are_masked_and_keys_are_not() -> None:
    value = {"a@b.example": ["a@b.example", 3, None, {"x": "+1 415 555 0132"}]}
    assert Mask().inside(value) == {"a@b.example": ["[email]", 3, None, {"x": "[phone]"}]}


def test_a_csm_reads_their_own_notes_as_posted() -> None:
    own = Sight(own_csm_id="c-1")
    assert own.request_text("a@b.example", "c-1") == "a@b.example"
    assert own.request_text("a@b.example", "c-2") == "[email]"
    assert Sight().request_text("a@b.example", "c-1") == "[email]"
    assert Sight(reads_all=True).request_text("a@b.example", "c-1") == "a@b.example"
