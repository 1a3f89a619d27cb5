"""Take what a person pressed: decide, or say why nothing was stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models.errors import Conflict, GroundswellError, InvalidInput, NotFound, Unavailable
from service.dependencies import Services
from service.flows.decide import take_decision
from service.flows.language import LanguageModels
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
    return Taken(decision_id)


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
