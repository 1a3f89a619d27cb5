"""Processes that the benchmarks of intake start, and how to know them ready."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from benchmarks.webhook_sender import SECRET


def clean_environment(variables: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with no setting of Groundswell but these."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GROUNDSWELL_")}
    return {**kept, **variables}


def groundswell(*words: str) -> list[str]:
    """The command line of this checkout."""
    return [sys.executable, "-c", "from service.cli import main; main()", *words]


def settings(url: str) -> dict[str, str]:
    """A service of the benchmark's own: no rate limit, and the queue's bound at 50,000."""
    return {
        "GROUNDSWELL_DATABASE_URL": url,
        "GROUNDSWELL_WEBHOOK_SECRET_GENERIC": SECRET,
        "GROUNDSWELL_QUEUE_BOUND": "50000",
    }


@contextmanager
def running(command: list[str], variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is stopped when the block ends."""
    process = subprocess.Popen(
        command,
        env=clean_environment(variables),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(port: int, seconds: float = 60.0) -> None:
    """Return once somebody answers HTTP there."""
    end = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=2)
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)
