"""Merge one theme into another, or split a theme in two."""

from __future__ import annotations

from models.decisions import MergeDecision, SplitDecision
from models.errors import Conflict, InvalidInput
from models.identity import cluster_theme_id
from models.review import check_merge
from models.taxonomy import ItemStatus
from models.theme import Delivery, ThemeStatus
from service.flows.decisions.context import (
    Deciding,
    chosen_members,
    find_theme,
    members_of,
)
from service.flows.decisions.places import adopt_waiting, as_theme, bind, close_proposal, pin
from service.flows.describing import describe_stored
from service.flows.suggesting import propose
from service.storage import decisions, runs, themes
from service.storage.proposals import row_of
from service.storage.requests import RequestRecord
from service.storage.tables import proposals, separations, taxonomy_items
from service.storage.tables import themes as themes_table


def merge(deciding: Deciding, decision: MergeDecision) -> None:
    """The theme is the same as another, which survives; a merged item's theme retires its item.

    Raises:
        InvalidInput: `merge_into_itself`.
        NotFound: `unknown_theme` for the target.
        Conflict: `theme_rejected`, `theme_merged`, `merge_into_proposed`.
    """
    target = find_theme(deciding.connection, decision.into, field="into")
    check_merge(deciding.theme.id, target.id, ThemeStatus(target.status))
    if deciding.theme.status == "accepted" and target.status != "accepted":
        raise Conflict(
            "An item's theme can't be merged into a proposed one, which would take the item "
            "off the taxonomy; merge the proposed theme into this one.",
            code="merge_into_proposed",
            field="into",
        )
    absorb(deciding, deciding.theme, target.id)
    if target.status == "accepted":
        adopt_waiting(deciding)


def absorb(deciding: Deciding, source: themes.ThemeRecord, target_id: str) -> None:
    """Put all that `source` has on the target and let its id answer for the target.

    Between proposed themes the target's own members are bound too: otherwise a later run
    could tell the two apart again, by their clusters.
    """
    target = find_theme(deciding.connection, target_id, field="into")
    moving = members_of(deciding, source)
    as_theme(deciding, target)
    if target.status == "proposed":
        bind(deciding, members_of(deciding, target), target.id)
    bind(deciding, moving, target.id)
    retire_item(deciding, source.id)
    deciding.ledger.change(
        themes_table, [source.id], status="merged", merged_into=target.id, faded_at=None
    )
    close_proposal(deciding, source.id)
    _inherit_separations(deciding, source.id, target.id)


def retire_item(deciding: Deciding, theme_id: str) -> None:
    """The live item of this theme, if it has one, leaves the taxonomy."""
    gone = [
        item.item_id for item in themes.live_items(deciding.connection) if item.theme_id == theme_id
    ]
    deciding.ledger.change(taxonomy_items, gone, status=ItemStatus.RETIRED.value)


def split(deciding: Deciding, decision: SplitDecision) -> None:
    """These members are a proposed theme of their own, which no machine joins again.

    Raises:
        InvalidInput: `unknown_request`, `not_members`, `split_of_all`.
    """
    chosen = chosen_members(deciding, decision.requests)
    ids = {record.id for record in chosen}
    staying = [member for member in members_of(deciding, deciding.theme) if member.id not in ids]
    if not staying:
        raise InvalidInput(
            "These are all the requests of the theme; leave at least one, or rename it.",
            code="split_of_all",
            field="requests",
        )
    as_theme(deciding, deciding.theme)
    new_id, label = _add_split_theme(deciding, chosen)
    pin(deciding, chosen, new_id)
    first, second = sorted((deciding.theme.id, new_id))
    deciding.ledger.add(
        separations,
        [{"theme_a": first, "theme_b": second, "decision_id": deciding.decision_id}],
    )
    proposal = propose(
        deciding.connection,
        new_id,
        label,
        chosen,
        encoder=deciding.encoder,
        params=deciding.params,
        now=deciding.now,
    )
    deciding.ledger.add(proposals, [row_of(proposal)])


def _add_split_theme(deciding: Deciding, chosen: list[RequestRecord]) -> tuple[str, str]:
    taken = themes.all_ids(deciding.connection)
    ordinal = 0
    ids = [record.id for record in chosen]
    while (new_id := cluster_theme_id(ids, ordinal)) in taken:
        ordinal += 1
    description = describe_stored(deciding.connection, chosen, deciding.encoder)
    deciding.ledger.add(
        themes_table,
        [
            {
                "id": new_id,
                "origin": "split",
                "status": "proposed",
                "label": description.label,
                "keyphrases": list(description.keyphrases),
                "exemplars": list(description.exemplars),
                # It is as old as what the next run gives birth to.
                "born_seq": runs.last_seq(deciding.connection) + 1,
                "first_at": min(record.occurred_at for record in chosen),
                "created_at": deciding.now,
                "delivery": Delivery().as_dict(),
            }
        ],
    )
    return new_id, description.label


def _inherit_separations(deciding: Deciding, source_id: str, target_id: str) -> None:
    """What was kept apart from the source is kept apart from the target that holds it now."""
    known = decisions.separated(deciding.connection)
    apart = {theme for pair in known if source_id in pair for theme in pair} - {source_id}
    new = {tuple(sorted((target_id, other))) for other in apart - {target_id}} - known
    deciding.ledger.add(
        separations,
        [
            {"theme_a": first, "theme_b": second, "decision_id": deciding.decision_id}
            for first, second in sorted(new)
        ],
    )
