"""Files of notes, as a place to drop them and as what became of one."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence

from service.dependencies import MAX_BATCH_BYTES
from service.web.figures import link
from service.web.notes.bad_lines import RefusedLine
from service.web.notes.contexts import BackfillPage, BackfillPanel, BadLine
from service.web.notes.kept_uploads import SHOWN, KeptUpload
from service.web.notes.taking import EXPORTS, KINDS

BACKFILL = "/desk/notes/backfill"

# Told by their byte order mark, or named by whoever knows: never guessed.
ENCODINGS = (
    ("", "UTF-8, or as its first bytes say"),
    ("windows-1252", "Windows-1252 (Western Europe)"),
    ("iso-8859-15", "ISO-8859-15 (Latin 9)"),
    ("windows-1250", "Windows-1250 (Central Europe)"),
    ("windows-1251", "Windows-1251 (Cyrillic)"),
    ("shift_jis", "Shift JIS (Japanese)"),
    ("gb18030", "GB 18030 (Chinese)"),
)
_BEGINS = 120
# Within the page itself, so that nothing of the file is kept here: browsers take this much.
_MOST_IN_A_LINK = 1_000_000


def panel(
    *,
    waiting: int,
    is_read: bool,
    is_open: bool,
    kind: str = "notes",
    encoding: str = "",
    kept: Sequence[KeptUpload] = (),
) -> BackfillPanel:
    """The place where a file is dropped; `kept` are the last ones that were."""
    return BackfillPanel(
        kinds=[(one.name, one.title) for one in KINDS.values()],
        exports=[*EXPORTS.items()],
        kind=kind,
        encodings=ENCODINGS,
        encoding=encoding,
        waiting=waiting,
        idle=bool(waiting) and not is_read,
        most=f"{MAX_BATCH_BYTES // 1024 // 1024} MB",
        open=is_open,
        kept=[(own_link(one), _title(one)) for one in kept],
    )


def own_link(upload: KeptUpload) -> str:
    """The address of what became of a file."""
    return link(BACKFILL, {"upload": upload.token})


def form_page(
    shown: BackfillPanel, refused: str = "", file: str = "", *, is_gone: bool = False
) -> BackfillPage:
    """The form alone, or with why a file was not taken, or that it is kept no longer."""
    return BackfillPage(
        panel=shown,
        file=file,
        refused=refused,
        is_gone=is_gone,
        sent="",
        is_partly_known=False,
        own_link="",
        counts=(),
        bad=(),
        more_bad=0,
        list_link="",
        lines_link="",
        lines_name="",
        ignored=(),
    )


def result_page(shown: BackfillPanel, upload: KeptUpload) -> BackfillPage:
    """What became of a file, or of so much of it as was sent."""
    receipt, bad = upload.receipt, upload.bad
    is_csv = upload.header is not None
    titles = (
        ("Accepted", receipt.accepted),
        ("Updated", receipt.updated),
        ("Duplicate", receipt.duplicate),
        ("Older than what is stored", receipt.stale),
        ("Deleted before", receipt.deleted),
        ("Left out, as exports are read", upload.left_out),
        ("Rejected", upload.refused),
    )
    return BackfillPage(
        panel=shown,
        file=upload.file.name,
        refused="",
        is_gone=False,
        sent=_sent(upload),
        is_partly_known=upload.since > 0,
        own_link=own_link(upload),
        counts=[(title, n) for title, n in titles if n or title in ("Accepted", "Rejected")],
        bad=[BadLine(one.line, one.code, one.message, begins(one.raw)) for one in bad[:SHOWN]],
        more_bad=max(0, upload.refused - SHOWN),
        list_link=_as_link("text/csv", _list(bad)) if upload.is_whole else "",
        lines_link=_as_link("text/plain", _lines(bad, upload.header)) if upload.is_whole else "",
        lines_name=f"mend-me.{'csv' if is_csv else 'jsonl'}",
        ignored=receipt.ignored_columns,
    )


def _sent(upload: KeptUpload) -> str:
    """Which lines the result is of; empty where it is of all."""
    if upload.since:
        return f"lines {upload.since + 1:,} to {upload.upto:,}"
    return f"{upload.upto:,} of {upload.total:,} lines" if upload.upto < upload.total else ""


def _title(upload: KeptUpload) -> str:
    bad, sent = upload.refused, _sent(upload)
    lines = f"{bad:,} line{'' if bad == 1 else 's'} not taken" if bad else "all of it taken"
    return f"{upload.file.name}, {upload.at:%H:%M} UTC: {lines}" + (f", of {sent}" if sent else "")


def begins(raw: str) -> str:
    """The first characters of a line."""
    line = " ".join(raw.split())
    return line if len(line) <= _BEGINS else f"{line[:_BEGINS]}…"


def _list(bad: Sequence[RefusedLine]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("line", "code", "message", "raw"))
    writer.writerows((one.line, one.code, one.message, _no_formula(one.raw)) for one in bad)
    return out.getvalue()


def _no_formula(raw: str) -> str:
    # The quote keeps a spreadsheet from running it.
    return f"'{raw}" if raw.startswith(("=", "+", "-", "@", "\t", "\r")) else raw


def _lines(bad: Sequence[RefusedLine], header: str | None) -> str:
    """The lines themselves under their header: to be mended and dropped again."""
    lines = [one.raw for one in bad] if header is None else [header, *(one.raw for one in bad)]
    return "".join(f"{line}\n" for line in lines)


def _as_link(media_type: str, text: str) -> str:
    """A file within the page; '' where it is too large for that."""
    if len(text) > _MOST_IN_A_LINK:
        return ""
    return f"data:{media_type};charset=utf-8;base64,{base64.b64encode(text.encode()).decode()}"
