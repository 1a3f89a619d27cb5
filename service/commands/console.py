"""How every command speaks: results on stdout, all else on stderr, one error shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from models.errors import GroundswellError

if TYPE_CHECKING:
    from rich.progress import Progress

_JSON_WANTED = "groundswell.json_wanted"


def _remember(context: typer.Context, wanted: bool) -> bool:
    context.meta[_JSON_WANTED] = wanted
    return wanted


JsonFlag = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print JSON instead of a table; errors too, on stderr.",
        is_eager=True,
        callback=_remember,
    ),
]


class Commands(TyperGroup):
    """Turns a refusal into its sentence on stderr and exit 1."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except GroundswellError as error:
            _say(error, as_json=bool(ctx.meta.get(_JSON_WANTED)))
            raise typer.Exit(1) from None


def _say(error: GroundswellError, *, as_json: bool) -> None:
    from service.errors import error_body
    from service.rendering import to_json

    if as_json:
        note(to_json(error_body(error.code, error.message, field=error.field)))
    else:
        note(f"error: {error.message} [{error.code}]")


def note(text: str) -> None:
    """One line for the person who waits, on stderr."""
    typer.echo(text, err=True)


def result(text: str) -> None:
    """One line of the result, on stdout."""
    typer.echo(text)


def result_json(value: object) -> None:
    """The result as JSON, on stdout."""
    from service.rendering import to_json

    typer.echo(to_json(value, indent=2))


def table(columns: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str]) -> None:
    """A plain table on stdout; `right` names the columns that are aligned to the right.

    No lines and no colours, as wide as its cells: it reads the same in a pipe.
    """
    widths = [max(map(_width, cells)) for cells in zip(columns, *rows, strict=True)]
    for row in (columns, tuple("─" * width for width in widths), *rows):
        cells = [
            _padded(cell, width, right=name in right)
            for cell, width, name in zip(row, widths, columns, strict=True)
        ]
        typer.echo("  ".join(cells).rstrip())


def _width(cell: str) -> int:
    from rich.cells import cell_len

    return cell_len(cell)


def _padded(cell: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(cell))
    return space + cell if right else cell + space


@contextmanager
def progress_bar(title: str, total: int | None) -> Iterator[Callable[[int, str], None]]:
    """A bar on stderr. Yields a function of (done so far, what to say beside it).

    Where stderr is no terminal it prints the last state alone.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[state]}"),
        console=Console(stderr=True),
        transient=False,
    ) as progress:
        yield _updater(progress, title, total)


def _updater(progress: Progress, title: str, total: int | None) -> Callable[[int, str], None]:
    task = progress.add_task(title, total=total, state="")

    def update(done: int, state: str) -> None:
        progress.update(task, completed=done, state=state)

    return update
