"""How long each page takes to draw on a store that is already full.

    python -m benchmarks.large_store build/large.db
    python -m benchmarks.page_speed build/large.db

Milliseconds inside this process, from request to last byte, no network: the first time after
something was written, and the median of the times after that. The store is copied first.
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

from benchmarks.large_store import NOW, stand_in_language
from service.app import create_app
from service.settings import Settings
from service.storage.engine import Store, migrate, open_store
from service.web.navigation import PLACES

_REPEATS = 7
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


def milliseconds(client: TestClient, address: str) -> float:
    """One drawing of a page.

    Raises:
        RuntimeError: it was refused.
    """
    began = time.perf_counter()
    answer = client.get(address)
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return took


def touch(store: Store) -> None:
    """A write, so that whatever was kept has to be worked out anew."""
    with store.write():
        pass


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
        print(f"{'page':44}{'after a write':>15}{'median':>9}{'kB':>7}")
        with TestClient(app, base_url="http://127.0.0.1:8000") as client:
            for address in addresses(client):
                milliseconds(client, address)
                touch(store)
                first = milliseconds(client, address)
                later = [milliseconds(client, address) for _ in range(_REPEATS)]
                size = len(client.get(address).content) / 1000
                shown = f"{first:12.0f} ms{statistics.median(later):6.0f} ms{size:7.0f}"
                print(f"{address[:43]:44}{shown}")


if __name__ == "__main__":
    main()
