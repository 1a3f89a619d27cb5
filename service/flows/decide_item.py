"""Decide on an item that no theme stands for yet: make it live, or refuse what was proposed."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection

from clustering.params import DEFAULT_PARAMS, ClusteringParams
from models.errors import Conflict, NotFound
from models.identity import item_id
from models.item_decisions import AddItem, ItemDecision, parse_item_decision
from models.taxonomy import ItemStatus, TaxonomyItem, parse_item_patch
from service.flows.candidates import current_encoder
from service.flows.decisions.context import Deciding, find_theme
from service.flows.decisions.places import adopt_waiting
from service.flows.decisions.record import keep
from service.flows.decisions.words import ItemWords, item_words
from service.flows.language import LanguageModels
from service.flows.settling import settle
from service.storage import audit, decisions, jobs, taxonomy_items, themes
from service.storage.decisions import DecisionRecord
from service.storage.engine import Store
from service.storage.ledger import Ledger, touched_themes
from service.storage.tables import taxonomy_items as items_table
from service.storage.tables import themes as themes_table
from service.storage.taxonomy_items import StoredItem


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedItem:
    """A decision on an item with all that it needs, to be done in one transaction."""

    decision: ItemDecision
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
        """Do it; refusals and their codes as of `decide_item`."""
        key = item_id(*self.decision.pair)
        known = taxonomy_items.find(connection, [key]).get(key)
        if self.if_match and (known is None or item_etag(known) != self.if_match):
            raise Conflict(
                "The item has changed since you looked at it; look again, then decide.",
                code="stale_etag",
            )
        ledger = Ledger(connection)
        if isinstance(self.decision, AddItem):
            item = self._add(connection, ledger, self.decision, key, known)
        else:
            item = self._refuse(ledger, key, known)
        replaced = ledger.replaced()
        themes.raise_versions(connection, touched_themes(replaced))
        if self.words is not None:
            settle(connection, self.words.encoder, self.params)
        keep(connection, self._record(connection, item, replaced))

    def _add(
        self,
        connection: Connection,
        ledger: Ledger,
        decision: AddItem,
        key: str,
        known: StoredItem | None,
    ) -> TaxonomyItem:
        if known is not None and known.status is ItemStatus.LIVE:
            raise _exists("There is a live item of this area and need already; edit that one.")
        item = decision.item.apply(known.item if known else None)
        row = taxonomy_items.new_themes(connection, [item], at=self.now)[key]
        ledger.add(themes_table, [row])
        words: dict[str, Any] = {
            "description": item.description,
            "examples": list(item.examples),
            "status": ItemStatus.LIVE.value,
            "theme_id": row["id"],
        }
        if known is None:
            ledger.add(items_table, [{**_identity(key, item, self), **words}])
        else:
            ledger.change(items_table, [key], **words)
        self._let_waiting_follow(connection, ledger, str(row["id"]))
        return item

    def _let_waiting_follow(self, connection: Connection, ledger: Ledger, theme_id: str) -> None:
        if self.words is None:
            jobs.enqueue(connection, jobs.TAXONOMY, actor=self.actor, now=self.now)
            return
        self.words.save(connection)
        adopt_waiting(
            Deciding(
                connection=connection,
                ledger=ledger,
                theme=find_theme(connection, theme_id),
                now=self.now,
                actor=self.actor,
                decision_id=self.decision_id,
                encoder=self.words.encoder or current_encoder(connection),
                params=self.params,
            )
        )

    def _refuse(self, ledger: Ledger, key: str, known: StoredItem | None) -> TaxonomyItem:
        if known is None:
            raise NotFound("There is no item of this area and need.", code="unknown_item")
        if known.status is not ItemStatus.PROPOSED:
            raise Conflict(
                f"This item is {known.status}, so there is nothing to refuse.", code="not_proposed"
            )
        ledger.change(items_table, [key], status=ItemStatus.RETIRED.value)
        return known.item

    def _record(
        self, connection: Connection, item: TaxonomyItem, replaced: dict[str, Any]
    ) -> DecisionRecord:
        said = {"feature_area": item.feature_area, "customer_need": item.customer_need}
        return DecisionRecord(
            id=self.decision_id,
            seq=decisions.next_seq(connection),
            theme_id=None,
            note_id=None,
            action=self.decision.action.value,
            payload={"action": self.decision.action.value, **said},
            replaced=replaced,
            actor=self.actor,
            reason=self.decision.reason,
            made_at=self.now,
        )


def prepare_item(
    store: Store,
    raw: object,
    *,
    now: datetime,
    actor: str,
    if_match: str | None = None,
    language: LanguageModels | None = None,
    params: ClusteringParams = DEFAULT_PARAMS,
) -> PreparedItem:
    """What can be done of a decision on an item before its write.

    Raises:
        InvalidInput: as `parse_item_decision`.
    """
    decision = parse_item_decision(raw)
    words = None
    if isinstance(decision, AddItem):
        changes = decision.item.changes
        words = item_words(
            store,
            *decision.pair,
            description=changes.get("description"),
            examples=changes.get("examples"),
            language=language,
        )
    return PreparedItem(
        decision=decision,
        decision_id=uuid4().hex,
        now=now,
        actor=actor,
        if_match=if_match,
        words=words,
        params=params,
    )


def decide_item(store: Store, raw: object, **said: Any) -> str:
    """Make an item live, or refuse one that was proposed; returns the decision's id.

    Takes the arguments of `prepare_item`. `undo` takes it back.

    Raises:
        InvalidInput: as `parse_item_decision`.
        NotFound: `unknown_item`.
        Conflict: `stale_etag`, `item_exists`, `not_proposed`.
        Unavailable: the store is busy, full or down. Nothing is stored when any is raised.
    """
    asked = prepare_item(store, raw, **said)
    asked.keep(store)
    return asked.decision_id


def propose_item(store: Store, raw: object, *, now: datetime, actor: str) -> str:
    """Keep an item of somebody who may not decide; it waits for CS Ops. Returns its id.

    Raises:
        InvalidInput: as `parse_item_patch`.
        Conflict: `item_exists`, whatever its status: what is on record is not theirs to change.
        Unavailable: the store is busy, full or down.
    """
    patch = parse_item_patch(raw)
    new = StoredItem(patch.apply(None), ItemStatus.PROPOSED, None)
    with store.write() as connection:
        known = taxonomy_items.find(connection, [new.id]).get(new.id)
        if known is not None:
            raise _exists(_ALREADY[known.status])
        taxonomy_items.add(connection, [new], actor=actor, at=now)
        audit.record(
            connection, at=now, actor=actor, action="taxonomy.propose", target=new.id, details={}
        )
    return new.id


_ALREADY = {
    ItemStatus.LIVE: "This item is live already.",
    ItemStatus.PROPOSED: "This item has been proposed already; CS Ops will answer it.",
    ItemStatus.RETIRED: "CS Ops has retired or refused this item; talk to them to have it back.",
}


def item_etag(stored: StoredItem) -> str:
    """The word that changes with everything that the taxonomy says of an item."""
    said = [stored.id, stored.status, stored.theme_id, stored.item.description]
    text = json.dumps([*said, *stored.item.examples])
    return f"{stored.id}-{hashlib.blake2b(text.encode(), digest_size=8).hexdigest()}"


def _exists(message: str) -> Conflict:
    return Conflict(message, code="item_exists", field="customer_need")


def _identity(key: str, item: TaxonomyItem, asked: PreparedItem) -> dict[str, Any]:
    return {
        "id": key,
        "feature_area": item.feature_area,
        "customer_need": item.customer_need,
        "created_at": asked.now,
        "created_by": asked.actor,
    }
