"""GET /signals against the rules worked out apart, figure by figure."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from models.policy import policy_named
from models.window import Calendar
from service.decoding import decode_csv
from service.demo import SAMPLE_CORPUS
from service.flows.observe import record_observation
from service.flows.portfolio import upsert_accounts, upsert_csms
from service.flows.signals import SignalQuery, SignalsAnswer, signals
from service.flows.taxonomy import upsert_items
from service.storage.engine import Store, migrate, open_store
from tests.factories import lines_of, raw_item
from tests.flows import naive_rules

NOW = datetime(2026, 9, 30, 12, tzinfo=UTC)
TODAY = date(2026, 9, 30)
UTC_CALENDAR = Calendar(ZoneInfo("UTC"))
POLICIES = ("combined", "single_gate")
QUARTERS = ("2026-Q2", "2026-Q3")
Row = dict[str, Any]


def answered(store: Store, quarter: str, policy: str) -> SignalsAnswer:
    query = SignalQuery(quarter=quarter, policy=policy_named(policy))
    return signals(store, query, today=TODAY, calendar=UTC_CALENDAR)


def expected(
    observations: list[Row], accounts: list[Row], csms: list[Row], quarter: str, policy: str
) -> Row:
    """The naive board of what was posted; accounts and CSMs that only notes name are bare."""
    known = {row["account_id"]: as_account(row) for row in accounts}
    team = {row["csm_id"]: {"active": row.get("active", True)} for row in csms}
    for row in observations:
        team.setdefault(row["csm_id"], {"active": True})
        if row["account_id"] is not None:
            known.setdefault(row["account_id"], as_account({}))
    said = [
        {
            "id": number,
            "theme": (row["feature_area"], row["customer_need"]),
            "account_id": row["account_id"],
            "csm_id": row["csm_id"],
            "at": naive_rules.instant(row["occurred_at"]),
            "severity": row["severity"],
            "text": row["verbatim"] or "",
        }
        for number, row in enumerate(observations)
    ]
    as_of = min(TODAY, naive_rules.days_of(quarter)[1])
    return naive_rules.board(said, known, team, quarter, as_of, policy)


def as_account(row: Row) -> Row:
    at_risk = {"true": True, "false": False, "": None, None: None}
    stated, renewal = row.get("at_risk"), row.get("renewal_date") or None
    return {
        "segment": row.get("segment") or None,
        "arr": Fraction(str(row["arr"])) if row.get("arr") not in (None, "") else None,
        "health": row.get("health") or None,
        "renewal_date": date.fromisoformat(renewal) if renewal else None,
        "at_risk": stated if isinstance(stated, bool) else at_risk[stated],
        "active": row.get("active", True),
    }


def assert_agrees(answer: SignalsAnswer, naive: Row) -> None:
    assert answer["total_arr"] == naive["total_arr"]
    assert answer["calibrated_accounts"] == naive["calibrated_accounts"]
    assert answer["next_cursor"] == ""
    by_theme = {(row["feature_area"], row["customer_need"]): row for row in answer["data"]}
    assert set(by_theme) == {row["theme"] for row in naive["data"]}
    assert len(by_theme) == len(answer["data"])
    for wanted in naive["data"]:
        assert_row_agrees(dict(by_theme[wanted["theme"]]), wanted)
    keys = [
        (naive_rules.ORDER.index(row["level"]), -row["arr"], row["theme_id"])
        for row in answer["data"]
    ]
    assert keys == sorted(keys)


def assert_row_agrees(row: Row, wanted: Row) -> None:
    exact = set(wanted) - {"theme", "arr_share", "conditions", "coincidence"}
    assert {name: row[name] for name in exact} == {name: wanted[name] for name in exact}
    assert row["coincidence"] == pytest.approx(wanted["coincidence"], rel=1e-9, abs=1e-15)
    assert row["arr_share"] == figure(wanted["arr_share"])
    assert {code: condition["met"] for code, condition in row["conditions"].items()} == {
        code: met for code, (_, _, met) in wanted["conditions"].items()
    }
    for code, (value, threshold, _) in wanted["conditions"].items():
        assert row["conditions"][code]["value"] == figure(value)
        assert row["conditions"][code]["threshold"] == figure(threshold)
        assert row["conditions"][code]["margin"]["text"]


def figure(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: figure(part) for name, part in value.items()}
    return float(value) if isinstance(value, Fraction) else value


# Fieldbook: the gold of every note, posted as pre-reads.


@pytest.fixture(scope="module")
def fieldbook(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[tuple[Store, list[Row]]]:
    path = tmp_path_factory.mktemp("fieldbook") / "groundswell.db"
    path.write_bytes(migrated_file.read_bytes())
    store = open_store(f"sqlite:///{path}")
    load = {"now": NOW, "actor": "test"}
    upsert_accounts(store, decode_csv(sample("accounts.csv"), columns=["account_id"]), **load)
    upsert_csms(store, decode_csv(sample("csms.csv"), columns=["csm_id"]), **load)
    items = decode_csv(sample("themes.csv"), columns=["feature_area"])
    upsert_items(store, items, live=True, **load)
    observations = gold_observations()
    for raw in observations:
        record_observation(store, raw, now=NOW, actor="test")
    yield store, observations
    store.close()


def sample(name: str) -> bytes:
    return (SAMPLE_CORPUS / name).read_bytes()


def sample_rows(name: str) -> list[Row]:
    return [dict(row) for _, row in decode_csv(sample(name), columns=[])]  # type: ignore[call-overload]


def gold_observations() -> list[Row]:
    pairs = {
        row["theme_id"]: (row["feature_area"], row["customer_need"])
        for row in sample_rows("themes.csv")
    }
    notes = {}
    for line in sample("notes.jsonl").splitlines():
        note = json.loads(line)
        notes[note["external_id"]] = note
    observations = []
    for line in sample("gold.jsonl").splitlines():
        gold = json.loads(line)
        note = notes[gold["external_id"]]
        for one in gold["observations"]:
            if one["theme_id"] is not None:
                area, need = pairs[one["theme_id"]]
                observations.append(
                    {
                        "csm_id": note["csm_id"],
                        "account_id": note["account_id"],
                        "occurred_at": note["occurred_at"],
                        "feature_area": area,
                        "customer_need": need,
                        "severity": one["severity"],
                        "accounts_count": 1,
                        "verbatim": one["quote"],
                    }
                )
    return observations


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("quarter", QUARTERS)
def test_the_gold_of_fieldbook(
    fieldbook: tuple[Store, list[Row]], quarter: str, policy: str
) -> None:
    store, observations = fieldbook
    naive = expected(
        observations, sample_rows("accounts.csv"), sample_rows("csms.csv"), quarter, policy
    )
    assert len(naive["data"]) > 10
    assert_agrees(answered(store, quarter, policy), naive)


# Made data, where the two policies differ.


@pytest.fixture(scope="module", params=[1, 2, 3])
def made(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, list[Row], list[Row], list[Row]]]:
    """A random organisation with everything in it that the rules have a word for."""
    random = Random(request.param)
    url = f"sqlite:///{tmp_path_factory.mktemp('made') / 'groundswell.db'}"
    migrate(url)
    store = open_store(url)
    accounts = [made_account(random, number) for number in range(25)]
    csms = [
        {"csm_id": f"c{number}", "active": number % 5 != 4}
        for number in range({1: 6, 2: 12, 3: 34}[request.param])
    ]
    items = [raw_item("Area", f"Need {number}") for number in range(24)]
    observations = [made_observation(random, accounts, csms, items) for _ in range(130)]
    load = {"now": NOW, "actor": "test"}
    upsert_accounts(store, lines_of(*accounts), **load)
    upsert_csms(store, lines_of(*csms), **load)
    upsert_items(store, lines_of(*items), live=True, **load)
    for raw in observations:
        record_observation(store, raw, now=NOW, actor="test")
    yield store, observations, accounts, csms
    store.close()


def made_account(random: Random, number: int) -> Row:
    renewal = TODAY + timedelta(days=random.choice([-1, 0, 30, 60, 61, 200]))
    return {
        "account_id": f"a{number}",
        "segment": random.choice([None, "smb", "mid_market", "enterprise"]),
        "arr": random.choice([None, 0, 10_000, 25_000.5, 40_000, 150_000]),
        "health": random.choice([None, "green", "yellow", "yellow", "red"]),
        "renewal_date": random.choice([None, renewal.isoformat()]),
        "at_risk": random.choice([None, None, None, True, False]),
        "active": random.random() > 0.1,
    }


def made_observation(random: Random, accounts: list[Row], csms: list[Row], items: list[Row]) -> Row:
    # Squared, so that some themes are loud and many are heard of once or twice.
    item = items[int(random.random() ** 2 * len(items))]
    account = random.choice([*accounts, None, {"account_id": "only in a pre-read"}])
    at = datetime(2026, 3, 20, tzinfo=UTC) + timedelta(minutes=random.randrange(190 * 24 * 60))
    return {
        "csm_id": random.choice(csms)["csm_id"],
        "account_id": account["account_id"] if account else None,
        "occurred_at": at.isoformat(),
        "feature_area": item["feature_area"],
        "customer_need": item["customer_need"],
        "severity": random.choice(["blocking", "degraded", "degraded", "minor"]),
        "accounts_count": random.randrange(1, 9),
        "verbatim": random.choice([None, "Same words.", " same WORDS", f"Own {random.random()}"]),
    }


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("quarter", ["2026-Q1", *QUARTERS])
def test_a_made_organisation(
    made: tuple[Store, list[Row], list[Row], list[Row]], quarter: str, policy: str
) -> None:
    store, observations, accounts, csms = made
    naive = expected(observations, accounts, csms, quarter, policy)
    assert_agrees(answered(store, quarter, policy), naive)


def test_the_policies_differ_there(made: tuple[Store, list[Row], list[Row], list[Row]]) -> None:
    store = made[0]
    levels = {
        policy: {
            (quarter, row["theme_id"]): row["level"]
            for quarter in QUARTERS
            for row in answered(store, quarter, policy)["data"]
        }
        for policy in POLICIES
    }
    assert levels["combined"] != levels["single_gate"]
