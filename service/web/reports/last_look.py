"""When somebody looked at a page last, kept in their own browser."""

from __future__ import annotations

from datetime import date

LOOK_COOKIE = "groundswell_looked"


def last_look(cookie: str | None, today: date) -> tuple[date | None, str]:
    """The day of the last look before today's, and what to keep for the next one.

    Looking again on the same day does not use it up. What is no pair of days is no look.
    """
    before, _, latest = (cookie or "").partition("/")
    days = (_day(before), _day(latest))
    if days[1] is None or days[1] > today:
        return None, f"/{today}"
    if days[1] == today:
        return days[0], f"{days[0] or ''}/{today}"
    return days[1], f"{days[1]}/{today}"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
