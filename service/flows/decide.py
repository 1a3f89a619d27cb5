"""Take one decision of CS Ops: checked, done, recorded and visible when the call returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from clustering.assign import profile_texts
from clustering.params import DEFAULT_PARAMS, ClusteringParams
from models.decisions import AcceptDecision, Action, Decision, parse_decision
from models.identity import item_id, vector_key
from models.review import check_transition
from models.theme import ThemeStatus
from service.flows.candidates import current_encoder
from service.flows.decisions import accepting, joining, judging
from service.flows.decisions.context import Deciding, check_etag, find_theme
from service.flows.decisions.record import keep_decision
from service.flows.embedding import encoded
from service.flows.language import LanguageModels
from service.flows.settling import settle
from service.flows.theme_rows import ThemeDetail
from service.flows.themes import get_theme
from service.flows.undo import UndoneDecision, undo
from service.masking import PUBLIC, Sight
from service.storage import jobs, taxonomy_items, themes, vectors
from service.storage.engine import Store
from service.storage.ledger import Ledger, touched_themes
from service.storage.vectors import Vector

__all__ = ["DecidedTheme", "UndoneDecision", "decide", "undo"]


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
}


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
            `merge_into_proposed`, `request_dismissed`.
        Unavailable: the store is busy, full or down. Nothing is stored when any is raised.
    """
    decision = parse_decision(raw)
    words = _words_of_item(store, decision, language)
    decision_id = uuid4().hex
    with store.write() as connection:
        theme = find_theme(connection, theme_id)
        check_etag(theme, if_match)
        check_transition(ThemeStatus(theme.status), decision)
        if words is not None:
            vectors.save(connection, words.encoder, words.rows)
        deciding = Deciding(
            connection=connection,
            ledger=Ledger(connection),
            theme=theme,
            now=now,
            actor=actor,
            decision_id=decision_id,
            encoder=words.encoder if words else current_encoder(connection),
            params=params,
        )
        _EFFECTS[decision.action](deciding, decision)
        if words is None and decision.action is Action.ACCEPT:
            jobs.enqueue(connection, jobs.TAXONOMY, actor=actor, now=now)
        _keep(deciding, decision)
    shown = get_theme(store, theme_id, now=now, sight=sight)
    return DecidedTheme(**shown, decision_id=decision_id)


def _keep(deciding: Deciding, decision: Decision) -> None:
    """Record the decision with what it replaced, and let what follows from it follow."""
    replaced = deciding.ledger.replaced()
    themes.raise_versions(deciding.connection, {deciding.theme.id} | touched_themes(replaced))
    settle(deciding.connection, deciding.encoder, deciding.params)
    keep_decision(
        deciding.connection,
        decision_id=deciding.decision_id,
        decision=decision,
        theme_id=deciding.theme.id,
        replaced=replaced,
        now=deciding.now,
        actor=deciding.actor,
    )


@dataclass(frozen=True, slots=True)
class _Words:
    """The vectors of an item's texts that were not stored yet, under one encoder."""

    encoder: str
    rows: dict[str, Vector]


def _words_of_item(
    store: Store, decision: Decision, language: LanguageModels | None
) -> _Words | None:
    """Embed the texts of the item to accept onto; None without language or for other actions.

    Done before the write, so that no other writer waits for the encoder.
    """
    if language is None or not isinstance(decision, AcceptDecision):
        return None
    encoder = language.encoder
    key = item_id(decision.feature_area, decision.customer_need)
    with store.read() as connection:
        known = taxonomy_items.find(connection, [key]).get(key)
        description = known.item.description if known else ""
        examples = list(known.item.examples) if known else []
        texts = {
            vector_key(text): text
            for text in profile_texts(decision.customer_need, description, examples)
        }
        keys = vectors.missing(connection, texts, encoder.fingerprint)
    rows = encoded(encoder, [texts[key] for key in keys]) if keys else ()
    return _Words(encoder.fingerprint, dict(zip(keys, rows, strict=True)))
