"""Take what a person pressed: decide, or say why nothing was stored."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from models.errors import Conflict, GroundswellError, InvalidInput, NotFound, Unavailable
from service.dependencies import Services
from service.flows.boards import Judging
from service.flows.decide import take_decision
from service.flows.language import LanguageModels
from service.flows.moved_levels import Levels, levels_at_hand, note_moved
from service.flows.settling import PLACES_NOTHING
from service.flows.signals import SignalQuery, judging_of
from service.security import Principal, check_action
from service.web.deciding.forms import Fields, Names, Press, read_press


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of a press: a decision, or a refusal with its status and nothing stored."""

    decision_id: str = ""
    refused: str = ""
    status: int = 200


def take(
    services: Services,
    who: Principal,
    fields: Fields,
    names: Names,
    read: Callable[[Fields, Names], Press] = read_press,
) -> Taken:
    """Decide what was pressed, on the theme as the person saw it.

    Raises:
        Forbidden: `role_not_allowed`.
    """
    try:
        press = read(fields, names)
        check_action(who, press.raw["action"])
        before = levels_at_hand(services.store, judging_now(services))
        decision_id = take_decision(
            services.store,
            press.theme_id,
            press.raw,
            now=services.clock(),
            actor=who.name,
            if_match=press.etag or None,
            language=_language(services, press.raw["action"]),
        )
    except Conflict as conflict:
        return Taken(refused=_somebody_else(conflict), status=409)
    except (InvalidInput, NotFound) as refusal:
        return Taken(refused=refusal.message, status=422)
    if before is not None and press.raw["action"] not in PLACES_NOTHING:
        _note_moved(services, before, decision_id, press.theme_id)
    return Taken(decision_id)


def judging_now(services: Services) -> Judging:
    """The board of today, by the organisation's own policy."""
    return judging_of(
        SignalQuery(policy=services.settings.policy_called(None)),
        today=services.today(),
        calendar=services.settings.calendar,
    )


def _note_moved(services: Services, before: Levels, decision_id: str, theme_id: str) -> None:
    # The decision is made, whatever becomes of this.
    with suppress(Unavailable):
        note_moved(
            services.store,
            services.settings.calendar,
            before,
            decision_id=decision_id,
            theme_id=theme_id,
        )


def _somebody_else(conflict: GroundswellError) -> str:
    if conflict.code == "stale_etag":
        return (
            "Somebody else has decided on this theme, or a run has changed it, since you opened"
            " it. Nothing was stored; here it is as it stands now."
        )
    return conflict.message


def _language(services: Services, action: str) -> LanguageModels | None:
    if action != "accept":
        return None
    try:
        found: LanguageModels = services.language()
    except Unavailable:
        return None
    return found
