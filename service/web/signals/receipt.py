"""The receipt: why one theme is at its level, as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.conditions import title
from models.policy import ConditionCode
from service.web.contexts import Done
from service.web.deciding.items import item_path
from service.web.figures import (
    LEVEL_TITLES,
    condition_value,
    dollars,
    link,
    met,
    percent,
    threshold,
    trend,
)
from service.web.signals.board import month_chart, severity_mix
from service.web.signals.delivery import delivery_form, delivery_text, steps
from service.web.signals.evidence_rows import account_pages, account_row, quote_pages, quote_row
from service.web.signals.receipt_contexts import ConditionRow, ReceiptPage
from service.web.signals.words import (
    a_level,
    counted,
    delivery_words,
    listed,
    sentence,
    tip_sentence,
)

Row = Mapping[str, Any]
_NOT_YET = {
    "unclassified": "Unclassified, not in the taxonomy yet",
    "": "not in the taxonomy yet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sees:
    """What the person who looks may open and do."""

    notes: bool
    delivers: bool
    undoes: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the page says besides the signal: what was done, what was refused, what was typed."""

    done: Done | None = None
    refused: str = ""
    state: str = ""
    typed: Mapping[str, str] | None = None


def receipt_page(story: Row, query: Mapping[str, str], sees: Sees, told: Told) -> ReceiptPage:
    """The page of a signal story, as plain JSON; `query` is what was judged."""
    judged = {**query, "quarter": story["quarter"], "policy": story["policy"]}
    here = link(f"/board/{story['theme_id']}", judged)
    area = story["feature_area"]
    return ReceiptPage(
        here=here,
        label=story["label"],
        path=item_path(area, story["customer_need"])
        if area
        else _NOT_YET.get(story["origin"], _NOT_YET[""]),
        quarter=story["quarter"],
        as_of=story["as_of"],
        policy=story["policy"],
        level=story["level"],
        level_title=LEVEL_TITLES[story["level"]],
        status=story["status"],
        delivery=delivery_words(story["delivery"]),
        delivery_text=delivery_text(story["delivery"]),
        board_link=link("/", judged),
        theme_link=f"/desk/themes/{story['theme_id']}",
        merged=story["asked_for"] is not None,
        done=told.done,
        may_undo=sees.undoes,
        refused=told.refused,
        figures=_figures(story),
        months=month_chart(story["months"]),
        trend=trend(story["trend"]),
        severity=story["severity"],
        mix=severity_mix(story["severities"]),
        sentences=[_why(story), _priority(story), _coincidence(story)],
        conditions=_conditions(story),
        without_largest=_without_largest(story),
        accounts=[account_row(row) for row in story["account_rows"]],
        account_pages=account_pages(story, judged),
        quotes=[quote_row(row, reads_notes=sees.notes) for row in story["quotes"]],
        quote_pages=quote_pages(story, judged),
        steps=steps(story),
        delivery_form=delivery_form(story, here, told.state, told.typed or {})
        if sees.delivers
        else None,
    )


def _figures(story: Row) -> list[tuple[str, str]]:
    return [
        ("Accounts", f"{story['accounts']:,}"),
        (f"ARR, {percent(story['arr_share'])} of all", dollars(story["arr"])),
        ("Accounts at risk", f"{story['at_risk_accounts']:,}"),
        ("CSMs", f"{story['csms']:,}"),
        ("Requests", f"{story['requests']:,}"),
        ("Suggested priority", story["suggested_priority"]),
    ]


# What a condition's value counts, in a sentence.
_COUNTED = {
    "frequency": "{} accounts",
    "arr": "{} of all ARR",
    "churn": "{} at-risk accounts",
    "three_csms": "{} CSMs",
    "five_csms": "{}",
    "direct": "a blocking request from an account with {} of all ARR",
}
_GATES = ("frequency", "arr", "churn")


def _why(story: Row) -> str:
    """The conditions that make it what it is: of a P1 the three that all have to hold."""
    held = {code: row for code, row in story["conditions"].items() if row["met"]}
    if not held:
        return "An Anecdote: none of the conditions is met. Log it and keep watching."
    if story["level"] == "p1":
        held = {code: held[code] for code in _GATES}
    parts = [
        f"{_COUNTED[code].format(_value(code, row, story))} ({threshold(code, row['threshold'])})"
        for code, row in held.items()
    ]
    return sentence(f"{a_level(story['level'])}, because it has {listed(parts)}")


def _value(code: str, row: Row, story: Row) -> str:
    """A condition's value; an account by its name where the page knows it."""
    shown = condition_value(code, row["value"])
    if not isinstance(row["value"], Mapping) or not row["value"].get("account_id"):
        return shown
    names = {account["account_id"]: account["name"] for account in story["account_rows"]}
    account = row["value"]["account_id"]
    return shown.replace(f"({account})", f"({names.get(account) or account})")


def _priority(story: Row) -> str:
    suggested, raised = story["suggested_priority"], story["raised_by"]
    if not raised:
        return f"Suggested priority {suggested}, by its level."
    days = story["policy_numbers"]["renewal_days"]
    named = listed([*raised[:3], *([f"{len(raised) - 3} more"] if len(raised) > 3 else [])])
    one = len(raised) == 1
    return (
        f"Suggested priority {suggested}, raised by {named}:"
        f" {'an account' if one else 'accounts'} at risk with a renewal within {days} days."
    )


def _coincidence(story: Row) -> str:
    chance, enough = story["coincidence"], story["calibrated_accounts"]
    accounts = counted(story["accounts"], "account")
    shown = "less than 0.1 %" if chance < 0.001 else percent(chance)
    line = percent(story["policy_numbers"]["coincidence_limit"])
    text = (
        f"If requests fell on themes at random, {accounts} or more would be on one theme with a"
        f" probability of {shown}"
    )
    if enough is None:
        return f"{text}."
    return f"{text}; here it takes {counted(enough, 'account')} to fall below {line}."


def _conditions(story: Row) -> list[ConditionRow]:
    tips = {tip["condition"]: tip for tip in story["tips"]}
    rows = []
    for code, row in story["conditions"].items():
        margin, tip = (row["margin"] or {}).get("text", ""), tips.get(code)
        if tip is not None:
            sure = row["met"] is not None
            said = tip_sentence(margin, tip["level"], tip["direction"], sure=sure)
        else:
            said = sentence(margin) if margin else ""
        rows.append(
            ConditionRow(
                name=title(ConditionCode(code)),
                value=_value(code, row, story),
                threshold=threshold(code, row["threshold"]),
                met=met(row["met"]),
                sentence=said,
            )
        )
    return rows


def _without_largest(story: Row) -> str:
    rest = story["dependence"]
    if rest is None:
        return ""
    if not rest["accounts"]:
        return f"{rest['name']} is the only account behind it."
    left = (
        f"{counted(rest['accounts'], 'account')} with {percent(rest['arr_share'])} of all ARR,"
        f" {rest['at_risk_accounts']} at risk"
    )
    if rest["level"] == story["level"]:
        return f"Even without {rest['name']}, its largest account, this stays" + (
            f" {a_level(rest['level'])}: {left}."
        )
    return f"Without {rest['name']}, its largest account, this is {a_level(rest['level'])}: {left}."
