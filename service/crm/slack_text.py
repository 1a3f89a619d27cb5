"""Slack's own spelling of text and time, as plain text and a number."""

from __future__ import annotations

import re
from decimal import Decimal

from service.crm.payload import tidy

_LINK = re.compile(r"<([^<>|]{0,4000})(?:\|([^<>]{0,4000}))?>")
_STAMP = re.compile(r"\d{1,12}(?:\.\d{1,6})?", re.ASCII)


def plain(text: object) -> object:
    """A message without Slack's markup of links and mentions, and with its characters restored."""
    if not isinstance(text, str):
        return text
    shown = _LINK.sub(_shown, text)
    for escaped, character in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        shown = shown.replace(escaped, character)
    tidied = tidy(shown)
    return tidied if isinstance(tidied, str) and tidied.strip() else ""


def moment(stamp: object) -> object:
    """A `ts` as seconds; what is none is left as it is."""
    if isinstance(stamp, str) and _STAMP.fullmatch(stamp):
        return Decimal(stamp)
    return stamp


def _shown(found: re.Match[str]) -> str:
    target, label = found.group(1), found.group(2)
    if target[:1] in ("@", "#", "!"):
        sign = "#" if target[0] == "#" else "@"
        name = label or target[1:].partition("^")[0]
        return name if name.startswith(sign) else sign + name
    return label or target.removeprefix("mailto:")
