"""What a signal would be without its largest account."""

from __future__ import annotations

from collections.abc import Sequence

from models.account import Account
from models.dependence import WithoutLargest, without_largest
from models.evidence import Mention, Standings, independent, weigh_reports
from models.policy import COMBINED, Level, lines
from tests.models.factories import AS_OF, MILLIONS, account, mention, portfolio


def left_of(*accounts: Account, mentions: Sequence[Mention] = ()) -> WithoutLargest | None:
    """What is left of a theme that these accounts of 5,000,000 in all spoke of."""
    known = portfolio(accounts, total=MILLIONS)
    reports = independent(mentions or [mention(entry.account_id) for entry in accounts])
    evidence = weigh_reports(reports, Standings(known, AS_OF))
    return without_largest(evidence, reports, lines(COMBINED, known))


def test_the_others_are_judged_against_the_same_total() -> None:
    large = account("large", 1_200_000, at_risk=True)
    others = [account(name, 150_000, at_risk=True) for name in ("b", "c", "d")]
    found = left_of(large, *others)
    assert found is not None
    assert (found.largest.account, found.level) == (large, Level.SIGNAL)
    assert (len(found.evidence.accounts), found.evidence.arr) == (3, 450_000)
    assert found.arr_share is not None and float(found.arr_share) == 0.09


def test_its_csms_go_with_it_unless_others_heard_it_too() -> None:
    both = [account("large", 200_000), account("small", 10)]
    said = [
        mention("large", csm="c1"),
        mention("large", csm="c2"),
        mention("small", csm="c2"),
    ]
    found = left_of(*both, mentions=said)
    assert found is not None and found.evidence.csm_ids == ("c2",)


def test_of_equal_accounts_the_first_by_name_goes() -> None:
    found = left_of(account("b", 50), account("a", 50))
    assert found is not None and found.largest.account.account_id == "a"


def test_an_account_of_unknown_arr_is_never_the_largest() -> None:
    found = left_of(account("unknown", None), account("b", 50))
    assert found is not None and found.largest.account.account_id == "b"
    assert left_of(account("unknown", None)) is None


def test_of_one_account_nothing_is_left() -> None:
    found = left_of(account("only", 900_000))
    assert found is not None
    assert (found.level, found.evidence.accounts) == (Level.ANECDOTE, ())
