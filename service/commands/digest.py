"""`groundswell digest`: the month's digest, as it would be sent."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from service.commands.console import JsonFlag, result, result_json
from service.commands.opening import opened


class Format(StrEnum):
    """How the digest is printed."""

    MARKDOWN = "markdown"
    HTML = "html"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("digest", epilog="Example: groundswell digest 2026-09")(digest)


def digest(
    month: Annotated[str, typer.Argument(help="Such as 2026-09.")],
    shape: Annotated[
        Format, typer.Option("--format", help="Markdown unless said otherwise.")
    ] = Format.MARKDOWN,
    as_json: JsonFlag = False,
) -> None:
    """Print the digest of a month: top themes, what is new, what is done, what is asked."""
    from service.clock import system_clock
    from service.digests.html import digest_html
    from service.digests.markdown import digest_markdown
    from service.flows.digest import digest as digest_of

    with opened(create=False) as (settings, store):
        found = digest_of(
            store,
            month,
            today=settings.calendar.local_day(system_clock()),
            calendar=settings.calendar,
            policy=settings.policy_called(None),
            mask=settings.quote_mask,
        )
    if as_json:
        result_json(found)
        return
    text = digest_markdown(found) if shape is Format.MARKDOWN else digest_html(found)
    result(text.rstrip("\n"))
