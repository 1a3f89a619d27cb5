"""A simulation as a page: what would have become of the last four quarters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from models.policy import Level, Policy
from service.flows.simulation import Change, QuarterTally, Simulation
from service.web.contexts import Empty
from service.web.figures import LEVEL_TITLES, LEVELS, link
from service.web.simulator.contexts import (
    Bar,
    ChangeList,
    ChangeRow,
    LevelCount,
    QuarterColumns,
    SimulatorPage,
    Slider,
)
from service.web.simulator.forms import NUMBERS, Tried

SIMULATOR = "/desk/simulator"
POLICIES = ("combined", "single_gate")
# The chart's own units: the height of the tallest column, and a quarter's room.
HIGH, ROOM, COLUMN = 120.0, 100.0, 34.0
# More than a person reads of one kind.
_SHOWN = 50


def simulator_page(
    found: Simulation | None,
    tried: Tried,
    *,
    quarter: str,
    in_force: Policy,
    policy: str,
    refused: str,
) -> SimulatorPage:
    """The page of a simulation; None where the numbers that were typed are none."""
    same = tried.policy == in_force
    themes = sum(sum(q.now.values()) for q in found.quarters) if found else 0
    return SimulatorPage(
        quarter=quarter,
        policy=policy,
        policies=POLICIES,
        policy_in_force=in_force.name,
        sliders=_sliders(tried, in_force),
        refused=refused,
        same=same,
        summary=_summary(found, same) if found and themes else [],
        quarters=list(_columns(found.quarters)) if found else [],
        lists=list(_lists(found)) if found else [],
        settings=_settings(tried.policy, in_force) if tried.policy and not same else [],
        reset_link=link(SIMULATOR, {"quarter": quarter}),
        empty=_empty(quarter) if found and not themes else None,
    )


def _sliders(tried: Tried, in_force: Policy) -> list[Slider]:
    return [
        Slider(
            name=number.name,
            title=number.title,
            unit=number.unit,
            value=tried.typed[number.name]
            or number.shown(tried.policy if tried.policy else in_force),
            in_force=number.shown(in_force),
            least=number.step,
            most=number.most,
            step=number.step,
            refused=tried.refused.get(number.name, ""),
        )
        for number in NUMBERS
    ]


def _summary(found: Simulation, same: bool) -> list[str]:
    if same:
        return ["This is the policy in force. Move a slider to try another."]
    gained, missed = len(found.gained), len(found.missed)
    return [
        f"{_more_themes(gained)} would have become a signal;"
        f" {_themes(missed).lower()} would have been missed.",
        f"{_themes(found.sooner)} would have been recognised sooner,"
        f" {_themes(found.later).lower()} later or never.",
    ]


def _themes(count: int) -> str:
    return {0: "No theme", 1: "1 theme"}.get(count, f"{count} themes")


def _more_themes(count: int) -> str:
    return {0: "No further theme", 1: "1 more theme"}.get(count, f"{count} more themes")


def _columns(quarters: Sequence[QuarterTally]) -> Iterator[QuarterColumns]:
    """The oldest quarter first, as time is read; what is an anecdote is in the table alone."""
    tallest = max((_heard(counts) for q in quarters for counts in (q.now, q.then)), default=1)
    for place, found in enumerate(reversed(quarters)):
        left = place * ROOM + (ROOM - 2 * COLUMN - 6) / 2
        sides = ((left, found.now), (left + COLUMN + 6, found.then))
        yield QuarterColumns(
            quarter=found.quarter,
            counts=[
                LevelCount(name, title, found.now[Level(name)], found.then[Level(name)])
                for name, title, _ in LEVELS
            ],
            bars=[bar for x, counts in sides for bar in _stack(x, counts, max(tallest, 1))],
            middle=place * ROOM + ROOM / 2,
            words=f"{found.quarter}: in force {_words(found.now)}; tried {_words(found.then)}",
        )


def _stack(x: float, counts: Mapping[Level, int], tallest: int) -> Iterator[Bar]:
    top = HIGH
    for level in (Level.P1, Level.SIGNAL, Level.CANDIDATE):
        height = counts[level] / tallest * HIGH
        top -= height
        if counts[level]:
            yield Bar(level.value, round(x, 1), round(top, 2), COLUMN, round(height, 2))


def _heard(counts: Mapping[Level, int]) -> int:
    return sum(count for level, count in counts.items() if level is not Level.ANECDOTE)


def _words(counts: Mapping[Level, int]) -> str:
    shown = (Level.P1, Level.SIGNAL, Level.CANDIDATE)
    return ", ".join(f"{counts[level]} {LEVEL_TITLES[level.value]}" for level in shown)


def _lists(found: Simulation) -> Iterator[ChangeList]:
    titled = (
        ("Would have become a signal", found.gained),
        ("Would have been missed", found.missed),
        ("Would have been at another level", found.others),
        ("Would have been at the same level, recognised on another day", found.other_days),
    )
    for title, changes in titled:
        if changes:
            rows = [_row(change) for change in changes[:_SHOWN]]
            yield ChangeList(title, len(changes), rows, len(changes) - len(rows))


def _row(change: Change) -> ChangeRow:
    return ChangeRow(
        quarter=change.quarter,
        label=change.label,
        link=f"/desk/themes/{change.theme_id}",
        receipt_link=link(f"/board/{change.theme_id}", {"quarter": change.quarter}),
        accounts=change.accounts,
        now=change.now.level.value,
        now_title=LEVEL_TITLES[change.now.level.value],
        then=change.then.level.value,
        then_title=LEVEL_TITLES[change.then.level.value],
        recognised_now=_day(change.now.recognised_on),
        recognised_then=_day(change.then.recognised_on),
        signal_now=_day(change.now.signal_on),
        signal_then=_day(change.then.signal_on),
    )


def _day(day: date | None) -> str:
    return f"{day.day} {day:%b}" if day else "–"


def _settings(tried: Policy, in_force: Policy) -> list[str]:
    """What differs, as it is written into the environment."""
    differing = [number for number in NUMBERS if _differs(number.name, tried, in_force)]
    name = [] if tried.name == in_force.name else [f"GROUNDSWELL_POLICY={tried.name}"]
    return [
        *name,
        *(f"GROUNDSWELL_POLICY_{n.name.upper()}={getattr(tried, n.name)}" for n in differing),
    ]


def _differs(name: str, tried: Policy, in_force: Policy) -> bool:
    return bool(getattr(tried, name) != getattr(in_force, name))


def _empty(quarter: str) -> Empty:
    return Empty(
        f"Nothing was heard in the four quarters up to {quarter}",
        "There is nothing to try a policy on. Look at other quarters, or load notes and start a"
        " run.",
        ("groundswell load notes notes.jsonl --wait", "groundswell run"),
    )
