"""The digest of a month as a page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from models.window import Month, parse_month
from service.digests.sheet import sheet
from service.web.digest.contexts import Answering, DigestPage
from service.web.figures import link

HERE = "/desk/digest"


def month_to_send(today: date) -> Month:
    """The last month that is over by this day's end."""
    tomorrow = today + timedelta(days=1)
    return Month(tomorrow.year, tomorrow.month).shifted(-1)


def digest_page(
    digest: Mapping[str, Any], *, may_issue: bool, may_answer: bool, typed: Answering
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
        next_link=link(HERE, {"month": str(after)}),
        issue_link=link(f"{HERE}/issue", query)
        if may_issue and digest["complete"] and not issued
        else "",
        answer_link=link(f"{HERE}/acknowledgement", query) if may_answer and issued else "",
        typed=typed,
    )
