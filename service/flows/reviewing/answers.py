"""The answers that a row of the queue offers, likeliest first, each ready to be posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from service.flows.reviewing.chances import Chance
from service.flows.theme_rows import ProposalRow

_OFFERED = 4
_NOT_ASKED_FOR = "Nobody asks for this."
_NOT_ONE_THING = "Its requests ask for different things."


class OfferedAnswer(TypedDict):
    """One answer: `body` as POST /themes/{id}/decisions takes it, and how likely it is right.

    Of several requests `confidence` is the share of them for which it is expected to be.
    """

    action: str
    body: Mapping[str, Any]
    confidence: float


@dataclass(frozen=True, slots=True)
class Vote:
    """For the requests of a row: an item's theme, or None for 'no request', and its share."""

    theme_id: str | None
    share: float


def votes_on(chances: Sequence[Chance]) -> tuple[Vote, ...]:
    """What these requests, n >= 1, are expected to be, most of them first."""
    totals: dict[str | None, float] = {None: sum(chance.none for chance in chances)}
    for chance in chances:
        for theme, share in zip(chance.themes, chance.shares, strict=True):
            totals[theme] = totals.get(theme, 0.0) + share
    ordered = sorted(totals, key=lambda name: (-totals[name], name or ""))[:_OFFERED]
    return tuple(Vote(name, totals[name] / len(chances)) for name in ordered)


def answers_to_requests(
    theme_id: str, requests: Sequence[str], votes: Sequence[Vote]
) -> list[OfferedAnswer]:
    """Confirm them all, move them all to one item, or dismiss them all."""
    return [_offer(_body_on_requests(theme_id, list(requests), vote), vote.share) for vote in votes]


def answers_to_theme(proposal: ProposalRow | None) -> list[OfferedAnswer]:
    """Accept a theme as what is proposed or as what it could be instead, or reject it."""
    offers = []
    left = 1.0
    if proposal is not None and proposal["feature_area"] and proposal["customer_need"]:
        own = (proposal["feature_area"], proposal["customer_need"])
        offers.append(_offer(_accept(*own), proposal["confidence"]))
        left -= proposal["confidence"]
        for other in proposal["alternatives"][: _OFFERED - 1]:
            accept = _accept(other["feature_area"], other["customer_need"])
            offers.append(_offer(accept, other["confidence"]))
            left -= other["confidence"]
    offers.append(_offer({"action": "reject", "reason": _NOT_ONE_THING}, max(0.0, left)))
    return sorted(offers, key=lambda offer: -offer["confidence"])


def _body_on_requests(theme_id: str, requests: list[str], vote: Vote) -> dict[str, Any]:
    if vote.theme_id is None:
        return {"action": "dismiss", "requests": requests, "reason": _NOT_ASKED_FOR}
    if vote.theme_id == theme_id:
        return {"action": "confirm", "requests": requests}
    return {"action": "move", "requests": requests, "to": vote.theme_id}


def _accept(area: str, need: str) -> dict[str, Any]:
    return {"action": "accept", "feature_area": area, "customer_need": need}


def _offer(body: Mapping[str, Any], confidence: float) -> OfferedAnswer:
    return OfferedAnswer(action=body["action"], body=body, confidence=round(confidence, 4))
