"""Vendors' payloads with something wrong in them, the same ones for the same seed."""

from __future__ import annotations

import copy
import json
import random
import re
from collections.abc import Iterator
from typing import Any

from tests.crm.vendors import SAMPLES, VENDORS, Vendor

_ODD: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    7,
    2**31,
    2**63,
    10**30,
    1.5,
    1e300,
    -1e-9,
    "",
    " ",
    "0",
    "true",
    "null",
    "NaN",
    "2026-02-30T25:61:61Z",
    "0000-00-00",
    "9999-12-31T23:59:59+14:00",
    "0001-01-01T00:00:00-14:00",
    "99999999999999999999",
    "1e999",
    "1783071000.000200",
    "-1",
    "x" * 300,
    "text " * 3_000,
    "\u0000",
    "\u0007\u001b[31m",
    "\ud800",
    "\u202e\u200b\ufeff",
    "💥👩‍👩‍👧‍👦é",
    "<script>alert(1)</script>",
    "'; DROP TABLE notes; --",
    "{{ticket.id}}",
    "../../etc/passwd",
    "%00%2e%2e",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"a": {"b": {"c": {}}}},
    ["a", 1, None, {}],
)
_DEEP = "[" * 60 + "]" * 60


def mutated(count: int, seed: int) -> Iterator[tuple[Vendor, bytes]]:
    """`count` bodies, ways of sending and kinds of mutation by turns."""
    rng = random.Random(seed)
    for number in range(count):
        way = VENDORS[number % len(VENDORS)]
        whole = (SAMPLES / way.sample).read_bytes()
        is_json = way.sample.endswith(".json")
        if rng.random() < 0.75:
            body = _json(whole, rng) if is_json else _xml(whole.decode(), rng)
        else:
            body = _bytes(whole, rng)
        yield way, way.packed(body)


def _json(whole: bytes, rng: random.Random) -> bytes:
    payload = json.loads(whole)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        holders = list(_holders(payload))
        holder, key = rng.choice(holders)
        kind = rng.random()
        if kind < 0.55:
            holder[key] = copy.deepcopy(rng.choice(_ODD))
        elif kind < 0.7:
            del holder[key]
        elif kind < 0.8:
            # A value that belongs elsewhere in this payload.
            other, place = rng.choice(holders)
            holder[key] = json.loads(
                json.dumps(other.get(place) if isinstance(other, dict) else other)
            )
        elif kind < 0.88:
            holder[key] = [holder[key]] * rng.choice((0, 2, 50))
        elif kind < 0.94:
            holder[key] = {str(key): holder[key]}
        else:
            payload = rng.choice(
                (payload, [payload] * 3, {"records": [payload, payload]}, [payload])
            )
        if not list(_holders(payload)):
            break
    text = json.dumps(payload)
    if rng.random() < 0.05:
        text = text.replace(": ", f': {_DEEP}, "more": ', 1)
    return text.encode()


def _holders(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a payload, as what holds it and its name or number there."""
    inner = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, each in list(inner):
        yield value, key
        yield from _holders(each)


def _xml(text: str, rng: random.Random) -> bytes:
    for _ in range(rng.choice((1, 1, 2, 5))):
        tags = list(re.finditer(r"<(/?)([A-Za-z:]+)([^<>]*)>", text))
        if not tags:
            break
        tag = rng.choice(tags)
        odd = rng.choice([one for one in _ODD if isinstance(one, str)])
        new = rng.choice(
            (
                "",
                tag.group() * 2,
                f"<{tag[1]}{tag[2]}x{tag[3]}>",
                f"<{tag[2]} a='{rng.randrange(9)}'>",
                "<!-- -->",
                "<![CDATA[ x ]]>",
                "<?x y?>",
                "&#0;",
                "&x;",
                "&#x1F4A5;",
                tag.group() + odd,
                "<!DOCTYPE a>",
                "<a>" * 500,
            )
        )
        text = text[: tag.start()] + new + text[tag.end() :]
    return text.encode("utf-8", "surrogatepass")


def _bytes(whole: bytes, rng: random.Random) -> bytes:
    data = bytearray(whole)
    for _ in range(rng.choice((1, 1, 2, 10))):
        at = rng.randrange(len(data) or 1)
        kind = rng.random()
        if kind < 0.4 and data:
            data[at % len(data)] = rng.randrange(256)
        elif kind < 0.6:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 9)))
        elif kind < 0.8:
            del data[at : at + rng.randrange(1, 40)]
        elif kind < 0.9:
            del data[at:]
        else:
            data[at:at] = data[: rng.randrange(len(data) + 1)]
    return bytes(data)
