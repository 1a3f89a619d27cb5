"""What answering a question would change among this quarter's signals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.account import Portfolio
from models.evidence import Mention, Standings, independent, weigh_reports
from models.policy import Level, Policy, judge_by, lines
from models.window import Window
from service.flows.reviewing.questions import Question
from service.flows.theme_rows import mentions_of
from service.storage.requests import RequestRecord

ChangedSignal = dict[str, str]
"""{"theme_id", "from", "to"}: the level as it is, and as an answer would make it."""


@dataclass(frozen=True, slots=True)
class Impact:
    """`signals` are the levels that hang on the answer, `arr` the ARR behind the requests.

    `steps` is how far those levels would go, all together.
    """

    signals: list[ChangedSignal]
    arr: Decimal
    steps: int


class Judge:
    """Levels of themes in one quarter, as they are and as they would be."""

    def __init__(
        self,
        mentions: Sequence[Mention],
        window: Window,
        portfolio: Portfolio,
        policy: Policy,
        as_of: date,
    ) -> None:
        self._window = window
        self._portfolio = portfolio
        self._bars = lines(policy, portfolio)
        self._standings = Standings(portfolio, as_of, policy.renewal_days)
        self._by_theme: dict[str, list[Mention]] = {}
        for mention in mentions:
            self._by_theme.setdefault(mention.theme_id, []).append(mention)
        self._levels: dict[str, Level] = {}

    def impact(self, question: Question) -> Impact:
        """The levels that hang on a question.

        A proposed theme is a signal of its own until it is rejected, and weighs on the item
        it would be accepted as. Doubtful requests weigh on the theme they are on and could
        weigh on their runner-up; waiting ones on neither, yet.
        """
        inside = self._in_quarter(question.members)
        changes: list[ChangedSignal] = []
        steps = 0
        for theme_id, start, end in self._alternatives(question, inside):
            if start is not end:
                changes.append({"theme_id": theme_id, "from": start.value, "to": end.value})
                steps += abs(start.rank - end.rank)
        return Impact(changes, self._arr(question.members), steps)

    def _alternatives(
        self, question: Question, inside: Sequence[Mention]
    ) -> list[tuple[str, Level, Level]]:
        if not inside:
            return []
        own = self._level_now(question.theme_id)
        ids = {mention.request_id for mention in inside}
        held = self._by_theme.get(question.theme_id, [])
        on_it = any(mention.request_id in ids for mention in held)
        without = [mention for mention in held if mention.request_id not in ids]
        found = [(question.theme_id, own, self._level(without if on_it else [*held, *inside]))]
        if question.other is not None:
            joined = [*self._by_theme.get(question.other, []), *inside]
            found.append((question.other, self._level_now(question.other), self._level(joined)))
        return found

    def _in_quarter(self, records: Sequence[RequestRecord]) -> list[Mention]:
        recent = [record for record in records if record.occurred_at in self._window]
        return mentions_of("", recent)

    def _level_now(self, theme_id: str) -> Level:
        if theme_id not in self._levels:
            self._levels[theme_id] = self._level(self._by_theme.get(theme_id, []))
        return self._levels[theme_id]

    def _level(self, mentions: Sequence[Mention]) -> Level:
        if not mentions:
            return Level.ANECDOTE
        evidence = weigh_reports(independent(mentions), self._standings)
        return judge_by(evidence, self._bars).level

    def _arr(self, records: Sequence[RequestRecord]) -> Decimal:
        accounts = {record.account_id for record in records if record.account_id is not None}
        known = (self._portfolio.accounts.get(account_id) for account_id in sorted(accounts))
        return sum((a.arr for a in known if a is not None and a.arr is not None), Decimal(0))
