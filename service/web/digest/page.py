"""The digest of a month as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from models.window import Calendar, Month, parse_month
from service.digests.sheet import MOST_NEW, sheet
from service.web.digest.contexts import Answering, DigestPage
from service.web.figures import link

HERE = "/desk/digest"


def month_to_send(today: date) -> Month:
    """The last month that is over by this day's end."""
    tomorrow = today + timedelta(days=1)
    return Month(tomorrow.year, tomorrow.month).shifted(-1)


def digest_page(
    digest: Mapping[str, Any],
    *,
    may_issue: bool,
    may_answer: bool,
    typed: Answering,
    today: date,
    calendar: Calendar,
) -> DigestPage:
    """The page of an answer of GET /digests/{month}, as plain JSON.

    `may_issue` and `may_answer` are the rights of the person who looks; `typed` is what they
    typed as product's answer.
    """
    issued = digest["issued_at"] is not None
    query = {"month": digest["month"]}
    month = parse_month(digest["month"])
    before, after = month.shifted(-1), month.shifted(1)
    return DigestPage(
        month=str(month),
        title=digest["title"],
        sheet=sheet(digest),
        document_link=f"/digests/{month}",
        previous_month=str(before),
        previous_link=link(HERE, {"month": str(before)}),
        next_month=str(after),
        next_link=link(HERE, {"month": str(after)}) if after.first_day <= today else "",
        issue_link=link(f"{HERE}/issue", query)
        if may_issue and digest["complete"] and not issued
        else "",
        answer_link=link(f"{HERE}/acknowledgement", query) if may_answer and issued else "",
        evidence=_evidence(digest, str(calendar.quarter_of_day(month.first_day))),
        typed=typed,
    )


def _evidence(digest: Mapping[str, Any], quarter: str) -> Sequence[tuple[str, str]]:
    """Of what was heard its receipt; of what fell silent or is done, the theme's own page."""
    heard = [*digest["top_themes"], *digest["new_signals"][:MOST_NEW]]
    receipts = [(row, link(f"/board/{row['theme_id']}", {"quarter": quarter})) for row in heard]
    themes = [(row, f"/desk/themes/{row['theme_id']}") for row in digest["resolved"]]
    told: dict[str, tuple[str, str]] = {}
    for row, to in (*receipts, *themes):
        # A theme may be both at the top and new.
        told.setdefault(row["theme_id"], (row["label"], to))
    return list(told.values())
