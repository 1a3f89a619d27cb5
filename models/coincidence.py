"""Could it be coincidence? The null model of RULES, worked out for this organisation.

Each account reports its d distinct themes at random among the T themes seen, so it hits a
given theme with p = d / T; a theme's account count is then a sum of independent Bernoulli
trials, the Poisson-binomial distribution. Its probabilities are built up account by account
(the direct recurrence of Wang, 'On the number of successes in independent trials', Statistica
Sinica 3, 1993), which adds and multiplies only positive numbers and so stays accurate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

# Outcomes rarer than this can't show in a figure; dropping them keeps large portfolios quick.
_NEGLIGIBLE = 1e-60


@dataclass(frozen=True, slots=True)
class AccountCounts:
    """The distribution of a theme's account count under the null model.

    `tails[i]` is P(X >= least + i); below `least` the probability is 1, above the last 0.
    """

    least: int
    tails: tuple[float, ...]

    def at_least(self, accounts: int) -> float:
        """P(X >= accounts)."""
        if accounts <= self.least:
            return 1.0
        index = accounts - self.least
        return self.tails[index] if index < len(self.tails) else 0.0

    def first_below(self, limit: float) -> int:
        """The smallest count k with P(X >= k) < limit."""
        rarer = (index for index, tail in enumerate(self.tails) if tail < limit)
        return self.least + next(rarer, len(self.tails))


def account_counts(probabilities: Iterable[float]) -> AccountCounts:
    """The Poisson-binomial distribution of these probabilities (each above 0, at most 1)."""
    least = 0
    mass = [1.0]
    # Sorted, so that the rounding and with it the figure is the same in any order.
    for probability in sorted(probabilities):
        miss = 1.0 - probability
        mass = [
            hit * probability + stay * miss
            for stay, hit in zip([*mass, 0.0], [0.0, *mass], strict=True)
        ]
        while mass[-1] < _NEGLIGIBLE:
            mass.pop()
        while mass[0] < _NEGLIGIBLE:
            mass.pop(0)
            least += 1
    # From the rarest outcome down, so that small probabilities aren't lost in large ones.
    tails = [min(1.0, total) for total in accumulate(reversed(mass))]
    return AccountCounts(least, tuple(reversed(tails)))


def hit_probabilities(accounts_by_theme: Mapping[str, Sequence[str]]) -> list[float]:
    """p = d / T of each account that reported, from each theme's distinct accounts."""
    reported: dict[str, int] = {}
    for accounts in accounts_by_theme.values():
        for account_id in accounts:
            reported[account_id] = reported.get(account_id, 0) + 1
    return [count / len(accounts_by_theme) for count in reported.values()]
