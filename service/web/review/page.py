"""The review queue as a page: one question, what hangs on it, and what comes after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from service.flows.health import StoreFigures
from service.flows.review_desk import Desk
from service.flows.reviewing.looking import NotAsked
from service.rendering import plain_record
from service.web.contexts import Done, Empty
from service.web.decided import sentence
from service.web.deciding.answers import answers
from service.web.deciding.contexts import Typed
from service.web.deciding.quotes import picked
from service.web.figures import LEVEL_TITLES, dollars, link
from service.web.review.contexts import Instead, Next, Question, ReviewPage
from service.web.review.effects import effects

Row = Mapping[str, Any]
REVIEW = "/desk/review"
_OTHERS = 3


def review_page(
    desk: Desk,
    *,
    here: str,
    wanted: str,
    paths: Mapping[str, str],
    labels: Mapping[str, str],
    themes: Sequence[str],
    done: Done | None,
    refused: str,
    typed: Typed,
    holds: StoreFigures | None,
    now: datetime,
) -> ReviewPage:
    """The page of a desk.

    `paths` are those of the live items, `labels` those of every theme, by theme id; `here` is
    the cursor that the page itself was asked with, and `wanted` the name of a question. `holds`
    is looked at where nothing is asked; `typed` is what was refused, of the question that is
    asked.
    """
    row = plain_record(desk)
    asked = row["question"]
    skip_link = "" if desk.after is None else link(REVIEW, {"after": desk.after})
    return ReviewPage(
        question=_question(asked, paths, labels, typed, now) if asked else None,
        instead=_instead(desk.not_asked, skip_link) if desk.not_asked else None,
        done=done,
        refused=refused,
        tally=f"{row['decided_today']} decided today by you, {row['left']} left,"
        f" {row['overdue']} overdue",
        others=_others(desk),
        seen=row["last_decision"],
        upcoming=[_next(one) for one in row["upcoming"]],
        more=max(0, row["left"] - len(row["upcoming"]) - 1) if row["more"] else 0,
        skip_link=skip_link,
        own_link=link(REVIEW, {"question": asked["name"]}) if asked else "",
        asked_for=wanted if asked and desk.is_wanted else "",
        here=here,
        undo_back=link(REVIEW, {"question": wanted, "after": here}),
        items=sorted(paths.values()),
        themes=themes,
        empty=None if asked or desk.not_asked else _empty(holds, bool(here)),
    )


def _instead(why: NotAsked, next_link: str) -> Instead:
    theme_link = f"/desk/themes/{why.theme_id}" if why.theme_id else ""
    if why.decision is not None and why.at is not None:
        said = f"{sentence(why.decision)} ({why.actor}, {why.at:%Y-%m-%d})."
        return Instead("This question has been answered", said, next_link, theme_link)
    if why.theme_id:
        return Instead(
            "This question is asked no longer",
            "A run, or what was decided elsewhere, has settled it since.",
            next_link,
            theme_link,
        )
    return Instead(
        "There is no such question",
        "Its address may have been cut off on the way; ask for it once more.",
        next_link,
        "",
    )


def _question(
    row: Row,
    paths: Mapping[str, str],
    labels: Mapping[str, str],
    typed: Typed,
    now: datetime,
) -> Question:
    theme, kind = row["theme"], row["kind"]
    offered = answers(row, paths)
    shown = len(row["requests"])
    return Question(
        kind=kind,
        theme_id=theme["id"],
        etag=row["etag"],
        label=theme["label"],
        status=theme["status"],
        keyphrases=theme["keyphrases"],
        figures=_figures(row),
        answers=offered,
        dismissable=all(answer.value != "dismiss" for answer in offered),
        quotes=[
            picked(
                request,
                beside=theme["id"],
                chosen=typed.ticks(request["id"], kind == "requests"),
                remark="" if request["theme_id"] else "waits",
                senders=row["senders"],
            )
            for request in row["requests"]
        ],
        beyond=max(0, row["figures"]["requests"] - shown) if row["figures"] else 0,
        theme_link=f"/desk/themes/{theme['id']}",
        effects=effects(row, labels, paths),
        clock=_clock(datetime.fromisoformat(row["due_at"]), now),
        overdue=row["overdue"],
        typed=typed,
    )


def _figures(row: Row) -> str:
    figures = row["figures"]
    if figures is None:
        count = len(row["requests"])
        return f"{count} request{'' if count == 1 else 's'} in question"
    return (
        f"{figures['requests']} requests · {figures['accounts']} accounts"
        f" · {figures['csms']} CSMs · {dollars(figures['arr'])}"
    )


def _others(desk: Desk) -> list[str]:
    told = [f"{actor}: {sentence(made)}" for made, actor in desk.others[:_OTHERS]]
    left = len(desk.others) - len(told)
    return [*told, f"and {left} more"] if left else told


def _next(row: Row) -> Next:
    effect = row["effect"]
    shown = f"{LEVEL_TITLES[effect['from']]} → {LEVEL_TITLES[effect['to']]}" if effect else ""
    return Next(row["label"], row["kind"], shown, row["overdue"])


def _clock(due: datetime, now: datetime) -> str:
    left = due - now
    if left < timedelta(0):
        return f"overdue by {_span(-left)}"
    return f"due in {_span(left)}"


def _span(time: timedelta) -> str:
    hours = int(time.total_seconds() // 3600)
    return f"{hours} h" if hours < 72 else f"{hours // 24} days"


def _empty(holds: StoreFigures | None, skipped: bool) -> Empty:
    if skipped:
        return Empty("That was the last one", "What you skipped still waits at the top.")
    if holds is not None and holds.requests:
        return Empty(
            "Nothing waits for you",
            "Every proposal has its answer. New ones come with new notes and the next run.",
            ("groundswell run",),
        )
    return Empty(
        "There is nothing to review yet",
        "Load notes first; proposals come with the first run.",
        ("groundswell load notes notes.jsonl --wait", "groundswell run"),
    )
