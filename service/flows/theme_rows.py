"""Themes as they are shown: the rows of the contract, made for a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, TypedDict

from sqlalchemy import Connection

from models.account import Portfolio
from models.evidence import Evidence, Mention, weigh
from models.review import overdue
from models.severity import Severity
from service.flows.decisions.context import etag_of
from service.flows.request_rows import RequestRow
from service.masking import Mask
from service.storage import proposals, requests, themes
from service.storage.accounts import load_portfolio
from service.storage.proposals import ProposalRecord
from service.storage.requests import RequestRecord
from service.storage.themes import ThemeRecord

EXEMPLARS = 3
MASK_ALL = Mask()


class AlternativeRow(TypedDict):
    """A live item that a theme could be instead."""

    theme_id: str
    feature_area: str
    customer_need: str
    confidence: float


class ProposalRow(TypedDict):
    """What the machine proposes: an item of the taxonomy, or a new one."""

    feature_area: str | None
    customer_need: str | None
    is_new: bool
    confidence: float
    alternatives: list[AlternativeRow]
    made_at: datetime
    due_at: datetime
    overdue: bool


class SeverityRow(TypedDict):
    """Reports of one severity, and the distinct accounts that made them."""

    requests: int
    accounts: int


class ThemeRow(TypedDict):
    """One theme with what all its requests weigh, whatever the quarter."""

    id: str
    label: str
    label_by: str
    keyphrases: list[str]
    origin: str
    status: str
    merged_into: str | None
    feature_area: str | None
    customer_need: str | None
    requests: int
    accounts: int
    csms: int
    arr: Decimal
    arr_unknown_accounts: list[str]
    severities: dict[str, SeverityRow]
    languages: dict[str, int]
    exemplars: list[str]
    proposal: ProposalRow | None
    delivery: Mapping[str, Any]
    first_at: datetime | None
    faded_at: datetime | None
    etag: str


class LineageRow(TypedDict):
    """What one run did with the theme."""

    run_id: str
    at: datetime | None
    kind: str
    theme_id: str
    other_theme_id: str | None
    requests: int


class DecisionRow(TypedDict):
    """What a person decided on the theme."""

    id: str
    action: str
    payload: Mapping[str, Any]
    actor: str
    reason: str | None
    made_at: datetime
    undone_at: datetime | None
    undone_by: str | None


class ThemeDetail(ThemeRow):
    """A theme with its members, lineage and decisions.

    `asked_for` is the id asked for where that was merged into this theme, else None;
    `merged_from` are all ids that this theme answers for.
    """

    asked_for: str | None
    merged_from: list[str]
    members: list[RequestRow]
    lineage: list[LineageRow]
    decisions: list[DecisionRow]


def theme_rows(
    connection: Connection,
    records: Sequence[ThemeRecord],
    *,
    now: datetime,
    portfolio: Portfolio | None = None,
    mask: Mask = MASK_ALL,
) -> dict[str, ThemeRow]:
    """The row of each theme, in a few queries for all of them."""
    ids = [record.id for record in records]
    members = requests.of_themes(connection, ids)
    known = portfolio or load_portfolio(connection)
    current = proposals.current(connection, ids)
    live = {(item.feature_area, item.customer_need): item for item in themes.live_items(connection)}
    return {
        record.id: _row(
            record,
            members[record.id],
            weigh(mentions_of(record.id, members[record.id]), known, now.date()),
            proposal_row(record, current.get(record.id), live, now),
            mask,
        )
        for record in records
    }


def mentions_of(theme_id: str, records: Sequence[RequestRecord]) -> list[Mention]:
    """These requests as evidence for a theme."""
    return [
        Mention(
            request_id=record.id,
            theme_id=theme_id,
            account_id=record.account_id,
            csm_id=record.csm_id,
            occurred_at=record.occurred_at,
            severity=Severity(record.severity),
            text_key=record.text_key,
        )
        for record in records
    ]


def languages_of(members: Sequence[RequestRecord]) -> dict[str, int]:
    """Requests by the language they are in, most first; those nobody can tell are left out."""
    counts = Counter(member.language for member in members if member.language is not None)
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _row(
    record: ThemeRecord,
    members: Sequence[RequestRecord],
    evidence: Evidence,
    proposal: ProposalRow | None,
    mask: Mask,
) -> ThemeRow:
    return ThemeRow(
        id=record.id,
        label=mask(record.label),
        label_by=record.label_by,
        keyphrases=mask.inside(record.keyphrases),
        origin=record.origin,
        status=record.status,
        merged_into=record.merged_into,
        feature_area=record.feature_area,
        customer_need=record.customer_need,
        requests=evidence.requests,
        accounts=len(evidence.accounts),
        csms=len(evidence.csm_ids),
        arr=evidence.arr,
        arr_unknown_accounts=list(evidence.arr_unknown),
        severities={
            severity.value: SeverityRow(requests=count.requests, accounts=count.accounts)
            for severity, count in evidence.severities.items()
        },
        languages=languages_of(members),
        exemplars=mask.inside(_exemplars(record, members)),
        proposal=proposal,
        delivery=record.delivery,
        first_at=members[0].occurred_at if members else record.first_at,
        faded_at=record.faded_at,
        etag=etag_of(record),
    )


def _exemplars(record: ThemeRecord, members: Sequence[RequestRecord]) -> list[str]:
    """Texts of the exemplars that are still members, else of the first members."""
    texts = {member.id: member.text for member in members if member.text}
    chosen = [texts[key] for key in record.exemplars if key in texts]
    return chosen or list(dict.fromkeys(texts.values()))[:EXEMPLARS]


def proposal_row(
    record: ThemeRecord,
    proposal: ProposalRecord | None,
    live: Mapping[tuple[str, str], themes.LiveItem],
    now: datetime,
) -> ProposalRow | None:
    """What is proposed for a theme; None where nothing is, or it has its answer."""
    if proposal is None or record.status != "proposed":
        return None
    # The taxonomy may have changed since: what is live now is said of now.
    pair = (proposal.feature_area or "", proposal.customer_need or "")
    live_themes = {item.theme_id: item for item in live.values()}
    return ProposalRow(
        feature_area=proposal.feature_area,
        customer_need=proposal.customer_need,
        is_new=pair not in live,
        confidence=round(proposal.confidence, 4),
        alternatives=[
            AlternativeRow(
                theme_id=other["theme_id"],
                feature_area=live_themes[other["theme_id"]].feature_area,
                customer_need=live_themes[other["theme_id"]].customer_need,
                confidence=round(other["confidence"], 4),
            )
            for other in proposal.alternatives
            if other["theme_id"] in live_themes
        ],
        made_at=proposal.made_at,
        due_at=proposal.due_at,
        overdue=overdue(proposal.due_at, now),
    )
