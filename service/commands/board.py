"""`groundswell signals` and `export`: what weighs, as a table or as files."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.commands.console import JsonFlag, result, result_json, table
from service.commands.files import written_whole
from service.commands.opening import opened

if TYPE_CHECKING:
    from service.flows.signal_rows import SignalRow
    from service.flows.signals import SignalsAnswer
    from service.settings import Settings
    from service.storage.engine import Store

_COLUMNS = (
    "level",
    "theme",
    "accounts",
    "ARR",
    "share",
    "at risk",
    "CSMs",
    "severity",
    "review",
)
_RIGHT = ("accounts", "ARR", "share", "at risk", "CSMs")
_LABEL_WIDTH = 48


class Exported(StrEnum):
    """What can be exported."""

    REQUESTS = "requests"
    THEMES = "themes"
    SIGNALS = "signals"


QuarterOption = Annotated[str | None, typer.Option(help="Such as 2026-Q3; today's when left out.")]
AsOfOption = Annotated[
    str | None, typer.Option(metavar="DATE", help="The day that dates health and renewals.")
]
PolicyOption = Annotated[str | None, typer.Option(help="combined or single_gate.")]


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("signals", epilog="Example: groundswell signals --quarter 2026-Q3")(signals)
    app.command("export", epilog="Example: groundswell export requests requests.jsonl")(export)


def signals(
    quarter: QuarterOption = None,
    as_of: AsOfOption = None,
    policy: PolicyOption = None,
    as_json: JsonFlag = False,
) -> None:
    """Print the signals of a quarter, highest level first, then by ARR."""
    with opened(create=False) as (settings, store):
        answer = board_answer(settings, store, quarter=quarter, as_of=as_of, policy=policy)
    if as_json:
        result_json(answer)
    else:
        print_board(answer)


def export(
    what: Annotated[Exported, typer.Argument(help="requests, themes or signals.")],
    target: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl", dir_okay=False, help="Replaced when whole.")
    ],
    quarter: QuarterOption = None,
    as_of: AsOfOption = None,
    policy: PolicyOption = None,
) -> None:
    """Write every row as one JSON object a line. The options are for signals."""
    from service.rendering import to_json

    number = 0
    with opened(create=False) as (settings, store), written_whole(target) as out:
        if what is Exported.SIGNALS:
            answer = board_answer(settings, store, quarter=quarter, as_of=as_of, policy=policy)
            rows: Iterator[Any] = iter(answer["data"])
        else:
            rows = _rows(what, settings, store)
        for row in rows:
            out.write(to_json(row) + "\n")
            number += 1
    result(f"{number:,} {what} in {target}.")


def _rows(what: Exported, settings: Settings, store: Store) -> Iterator[Any]:
    from service.clock import system_clock
    from service.flows.export import export_requests, export_themes
    from service.masking import Sight

    sight = Sight(settings.quote_mask)
    if what is Exported.REQUESTS:
        return export_requests(store, sight=sight)
    return export_themes(store, now=system_clock(), sight=sight)


def board_answer(
    settings: Settings,
    store: Store,
    *,
    quarter: str | None,
    as_of: str | None,
    policy: str | None,
) -> SignalsAnswer:
    """Every signal of the quarter, by the same flow as the API's.

    Raises:
        InvalidInput: `unknown_quarter`, `bad_date`, `unknown_policy`.
    """
    from service.clock import system_clock
    from service.flows.signals import SignalQuery
    from service.flows.signals import signals as judged

    query = SignalQuery(quarter=quarter, as_of=as_of, policy=settings.policy_called(policy))
    today = settings.calendar.local_day(system_clock())
    return judged(store, query, today=today, calendar=settings.calendar)


def print_board(answer: SignalsAnswer) -> None:
    """The answer of GET /signals as a table with its heading."""
    total = _dollars(answer["total_arr"])
    result(
        f"Signals {answer['quarter']}, as of {answer['as_of']}, policy {answer['policy']}"
        f" (total ARR {total})"
    )
    if not answer["data"]:
        result("No theme was heard from in this quarter; `groundswell load notes FILE` first.")
        return
    table(_COLUMNS, [_cells(row) for row in answer["data"]], right=_RIGHT)


def _cells(row: SignalRow) -> tuple[str, ...]:
    label = row["label"]
    if len(label) > _LABEL_WIDTH:
        label = label[: _LABEL_WIDTH - 1] + "…"
    share = row["arr_share"]
    return (
        row["level"],
        label,
        str(row["accounts"]),
        _dollars(row["arr"]),
        "unknown" if share is None else f"{share * 100:.1f} %",
        str(row["at_risk_accounts"]),
        str(row["csms"]),
        row["severity"],
        row["status"],
    )


def _dollars(amount: Decimal | None) -> str:
    return "unknown" if amount is None else f"${amount:,.0f}"
