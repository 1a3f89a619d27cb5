"""What became of a person's last files, kept in this process for an hour.

Lines that were refused may hold what a customer said. So they are shown to the person who sent
them and to nobody else, never written anywhere, shown no more once anything was erased from the
store, and gone with the hour or with the process.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from weakref import WeakKeyDictionary

from service.dependencies import Services
from service.flows.erasures import erased_since, place_in_trail
from service.flows.receipts import BatchReceipt
from service.security import Principal
from service.storage.engine import Store
from service.web.notes.bad_lines import RefusedLine
from service.web.notes.taking import Taken

KEPT_SECONDS = 3_600
# Of one person, and of all; the oldest goes first.
MOST_OF_ONE, MOST = 5, 20
# Of the lines of one file so much is kept, in characters and lines; else those that are shown.
MOST_CHARACTERS, MOST_LINES = 1_000_000, 10_000
SHOWN = 100

Owner = tuple[str, str]


@dataclass(frozen=True, slots=True)
class FileSent:
    """A file as it was chosen: its name, what it holds, and how it is saved."""

    name: str
    kind: str
    encoding: str


@dataclass(slots=True)
class KeptUpload:
    """A file so far.

    Attributes:
        token: what its address names.
        place: where the audit trail ended when it began.
        receipt: the sums of all its parts, without the refused lines.
        bad: these, counted from the file's beginning; `refused` is how many there are, of which
            `bad` has only the first where `is_whole` is false.
        since, upto, total: how many lines went before the first part that is kept, how many were
            sent, and of how many; 0 where nobody counted them.
    """

    token: str
    owner: Owner
    file: FileSent
    at: datetime
    place: int
    receipt: BatchReceipt = field(default_factory=BatchReceipt)
    bad: list[RefusedLine] = field(default_factory=list)
    refused: int = 0
    is_whole: bool = True
    header: str | None = None
    left_out: int = 0
    since: int = 0
    upto: int = 0
    total: int = 0
    touched: float = 0.0
    _counted: int = -1
    _characters: int = 0

    def add(self, taken: Taken, *, before: int, upto: int, total: int) -> None:
        """Count a part that begins behind so many lines; one that is sent once more is not."""
        if before <= self._counted:
            return
        if self._counted < 0:
            self.since = before
        self._counted, self.upto, self.total = before, upto, total
        part, sums = taken.receipt, self.receipt
        sums.accepted += part.accepted
        sums.duplicate += part.duplicate
        sums.updated += part.updated
        sums.stale += part.stale
        sums.deleted += part.deleted
        sums.ignore(part.ignored_columns)
        self.header = taken.header
        self.left_out += taken.left_out
        self.refused += len(taken.bad)
        self._keep(
            RefusedLine(one.line + before, one.code, one.message, one.raw) for one in taken.bad
        )

    def _keep(self, bad: Iterable[RefusedLine]) -> None:
        if not self.is_whole:
            return
        for one in bad:
            self.bad.append(one)
            self._characters += len(one.raw) + len(one.message)
            if self._characters > MOST_CHARACTERS or len(self.bad) > MOST_LINES:
                self.is_whole = False
                del self.bad[SHOWN:]
                return


class KeptUploads:
    """The last files of everybody. `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, KeptUpload] = {}
        self._sweeper: threading.Timer | None = None

    def keep(
        self, new: KeptUpload, taken: Taken, *, before: int = 0, upto: int = 0, total: int = 0
    ) -> KeptUpload:
        """Count a part of the file that `new` says; on top of what is kept of it already."""
        with self._lock:
            self._forget()
            known = self._kept.pop(new.token, None)
            upload = known if known is not None and known.owner == new.owner else new
            upload.touched = self._clock()
            upload.add(taken, before=before, upto=upto, total=total)
            # The last one touched comes last.
            self._kept[upload.token] = upload
            own = [token for token, one in self._kept.items() if one.owner == new.owner]
            for token in [*own[:-MOST_OF_ONE], *list(self._kept)[:-MOST]]:
                self._kept.pop(token, None)
            self._sweep_later()
            return upload

    def of(self, owner: Owner) -> list[KeptUpload]:
        """The files of this person, the last one first."""
        with self._lock:
            self._forget()
            return [one for one in reversed(self._kept.values()) if one.owner == owner]

    def drop(self, tokens: Sequence[str]) -> None:
        """Forget these."""
        with self._lock:
            for token in tokens:
                self._kept.pop(token, None)

    def _forget(self) -> None:
        until = self._clock() - KEPT_SECONDS
        for token in [token for token, one in self._kept.items() if one.touched <= until]:
            del self._kept[token]

    def _sweep_later(self) -> None:
        # Nobody may ever look again, and the words are to go all the same.
        if self._sweeper is None:
            self._sweeper = threading.Timer(KEPT_SECONDS, self._sweep)
            self._sweeper.daemon = True
            self._sweeper.start()

    def _sweep(self) -> None:
        with self._lock:
            self._sweeper = None
            self._forget()
            if self._kept:
                self._sweep_later()


_LOCK = threading.Lock()
_OF: WeakKeyDictionary[Store, KeptUploads] = WeakKeyDictionary()


def keep_upload(
    services: Services,
    who: Principal,
    file: FileSent,
    taken: Taken,
    *,
    token: str = "",
    before: int = 0,
    upto: int = 0,
    total: int = 0,
) -> KeptUpload:
    """Keep what became of a file, or of a part of the one that `token` names."""
    owner = _owner(who)
    kept = _uploads(services)
    known = {one.token for one in kept.of(owner)}
    new = KeptUpload(
        token if token in known else secrets.token_urlsafe(16),
        owner,
        file,
        services.clock(),
        place_in_trail(services.store),
    )
    return kept.keep(new, taken, before=before, upto=upto, total=total)


def kept_uploads(services: Services, who: Principal) -> list[KeptUpload]:
    """This person's files of the last hour, the last one first; none once something is erased."""
    kept = _uploads(services)
    found = kept.of(_owner(who))
    if found and erased_since(services.store, min(one.place for one in found)):
        kept.drop([one.token for one in found])
        return []
    return found


def _uploads(services: Services) -> KeptUploads:
    with _LOCK:
        return _OF.setdefault(services.store, KeptUploads())


def _owner(who: Principal) -> Owner:
    return who.key_id, who.name
