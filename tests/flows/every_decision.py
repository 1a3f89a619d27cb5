"""A decision of each kind, and an organisation in which each can be taken."""

from __future__ import annotations

from typing import Any

from service.storage.engine import Store
from tests.flows.world import COLOUR, EXPORT, LOGIN, World, texts_on


def world_to_decide_on(store: Store) -> World:
    """Three proposed themes, an item with requests, and one request that waits."""
    world = World(store)
    world.item("Billing", "Pay each invoice by card")
    world.notes([*texts_on(EXPORT, 5), *texts_on(LOGIN, 4), *texts_on(COLOUR, 3)])
    world.notes(["We need to pay each invoice by card.", "We need a pony."], first=30)
    world.run()
    return world


def said_in(world: World, action: str) -> tuple[str, dict[str, Any]]:
    """A decision of each kind: the theme and the body."""
    login, export = world.proposed_with("okta"), world.proposed_with("export")
    item = world.proposed_with("by card")
    two = world.ids(["okta soon", "okta today"])
    pair = {"feature_area": "Billing", "customer_need": "Pay each invoice by card"}
    return {
        "accept new": (login, {"feature_area": "Access", "customer_need": "Sign on"}),
        "accept live": (login, pair),
        "reject": (login, {"reason": "no"}),
        "reject item": (item, {"reason": "no"}),
        "rename": (login, {"label": "SSO"}),
        "merge": (login, {"into": export}),
        "merge into item": (login, {"into": item}),
        "split": (login, {"requests": two}),
        "move": (login, {"requests": two, "to": export}),
        "move away": (login, {"requests": two, "to": None}),
        "confirm": (login, {"requests": [*two, *world.ids(["pony"])]}),
        "dismiss": (login, {"requests": two, "reason": "chatter"}),
        "severity": (login, {"requests": two, "severity": "blocking"}),
        "deliver": (login, {"state": "declined", "reason": "no"}),
        "edit": (item, {**pair, "description": "By card, each of them", "examples": ["card"]}),
        "edit the name": (item, {**pair, "customer_need": "Card payments for an invoice"}),
    }[action]


ACTIONS = [
    "accept new",
    "accept live",
    "reject",
    "reject item",
    "rename",
    "merge",
    "merge into item",
    "split",
    "move",
    "move away",
    "confirm",
    "dismiss",
    "severity",
    "deliver",
    "edit",
    "edit the name",
]
