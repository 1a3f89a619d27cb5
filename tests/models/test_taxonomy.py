"""The door for taxonomy items, and the tags made from them."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import InvalidInput
from models.severity import Severity
from models.taxonomy import TaxonomyItem, parse_item_patch, tag, unclassified_tag

ITEM = {"feature_area": "Reporting", "customer_need": "Bulk data", "description": "All at once."}


def read(**changes: Any) -> TaxonomyItem:
    return parse_item_patch({**ITEM, **changes}).apply(None)


def refusal(**changes: Any) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        read(**changes)
    return caught.value


def test_an_item_is_read() -> None:
    assert read(examples=["export all", " one click "]) == TaxonomyItem(
        "Reporting", "Bulk data", "All at once.", ("export all", "one click")
    )


def test_unknown_columns_are_named() -> None:
    assert parse_item_patch({**ITEM, "theme_id": "bulk"}).ignored == ("theme_id",)


def test_blanks_around_a_name_make_no_other_item() -> None:
    assert read(feature_area=" Reporting ").feature_area == "Reporting"


@pytest.mark.parametrize(
    "cell", ['["export all", "one click"]', "export all\none click", "export all\r\n\r\none click"]
)
def test_examples_in_a_csv_cell(cell: str) -> None:
    assert read(examples=cell).examples == ("export all", "one click")


def test_an_absent_column_keeps_and_an_empty_one_clears() -> None:
    stored = read(examples=["one"])
    names = {"feature_area": "Reporting", "customer_need": "Bulk data"}
    assert parse_item_patch(names).apply(stored) == stored
    emptied = parse_item_patch({**names, "description": "", "examples": None}).apply(stored)
    assert emptied == TaxonomyItem("Reporting", "Bulk data")


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"feature_area": None}, "missing_field", "feature_area"),
        ({"customer_need": " "}, "empty_field", "customer_need"),
        ({"customer_need": "x" * 256}, "text_too_long", "customer_need"),
        ({"feature_area": "a\nb"}, "control_character", "feature_area"),
        ({"description": 5}, "wrong_type", "description"),
        ({"description": "x" * 10_001}, "text_too_long", "description"),
        ({"description": "\ud800"}, "lone_surrogate", "description"),
        ({"examples": 5}, "wrong_type", "examples"),
        ({"examples": ["ok", 5]}, "wrong_type", "examples"),
        ({"examples": ["ok", " "]}, "empty_text", "examples"),
        ({"examples": ["x"] * 101}, "too_many", "examples"),
        ({"examples": ["x" * 2_001]}, "text_too_long", "examples"),
    ],
)
def test_a_bad_cell_is_named(changes: dict[str, Any], code: str, field: str) -> None:
    error = refusal(**changes)
    assert (error.code, error.field) == (code, field)


def test_tags() -> None:
    assert tag("Reporting", "Bulk data", Severity.BLOCKING) == "Reporting > Bulk data > Blocking"
    assert unclassified_tag("Reporting", Severity.MINOR) == "Unclassified > Reporting > Minor"
