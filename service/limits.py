"""How much one caller may ask, and how much may wait to be read.

Nothing here is kept in the store: each process counts for itself, so N processes together let
a key ask N times as often. The queue's length is the store's own, and the same for all.
"""

from __future__ import annotations

import math
import re
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from models.errors import InvalidInput, TooMany, Unavailable

_SECONDS = {"second": 1, "minute": 60, "hour": 3_600}
_RATE = re.compile(r"([1-9]\d{0,8})/(second|minute|hour)")
# How long a count of the queue is believed.
RECOUNT_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Rate:
    """So many in so many seconds; all of them may come at once."""

    count: int
    seconds: int


def parse_rate(text: str) -> Rate | None:
    """`600/minute` as a Rate; None for `off`.

    Raises:
        InvalidInput: `bad_rate`.
    """
    if text == "off":
        return None
    match = _RATE.fullmatch(text)
    if match is None:
        raise InvalidInput(
            "A rate is a whole number per second, minute or hour, such as 600/minute, or off.",
            code="bad_rate",
        )
    return Rate(int(match[1]), _SECONDS[match[2]])


class Allowance:
    """Counts what each caller takes, by the generic cell rate algorithm: one number a caller.

    A caller who took nothing for a window has the whole count at once; after that it comes
    back evenly. `now` is in seconds, of any clock.
    """

    def __init__(self, rate: Rate | None, *, most_callers: int = 10_000) -> None:
        self._rate = rate
        self._most = most_callers
        # When each caller's allowance will be whole again.
        self._whole_at: dict[Hashable, float] = {}
        self._lock = threading.Lock()

    def take(self, caller: Hashable, now: float) -> float:
        """Take one; 0, or the seconds to wait when there is none left (then none is taken)."""
        rate = self._rate
        if rate is None:
            return 0.0
        with self._lock:
            wait = self._wait(caller, now, rate)
            if wait <= 0:
                step = rate.seconds / rate.count
                self._whole_at[caller] = max(self._whole_at.pop(caller, now), now) + step
                self._forget_some(now)
            return max(wait, 0.0)

    def wait(self, caller: Hashable, now: float) -> float:
        """The seconds until there is one to take; 0 when there is one now."""
        if self._rate is None:
            return 0.0
        with self._lock:
            return max(self._wait(caller, now, self._rate), 0.0)

    def _wait(self, caller: Hashable, now: float, rate: Rate) -> float:
        # A clock that was set back must not shut a caller out for longer than one window.
        whole_at = min(self._whole_at.get(caller, now), now + rate.seconds)
        return whole_at - now - (rate.seconds - rate.seconds / rate.count) - 1e-6

    def _forget_some(self, now: float) -> None:
        if len(self._whole_at) <= self._most:
            return
        for caller in [one for one, whole_at in self._whole_at.items() if whole_at <= now]:
            del self._whole_at[caller]
        while len(self._whole_at) > self._most:
            # The one who has not taken for the longest: each take moves its caller to the end.
            del self._whole_at[next(iter(self._whole_at))]


class IntakeQueue:
    """Says whether there is room for another note, without counting at every one.

    A count is believed for a second, or until as many notes have come as had room then,
    whichever is sooner. Whoever finds it old counts anew while the others go on. A batch takes
    one place when it comes and is stored whole, other processes take places of their own, and
    what is being stored just now is in no count: by so much the bound can be passed.

    Args:
        count: how many notes wait.
        bound: how many may wait.
        clock: seconds that only ever grow.
    """

    def __init__(
        self,
        count: Callable[[], int],
        bound: int,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._count = count
        self._bound = bound
        self._clock = clock
        self._room = 0
        self._full = False
        self._old_at = -math.inf
        self._lock = threading.Lock()
        self._counting = threading.Lock()

    def enter(self) -> None:
        """Take a place for a note, or refuse.

        Raises:
            Unavailable: `queue_full`; or the store's own trouble, as it can't be counted then.
        """
        if self._clock() >= self._old_at and self._counting.acquire(blocking=self._used_up()):
            try:
                self._recount()
            finally:
                self._counting.release()
        with self._lock:
            self._room -= 1
            if self._room >= 0:
                return
        if self._full:
            raise Unavailable(
                f"{self._bound:,} notes or more wait to be read; send this again in a while."
                " What was accepted is kept.",
                code="queue_full",
            )
        self._old_at = -math.inf
        self.enter()

    def _used_up(self) -> bool:
        return self._room <= 0

    def _recount(self) -> None:
        if self._clock() < self._old_at:
            return  # Somebody else has, while we waited to.
        room = self._bound - self._count()
        with self._lock:
            self._room = max(room, 0)
            self._full = room <= 0
            self._old_at = self._clock() + RECOUNT_SECONDS


class Limits:
    """All limits of one application.

    Args:
        requests: what one key may ask.
        wrong_keys: how many wrong keys one address may show to the API.
        logins: how many wrong keys one address may give to the login form.
        queue: the notes that wait.
    """

    def __init__(
        self,
        *,
        requests: Rate | None,
        wrong_keys: Rate | None,
        logins: Rate | None,
        queue: IntakeQueue,
    ) -> None:
        self.queue = queue
        self._requests = Allowance(requests)
        self._wrong_keys = Allowance(wrong_keys)
        self._logins = Allowance(logins)

    def count_request(self, key_id: str, now: float) -> None:
        """Count one request of a key.

        Raises:
            TooMany: `rate_limited`.
        """
        wait = self._requests.take(key_id, now)
        if wait:
            raise TooMany(
                "This key asks more often than GROUNDSWELL_RATE_LIMIT allows; wait, or send"
                " notes in batches.",
                code="rate_limited",
                retry_after=math.ceil(wait),
            )

    def count_wrong_key(self, address: str, now: float) -> None:
        """Count one wrong key that an address showed to the API.

        Raises:
            TooMany: `too_many_failures`.
        """
        _refuse(self._wrong_keys.take(address, now))

    def check_logins(self, address: str, now: float) -> None:
        """Refuse an address that has given too many wrong keys to the login form.

        Raises:
            TooMany: `too_many_failures`.
        """
        _refuse(self._logins.wait(address, now))

    def count_failed_login(self, address: str, now: float) -> None:
        """Count one wrong key that an address gave to the login form."""
        self._logins.take(address, now)


def _refuse(wait: float) -> None:
    if wait:
        raise TooMany(
            "Too many wrong keys came from this address; wait before the next try.",
            code="too_many_failures",
            retry_after=math.ceil(wait),
        )
