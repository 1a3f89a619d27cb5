"""A pull stores each page before it goes on, and goes on where it ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import pytest

from models.errors import Unavailable
from service.crm.mapping import shipped_mapping
from service.crm.pulls import PulledPage
from service.flows.health import store_figures
from service.flows.pull import pull_notes
from service.storage.engine import Store

NOW = datetime(2026, 9, 1, tzinfo=UTC)
MAPPING = shipped_mapping("salesforce-api")


def task(number: int, text: str = "They need bulk export.") -> dict[str, object]:
    return {
        "Id": f"00T{number}",
        "AccountId": "001A",
        "OwnerId": "005X",
        "CreatedDate": "2026-07-03T09:30:00.000+0000",
        "Description": text,
    }


class Pages:
    """A vendor's pages; a None among them is where it breaks down."""

    def __init__(self, *pages: PulledPage | None) -> None:
        self._pages = pages
        self.asked: list[str] = []

    def pages(self, position: str) -> Iterator[PulledPage]:
        self.asked.append(position)
        for page in self._pages:
            if page is None:
                raise Unavailable("Vendor does not answer.", code="vendor_unavailable")
            yield page


def page(position: str, *numbers: int, deleted: Sequence[str] = ()) -> PulledPage:
    return PulledPage([task(number) for number in numbers], deleted, position)


def test_what_was_pulled_before_a_breakdown_stays_and_the_next_pull_goes_on(store: Store) -> None:
    broken = Pages(page("p1", 1, 2), None)
    with pytest.raises(Unavailable):
        pull_notes(store, broken, MAPPING, now=NOW, actor="test")
    assert store_figures(store).pending_notes == 2

    again = Pages(page("p2", 2, 3))
    receipt, _ = pull_notes(store, again, MAPPING, now=NOW, actor="test")
    assert again.asked == ["p1"]
    assert (receipt.accepted, receipt.duplicate) == (1, 1)
    assert store_figures(store).pending_notes == 3


def test_a_pull_can_start_elsewhere(store: Store) -> None:
    pull_notes(store, Pages(page("p1", 1)), MAPPING, now=NOW, actor="test")
    elsewhere = Pages(page("p2"))
    pull_notes(store, elsewhere, MAPPING, now=NOW, actor="test", since="p0")
    assert elsewhere.asked == ["p0"]


def test_what_is_gone_there_is_deleted_here(store: Store) -> None:
    pull_notes(store, Pages(page("p1", 1, 2)), MAPPING, now=NOW, actor="test")
    gone = Pages(page("p2", deleted=["00T1", "00T9"]))
    receipt, _ = pull_notes(store, gone, MAPPING, now=NOW, actor="test")
    assert receipt.deleted == 1
    assert store_figures(store).pending_notes == 1


def test_a_bad_record_is_named_by_its_place_in_the_whole_pull(store: Store) -> None:
    bad = PulledPage([task(3), task(4, text="")], (), "p2")
    receipt, _ = pull_notes(store, Pages(page("p1", 1, 2), bad), MAPPING, now=NOW, actor="test")
    assert receipt.accepted == 3
    assert [(line.line, line.code) for line in receipt.rejected] == [(4, "empty_text")]


def test_an_answer_that_is_not_as_documented_is_a_clear_error(store: Store) -> None:
    class Strange:
        def pages(self, position: str) -> Iterator[PulledPage]:
            yield page("p1", 1)
            raise KeyError("records")

    with pytest.raises(Unavailable) as refused:
        pull_notes(store, Strange(), MAPPING, now=NOW, actor="test")
    assert refused.value.code == "vendor_answer"
    assert store_figures(store).pending_notes == 1
