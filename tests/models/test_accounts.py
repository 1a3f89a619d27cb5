"""The doors for accounts and CSMs, and the portfolio's totals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from models.account import CSM, Account, Health, Portfolio, parse_account, parse_csm
from models.errors import InvalidInput
from tests.models.factories import account

FULL = {
    "account_id": "a-1",
    "name": "Acme",
    "segment": "smb",
    "arr": 412000,
    "health": "yellow",
    "renewal_date": "2027-01-31",
    "at_risk": False,
    "csm_id": "c-1",
    "active": True,
}


def changes(**cells: Any) -> dict[str, Any]:
    return dict(parse_account({"account_id": "a-1", **cells}).changes)


def refusal(**cells: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse_account({"account_id": "a-1", **cells})
    return caught.value


def test_json_values_are_read() -> None:
    assert parse_account(FULL).apply(None) == Account(
        account_id="a-1",
        name="Acme",
        segment="smb",
        arr=Decimal(412000),
        health=Health.YELLOW,
        renewal_date=date(2027, 1, 31),
        at_risk=False,
        csm_id="c-1",
    )


def test_csv_text_reads_the_same_as_json() -> None:
    cells = {**FULL, "arr": "412000", "at_risk": "false", "active": "TRUE", "health": "Yellow"}
    assert parse_account(cells) == parse_account(FULL)


def test_an_absent_column_keeps_what_is_stored() -> None:
    stored = parse_account(FULL).apply(None)
    after = parse_account({"account_id": "a-1", "name": "Acme Ltd"}).apply(stored)
    assert after == parse_account({**FULL, "name": "Acme Ltd"}).apply(None)


@pytest.mark.parametrize("empty", [None, "", "  "])
@pytest.mark.parametrize("column", sorted(set(FULL) - {"account_id", "active"}))
def test_an_empty_or_null_column_clears(column: str, empty: object) -> None:
    after = parse_account({"account_id": "a-1", column: empty}).apply(
        parse_account(FULL).apply(None)
    )
    assert getattr(after, column) is None


def test_clearing_active_makes_it_true_again() -> None:
    closed = parse_account({**FULL, "active": False}).apply(None)
    assert not closed.active
    assert parse_account({"account_id": "a-1", "active": None}).apply(closed).active


def test_unknown_columns_are_named() -> None:
    patch = parse_account({**FULL, "colour": "blue", "Region": ""})
    assert patch.ignored == ("Region", "colour")
    assert "colour" not in patch.changes


def test_blanks_around_a_segment_make_no_other_segment() -> None:
    assert changes(segment=" smb ")["segment"] == "smb"


@pytest.mark.parametrize(
    ("written", "arr"),
    [
        (0, "0"),
        (412000, "412000"),
        ("412000.00", "412000"),
        (Decimal("0.0001"), "0.0001"),
        (Decimal("1E+5"), "100000"),
        (12.5, "12.5"),
        (" 7 ", "7"),
        ("-0", "0"),
        ("999999999999999.9999", "999999999999999.9999"),
    ],
)
def test_arr_is_exact(written: object, arr: str) -> None:
    found = changes(arr=written)["arr"]
    assert found == Decimal(arr)
    assert str(found) == arr


@pytest.mark.parametrize(
    ("written", "code"),
    [
        (-1, "negative_arr"),
        ("-0.01", "negative_arr"),
        (Decimal("NaN"), "not_a_number"),
        (Decimal("-Infinity"), "not_a_number"),
        (float("nan"), "not_a_number"),
        ("NaN", "not_a_number"),
        ("Infinity", "not_a_number"),
        ("$412,000", "not_a_number"),
        ("412k", "not_a_number"),
        ("٤١٢", "not_a_number"),
        (True, "wrong_type"),
        ([1], "wrong_type"),
        (10**15, "number_too_large"),
        ("1e999", "number_too_large"),
        (Decimal("1E+999999"), "number_too_large"),
        ("0.00001", "too_many_decimals"),
        (Decimal("1E-999999"), "too_many_decimals"),
    ],
)
def test_what_is_no_arr_is_refused(written: object, code: str) -> None:
    error = refusal(arr=written)
    assert (error.code, error.field) == (code, "arr")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("health", "purple", "unknown_health"),
        ("health", 3, "wrong_type"),
        ("renewal_date", "31.01.2027", "bad_date"),
        ("renewal_date", "2027-02-29", "bad_date"),
        ("renewal_date", "2027-W05-1", "bad_date"),
        ("renewal_date", 20270131, "wrong_type"),
        ("at_risk", 1, "wrong_type"),
        ("at_risk", "maybe", "wrong_type"),
        ("active", "no", "wrong_type"),
        ("name", "x" * 256, "text_too_long"),
        ("name", "a\x00b", "control_character"),
        ("name", "a\ud800b", "lone_surrogate"),
        ("segment", 5, "wrong_type"),
        ("csm_id", "c" * 256, "id_too_long"),
    ],
)
def test_a_bad_cell_is_named(column: str, value: object, code: str) -> None:
    error = refusal(**{column: value})
    assert (error.code, error.field) == (code, column)


@pytest.mark.parametrize("parse", [parse_account, parse_csm])
def test_a_row_without_its_id_is_refused(parse: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse({"name": "Acme"})
    assert caught.value.code == "missing_field"


def test_a_csm_is_read_and_changed_by_column() -> None:
    stored = parse_csm({"csm_id": "c-1", "name": "Pat", "email": "pat@x.example"}).apply(None)
    assert stored == CSM(csm_id="c-1", name="Pat", email="pat@x.example", active=True)
    patch = parse_csm({"csm_id": "c-1", "active": "false", "phone": "1"})
    assert patch.apply(stored) == CSM(csm_id="c-1", name="Pat", email="pat@x.example", active=False)
    assert patch.ignored == ("phone",)


def test_total_arr_sums_active_accounts_with_a_known_arr() -> None:
    accounts = [account("a", "0.1"), account("b", "0.2"), account("c", None)]
    gone = account("d", 1_000, active=False)
    known = {entry.account_id: entry for entry in [*accounts, gone]}
    assert Portfolio(known, {}).total_arr == Decimal("0.3")


@pytest.mark.parametrize(
    "accounts",
    [[], [account("a", None)], [account("a", 0)], [account("a", 5, active=False)]],
    ids=["no accounts", "unknown", "zero", "inactive"],
)
def test_without_any_arr_there_is_no_total(accounts: list[Account]) -> None:
    assert Portfolio({entry.account_id: entry for entry in accounts}, {}).total_arr is None


def test_only_active_csms_are_the_team() -> None:
    csms = {"a": CSM(csm_id="a"), "b": CSM(csm_id="b", active=False)}
    assert Portfolio({}, csms).active_csms == 1
