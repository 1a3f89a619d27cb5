"""The digest's sentences, each made of its figures and of nothing else."""

from __future__ import annotations

from calendar import day_name, month_name
from datetime import date
from decimal import Decimal

from models.digest import Digest, DigestTheme, Ended, Ending
from models.evidence import Evidence
from models.heard import Heard
from models.policy import Level
from models.severity import Severity
from models.window import Month

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MILLION = Decimal(1_000_000)
_LEVELS = {
    Level.P1: "it stands at P1",
    Level.SIGNAL: "it is a signal to escalate",
    Level.CANDIDATE: "it is a candidate, to be documented and quantified",
    Level.ANECDOTE: "it is still an anecdote",
}


def month_in_words(month: Month) -> str:
    """'September 2026'."""
    return f"{month_name[month.number]} {month.year}"


def day_in_words(day: date) -> str:
    """'Monday 5 October 2026'."""
    return f"{day_name[day.weekday()]} {day.day} {month_name[day.month]} {day.year}"


def number(count: int) -> str:
    """In words up to ten, then in figures."""
    return _NUMBERS[count] if count < len(_NUMBERS) else f"{count:,}"


def counted(count: int, noun: str, plural: str = "") -> str:
    """'one account', 'three accounts'."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def money(amount: Decimal) -> str:
    """US dollars, as one says them: '$480,000', '$1.24 million'."""
    if amount < _MILLION:
        return f"${amount:,.0f}"
    millions = f"{amount / _MILLION:,.2f}".rstrip("0").rstrip(".")
    return f"${millions} million"


def opening(digest: Digest) -> str:
    """What the month was, in a sentence."""
    when = f"In {month_in_words(digest.month)}"
    if not digest.themes:
        return f"{when} nothing was reported on any theme."
    so_far = "" if digest.complete else " so far"
    who = f"{counted(digest.accounts, 'account')} reported" if digest.accounts else "CSMs reported"
    return f"{when}{so_far}, {who} something on {counted(digest.themes, 'theme')}."


def of_theme(theme: DigestTheme, month: Month) -> str:
    """Two or three sentences on a top theme."""
    return " ".join(
        filter(None, (_who(theme, month), _how_bad(theme.heard.evidence), _where_it_stands(theme)))
    )


def of_new(heard: Heard) -> str:
    """One sentence on a theme's first month ever."""
    evidence = heard.evidence
    if not heard.accounts:
        return f"First heard from {counted(heard.csms, 'CSM')}, who named no account."
    risk = _some_at_risk(evidence)
    return f"First heard from {counted(heard.accounts, 'account')}{_worth(evidence)}{risk}."


def of_ended(ended: Ended, month: Month) -> str:
    """One sentence on why a theme is resolved or closed."""
    delivery = ended.theme.delivery
    if ended.ending is Ending.NO_LONGER_REPORTED:
        before = month_name[month.shifted(-1).number]
        asked = counted(ended.before, "account") if ended.before else "CSMs"
        return (
            f"No longer reported: {asked} asked for it in {before},"
            f" nobody in {month_name[month.number]}."
        )
    done = "Shipped" if ended.ending is Ending.SHIPPED else "Closed"
    said = delivery.release_note if ended.ending is Ending.SHIPPED else delivery.reason
    said = said or delivery.reason
    return f"{done}: {_sentence(said)}" if said else f"{done}."


def to_acknowledge(digest: Digest) -> str:
    """The first thing asked of product."""
    return f"Acknowledge this digest by {day_in_words(digest.acknowledge_by)}."


def to_prioritise(digest: Digest) -> str:
    """The second: '' where there is no theme."""
    if digest.prioritise_by is None:
        return ""
    top = digest.top[0]
    return (
        f"Give “{top.heard.theme.label}” a preliminary priority by"
        f" {day_in_words(digest.prioritise_by)}, within five business days."
        f" The evidence suggests {top.verdict.suggested_priority.value}."
    )


def _who(theme: DigestTheme, month: Month) -> str:
    accounts = theme.heard.accounts
    asked = f"{_capital(counted(accounts, 'account'))} asked for this in {month_name[month.number]}"
    return f"{asked}{_against_before(theme, month)}{_together(theme)}."


def _against_before(theme: DigestTheme, month: Month) -> str:
    if theme.is_new:
        return ", for the first time"
    before, now = theme.before, theme.heard.accounts
    last = month_name[month.shifted(-1).number]
    if not before:
        return f", after none in {last}"
    if before == now:
        return f", as many as in {last}"
    return f", {'up' if now > before else 'down'} from {number(before)} in {last}"


def _together(theme: DigestTheme) -> str:
    evidence = theme.heard.evidence
    unknown = len(evidence.arr_unknown)
    if not evidence.arr:
        return "; what they pay is not known" if unknown else ""
    verb = "it pays" if theme.heard.accounts == 1 else "together they pay"
    known = f"; {verb} {money(evidence.arr)} a year"
    if theme.arr_share is not None:
        known += f", {float(theme.arr_share) * 100:.1f} % of all ARR"
    return f"{known}, not counting {number(unknown)} of unknown ARR" if unknown else known


def _how_bad(evidence: Evidence) -> str:
    accounts, risky = len(evidence.accounts), len(evidence.at_risk)
    blocked = evidence.severities[Severity.BLOCKING].accounts
    slowed = evidence.severities[Severity.DEGRADED].accounts
    if blocked:
        said = f"It stops the work of {_of_them(blocked, accounts)}"
    elif slowed:
        said = f"It costs {_of_them(slowed, accounts)} time, but stops nobody"
    else:
        said = "For all of them it would be nice to have" if accounts > 1 else "It can wait"
    if not risky:
        return f"{said}."
    return f"{said}, and {_of_them(risky, accounts)} {'is' if risky == 1 else 'are'} at risk."


def _of_them(count: int, of: int) -> str:
    if of == 1:
        return "that account"
    if count == of:
        return "both" if of == 2 else f"all {number(of)}"
    return f"{number(count)} of them"


def _where_it_stands(theme: DigestTheme) -> str:
    csms = f"{_capital(counted(theme.heard.csms, 'CSM'))} brought it in"
    return f"{csms}; on the evidence of the quarter {_LEVELS[theme.verdict.level]}."


def _worth(evidence: Evidence) -> str:
    return f" paying {money(evidence.arr)} a year" if evidence.arr else ""


def _some_at_risk(evidence: Evidence) -> str:
    risky = len(evidence.at_risk)
    if not risky:
        return ""
    if len(evidence.accounts) == 1:
        return ", which is at risk"
    return f", {_of_them(risky, len(evidence.accounts))} at risk"


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text[-1:] in ".!?" else f"{text}."
