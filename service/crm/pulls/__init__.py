"""Notes fetched from a vendor's API: what has changed since the last time, page by page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol


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
