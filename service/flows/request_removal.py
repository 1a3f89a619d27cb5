"""Take requests away whose words are in their note no longer, and the vectors with them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection

from service.flows.item_index import item_text_keys
from service.storage import placements, themes, vectors
from service.storage.requests import RequestRecord


def remove_requests(
    connection: Connection, gone: Sequence[RequestRecord], *, keep_keys: Iterable[str] = ()
) -> None:
    """Delete these requests, and each vector that is of no request and no item any more.

    `keep_keys` are the vector keys of requests that are about to be stored.
    """
    if not gone:
        return
    placements.remove(connection, [record.id for record in gone])
    kept = {key for item in themes.live_items(connection) for key in item_text_keys(item)}
    vectors.drop_unused(
        connection, [record.vector_key for record in gone], keep=kept.union(keep_keys)
    )
