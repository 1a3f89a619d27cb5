"""The pages that a person can go to from every page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.security import ROLES_THAT, Principal, Right


@dataclass(frozen=True, slots=True)
class Place:
    """One page of the navigation, and the right that it asks for (None: anybody's)."""

    path: str
    title: str
    right: Right | None


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A link of the navigation; `current` where it is the page that is open."""

    path: str
    title: str
    current: bool


# In the order in which they are shown. A page that does not exist yet is not in here.
PLACES = (
    Place("/", "Signals", Right.READ_SIGNALS),
    Place("/desk/review", "Review", Right.REVIEW),
    Place("/desk/map", "Map", Right.READ_SIGNALS),
    Place("/desk/taxonomy", "Taxonomy", Right.READ_SIGNALS),
    Place("/desk/waiting", "Waiting", Right.REVIEW),
    Place("/desk/notes", "Notes", Right.READ_REQUESTS),
    Place("/desk/reports", "My reports", Right.READ_LOOP),
    Place("/desk/process", "Process", Right.READ_REPORTS),
    Place("/desk/digest", "Digest", Right.READ_REPORTS),
    Place("/desk/simulator", "Simulator", Right.READ_SIGNALS),
    Place("/docs", "API", None),
    Place("/login", "Account", None),
)


def navigation(here: str, who: Principal | None) -> Sequence[NavigationLink]:
    """The links for a person of this role; every one of them where nobody is known."""
    return [
        NavigationLink(place.path, place.title, place.path == here)
        for place in PLACES
        if who is None or place.right is None or who.role in ROLES_THAT[place.right]
    ]
