"""`groundswell`: the command line. Commands import what they need when they are called."""

from __future__ import annotations

import typer

from service.commands import board, demo, digest, intake, keys, privacy, pull, quality, serving
from service.commands.console import Commands

app = typer.Typer(
    cls=Commands,
    name="groundswell",
    help="Reads customer-success notes into requests, themes and signals.",
    no_args_is_help=True,
    add_completion=False,
    # A traceback with local variables would print notes and keys.
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

demo.add_to(app)
serving.add_to(app)
keys.add_to(app)
intake.add_to(app)
privacy.add_to(app)
pull.add_to(app)
board.add_to(app)
digest.add_to(app)
quality.add_to(app)


def main() -> None:
    """Run the command in `sys.argv`: exit 0 on success, 1 on failure, 2 on wrong usage."""
    app()
