"""Notes fetched from a vendor's API: what has changed since the last time, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from models.errors import Unavailable


@dataclass(frozen=True, slots=True)
class PulledPage:
    """One page of a vendor's answer.

    Attributes:
        records: each as the vendor gives it, flat or nested, for a `ColumnMapping`.
        deleted: external ids of notes that are gone there.
        position: where to go on once this page is stored, in the vendor's own terms.
    """

    records: Sequence[Mapping[str, object]]
    deleted: Sequence[str]
    position: str


class Puller(Protocol):
    """One vendor's API, read from a position on; pages overlap rather than leave a gap."""

    def pages(self, position: str) -> Iterator[PulledPage]:
        """Pages after `position`, oldest change first. Raises Unavailable, see `VendorApi`."""
        ...


def understood(pages: Iterator[PulledPage]) -> Iterator[PulledPage]:
    """The same pages; an answer that is not as the vendor documents it is an error that says so.

    Raises:
        Unavailable: `vendor_answer`, without the vendor's words.
    """
    while True:
        try:
            page = next(pages)
        except StopIteration:
            return
        except (AttributeError, IndexError, KeyError, TypeError, ValueError):
            raise Unavailable(
                "The vendor's answer is not as its documentation says; what was pulled so far is"
                " stored. Check the address and the mapping.",
                code="vendor_answer",
            ) from None
        yield page
