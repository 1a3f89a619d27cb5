"""How long each page takes to draw on a store that is already full.

    python -m benchmarks.large_store build/large.db
    python -m benchmarks.page_speed build/large.db

Milliseconds inside this process, from request to last byte, no network: the very first time;
after somebody moved a request from one theme to another (the median of some such moves); after
such a move from the largest theme; and when nothing was written since (the median again). Work
that goes on behind the answer is waited for and not counted. The store is copied first.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from benchmarks.large_store import NOW, stand_in_language
from service.app import create_app
from service.settings import Settings
from service.storage.engine import Store, migrate, open_store
from service.storage.tables import requests
from service.web.navigation import PLACES

_REPEATS = 7
_MOVES = 5
_ELSEWHERE = ("/docs", "/login")


def addresses(client: TestClient) -> Iterator[str]:
    """Each page of the navigation, and one of each kind that is reached by a link."""
    for place in PLACES:
        if place.path not in _ELSEWHERE:
            yield place.path
    largest = client.get("/themes", params={"limit": 1000}).json()["data"]
    theme = max(largest, key=lambda row: row["requests"])["id"]
    yield f"/board/{theme}"
    yield f"/desk/themes/{theme}"
    request = client.get("/requests", params={"limit": 1}).json()["data"][0]
    yield f"/desk/notes/{request['note_id']}"
    yield "/desk/notes?q=need"
    yield f"/desk/reports?csm={request['csm_id']}"


class LastByte:
    """An application around another, that notes when an answer's last byte was sent."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.sent_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything on."""

        async def noted(message: Message) -> None:
            await send(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                self.sent_at = time.perf_counter()

        await self._app(scope, receive, noted)


def milliseconds(client: TestClient, app: LastByte, address: str) -> float:
    """One drawing of a page.

    Raises:
        RuntimeError: it was refused.
    """
    began = time.perf_counter()
    answer = client.get(address)
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return (app.sent_at - began) * 1000


def themes_by_size(store: Store) -> list[str]:
    """The themes that requests are on, the largest first."""
    on_themes = requests.c.theme_id.is_not(None) & requests.c.dismissed.is_(False)
    counted = select(requests.c.theme_id).where(on_themes).group_by(requests.c.theme_id)
    with store.read() as connection:
        ordered = counted.order_by(func.count().desc(), requests.c.theme_id)
        return [row.theme_id for row in connection.execute(ordered)]


def move_one(store: Store, theme_id: str, into: str) -> None:
    """What a decision does to the evidence: a theme's newest request goes to another theme."""
    mine = requests.c.dismissed.is_(False) & (requests.c.theme_id == theme_id)
    with store.write() as connection:
        newest = select(requests.c.id).where(mine).order_by(requests.c.occurred_at.desc()).limit(1)
        moved = update(requests).where(requests.c.id == newest.scalar_subquery())
        connection.execute(moved.values(theme_id=into))


def main() -> None:
    """Print a line for each page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "store.db"
        shutil.copyfile(asked.file, copy)
        migrate(f"sqlite:///{copy}")
        store = open_store(f"sqlite:///{copy}")
        app = create_app(Settings(auth="off"), store, language=stand_in_language, clock=lambda: NOW)
        print(f"{'page':44}{'first':>9}{'moved':>9}{'largest':>9}{'then':>9}{'kB':>7}")
        timed, by_size = LastByte(app), themes_by_size(store)
        usual = by_size[len(by_size) // 4 : len(by_size) // 4 + 2 * _MOVES]
        with TestClient(timed, base_url="http://127.0.0.1:8000") as client:
            for address in addresses(client):
                first = milliseconds(client, timed, address)
                moved = []
                for theme_id, into in zip(usual[::2], usual[1::2], strict=True):
                    move_one(store, theme_id, into)
                    moved.append(milliseconds(client, timed, address))
                move_one(store, by_size[0], usual[0])
                largest = milliseconds(client, timed, address)
                then = [milliseconds(client, timed, address) for _ in range(_REPEATS)]
                times = (first, statistics.median(moved), largest, statistics.median(then))
                shown = "".join(f"{took:6.0f} ms" for took in times)
                size = len(client.get(address).content) / 1000
                print(f"{address[:43]:44}{shown}{size:7.0f}")


if __name__ == "__main__":
    main()
