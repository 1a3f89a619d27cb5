"""Pages as a person presses their buttons, and the queries that they cost."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import event

from service.storage.engine import Store


def hidden_fields(page: str) -> dict[str, str]:
    """What the forms of a page carry unseen."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def quotes_on(page: str) -> list[str]:
    """The ids of the requests that can be ticked, in their order."""
    return re.findall(r'<input type="checkbox" name="requests" value="([^"]+)"', page)


def press(
    client: TestClient,
    address: str,
    action: str,
    ticked: Sequence[str] = (),
    **typed: str,
) -> Any:
    """Press a button of the page at this address; what it answers, redirects followed."""
    carried = hidden_fields(client.get(address).text)
    return client.post(
        address, data={**carried, "action": action, "requests": list(ticked), **typed}
    )


@contextmanager
def queries(store: Store) -> Iterator[list[str]]:
    """The statements that readers run inside the block."""
    asked: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(store._reader, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(store._reader, "before_cursor_execute", note)
