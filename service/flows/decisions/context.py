"""What every decision works with: the transaction, its ledger, the theme, and who decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from clustering.params import ClusteringParams
from models.errors import Conflict, InvalidInput, NotFound
from service.storage import requests, themes
from service.storage.ledger import Ledger
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Deciding:
    """One decision being made. `encoder` is the fingerprint to look vectors up by, if any."""

    connection: Connection
    ledger: Ledger
    theme: ThemeRecord
    now: datetime
    actor: str
    decision_id: str
    encoder: str | None
    params: ClusteringParams


def find_theme(connection: Connection, theme_id: str, *, field: str | None = None) -> ThemeRecord:
    """The theme with this id, whatever its status.

    Raises:
        NotFound: `unknown_theme`.
    """
    theme = themes.get(connection, theme_id)
    if theme is None:
        raise NotFound("No theme has this id.", code="unknown_theme", field=field)
    return theme


def check_target(theme: ThemeRecord, *, field: str) -> None:
    """Refuse to put requests on a theme that holds none any more.

    Raises:
        Conflict: `theme_rejected` or `theme_merged`.
    """
    if not theme.is_open:
        raise Conflict(
            f"The theme was {theme.status}, so it holds no requests; name another.",
            code=f"theme_{theme.status}",
            field=field,
        )


def check_etag(theme: ThemeRecord, if_match: str | None) -> None:
    """Refuse a decision on a state of the theme that is no longer the current one.

    Raises:
        Conflict: `stale_etag`.
    """
    if if_match is None or if_match.strip() == "*":
        return
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")]
    if etag_of(theme) not in tags:
        raise Conflict(
            "The theme has changed since you looked at it; look again, then decide.",
            code="stale_etag",
        )


def etag_of(theme: ThemeRecord) -> str:
    """The word that changes with every decision on the theme and with its membership."""
    return f"{theme.id}-{theme.version}"


def members_of(deciding: Deciding, theme: ThemeRecord) -> list[RequestRecord]:
    """The requests on a theme, or those that wait in an Unclassified group."""
    return requests.of_themes(deciding.connection, [theme.id])[theme.id]


def chosen_members(deciding: Deciding, ids: Sequence[str]) -> list[RequestRecord]:
    """The named requests, each on the theme.

    Raises:
        InvalidInput: `unknown_request`, `not_members`.
    """
    known = {member.id for member in members_of(deciding, deciding.theme)}
    named = _named(deciding, ids)
    strangers = [record.id for record in named if record.id not in known]
    if strangers:
        raise _not_members(strangers)
    return named


def chosen_requests(deciding: Deciding, ids: Sequence[str]) -> list[RequestRecord]:
    """The named requests, each on the theme or waiting.

    Raises:
        InvalidInput: `unknown_request`, `not_members`.
        Conflict: `request_dismissed`.
    """
    named = _named(deciding, ids)
    for record in named:
        if record.dismissed:
            raise Conflict(
                f"Request {record.id} was dismissed; undo that decision first.",
                code="request_dismissed",
                field="requests",
            )
    here = (None, deciding.theme.id)
    strangers = [record.id for record in named if record.theme_id not in here]
    if strangers:
        raise _not_members(strangers)
    return named


def _named(deciding: Deciding, ids: Sequence[str]) -> list[RequestRecord]:
    found = requests.get_many(deciding.connection, ids)
    for request_id in ids:
        if request_id not in found:
            raise InvalidInput(
                f"No request has the id {request_id!r}; take ids from /requests or /review.",
                code="unknown_request",
                field="requests",
            )
    return [found[request_id] for request_id in ids]


def _not_members(strangers: Sequence[str]) -> InvalidInput:
    named = ", ".join(strangers[:3]) + (" and others" if len(strangers) > 3 else "")
    return InvalidInput(
        f"Not on this theme: {named}; name requests that are.",
        code="not_members",
        field="requests",
    )
