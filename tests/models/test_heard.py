"""What was heard in a span of time, ranked."""

from __future__ import annotations

from models.evidence import Mention, Standings
from models.heard import Heard, agenda, by_accounts, heard_in
from models.signal import ThemeFacts
from models.theme import ThemeStatus
from models.window import Month
from tests.models.factories import AS_OF, UTC_CALENDAR, account, day, mention, portfolio

SEPTEMBER = UTC_CALENDAR.window(Month(2026, 9))
KNOWN = portfolio([account("small", 1), account("large", 900), account("none", None)])


def heard(*said: Mention) -> list[Heard]:
    by_theme: dict[str, list[Mention]] = {}
    for one in said:
        by_theme.setdefault(one.theme_id, []).append(one)
    facts = {
        theme_id: ThemeFacts(theme_id=theme_id, label=theme_id, status=ThemeStatus.ACCEPTED)
        for theme_id in by_theme
    }
    return heard_in(by_theme, SEPTEMBER, facts, Standings(KNOWN, AS_OF))


def on(theme: str, account_id: str | None = "small", csm: str = "c0", **other: object) -> Mention:
    return mention(account_id, csm=csm, theme_id=theme, at=day(9, 5), **other)  # type: ignore[arg-type]


def names(ranked: object) -> list[str]:
    return [one.theme.theme_id for one in ranked]  # type: ignore[attr-defined]


def test_what_was_said_outside_the_window_is_not_heard() -> None:
    found = heard(
        on("in"), mention(theme_id="out", at=day(8, 31)), mention(theme_id="out", at=day(10, 1))
    )
    assert names(found) == ["in"]


def test_accounts_rank_then_arr_then_the_name() -> None:
    found = heard(
        on("b"), on("a"), on("rich", "large"), on("two"), on("two", "none"), on("nobody", None)
    )
    assert names(by_accounts(found)) == ["two", "rich", "a", "b"]


def test_a_thread_pasted_twice_is_one_report_of_the_first_csm() -> None:
    found = heard(on("a", csm="c0", text="same"), on("a", csm="c1", text="same"))
    assert [(one.accounts, one.csms, one.evidence.requests) for one in found] == [(1, 1, 1)]


def test_the_agenda_has_what_several_csms_heard_and_the_rest_apart() -> None:
    found = heard(
        on("alone", "large"),
        on("two", csm="c0"),
        on("two", csm="c1"),
        on("three", csm="c0"),
        on("three", csm="c1"),
        on("three", csm="c2"),
        on("rich", "large", csm="c0"),
        on("rich", "large", csm="c1"),
    )
    listed = agenda(found)
    assert (names(listed.shared), names(listed.offline)) == (["three", "rich", "two"], ["alone"])


def test_a_pre_read_without_an_account_counts_on_the_agenda() -> None:
    found = heard(on("a", None, csm="c0"), on("a", None, csm="c1"))
    assert [(one.accounts, one.csms) for one in agenda(found).shared] == [(0, 2)]
