"""Take one decision of CS Ops: checked, done, recorded and visible when the call returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from clustering.params import DEFAULT_PARAMS, ClusteringParams
from models.decisions import AcceptDecision, Action, Decision, EditDecision, parse_decision
from models.review import check_transition
from models.theme import ThemeStatus
from service.flows.candidates import current_encoder
from service.flows.decisions import accepting, editing, joining, judging
from service.flows.decisions.context import Deciding, check_etag, find_theme
from service.flows.decisions.record import keep_decision
from service.flows.decisions.words import ItemWords, item_words
from service.flows.language import LanguageModels
from service.flows.settling import PLACES_NOTHING, Teaching, settle_after, what_teaches
from service.flows.theme_rows import ThemeDetail
from service.flows.themes import get_theme
from service.flows.undo import UndoneDecision, undo
from service.masking import PUBLIC, Sight
from service.storage import jobs, themes
from service.storage.engine import Store
from service.storage.ledger import Ledger, touched_themes

__all__ = [
    "DecidedTheme",
    "Prepared",
    "UndoneDecision",
    "decide",
    "prepare",
    "take_decision",
    "undo",
]


class DecidedTheme(ThemeDetail):
    """The theme after the decision, and the decision's id, by which it can be undone."""

    decision_id: str


_EFFECTS: dict[Action, Callable[[Deciding, Any], None]] = {
    Action.ACCEPT: accepting.accept,
    Action.REJECT: accepting.reject,
    Action.RENAME: judging.rename,
    Action.MERGE: joining.merge,
    Action.SPLIT: joining.split,
    Action.MOVE: judging.move,
    Action.CONFIRM: judging.confirm,
    Action.DISMISS: judging.dismiss,
    Action.SEVERITY: judging.set_severity,
    Action.DELIVER: judging.deliver,
    Action.EDIT: editing.edit,
}
# These may bring words of an item that nobody has embedded yet.
_OF_ITEMS = (Action.ACCEPT, Action.EDIT)


def decide(
    store: Store,
    theme_id: str,
    raw: object,
    *,
    now: datetime,
    actor: str,
    if_match: str | None = None,
    language: LanguageModels | None = None,
    params: ClusteringParams = DEFAULT_PARAMS,
    sight: Sight = PUBLIC,
) -> DecidedTheme:
    """Do what a person decided on a theme; committed, with all its effects, when this returns.

    `if_match` is the theme's etag as the person saw it. With `language` a new item's own words
    are embedded, so that what waits can be held against them at once; without it
    the decision stands all the same, and a job embeds them later.

    Raises:
        InvalidInput: as `parse_decision`; `unknown_request`, `not_members`, `split_of_all`,
            `merge_into_itself`.
        NotFound: `unknown_theme`.
        Conflict: `stale_etag`, `already_accepted`, `theme_rejected`, `theme_merged`,
            `merge_into_proposed`, `request_dismissed`, `not_an_item`, `item_exists`.
        Unavailable: the store is busy, full or down. Nothing is stored when any is raised.
    """
    decision_id = take_decision(
        store,
        theme_id,
        raw,
        now=now,
        actor=actor,
        if_match=if_match,
        language=language,
        params=params,
    )
    shown = get_theme(store, theme_id, now=now, sight=sight)
    return DecidedTheme(**shown, decision_id=decision_id)


def take_decision(
    store: Store,
    theme_id: str,
    raw: object,
    *,
    now: datetime,
    actor: str,
    if_match: str | None = None,
    language: LanguageModels | None = None,
    params: ClusteringParams = DEFAULT_PARAMS,
) -> str:
    """As `decide`, for who needs only the decision's id: a theme can have thousands of members."""
    asked = prepare(
        store,
        theme_id,
        raw,
        now=now,
        actor=actor,
        if_match=if_match,
        language=language,
        params=params,
    )
    asked.keep(store)
    return asked.decision_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A decision on a theme with all that it needs, to be done in one transaction."""

    theme_id: str
    decision: Decision
    decision_id: str
    now: datetime
    actor: str
    if_match: str | None
    words: ItemWords | None
    params: ClusteringParams

    def keep(self, store: Store) -> None:
        """Do it for good."""
        with store.write() as connection:
            self.carry_out(connection)

    def carry_out(self, connection: Connection) -> None:
        """Do it; refusals and their codes as of `decide`."""
        theme = find_theme(connection, self.theme_id)
        check_etag(theme, self.if_match)
        check_transition(ThemeStatus(theme.status), self.decision)
        if self.words is not None:
            self.words.save(connection)
        deciding = Deciding(
            connection=connection,
            ledger=Ledger(connection),
            theme=theme,
            now=self.now,
            actor=self.actor,
            decision_id=self.decision_id,
            encoder=self.words.encoder if self.words else current_encoder(connection),
            params=self.params,
        )
        places = self.decision.action not in PLACES_NOTHING
        before = what_teaches(connection) if places else None
        _EFFECTS[self.decision.action](deciding, self.decision)
        unread = self.words is None and self.decision.action in _OF_ITEMS
        if unread:
            jobs.enqueue(connection, jobs.TAXONOMY, actor=self.actor, now=self.now)
        # What an item holds is not judged by words that no vector stands for yet.
        if unread and theme.feature_area:
            before = None
        _keep(deciding, self.decision, before)


def prepare(
    store: Store,
    theme_id: str,
    raw: object,
    *,
    now: datetime,
    actor: str,
    if_match: str | None = None,
    language: LanguageModels | None = None,
    params: ClusteringParams = DEFAULT_PARAMS,
) -> Prepared:
    """What can be done of a decision before its write: reading it, and embedding its words.

    Raises:
        InvalidInput: as `parse_decision`.
    """
    decision = parse_decision(raw)
    return Prepared(
        theme_id=theme_id,
        decision=decision,
        decision_id=uuid4().hex,
        now=now,
        actor=actor,
        if_match=if_match,
        words=_words(store, theme_id, decision, language),
        params=params,
    )


def _keep(deciding: Deciding, decision: Decision, before: Teaching | None) -> None:
    """Record the decision with what it replaced, and let what follows from it follow.

    `before` is what taught before it; None where nothing is to be placed anew.
    """
    replaced = deciding.ledger.replaced()
    themes.raise_versions(deciding.connection, {deciding.theme.id} | touched_themes(replaced))
    if before is not None:
        settle_after(deciding.connection, before, replaced, deciding.encoder, deciding.params)
    keep_decision(
        deciding.connection,
        decision_id=deciding.decision_id,
        decision=decision,
        theme_id=deciding.theme.id,
        replaced=replaced,
        now=deciding.now,
        actor=deciding.actor,
    )


def _words(
    store: Store, theme_id: str, decision: Decision, language: LanguageModels | None
) -> ItemWords | None:
    if isinstance(decision, AcceptDecision):
        pair = (decision.feature_area, decision.customer_need)
        return item_words(store, *pair, language=language)
    if isinstance(decision, EditDecision):
        return item_words(
            store,
            decision.feature_area,
            decision.customer_need,
            description=decision.description,
            examples=decision.examples,
            of_theme=theme_id,
            language=language,
        )
    return None
