"""How much hangs on where each request belongs, among this quarter's signals.

Where a request belongs is uncertain, so whether an item is a signal is too. Both are drawn
together, many times, each request from its calibrated confidences; in every draw it is asked
whether the item's level would be another with and without this request. The share of draws in
which it would is how far the level hangs on the request. The draws start from a fixed seed and
go by request id: the same store gives the same queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.evidence import Mention, Standings
from models.severity import Severity
from models.thresholds import ConditionCode, Lines

Numbers = NDArray[np.float64]
Counts = NDArray[np.float32]

DRAWS: Final = 64
_SEED: Final = 20260701

# What it is worth to get a theme right at each floor: `signal` is what product is told of.
_AT_SIGNAL, _AT_CANDIDATE, _AT_P1 = 1.0, 0.35, 0.15
NOWHERE: Final = -1


@dataclass(frozen=True, slots=True)
class Draws:
    """Where open requests may belong.

    Attributes:
        items: (n, k) int64 numbers of the items that each may be on, best first.
        chances: (n, k) float64, each row summing to at most 1; the rest is 'on none'.
    """

    items: NDArray[np.int64]
    chances: Numbers

    def drawn(self) -> NDArray[np.int64]:
        """(n, DRAWS) numbers of items, or `NOWHERE`."""
        lots = np.random.default_rng(_SEED).random((len(self.items), DRAWS))
        above = self.chances.cumsum(axis=1)
        place = (lots[:, :, None] >= above[:, None, :]).sum(axis=2)
        padded = np.hstack([self.items, np.full((len(self.items), 1), NOWHERE)])
        return np.take_along_axis(padded, place, axis=1)


class Levels:
    """What levels are worth in each draw, for themes made of given mentions."""

    def __init__(self, bars: Lines, standings: Standings) -> None:
        self._bars = bars
        self._standings = standings

    def swings(self, mentions: Sequence[Mention], drawn: NDArray[np.bool_]) -> Numbers:
        """How far the theme's worth hangs on each mention, (m,): 0 where it never does.

        `drawn` (m, DRAWS) says in which draws each is on the theme.
        """
        table = _Table(mentions, drawn, self._bars, self._standings)
        without = self._worth(table.without_each())
        with_it = self._worth(table.with_each())
        return np.asarray(np.abs(with_it - without).mean(axis=1), dtype=np.float64)

    def worth(self, mentions: Sequence[Mention], drawn: NDArray[np.bool_]) -> float:
        """What the theme is worth, on average over the draws."""
        if not mentions:
            return 0.0
        return float(self._worth(_Table(mentions, drawn, self._bars, self._standings).whole).mean())

    def _worth(self, sums: _Sums) -> Numbers:
        policy, bars = self._bars.policy, self._bars
        over = np.inf if bars.arr_over is None else float(bars.arr_over)
        met = {
            ConditionCode.FREQUENCY: sums.accounts >= policy.frequency,
            ConditionCode.ARR: sums.arr > over,
            ConditionCode.CHURN: sums.at_risk >= policy.churn,
            ConditionCode.THREE_CSMS: sums.csms >= bars.csms.three_csms,
            ConditionCode.FIVE_CSMS: (sums.csms >= bars.csms.five_csms)
            & (sums.segments >= policy.segments),
            ConditionCode.DIRECT: sums.direct > 0,
        }
        gates = (ConditionCode.FREQUENCY, ConditionCode.ARR, ConditionCode.CHURN)
        count = np.sum([met[code] for code in gates], axis=0)
        alone = np.any([met[code] for code in sorted(policy.enough_alone)], axis=0)
        signal = (count >= 2) | alone
        candidate = signal | (count >= 1) | met[ConditionCode.THREE_CSMS]
        return _AT_SIGNAL * signal + _AT_CANDIDATE * candidate + _AT_P1 * (count == len(gates))


@dataclass(frozen=True, slots=True)
class _Sums:
    accounts: Counts
    arr: Counts
    at_risk: Counts
    csms: Counts
    segments: Counts
    direct: Counts


class _Table:
    """One theme's mentions by account and CSM, in every draw."""

    def __init__(
        self,
        mentions: Sequence[Mention],
        drawn: NDArray[np.bool_],
        bars: Lines,
        standings: Standings,
    ) -> None:
        self._on = drawn.astype(np.float32)
        self._account, accounts = _numbered([mention.account_id for mention in mentions])
        self._csm, csms = _numbered([mention.csm_id for mention in mentions])
        known = [standings.of(account) for account in accounts]
        self._arr = np.array([float(account.arr or 0) for account, _ in known], np.float32)
        self._risk = np.array([risk.at_risk for _, risk in known], np.float32)
        large = [bars.direct_met(account.arr) for account, _ in known]
        self._direct = np.array(
            [
                place != NOWHERE and large[place] and mention.severity is Severity.BLOCKING
                for place, mention in zip(self._account, mentions, strict=True)
            ],
            np.float32,
        )
        _, names = _numbered([account.segment for account, _ in known])
        of_segment = np.array([[a.segment == name for a, _ in known] for name in names], np.float32)
        self._by_account = _sums_by(self._account, len(accounts), self._on)
        self._by_csm = _sums_by(self._csm, len(csms), self._on)
        there = (self._by_account > 0).astype(np.float32)
        segments = of_segment.reshape(len(names), len(known)) @ there
        self.whole = _Sums(
            accounts=there.sum(axis=0),
            arr=self._arr @ there,
            at_risk=self._risk @ there,
            csms=(self._by_csm > 0).sum(axis=0).astype(np.float32),
            segments=(segments > 0).sum(axis=0).astype(np.float32),
            direct=self._direct @ self._on,
        )

    def without_each(self) -> _Sums:
        """The sums (m, DRAWS) were each mention not there."""
        lone = self._alone(self._account, self._by_account) * self._on
        lone_csm = self._alone(self._csm, self._by_csm) * self._on
        return self._moved(-lone, -lone_csm, -self._on)

    def with_each(self) -> _Sums:
        """The sums (m, DRAWS) were each mention there."""
        off = 1.0 - self._on
        new = self._alone(self._account, self._by_account) * off
        new_csm = self._alone(self._csm, self._by_csm) * off
        return self._moved(new, new_csm, off)

    def _alone(self, place: NDArray[np.int64], counts: Counts) -> Counts:
        """1 where nobody else speaks for the mention's account (or CSM), (m, DRAWS)."""
        others = counts[place] - self._on if len(counts) else np.zeros_like(self._on)
        return np.asarray((others <= 0) & (place != NOWHERE)[:, None], dtype=np.float32)

    def _moved(self, accounts: Counts, csms: Counts, mentions: Counts) -> _Sums:
        whole = self.whole
        return _Sums(
            accounts=whole.accounts + accounts,
            arr=whole.arr + accounts * _each(self._arr, self._account),
            at_risk=whole.at_risk + accounts * _each(self._risk, self._account),
            csms=whole.csms + csms,
            # One mention seldom brings a segment; that of the whole is near enough.
            segments=np.broadcast_to(whole.segments, accounts.shape),
            direct=whole.direct + mentions * self._direct[:, None],
        )


def _each(values: Counts, place: NDArray[np.int64]) -> Counts:
    padded = np.append(values, np.float32(0.0))
    return np.asarray(padded[place][:, None], dtype=np.float32)


def _numbered(names: Sequence[str | None]) -> tuple[NDArray[np.int64], list[str]]:
    known = {name: n for n, name in enumerate(sorted({name for name in names if name is not None}))}
    places = [NOWHERE if name is None else known[name] for name in names]
    return np.array(places, dtype=np.int64), list(known)


def _sums_by(place: NDArray[np.int64], count: int, rows: Counts) -> Counts:
    speaks = place[None, :] == np.arange(count)[:, None]
    return np.asarray(speaks.astype(np.float32) @ rows, dtype=np.float32)
