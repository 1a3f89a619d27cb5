"""A CRM that posts signed notes as fast as it is answered; prints what it saw as JSON.

A post that broke off is repeated, as every CRM does, until it is answered.

python -m benchmarks.webhook_sender URL SECONDS CONNECTIONS PREFIX [PAUSE]
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

KEY = b"a benchmark signs with this key."
SECRET = "whsec_" + base64.b64encode(KEY).decode()
_TEXT = (
    "Call with {name}: Ana still copies {n} pages into a sheet every Friday, they want all"
    " records in one file. Renewal is on track, next check-in in two weeks."
)


@dataclass
class Seen:
    """What came back: how many of each status, the notes accepted, and how long each took."""

    statuses: Counter[int] = field(default_factory=Counter)
    accepted: list[str] = field(default_factory=list)
    broken: int = 0
    seconds: list[float] = field(default_factory=list)


def signed(identity: str, body: bytes, at: int) -> dict[str, str]:
    """Headers of Standard Webhooks for a body."""
    message = f"{identity}.{at}.".encode() + body
    digest = base64.b64encode(hmac.digest(KEY, message, hashlib.sha256)).decode()
    return {
        "Content-Type": "application/json",
        "webhook-id": identity,
        "webhook-timestamp": str(at),
        "webhook-signature": f"v1,{digest}",
    }


def note(identity: str, number: int) -> bytes:
    """One note of some 150 characters, of one of 500 accounts."""
    return json.dumps(
        {
            "source": "crm",
            "external_id": identity,
            "account_id": f"a-{number % 500}",
            "csm_id": f"c-{number % 20}",
            "occurred_at": datetime(2026, 9, 1, tzinfo=UTC).isoformat(),
            "text": _TEXT.format(name=f"account {number % 500}", n=number),
        }
    ).encode()


def post_until(url: str, end: float, prefix: str, pause: float) -> Seen:
    """Post one note after another over one connection; a broken one is opened again."""
    parts, seen, number = urlsplit(url), Seen(), 1
    line = http.client.HTTPConnection(parts.netloc, timeout=30)
    while time.monotonic() < end:
        identity = f"{prefix}-{number}"
        body = note(identity, number)
        began = time.perf_counter()
        try:
            line.request("POST", parts.path, body, signed(identity, body, int(time.time())))
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            seen.broken += 1
            line.close()
            time.sleep(0.05)
            continue
        seen.seconds.append(time.perf_counter() - began)
        seen.statuses[answer.status] += 1
        if answer.status < 300:
            seen.accepted.append(identity)
        # 503 and 429 come again later; what is refused for good is not tried twice.
        number += answer.status not in (429, 503)
        time.sleep(pause)
    line.close()
    return seen


def main(url: str, seconds: float, connections: int, prefix: str, pause: float = 0.0) -> None:
    """Post over so many connections at once, for so long; `pause` seconds between two posts."""
    end = time.monotonic() + seconds
    found: list[Seen] = []
    threads = [
        threading.Thread(
            target=lambda n=n: found.append(post_until(url, end, f"{prefix}-{n}", pause))
        )
        for n in range(connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    json.dump(
        {
            "statuses": dict(sum((one.statuses for one in found), Counter())),
            "accepted": [identity for one in found for identity in one.accepted],
            "broken": sum(one.broken for one in found),
            "seconds": sorted(second for one in found for second in one.seconds),
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4], *map(float, sys.argv[5:]))
