"""Intake under load: signed webhooks against an endpoint that only inserts and commits.

python -m benchmarks.intake_load [--seconds 60] [--connections 16]

The two are measured in turns in one run, over SQLite, ours without a worker and with one in a
process of its own at low priority. Printed are throughput and the 99th percentile, and their
ratios to the bare endpoint's; every accepted note must be in the store once.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.processes import free_port, groundswell, running, settings, wait_for
from service.storage.engine import migrate, open_store

PATH = "/webhooks/generic"


@dataclass(frozen=True)
class Load:
    """One run of the sender: notes a second, 99th percentile in milliseconds, and the rest."""

    rate: float
    p99: float
    refused: int
    lost: int
    twice: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a note was lost, doubled or refused."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--connections", type=int, default=16)
    given = parser.parse_args(arguments)
    rows: list[tuple[str, Load]] = []
    with tempfile.TemporaryDirectory(prefix="intake-load-") as folder:
        for name in ("bare", "ours", "ours, worker running"):
            database = Path(folder) / f"{len(rows)}.db"
            migrate(f"sqlite:///{database}")
            rows.append((name, _measure(name, database, given.seconds, given.connections)))
    bare = rows[0][1]
    print("| endpoint | notes/s | of bare | p99 ms | of bare | refused | lost | twice |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, load in rows:
        print(
            f"| {name} | {load.rate:.0f} | {load.rate / bare.rate:.2f} | {load.p99:.0f} |"
            f" {load.p99 / bare.p99:.2f} | {load.refused} | {load.lost} | {load.twice} |"
        )
    return int(any(load.refused or load.lost or load.twice for _, load in rows))


def _measure(name: str, database: Path, seconds: float, connections: int) -> Load:
    with ExitStack() as stack:
        if name == "bare":
            port = free_port()
            command = [sys.executable, "-m", "benchmarks.bare_endpoint", str(database), str(port)]
            stack.enter_context(running(command, {}))
        else:
            port = free_port()
            stack.enter_context(
                running(
                    [*groundswell("serve", "--no-worker"), "--port", str(port)],
                    settings(f"sqlite:///{database}"),
                )
            )
            if "worker" in name:
                stack.enter_context(
                    running(
                        ["nice", "-n", "19", *groundswell("work")],
                        settings(f"sqlite:///{database}"),
                    )
                )
        wait_for(port)
        seen = send(f"http://127.0.0.1:{port}{PATH}", seconds, connections)
    return _load(seen, stored(database, name == "bare"), seconds)


def send(url: str, seconds: float, connections: int, prefix: str = "n") -> dict[str, Any]:
    """Run the sender in a process of its own."""
    words = [url, str(seconds), str(connections), prefix]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.webhook_sender", *words],
        check=True,
        capture_output=True,
    )
    seen: dict[str, Any] = json.loads(done.stdout)
    return seen


def stored(database: Path, bare: bool) -> list[str]:
    """The external ids in the store, doubles included."""
    store = open_store(f"sqlite:///{database}")
    try:
        with store.read() as connection:
            query = "SELECT id FROM bare" if bare else "SELECT external_id FROM notes"
            return [str(row[0]) for row in connection.execute(text(query))]
    finally:
        store.close()


def _load(seen: dict[str, Any], held: list[str], seconds: float) -> Load:
    accepted = set(seen["accepted"])
    times = seen["seconds"]
    return Load(
        rate=len(accepted) / seconds,
        p99=1000 * times[int(0.99 * (len(times) - 1))],
        refused=sum(count for status, count in seen["statuses"].items() if int(status) >= 300),
        lost=len(accepted - set(held)),
        twice=len(held) - len(set(held)),
    )


if __name__ == "__main__":
    sys.exit(main())
