"""The process metrics of a quarter as a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.window import parse_quarter
from service.web.contexts import Empty
from service.web.figures import link, percent
from service.web.process.contexts import Column, MetricCard, ProcessPage

HERE = "/desk/process"
QUARTERS = 4
_HEIGHT, _STEP, _WIDTH = 60.0, 40.0, 26.0

Metric = Mapping[str, Any]


def _count(value: float) -> str:
    return f"{value:,.0f}"


def _days(value: float) -> str:
    return f"{value:,.1f} days" if value != 1 else "1 day"


@dataclass(frozen=True, slots=True)
class _Words:
    """How one metric is told: `{of}` in `meaning` is what its value was taken over.

    `to_see` is where one goes to see what is behind it.
    """

    title: str
    meaning: str
    value: Callable[[float], str]
    to_see: str
    path: str


_METRICS = {
    "tagged_share": _Words(
        "Tagged",
        "of {of} requests are on an item of the taxonomy",
        percent,
        "Requests on no item",
        "/desk/taxonomy/unclassified",
    ),
    "patterns_surfaced": _Words(
        "Patterns surfaced",
        "themes reached candidate or above, from {of} requests",
        _count,
        "The signals",
        "/",
    ),
    "backlog_share": _Words(
        "Taken up",
        "of {of} surfaced themes are now in the backlog or shipped",
        percent,
        "What product has said of each",
        "/",
    ),
    "days_to_recognition": _Words(
        "Time to recognition",
        "on average from a theme's first request until it was a candidate; {of} themes got there"
        " for the first time",
        _days,
        "What other thresholds would do",
        "/desk/simulator",
    ),
    "contribution_rate": _Words(
        "Contribution",
        "of {of} active CSMs have a request in the quarter",
        percent,
        "",
        "",
    ),
}
_VERDICTS = {
    "ok": "on target",
    "low": "below target",
    "high": "above target",
    "unknown": "not known yet",
}


def process_page(answers: Sequence[Mapping[str, Any]], *, today: date, ends: date) -> ProcessPage:
    """The page of `flows.process_metrics`, as plain JSON, the quarter asked for last.

    `ends` is the last day of that quarter.
    """
    asked = answers[-1]
    quarter = parse_quarter(asked["quarter"])
    found = asked["metrics"].values()
    before, after = quarter.shifted(-1), quarter.shifted(1)
    return ProcessPage(
        quarter=asked["quarter"],
        as_of=asked["as_of"],
        policy=asked["policy"],
        so_far=today < ends,
        on_target=sum(metric["status"] == "ok" for metric in found),
        known=sum(metric["status"] != "unknown" for metric in found),
        cards=[_card(code, answers) for code in _METRICS],
        previous_quarter=str(before),
        previous_link=link(HERE, {"quarter": str(before)}),
        next_quarter=str(after),
        next_link=link(HERE, {"quarter": str(after)}) if ends < today else "",
        empty=None if asked["metrics"]["tagged_share"]["of"] else _empty(asked["quarter"]),
    )


def _card(code: str, answers: Sequence[Mapping[str, Any]]) -> MetricCard:
    words, metric = _METRICS[code], answers[-1]["metrics"][code]
    values = [answer["metrics"][code]["value"] for answer in answers]
    lines = [line for line in metric["target"].values() if line is not None]
    most = max([*(value for value in values if value is not None), *lines]) * 1.1 or 1.0
    shown = {
        answer["quarter"]: _shown(words, value)
        for answer, value in zip(answers, values, strict=True)
    }
    return MetricCard(
        title=words.title,
        meaning=words.meaning.format(of=f"{metric['of']:,}"),
        value=_shown(words, metric["value"]),
        status=metric["status"],
        verdict=_VERDICTS[metric["status"]],
        target=_target(words, metric["target"]),
        points_at=metric["points_at"] or "",
        to_see=words.to_see,
        to_see_link=link(words.path, {"quarter": answers[-1]["quarter"]}),
        columns=[
            _column(place, quarter, told, values[place], most, last=place == len(values) - 1)
            for place, (quarter, told) in enumerate(shown.items())
        ],
        target_lines=[_number(_HEIGHT - line / most * _HEIGHT) for line in lines],
        words=f"{words.title} by quarter: "
        + "; ".join(f"{quarter} {told}" for quarter, told in shown.items()),
    )


def _shown(words: _Words, value: float | None) -> str:
    return "–" if value is None else words.value(value)


def _target(words: _Words, target: Metric) -> str:
    """A target is a round number, so it is told as one."""
    share = words.value is percent
    unit = " %" if share else " days" if words.value is _days else ""

    def told(value: float) -> str:
        return f"{value * 100 if share else value:.0f}"

    if target["below"] is not None:
        return f"under {told(target['below'])}{unit}"
    if target["at_most"] is not None:
        return f"{told(target['at_least'])} to {told(target['at_most'])}{unit}"
    return f"at least {told(target['at_least'])}{unit}"


def _column(
    place: int, quarter: str, told: str, value: float | None, most: float, *, last: bool
) -> Column:
    height = 0.0 if value is None else max(value / most * _HEIGHT, 1.0)
    return Column(
        quarter=quarter,
        shown=told,
        x=_number(place * _STEP + (_STEP - _WIDTH) / 2),
        y="" if value is None else _number(_HEIGHT - height),
        height="" if value is None else _number(height),
        current=last,
    )


def _number(value: float) -> str:
    return f"{value:.2f}"


def _empty(quarter: str) -> Empty:
    return Empty(
        f"Nothing was heard in {quarter}",
        "A request belongs to the quarter in which its note was written. Look at another quarter,"
        " or load notes.",
        ("groundswell load notes notes.jsonl --wait",),
    )
