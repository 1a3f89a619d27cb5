"""A digest as Markdown, for a wiki, a chat or a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from service.digests.sheet import DigestSheet, Line, TopTheme, sheet

# What CommonMark could take for its own in the words of a customer, wherever it stands ...
_MARKS = re.compile(r"([\\`*_\[\]<>~]|&(?=#?\w+;))")
# ... and what it takes for a list, a heading or a rule at the start of a line.
_LINE_START = re.compile(r"^(\s*\d*)([-+=#]|[.)](?=\s|$))", re.MULTILINE)


def digest_markdown(digest: Mapping[str, Any]) -> str:
    """The digest, as plain JSON, in Markdown (CommonMark)."""
    return "\n\n".join(_parts(sheet(digest))) + "\n"


def _parts(shown: DigestSheet) -> Iterator[str]:
    yield f"# {escaped(shown.title)}"
    yield f"*{escaped(shown.standing)}*"
    yield escaped(shown.summary)
    if shown.top:
        yield "## Top themes"
    for theme in shown.top:
        yield from _theme(theme)
    if shown.new:
        yield "## New signals"
        more = f"\n\n{shown.more_new}" if shown.more_new else ""
        yield _lines(shown.new) + more
    if shown.resolved:
        yield "## Resolved or closed"
        yield _lines(shown.resolved)
    yield "## What we ask of product"
    yield "\n".join(f"- {escaped(action)}" for action in shown.actions)
    if shown.answer:
        yield escaped(shown.answer)


def _theme(theme: TopTheme) -> Iterator[str]:
    yield f"### {theme.rank}. {escaped(theme.label)}"
    yield f"{escaped(theme.path)}  \n" + " · ".join(
        f"{name} **{escaped(value)}**" for name, value in theme.figures
    )
    yield escaped(theme.summary)
    if theme.quote is not None:
        quoted = "\n".join(f"> {line}" for line in escaped(theme.quote.text).splitlines())
        yield f"{quoted}\n>\n> — {escaped(theme.quote.whose)}"


def _lines(lines: Sequence[Line]) -> str:
    return "\n".join(f"- **{escaped(line.label)}**: {escaped(line.sentence)}" for line in lines)


def escaped(text: str) -> str:
    """The text with everything that Markdown would take for its own written out."""
    return _LINE_START.sub(r"\1\\\2", _MARKS.sub(r"\\\1", text))
