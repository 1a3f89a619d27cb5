"""Who is at risk, day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.account import Account, Health, risk

AS_OF = date(2026, 9, 30)


def customer(
    health: Health | None = None, days: int | None = None, at_risk: bool | None = None
) -> Account:
    renewal = None if days is None else AS_OF + timedelta(days=days)
    return Account(account_id="a", health=health, renewal_date=renewal, at_risk=at_risk)


@pytest.mark.parametrize(
    ("days", "at_risk", "code"),
    [
        (-1, False, "yellow_renewal_past"),
        (0, True, "yellow_renewal_near"),
        (1, True, "yellow_renewal_near"),
        (60, True, "yellow_renewal_near"),
        (61, False, "yellow_renewal_far"),
        (None, False, "yellow_no_renewal"),
    ],
)
def test_a_yellow_account_is_at_risk_from_day_0_to_day_60(
    days: int | None, at_risk: bool, code: str
) -> None:
    found = risk(customer(Health.YELLOW, days), AS_OF)
    assert (found.at_risk, found.reason_code, found.days_to_renewal) == (at_risk, code, days)


@pytest.mark.parametrize("days", [None, -5, 0, 400])
def test_red_is_at_risk_and_green_is_not_whatever_the_renewal(days: int | None) -> None:
    assert risk(customer(Health.RED, days), AS_OF).at_risk
    assert not risk(customer(Health.GREEN, days), AS_OF).at_risk


def test_the_statement_of_the_crm_wins() -> None:
    assert risk(customer(Health.GREEN, 400, at_risk=True), AS_OF).at_risk
    assert not risk(customer(Health.RED, 10, at_risk=False), AS_OF).at_risk


def test_unknown_health_is_not_at_risk() -> None:
    found = risk(customer(None, 10), AS_OF)
    assert (found.at_risk, found.reason_code) == (False, "health_unknown")


def test_the_day_asked_about_decides() -> None:
    yellow = customer(Health.YELLOW, 61)
    assert not risk(yellow, AS_OF).at_risk
    assert risk(yellow, AS_OF + timedelta(days=1)).at_risk


def test_the_reach_of_a_renewal_can_be_set() -> None:
    assert not risk(customer(Health.YELLOW, 31), AS_OF, renewal_days=30).at_risk


@pytest.mark.parametrize(
    ("known", "why"),
    [
        (customer(at_risk=True), "the CRM says it is at risk"),
        (customer(at_risk=False), "the CRM says it is not at risk"),
        (customer(Health.RED), "health is red"),
        (customer(Health.GREEN), "health is green"),
        (customer(Health.YELLOW, 0), "health is yellow and it renews today"),
        (customer(Health.YELLOW, 1), "health is yellow and it renews in 1 day"),
        (customer(Health.YELLOW, 60), "health is yellow and it renews in 60 days"),
        (customer(Health.YELLOW, -1), "health is yellow, its renewal date has passed"),
        (customer(Health.YELLOW), "health is yellow, no renewal date is on record"),
        (customer(), "neither a risk statement nor a health is on record"),
    ],
)
def test_the_reason_is_said_in_words(known: Account, why: str) -> None:
    assert risk(known, AS_OF).why == why
