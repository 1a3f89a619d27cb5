"""The lines of a file that were refused, as they stand in it, so that they can be mended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from service.flows.receipts import RejectedLine

# A row in quotes that were never closed would take the rest of the file with it.
_MOST_LINES = 200


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was not taken: counted from 1, why, and the whole of it without its end."""

    line: int
    code: str
    message: str
    raw: str


def with_raw(
    rejected: Sequence[RejectedLine], source: BinaryIO, *, is_csv: bool
) -> tuple[list[RefusedLine], str | None]:
    """These lines with their own words, read from the file's beginning; and a CSV's header.

    A row of a CSV may go on over several lines.
    """
    wanted = {one.line for one in rejected} | ({1} if is_csv else set())
    found = _raw_lines(source, wanted, is_csv=is_csv) if rejected else {}
    refused = [
        RefusedLine(one.line, one.code, one.message, found.get(one.line, "")) for one in rejected
    ]
    return refused, found.get(1, "") if is_csv else None


def _raw_lines(source: Iterable[bytes], wanted: set[int], *, is_csv: bool) -> dict[int, str]:
    found: dict[int, str] = {}
    last = max(wanted, default=0)
    row = _OpenRow()
    held: list[str] | None = None
    began = 0
    for number, raw in enumerate(source, start=1):
        if number > last and held is None:
            break
        line = raw.decode(errors="replace").removeprefix("\ufeff" if number == 1 else "")
        if held is None and number in wanted:
            held, began = [], number
        if held is not None:
            held.append(line)
        goes_on = is_csv and row.after(line)
        if held is not None and (not goes_on or len(held) >= _MOST_LINES):
            found[began] = "".join(held).rstrip("\r\n")
            held = None
    if held is not None:
        found[began] = "".join(held).rstrip("\r\n")
    return found


class _OpenRow:
    """Follows the quotes of a CSV from line to line."""

    def __init__(self) -> None:
        self._is_open = False

    def after(self, line: str) -> bool:
        """Whether the row goes on in the next line."""
        if not self._is_open and '"' not in line:
            return False
        state = "quoted" if self._is_open else "start"
        for sign in line:
            if state == "quoted":
                state = "closing" if sign == '"' else "quoted"
            elif sign == '"' and state in ("start", "closing"):
                # A cell begins with it, or it is the second of two that stand for one.
                state = "quoted"
            else:
                state = "start" if sign == "," else "plain"
        self._is_open = state == "quoted"
        return self._is_open
