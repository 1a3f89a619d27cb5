"""Mutated payloads under a right signature: never a 5xx, every refusal in the one shape.

Two thousand of them here, half of them on each database. `make fuzz` sends twenty thousand;
FUZZ_CASES and FUZZ_SEED set other numbers.
"""

from __future__ import annotations

import os
from collections import Counter

from service.storage.engine import Store
from tests.api.conftest import NOW, error_of
from tests.api.webhook_client import deliver, stored_notes, webhook_client
from tests.crm.mutations import mutated

CASES = int(os.environ.get("FUZZ_CASES", "2000"))
SEED = int(os.environ.get("FUZZ_SEED", "7"))


def test_no_payload_breaks_a_connector(store: Store) -> None:
    client = webhook_client(store, wrong_key_limit="off")
    # Other payloads on each.
    cases, seed = CASES // 2, SEED + (store.dialect == "sqlite")
    answered: Counter[int] = Counter()
    for number, (way, body) in enumerate(mutated(cases, seed)):
        answer = deliver(client, way.sent(body, at=NOW))
        answered[answer.status_code] += 1
        assert answer.status_code < 500, (number, way.name, body, answer.text)
        if answer.status_code != 200:
            error_of(answer, answer.status_code)
        assert b"Traceback" not in answer.content
    print(dict(sorted(answered.items())), len(stored_notes(store)), "notes")
    # They reach the parsers, and some of what is odd is still a note.
    assert answered[200] > cases / 4
    assert answered[422] + answered[400] > cases / 10
