"""How far a theme's level hangs on each of its requests."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import numpy as np
import pytest

from models.account import CSM, Account, Portfolio
from models.evidence import Mention, Standings
from models.policy import COMBINED, lines
from models.severity import Severity
from service.flows.reviewing.stakes import DRAWS, NOWHERE, Draws, Levels

DAY = date(2026, 9, 30)


@pytest.fixture
def levels() -> Levels:
    """Forty accounts of 1,000 and one of 5,000 at risk; ten CSMs."""
    accounts = {f"a{n}": Account(account_id=f"a{n}", arr=Decimal(1_000)) for n in range(40)}
    accounts["big"] = Account(account_id="big", arr=Decimal(5_000), at_risk=True)
    portfolio = Portfolio(accounts, {f"c{n}": CSM(csm_id=f"c{n}") for n in range(10)})
    return Levels(lines(COMBINED, portfolio), Standings(portfolio, DAY))


def mention(number: int, account: str | None, csm: str = "c0", **changes: object) -> Mention:
    severity = Severity(str(changes.get("severity", "minor")))
    at = datetime(2026, 8, 1, tzinfo=UTC)
    return Mention(f"r{number}", "t", account, csm, at, severity, f"k{number}")


def always(count: int) -> np.ndarray:
    return np.ones((count, DRAWS), dtype=np.bool_)


def test_at_the_line_the_level_hangs_on_every_account(levels: Levels) -> None:
    three = [mention(n, f"a{n}") for n in range(3)]
    # A candidate by three accounts: none of them may go.
    assert (levels.swings(three, always(3)) > 0.3).all()


def test_above_the_line_it_hangs_on_none(levels: Levels) -> None:
    four = [mention(n, f"a{n}") for n in range(4)]
    assert (levels.swings(four, always(4)) == 0.0).all()


def test_on_an_account_that_speaks_twice_nothing_hangs(levels: Levels) -> None:
    mentions = [mention(0, "a0"), mention(1, "a0"), mention(2, "a1"), mention(3, "a2")]
    swings = levels.swings(mentions, always(4))
    assert swings[0] == swings[1] == 0.0
    assert swings[2] > 0.3


def test_what_is_not_there_weighs_by_what_it_would_bring(levels: Levels) -> None:
    drawn = always(3)
    drawn[2] = False
    mentions = [mention(0, "a0"), mention(1, "a1"), mention(2, "a2")]
    swings = levels.swings(mentions, drawn)
    assert swings[2] > 0.3
    assert swings[0] == swings[1] == 0.0


def test_a_large_account_that_is_blocked_makes_a_signal_alone(levels: Levels) -> None:
    (blocked,) = levels.swings([mention(0, "big", severity="blocking")], always(1))
    (slight,) = levels.swings([mention(0, "big")], always(1))
    assert blocked >= 1.0
    assert slight < 0.5


def test_without_an_account_only_its_csm_counts(levels: Levels) -> None:
    others = [mention(n, None, csm=f"c{n}") for n in range(3)]
    assert (levels.swings(others, always(3)) > 0.3).all()
    assert (levels.swings([mention(n, None) for n in range(3)], always(3)) == 0.0).all()


def test_worth_grows_with_the_level(levels: Levels) -> None:
    few = [mention(n, f"a{n}") for n in range(2)]
    three = [*few, mention(2, "a2")]
    with_arr = [*three, mention(3, "big")]
    worth = [levels.worth(some, always(len(some))) for some in (few, three, with_arr)]
    assert worth[0] == 0.0
    assert worth == sorted(worth)
    assert len(set(worth)) == 3
    assert levels.worth([], always(0)) == 0.0


def test_draws_follow_the_chances_and_are_the_same_twice() -> None:
    draws = Draws(np.array([[4, 2]] * 400), np.array([[0.5, 0.3]] * 400))
    drawn = draws.drawn()
    assert np.array_equal(drawn, draws.drawn())
    shares = [(drawn == number).mean() for number in (4, 2, NOWHERE)]
    assert np.allclose(shares, [0.5, 0.3, 0.2], atol=0.02)
