"""A labelled corpus made of a pack of notes: accounts, CSMs and days are invented from a seed.

Packs say what their notes ask for, but not who wrote them about whom, so nothing of them can be
a signal. Here some needs are heard often, in the scored quarter and by many; some by a few
accounts; most now and then.

python -m benchmarks.pack_worlds PACK_FOLDER CORPUS_FOLDER [SEED]
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

ACCOUNTS, CSMS = 110, 14
_QUARTER = datetime(2026, 7, 1, tzinfo=UTC)
_BEFORE, _DAYS = 180, 90
# Share of needs, share of their notes in the quarter, how many accounts they come from, and how
# much more often from large ones.
_HEAT = ((0.40, 0.97, 30, 1.1), (0.25, 0.60, 3, 0.0), (0.35, 0.25, 60, 0.0))


def write_world(pack: Path, corpus: Path, seed: int = 0) -> None:
    """Write a corpus folder for `groundswell evaluate`; the same seed, the same corpus."""
    rng = np.random.default_rng(seed)
    corpus.mkdir(parents=True, exist_ok=True)
    notes = [json.loads(line) for line in (pack / "notes.jsonl").read_text("utf-8").splitlines()]
    needs = list(csv.DictReader((pack / "needs.csv").open(encoding="utf-8", newline="")))
    accounts = _accounts(rng)
    _write_csv(corpus / "accounts.csv", accounts)
    csms = [{"csm_id": f"c{n}", "name": f"CSM {n}", "email": ""} for n in range(CSMS)]
    _write_csv(corpus / "csms.csv", csms)
    _write_csv(
        corpus / "themes.csv",
        [
            {
                "theme_id": need["need_id"],
                "feature_area": need["feature_area"],
                "customer_need": need["customer_need"],
                "description": need["description"],
            }
            for need in needs
        ],
    )
    senders = _senders(notes, [need["need_id"] for need in needs], accounts, rng)
    _write_lines(
        corpus / "notes.jsonl",
        (
            {"source": "manual", "external_id": f"n{number}", "text": note["text"], **sender}
            for number, (note, sender) in enumerate(zip(notes, senders, strict=True))
        ),
    )
    _write_lines(
        corpus / "gold.jsonl",
        (
            {"external_id": f"n{number}", "observations": [_observed(note, s) for s in spans]}
            for number, note in enumerate(notes)
            for spans in [sorted(note["spans"], key=lambda span: int(span["start"]))]
        ),
    )
    probe = {"text": needs[0]["description"], "theme_id": needs[0]["need_id"]}
    _write_lines(corpus / "probes.jsonl", [probe])


def _observed(note: Mapping[str, Any], span: Mapping[str, Any]) -> dict[str, Any]:
    quote = note["text"][span["start"] : span["end"]]
    return {"quote": quote, "theme_id": span["need"], "severity": span["severity"]}


def _accounts(rng: np.random.Generator) -> list[dict[str, Any]]:
    arr = np.sort(rng.lognormal(10.2, 1.2, ACCOUNTS))
    return [
        {
            "account_id": f"a{n}",
            "name": f"Account {n}",
            "segment": ("smb", "mid_market", "enterprise")[int(rank > 0.5) + int(rank > 0.87)],
            "arr": int(arr[n]) // 100 * 100,
            "health": rng.choice(["green", "yellow", "red"], p=[0.68, 0.24, 0.08]),
            "renewal_date": (_QUARTER + timedelta(days=int(rng.integers(60, 420)))).date(),
            "at_risk": rng.choice(["", "false", "true"], p=[0.55, 0.25, 0.2]),
            "csm_id": f"c{n % CSMS}",
        }
        for n, rank in enumerate(np.linspace(0, 1, ACCOUNTS))
    ]


def _senders(
    notes: Sequence[Mapping[str, Any]],
    needs: Sequence[str],
    accounts: Sequence[Mapping[str, Any]],
    rng: np.random.Generator,
) -> Iterable[dict[str, str]]:
    kinds = rng.choice(len(_HEAT), size=len(needs), p=[share for share, *_ in _HEAT])
    arr = np.array([float(account["arr"]) for account in accounts])
    leaning = [arr**lean / (arr**lean).sum() for *_, lean in _HEAT]
    pools = [
        rng.choice(ACCOUNTS, size=_HEAT[kind][2], replace=False, p=leaning[kind]) for kind in kinds
    ]
    place = {need: number for number, need in enumerate(needs)}
    for note in notes:
        first = next((span["need"] for span in note["spans"] if span["need"]), None)
        number = place[first] if first is not None else int(rng.integers(len(needs)))
        account = accounts[int(rng.choice(pools[number]))]
        recent = rng.random() < _HEAT[kinds[number]][1]
        day = int(rng.integers(_DAYS)) if recent else -1 - int(rng.integers(_BEFORE))
        yield {
            "account_id": account["account_id"],
            "csm_id": account["csm_id"],
            "occurred_at": (_QUARTER + timedelta(days=day, hours=9)).isoformat(),
        }


def _write_csv(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def _write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


if __name__ == "__main__":
    write_world(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if sys.argv[3:] else 0)
