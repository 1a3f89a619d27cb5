"""What a person says of single requests, and of a theme's name and delivery."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from models.decisions import (
    ConfirmDecision,
    DeliverDecision,
    DismissDecision,
    MoveDecision,
    RenameDecision,
    SeverityDecision,
)
from service.flows.decisions.context import (
    Deciding,
    check_target,
    chosen_requests,
    find_theme,
    members_of,
)
from service.flows.decisions.places import as_theme, free, leave_groups, pin
from service.masking import Mask
from service.storage import vectors
from service.storage.requests import RequestRecord
from service.storage.tables import requests, themes

# The cosine from which two requests are taken to say the same.
_SAME = 0.93


def confirm(deciding: Deciding, decision: ConfirmDecision) -> None:
    """These requests do belong to the theme; those that waited are put on it."""
    chosen = chosen_requests(deciding, decision.requests)
    as_theme(deciding, deciding.theme)
    pin(deciding, chosen, deciding.theme.id)


def move(deciding: Deciding, decision: MoveDecision) -> None:
    """These requests belong to another theme, or to none: then no machine assigns them again.

    Raises:
        NotFound: `unknown_theme` for the target.
        Conflict: `theme_rejected`, `theme_merged`.
    """
    chosen = chosen_requests(deciding, decision.requests)
    if decision.to is None:
        free(deciding, chosen, held=True)
        return
    target = find_theme(deciding.connection, decision.to, field="to")
    check_target(target, field="to")
    as_theme(deciding, target)
    pin(deciding, chosen, target.id)


def dismiss(deciding: Deciding, decision: DismissDecision) -> None:
    """These are no requests at all: they weigh nothing and are read no more."""
    chosen = chosen_requests(deciding, decision.requests)
    ids = [record.id for record in chosen]
    leave_groups(deciding, ids)
    deciding.ledger.change(
        requests,
        ids,
        dismissed=True,
        theme_id=None,
        assigned_by=None,
        confidence=None,
        held=False,
        bound=False,
    )


def set_severity(deciding: Deciding, decision: SeverityDecision) -> None:
    """These requests are this severe, and so is what says nearly the same on the theme.

    The others' severity stays the machine's, so that a person may still differ on each.
    """
    chosen = chosen_requests(deciding, decision.requests)
    deciding.ledger.change(
        requests,
        [record.id for record in chosen],
        severity=decision.severity.value,
        severity_by="person",
    )
    alike = [record.id for record in _nearly_the_same(deciding, chosen)]
    deciding.ledger.change(requests, alike, severity=decision.severity.value)


def _nearly_the_same(
    deciding: Deciding, chosen: Sequence[RequestRecord]
) -> Iterator[RequestRecord]:
    """Other requests on the theme, of a severity that no person set, in nearly these words."""
    ids = {record.id for record in chosen}
    others = [
        record
        for record in members_of(deciding, deciding.theme)
        if record.id not in ids and record.severity_by == "model"
    ]
    if deciding.encoder is None or not others:
        return
    keys = {record.vector_key for record in (*chosen, *others) if record.text}
    rows = vectors.load(deciding.connection, keys, deciding.encoder)
    known = [rows[record.vector_key] for record in chosen if record.vector_key in rows]
    for record in others:
        row = rows.get(record.vector_key)
        if row is not None and known and max(float(row @ other) for other in known) >= _SAME:
            yield record


def rename(deciding: Deciding, decision: RenameDecision) -> None:
    """The theme's label is a person's from now on."""
    # Seen by all and carried into every message, whoever wrote it.
    label = Mask()(decision.label)
    deciding.ledger.change(themes, [deciding.theme.id], label=label, label_by="person")


def deliver(deciding: Deciding, decision: DeliverDecision) -> None:
    """What product does about the theme."""
    deciding.ledger.change(themes, [deciding.theme.id], delivery=decision.delivery.as_dict())
