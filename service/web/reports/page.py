"""The reports of one CSM as a page, and the choice of the CSM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from service.web.contexts import Empty
from service.web.figures import LEVEL_TITLES, link
from service.web.reports.contexts import (
    Choice,
    ChooserPage,
    ReportedRequest,
    Reporter,
    ReportsPage,
)
from service.web.reports.words import STATES, change, others, what_became

HERE = "/desk/reports"

Row = Mapping[str, Any]


def reports_page(answer: Row, query: Mapping[str, str], *, own: bool) -> ReportsPage:
    """The page of an answer of GET /loop, as plain JSON.

    `query` is the page's own; `own` says that it is the CSM themself who looks.
    """
    states: Mapping[str, int] = answer["states"]
    total = sum(states.values())
    whose = {} if own else {"csm": answer["csm_id"]}
    dated = {**whose, "since": query.get("since", "")}
    state, changed = query.get("state", ""), bool(query.get("changed"))
    here = {**dated, "state": state, "changed": "1" if changed else ""}
    return ReportsPage(
        name=answer["name"] or answer["csm_id"],
        csm_id=answer["csm_id"],
        own=own,
        total=total,
        since=answer["since"],
        state=state,
        changed_only=changed,
        choices=_choices(answer, dated, state, changed),
        rows=[_row(row) for row in answer["data"]],
        first_link=link(HERE, here) if query.get("cursor") else "",
        more_link=link(HERE, {**here, "cursor": answer["next_cursor"]})
        if answer["next_cursor"]
        else "",
        empty=None if answer["data"] else _empty(total, own=own, at_start=not query.get("cursor")),
    )


def chooser_page(rows: Sequence[Row], typed: str) -> ChooserPage:
    """The CSMs whose name or id holds what was typed."""
    found = matching(rows, typed)
    return ChooserPage(
        typed=typed,
        names=[name_of(row) for row in rows],
        rows=[
            Reporter(
                name=row["name"] or row["csm_id"],
                csm_id=row["csm_id"],
                requests=row["requests"],
                last_day=row["last_at"][:10] if row["last_at"] else "",
                link=link(HERE, {"csm": row["csm_id"]}),
            )
            for row in found
        ],
        empty=None if found else _nobody(bool(rows)),
    )


def matching(rows: Sequence[Row], typed: str) -> list[Row]:
    """The CSMs that what was typed can mean: the very one, else all that hold it."""
    wanted = typed.strip().casefold()
    for told in (lambda row: row["csm_id"], name_of, lambda row: row["name"] or ""):
        same = [row for row in rows if wanted and told(row).casefold() == wanted]
        if len(same) == 1:
            return same
    return [row for row in rows if wanted in name_of(row).casefold()]


def name_of(row: Row) -> str:
    """A CSM as they are offered to choose: name and id."""
    return f"{row['name']} ({row['csm_id']})" if row["name"] else str(row["csm_id"])


def _choices(answer: Row, dated: Mapping[str, str], state: str, changed: bool) -> list[Choice]:
    states = answer["states"]
    every = [Choice("All", sum(states.values()), link(HERE, dated), not state and not changed)]
    lately = Choice(
        f"Changed since {answer['since']}",
        answer["changed"],
        link(HERE, {**dated, "changed": "1"}),
        changed,
    )
    by_state = [
        Choice(title, states[name], link(HERE, {**dated, "state": name}), state == name)
        for name, title in STATES.items()
        if states[name] or state == name
    ]
    return [*every, lately, *by_state]


def _row(row: Row) -> ReportedRequest:
    theme = row["theme"]
    level = theme["level"] if theme else None
    recognised = theme["recognised_at"] if theme else None
    return ReportedRequest(
        text=row["text"] or "A pre-read without a quote.",
        severity=row["severity"],
        account=row["account_name"] or row["account_id"] or "no account named",
        day=row["occurred_at"][:10],
        note_link=f"/desk/notes/{row['note_id']}#r-{row['id']}" if row["note_id"] else "",
        state=row["state"],
        state_title=STATES[row["state"]],
        what_became=what_became(row),
        theme=theme["label"] if theme else "",
        theme_link=f"/desk/themes/{theme['id']}" if theme else "",
        path=_path(theme) if theme else "",
        level=level or "",
        level_title=LEVEL_TITLES[level] if level else "",
        receipt_link=f"/board/{theme['id']}" if level else "",
        recognised=f"first recognised on {recognised}" if recognised else "",
        others=others(theme) if theme else "",
        changes=[change(decided) for decided in row["changes"]],
    )


def _path(theme: Row) -> str:
    area, need = theme["feature_area"] or "", theme["customer_need"]
    # Most themes are called what their need is called: once is enough.
    named = area if need == theme["label"] or not area else f"{area} › {need}"
    merged = ", ".join(theme["merged_from"][:3])
    return " · ".join(filter(None, [named, f"joined with {merged}" if merged else ""]))


def _empty(total: int, *, own: bool, at_start: bool) -> Empty:
    if total and at_start:
        return Empty("Nothing here", "None of the reports is in this state. Look at all of them.")
    if total:
        return Empty("That was all", "There are no more reports.")
    whose = "your notes" if own else "this CSM's notes"
    return Empty(
        "Nothing has been reported yet",
        f"Requests show up here once {whose} are in and have been read.",
    )


def _nobody(known: bool) -> Empty:
    if known:
        return Empty("Nobody is called that", "Type less of the name, or the CSM's id.")
    return Empty(
        "There are no CSMs yet",
        "Load the team and its notes first.",
        ("groundswell load csms csms.csv", "groundswell load notes notes.jsonl --wait"),
    )
