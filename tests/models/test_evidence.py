"""What a theme weighs: independent reports, votes, ARR, risk."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from models.account import Health, Portfolio
from models.evidence import SeverityCount, independent, weigh
from models.severity import Severity
from tests.models.factories import AS_OF, account, day, mention, portfolio

NOBODY = Portfolio({}, {})


def test_ten_notes_of_one_account_are_one_account() -> None:
    evidence = weigh([mention("a") for _ in range(10)], portfolio([account("a", 7)]), AS_OF)
    assert evidence.account_ids == ("a",)
    assert evidence.requests == 10
    assert evidence.arr == 7


def test_one_csm_with_five_accounts_is_one_csm() -> None:
    mentions = [mention(f"a{i}", csm="c1") for i in range(5)]
    evidence = weigh(mentions, NOBODY, AS_OF)
    assert evidence.csm_ids == ("c1",)
    assert len(evidence.accounts) == 5


def test_a_thread_pasted_by_three_csms_is_one_report_of_the_first() -> None:
    pasted = [
        mention("a", csm="c3", at=day(7, 3), text="same"),
        mention("a", csm="c1", at=day(7, 1), text="same"),
        mention("a", csm="c2", at=day(7, 2), text="same"),
    ]
    evidence = weigh(pasted, NOBODY, AS_OF)
    assert (evidence.requests, evidence.copies) == (1, 2)
    assert evidence.csm_ids == ("c1",)


def test_at_the_same_instant_the_lower_csm_id_is_first_then_the_lower_request_id() -> None:
    tied = [
        mention("a", csm="c2", text="same", request_id="r0"),
        mention("a", csm="c1", text="same", request_id="r2"),
        mention("a", csm="c1", text="same", request_id="r1"),
    ]
    (report,) = independent(tied)
    assert (report.first.csm_id, report.first.request_id) == ("c1", "r1")
    assert [copy.request_id for copy in report.copies] == ["r2", "r0"]


def test_the_same_words_from_two_accounts_are_two_reports() -> None:
    evidence = weigh([mention("a", text="same"), mention("b", text="same")], NOBODY, AS_OF)
    assert (evidence.requests, evidence.copies) == (2, 0)


def test_an_empty_text_is_a_duplicate_of_nothing() -> None:
    evidence = weigh([mention("a", text=""), mention("a", text="")], NOBODY, AS_OF)
    assert (evidence.requests, evidence.copies) == (2, 0)


def test_a_report_is_as_severe_as_the_worst_of_its_copies() -> None:
    mentions = [
        mention("a", at=day(7, 1), text="same", severity=Severity.MINOR),
        mention("a", at=day(7, 2), text="same", severity=Severity.BLOCKING),
    ]
    evidence = weigh(mentions, NOBODY, AS_OF)
    assert evidence.severity is Severity.BLOCKING
    assert evidence.severities[Severity.MINOR] == SeverityCount(0, 0)


def test_severities_count_reports_and_accounts() -> None:
    mentions = [
        mention("a", severity=Severity.BLOCKING),
        mention("a", severity=Severity.BLOCKING),
        mention("a", severity=Severity.MINOR),
        mention("b", severity=Severity.BLOCKING),
        mention(None, severity=Severity.DEGRADED),
    ]
    assert weigh(mentions, NOBODY, AS_OF).severities == {
        Severity.BLOCKING: SeverityCount(3, 2),
        Severity.DEGRADED: SeverityCount(1, 0),
        Severity.MINOR: SeverityCount(1, 1),
    }


def test_a_pre_read_without_an_account_counts_for_csms_and_requests_only() -> None:
    mentions = [mention(None, csm="c1", text="same"), mention(None, csm="c2", text="same")]
    evidence = weigh(mentions, portfolio([account("a")]), AS_OF)
    assert (evidence.requests, evidence.copies, evidence.csm_ids) == (2, 0, ("c1", "c2"))
    assert (evidence.accounts, evidence.arr, evidence.at_risk) == ((), Decimal(0), ())


def test_arr_is_exact_and_unknown_arr_is_listed_not_zero() -> None:
    known = portfolio([account("a", "0.1"), account("b", "0.2"), account("c", None)])
    evidence = weigh([mention(name) for name in "abcd"], known, AS_OF)
    assert evidence.arr == Decimal("0.3")
    assert evidence.arr_unknown == ("c", "d")
    assert evidence.account_ids == ("a", "b", "c", "d")


def test_an_inactive_account_still_weighs() -> None:
    evidence = weigh([mention("a")], portfolio([account("a", 5, active=False)]), AS_OF)
    assert evidence.arr == 5


def test_an_account_without_a_segment_adds_none() -> None:
    known = portfolio([account("a", segment="smb"), account("b"), account("c", segment="smb")])
    assert weigh([mention(name) for name in "abcx"], known, AS_OF).segments == ("smb",)


def test_risk_is_that_of_the_day_asked_about() -> None:
    renews = AS_OF + timedelta(days=61)
    yellow = account("a", at_risk=None, health=Health.YELLOW, renewal_date=renews)
    assert weigh([mention("a")], portfolio([yellow]), AS_OF).at_risk == ()
    tomorrow = AS_OF + timedelta(days=1)
    assert weigh([mention("a")], portfolio([yellow]), tomorrow).at_risk == ("a",)


def test_nothing_weighs_nothing() -> None:
    evidence = weigh([], NOBODY, AS_OF)
    assert (evidence.requests, evidence.arr, evidence.severity) == (0, Decimal(0), None)
