"""What answering a question would change among this quarter's signals, level by level."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import date
from decimal import Decimal

from models.account import Portfolio
from models.evidence import Mention, Standings, independent, weigh_reports
from models.policy import Level, Policy, judge_by, lines
from models.window import Window
from service.flows.reviewing.gains import Gains
from service.flows.reviewing.questions import Question
from service.flows.reviewing.stakes import Levels
from service.flows.theme_rows import mentions_of
from service.storage.requests import RequestRecord

ChangedSignal = dict[str, str]
"""{"theme_id", "from", "to"}: the level as it is, and as an answer would make it."""


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

    def knowing(self, mentions: Mapping[str, Sequence[Mention]]) -> Judge:
        """The same judge with this on these themes instead of what was."""
        other = copy(self)
        other._by_theme = {**self._by_theme, **{name: [*on] for name, on in mentions.items()}}
        other._levels = {}
        return other

    def gains(self) -> Gains:
        """What answers are expected to set right, on the same evidence."""
        return Gains(self._by_theme, self._window, Levels(self._bars, self._standings))

    def changes(self, question: Question, members: Sequence[RequestRecord]) -> list[ChangedSignal]:
        """The levels that hang on a question about these requests.

        A proposed theme is a signal of its own until it is rejected, and weighs on the item
        it would be accepted as. Doubtful requests weigh on the theme they are on and could
        weigh on their runner-up; waiting ones on neither, yet.
        """
        recent = [record for record in members if record.occurred_at in self._window]
        return self._changes(question, mentions_of("", recent))

    def changes_as_known(
        self, question: Question, some: Sequence[RequestRecord]
    ) -> list[ChangedSignal]:
        """As `changes`, by what the judge knows of them; by `some` where that is nothing."""
        asked = frozenset(question.members)
        held = self._by_theme.get(question.theme_id, ())
        inside = [mention for mention in held if mention.request_id in asked]
        recent = [record for record in some if record.occurred_at in self._window]
        return self._changes(question, inside or mentions_of("", recent))

    @property
    def window(self) -> Window:
        """The quarter whose levels it judges."""
        return self._window

    def arr(self, account_ids: Iterable[str]) -> Decimal:
        """The known ARR of these accounts, each once."""
        known = (self._portfolio.accounts.get(name) for name in sorted({*account_ids}))
        return sum((a.arr for a in known if a is not None and a.arr is not None), Decimal(0))

    def _changes(self, question: Question, inside: Sequence[Mention]) -> list[ChangedSignal]:
        return [
            {"theme_id": theme_id, "from": start.value, "to": end.value}
            for theme_id, start, end in self._alternatives(question, inside)
            if start is not end
        ]

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

    def _level_now(self, theme_id: str) -> Level:
        if theme_id not in self._levels:
            self._levels[theme_id] = self._level(self._by_theme.get(theme_id, []))
        return self._levels[theme_id]

    def _level(self, mentions: Sequence[Mention]) -> Level:
        if not mentions:
            return Level.ANECDOTE
        evidence = weigh_reports(independent(mentions), self._standings)
        return judge_by(evidence, self._bars).level
