"""Digests as they were issued: what they say stays, but for words of what was erased since."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from service.storage.erasure import ERASED, Quotes, erase, lost_words, words_of
from service.storage.operating_tables import issued_digests


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedDigest:
    """One month's digest as it was issued; the last three are None until product answers."""

    month: str
    content: Mapping[str, Any]
    issued_at: datetime
    issued_by: str
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    assessment: str | None = None


def get(connection: Connection, month: str) -> IssuedDigest | None:
    """The digest that was issued for this month."""
    found = select(issued_digests).where(issued_digests.c.month == month)
    row = connection.execute(found).first()
    return None if row is None else IssuedDigest(**row._mapping)


def add(connection: Connection, digest: IssuedDigest) -> None:
    """Keep the digest of a month that has none."""
    values = {name: getattr(digest, name) for name in IssuedDigest.__slots__}
    connection.execute(insert(issued_digests).values(values))


def acknowledge(
    connection: Connection, month: str, *, by: str, assessment: str | None, now: datetime
) -> None:
    """Write down product's answer, in place of an earlier one."""
    connection.execute(
        update(issued_digests)
        .where(issued_digests.c.month == month)
        .values(acknowledged_by=by, assessment=assessment, acknowledged_at=now)
    )


def erase_from_digests(
    connection: Connection, gone: Collection[str], touched: Collection[str], quotes: Quotes
) -> None:
    """Put the mark in place of what the erased left in issued digests; figures stay.

    `gone` are ids of requests, notes and observations, which tell a quote even where it was
    masked or the note was edited since; of the themes in `touched` a name that holds words
    which nobody else used goes too.
    """
    rows = connection.execute(select(issued_digests)).all()
    lost = {theme_id: lost_words(connection, theme_id, quotes) for theme_id in touched}
    for row in rows:
        new = {
            "content": _erased(row.content, set(gone), lost, quotes),
            "assessment": erase(row.assessment, quotes),
        }
        if new["content"] != row.content or new["assessment"] != row.assessment:
            this = update(issued_digests).where(issued_digests.c.month == row.month)
            connection.execute(this.values(new))


def _erased(
    content: Mapping[str, Any],
    gone: set[str],
    lost: Mapping[str, set[str]],
    quotes: Quotes,
) -> dict[str, Any]:
    labels = {
        part["label"]
        for name in ("top_themes", "new_signals", "resolved")
        for part in content[name]
        if words_of(part["label"]) & lost.get(part["theme_id"], set())
    }
    top = [{**theme, "quote": _quote(theme["quote"], gone)} for theme in content["top_themes"]]
    plain = erase({**content, "top_themes": top}, quotes)
    erased: dict[str, Any] = _each_text(plain, lambda text: _without(text, labels))
    return erased


def _quote(quote: Mapping[str, Any] | None, gone: set[str]) -> Mapping[str, Any] | None:
    if quote is None or not gone & {
        quote["request_id"],
        quote["note_id"],
        quote["observation_id"],
    }:
        return quote
    return {**quote, "text": ERASED}


def _without(text: str, labels: set[str]) -> str:
    for label in sorted(labels, key=len, reverse=True):
        text = text.replace(label, ERASED)
    return text


def _each_text(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _each_text(inner, change) for key, inner in value.items()}
    if isinstance(value, list):
        return [_each_text(inner, change) for inner in value]
    return value
