"""What would tip a condition: the figures, and a sentence that is true of them.

Amounts in sentences are rounded up to the next whole dollar where the exact one isn't whole,
so that 'more than $44,445' is always enough. Shares are rounded to the first decimal, or as
many more as it takes not to show a share as equal to the line that it is off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil

from models.evidence import AccountEvidence, Evidence
from models.thresholds import Lines

_HOLDS_NO_LONGER = "this no longer holds"

Figure = int | Decimal | Fraction | str | None | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Margin:
    """A sentence and its figures; `one_change` if it names one change that turns it."""

    text: str
    figures: Mapping[str, Figure]
    one_change: bool = True

    def as_dict(self) -> dict[str, Figure]:
        """The contract's shape: `text` and the figures beside it."""
        return {"text": self.text, **self.figures}

    def with_next_at_risk(self, entry: AccountEvidence, renewal_days: int) -> Margin:
        """The same, naming the account that will be at risk by the mere passing of days."""
        renewal = entry.account.renewal_date
        if renewal is None:
            return self
        day = (renewal - timedelta(days=renewal_days)).isoformat()
        text = f"{self.text}; {entry.name} becomes one on {day} if it is still yellow then"
        figures = {"next_account_id": entry.account.account_id, "next_on": day}
        return replace(self, text=text, figures={**self.figures, **figures})


def leading_to(text: str, outcome: str, *, sure: bool = True) -> str:
    """A margin's sentence that says what comes of it: 'one more account makes this a P1'.

    `outcome` is a noun with its article. Not `sure`: an unknown ARR may tip it the same way.
    """
    for meets, makes in ((" meets this", "makes"), (" meet this", "make")):
        before, found, after = text.partition(meets)
        if found:
            return f"{before} {makes if sure else 'could make'} this {outcome}{after}"
    if _HOLDS_NO_LONGER in text:
        return text.replace(_HOLDS_NO_LONGER, f"this is {outcome}")
    return f"{text}, and this is {outcome}"


def percent(share: Fraction, line: Fraction | None = None) -> str:
    """A share for a sentence, like '6.1 %'; never rounded onto a `line` that it is off."""
    hundredfold = share * 100
    for decimals in range(1, 15):
        rounded = round(hundredfold, decimals)
        if line is None or share == line or rounded != round(line * 100, decimals):
            break
    shown = f"{Decimal(rounded.numerator) / Decimal(rounded.denominator):.{decimals}f}"
    return f"{shown.rstrip('0').rstrip('.')} %"


def dollars(amount: Decimal | Fraction) -> str:
    """An amount for a sentence, like '$40,000', rounded up to whole dollars."""
    return f"${ceil(amount):,}"


def count_margin(value: int, threshold: int, noun: tuple[str, str]) -> Margin:
    """How many more it takes, or how many fewer would undo it."""
    if value < threshold:
        needed = threshold - value
        return Margin(f"{_more(needed, noun)} {_verb(needed)} this", {"needed": needed})
    fewer = value - threshold + 1
    return Margin(f"{_fewer(fewer, noun)} and {_HOLDS_NO_LONGER}", {"fewer": fewer})


def segments_margin(csms: int, segments: int, least_csms: int, least_segments: int) -> Margin:
    """As `count_margin`, for CSMs across segments."""
    more_csms, more_segments = max(0, least_csms - csms), max(0, least_segments - segments)
    if more_csms or more_segments:
        parts = [
            _more(count, noun)
            for count, noun in ((more_csms, _CSM), (more_segments, _SEGMENT))
            if count
        ]
        text = f"{' and '.join(parts)} {_verb(more_csms + more_segments)} this"
        return Margin(text, {"needed_csms": more_csms, "needed_segments": more_segments})
    fewer_csms, fewer_segments = csms - least_csms + 1, segments - least_segments + 1
    text = (
        f"{_fewer(fewer_csms, _CSM)} or {_fewer(fewer_segments, _SEGMENT)} and {_HOLDS_NO_LONGER}"
    )
    return Margin(text, {"fewer_csms": fewer_csms, "fewer_segments": fewer_segments})


def arr_margin(evidence: Evidence, total: Decimal, over: Decimal) -> Margin:
    """Of a known share: the ARR it lacks, or what is left without its largest account."""
    if evidence.arr <= over:
        lacking = Fraction(over) - Fraction(evidence.arr)
        amount = f"more than {dollars(lacking)} of further" if lacking else "any further"
        return Margin(f"{amount} ARR meets this", {"arr_needed": lacking})
    largest = min(
        (a for a in evidence.accounts if a.account.arr is not None),
        key=lambda a: (-(a.account.arr or Decimal(0)), a.account.account_id),
    )
    rest = Fraction(evidence.arr) - Fraction(largest.account.arr or 0)
    share = rest / Fraction(total)
    shown = percent(share, Fraction(over) / Fraction(total))
    holds = rest > Fraction(over)
    text = (
        f"even without {largest.name}, its largest account, the share is {shown}"
        if holds
        else f"without {largest.name} the share falls to {shown}"
    )
    figures: dict[str, Figure] = {
        "account_id": largest.account.account_id,
        "share_without": share,
    }
    return Margin(text, figures, one_change=not holds)


def no_total_margin() -> Margin:
    """With no total there is no share."""
    return Margin(
        "no active account has an ARR above zero on record, so no share is known",
        {},
        one_change=False,
    )


def unknown_arr_margin(
    unknown: Sequence[AccountEvidence],
    known: Decimal,
    over: Decimal,
    share: Decimal,
    *,
    blocking: bool,
) -> Margin:
    """The ARR that accounts without one would have to have.

    An active account's ARR also enters the total, so x is enough when known + x exceeds
    over + share * x. `blocking` words it for one account by itself.
    """
    lacking = Fraction(over) - Fraction(known)
    if any(entry.account.active for entry in unknown):
        lacking /= 1 - Fraction(share)
    if len(unknown) == 1:
        has = "has a blocking request and" if blocking else "has"
        subject, where = f"{unknown[0].name} {has} no ARR on record", "there"
    else:
        which = "accounts with a blocking request" if blocking else "accounts"
        subject = f"{len(unknown)} {which} have no ARR on record"
        where = "at one of them" if blocking else "between them"
    amount = f"more than {dollars(lacking)}" if lacking else "any ARR"
    figures: dict[str, Figure] = {
        "arr_needed": lacking,
        "account_ids": tuple(entry.account.account_id for entry in unknown),
    }
    return Margin(f"{subject}; {amount} {where} meets this", figures)


def carried_margin(carrying: Sequence[AccountEvidence], total: Decimal, over: Decimal) -> Margin:
    """Of `direct` when met: who carries it."""
    ids = {"account_ids": tuple(entry.account.account_id for entry in carrying)}
    if len(carrying) > 1:
        return Margin(f"{len(carrying)} accounts each carry this alone", ids, one_change=False)
    only = carrying[0]
    share = Fraction(only.account.arr or 0) / Fraction(total)
    shown = percent(share, Fraction(over) / Fraction(total))
    text = f"without {only.name} ({shown} of total ARR) {_HOLDS_NO_LONGER}"
    return Margin(text, {**ids, "share": share})


def wanted_blocking_margin(bars: Lines, large: AccountEvidence | None = None) -> Margin:
    """Of `direct` when not met: the blocking request that would meet it.

    `large` is the theme's largest account over the line, if any: it has no blocking request.
    """
    if large is not None and large.account.arr is not None and bars.total_arr is not None:
        share = Fraction(large.account.arr) / Fraction(bars.total_arr)
        shown = percent(share, Fraction(bars.policy.direct_share))
        return Margin(
            f"a blocking request from {large.name} ({shown} of total ARR) meets this",
            {"account_id": large.account.account_id, "share": share},
        )
    if bars.direct_over is None:
        share = Fraction(bars.policy.direct_share)
        return Margin(
            f"a blocking request from an account with more than {percent(share)} of total ARR "
            "meets this",
            {"share_needed": share},
        )
    return Margin(
        "a blocking request from an account with more than "
        f"{dollars(bars.direct_over)} of ARR meets this",
        {"arr_needed": bars.direct_over},
    )


_CSM = ("CSM", "CSMs")
_SEGMENT = ("segment", "segments")


def _more(count: int, noun: tuple[str, str]) -> str:
    return f"one more {noun[0]}" if count == 1 else f"{count} more {noun[1]}"


def _fewer(count: int, noun: tuple[str, str]) -> str:
    return f"one {noun[0]} fewer" if count == 1 else f"{count} {noun[1]} fewer"


def _verb(count: int) -> str:
    return "meets" if count == 1 else "meet"
