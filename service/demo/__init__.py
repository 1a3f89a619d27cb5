"""Fieldbook: the sample notes, accounts, CSMs and taxonomy of a made-up CRM, with their gold.

`SAMPLE_CORPUS` is a labelled corpus in the layout that `groundswell evaluate` reads:
accounts.csv, csms.csv, themes.csv (the taxonomy), notes.jsonl, gold.jsonl, probes.jsonl.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

SAMPLE_CORPUS = Path(__file__).parent / "data"
SAMPLE_LAST_DAY = date(2026, 9, 30)
SAMPLE_QUARTER = "2026-Q3"
