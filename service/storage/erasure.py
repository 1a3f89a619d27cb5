"""Take a deleted note's words out of everything that was made from it.

Figures stay. Quotes in what people decided become a fixed mark; what the machine wrote about
a theme keeps only words that its other requests, or its item, hold too.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from service.storage.batches import in_batches
from service.storage.tables import (
    decisions,
    forbidden_groups,
    group_members,
    requests,
    taxonomy_items,
    themes,
)

ERASED = "[erased]"
# A word or two that a note holds too is nobody's quote; a passage this long is taken for one.
_LEAST_QUOTE = 20
_WORD = re.compile(r"\w+")


def themes_of(connection: Connection, request_ids: Collection[str]) -> set[str]:
    """Themes whose words may be these requests': now theirs, once theirs, or merged into such."""
    found: set[str] = set()
    for batch in in_batches(sorted(request_ids)):
        on = select(requests.c.theme_id).where(
            requests.c.id.in_(batch), requests.c.theme_id.is_not(None)
        )
        found.update(connection.scalars(on))
        for table in (group_members, forbidden_groups):
            listed = select(table.c.theme_id).where(table.c.request_id.in_(batch))
            found.update(connection.scalars(listed))
    wanted = set(request_ids)
    merged: dict[str, str] = {}
    columns = (themes.c.id, themes.c.exemplars, themes.c.merged_into, themes.c.faded_at)
    for row in connection.execute(select(*columns)):
        # Nothing tells whose requests a faded theme held, so each is looked at.
        if row.faded_at is not None or wanted.intersection(row.exemplars):
            found.add(row.id)
        if row.merged_into is not None:
            merged[row.id] = row.merged_into
    return found | {old for old in merged if _chain(old, merged) & found}


class Quotes:
    """Passages to be erased, found in a text in one pass however many there are."""

    def __init__(self, passages: Collection[str]) -> None:
        self._whole = frozenset(passages)
        self._by_start: dict[str, list[str]] = {}
        for passage in sorted(passages, key=lambda one: (-len(one), one)):
            if len(passage) >= _LEAST_QUOTE:
                self._by_start.setdefault(passage[:_LEAST_QUOTE], []).append(passage)

    @property
    def words(self) -> set[str]:
        """All words of all passages, in lower case."""
        return set().union(*(words_of(passage) for passage in self._whole))

    def erased(self, text: str) -> str:
        """The text with the mark in place of each passage; the longest at a place wins."""
        if text in self._whole:
            return ERASED
        parts: list[str] = []
        at = done = 0
        while at + _LEAST_QUOTE <= len(text):
            near = self._by_start.get(text[at : at + _LEAST_QUOTE], ())
            quoted = next((passage for passage in near if text.startswith(passage, at)), "")
            if quoted:
                parts += (text[done:at], ERASED)
                at = done = at + len(quoted)
            else:
                at += 1
        return "".join((*parts, text[done:])) if parts else text


def erase_from_decisions(connection: Connection, quotes: Quotes) -> None:
    """Put the mark in place of these passages wherever a decision quotes one."""
    columns = (decisions.c.id, decisions.c.payload, decisions.c.replaced, decisions.c.reason)
    for row in connection.execute(select(*columns)).all():
        old = {"payload": row.payload, "replaced": row.replaced, "reason": row.reason}
        new = {name: erase(value, quotes) for name, value in old.items()}
        if new != old:
            connection.execute(update(decisions).where(decisions.c.id == row.id).values(new))


def erase(value: Any, quotes: Quotes) -> Any:
    """A JSON value with the mark in place of each quoted passage; keys are left alone."""
    if isinstance(value, str):
        return quotes.erased(value)
    if isinstance(value, Mapping):
        return {key: erase(inner, quotes) for key, inner in value.items()}
    if isinstance(value, list):
        return [erase(inner, quotes) for inner in value]
    return value


def erase_from_themes(
    connection: Connection,
    theme_ids: Collection[str],
    request_ids: Collection[str],
    quotes: Quotes,
) -> None:
    """Mend labels, key phrases and exemplars of these themes, once the requests are gone."""
    gone = set(request_ids)
    words_gone = quotes.words
    for batch in in_batches(sorted(theme_ids)):
        for row in connection.execute(select(themes).where(themes.c.id.in_(batch))).all():
            new = _mended(connection, row, gone, words_gone, quotes)
            if any(new[name] != row._mapping[name] for name in new):
                raised = {**new, "version": row.version + 1}
                connection.execute(update(themes).where(themes.c.id == row.id).values(raised))


def _mended(
    connection: Connection,
    row: Row[Any],
    gone: set[str],
    words_gone: set[str],
    quotes: Quotes,
) -> dict[str, Any]:
    kept_words = _words_left(connection, row.id) | _words_left(connection, row.merged_into)
    lost = words_gone - kept_words
    phrases = [phrase for phrase in row.keyphrases if not words_of(phrase) & lost]
    if row.label_by == "person":
        label = erase(row.label, quotes)
    elif row.origin != "item" and words_of(row.label) & lost:
        label = phrases[0] if phrases else ERASED
    else:
        label = row.label
    exemplars = [request_id for request_id in row.exemplars if request_id not in gone]
    return {"label": label, "keyphrases": phrases, "exemplars": exemplars}


def _words_left(connection: Connection, theme_id: str | None) -> set[str]:
    """The words of the theme's requests and of its item."""
    if theme_id is None:
        return set()
    in_group = select(group_members.c.request_id).where(group_members.c.theme_id == theme_id)
    texts = connection.scalars(
        select(requests.c.text).where(
            or_(requests.c.theme_id == theme_id, requests.c.id.in_(in_group))
        )
    )
    found = set().union(*(words_of(passage) for passage in texts))
    columns = ("feature_area", "customer_need", "description")
    item = select(*(taxonomy_items.c[name] for name in columns))
    for item_row in connection.execute(item.where(taxonomy_items.c.theme_id == theme_id)):
        found |= set().union(*(words_of(passage) for passage in item_row))
    return found


def lost_words(connection: Connection, theme_id: str, quotes: Quotes) -> set[str]:
    """Words of these passages that neither the theme's requests nor its item hold any more."""
    return quotes.words - _words_left(connection, theme_id)


def words_of(passage: str) -> set[str]:
    """Its words, in lower case."""
    return set(_WORD.findall(passage.casefold()))


def _chain(theme_id: str, merged: Mapping[str, str]) -> set[str]:
    chain: set[str] = set()
    while theme_id in merged and theme_id not in chain:
        chain.add(theme_id)
        theme_id = merged[theme_id]
    return chain | {theme_id}
