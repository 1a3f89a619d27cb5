"""Which signals a decision moved besides the one that it was made on.

A decision teaches: what a machine had placed can go elsewhere by it, on themes that nobody
looked at. So the levels before it are held against those after it. They are of the board that
is kept anyway; where it is not at hand, nothing is told rather than anybody kept waiting.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from models.policy import Level
from models.window import Calendar
from service.flows.boards import Judging, kept_board
from service.storage import themes
from service.storage.engine import Store

# Decisions that are told of: those that somebody may just have made.
_MOST = 200


@dataclass(frozen=True, slots=True)
class MovedSignal:
    """A signal on another level than before; `after` is None where nobody asks for it now."""

    theme_id: str
    label: str
    before: Level
    after: Level | None


@dataclass(frozen=True, slots=True)
class Levels:
    """The level of each theme on a board, in its order, as of a data version."""

    version: int
    judging: Judging
    by_theme: Mapping[str, Level]


_LOCK = threading.Lock()
_KNOWN: WeakKeyDictionary[Store, Levels] = WeakKeyDictionary()
# No words: what a theme is called is looked up when it is told, for words can be erased.
_Step = tuple[str, Level, Level | None]
_MOVED: WeakKeyDictionary[Store, OrderedDict[str, Sequence[_Step]]] = WeakKeyDictionary()


def know_levels(store: Store, judging: Judging, calendar: Calendar) -> Levels:
    """Look at the board as it is now, so that the levels are at hand when somebody decides."""
    with store.read() as connection:
        version = store.data_version(connection)
        board = kept_board(store, connection, judging, calendar=calendar)
    now = Levels(
        version,
        judging,
        {signal.theme.theme_id: signal.level for signal in board.signals},
    )
    with _LOCK:
        known = _KNOWN.get(store)
        if known is None or known.version <= version:
            _KNOWN[store] = now
    return now


def levels_at_hand(store: Store, judging: Judging) -> Levels | None:
    """The levels as they are now; None where nobody has looked since the last write."""
    with _LOCK:
        known = _KNOWN.get(store)
    if known is None or known.judging != judging:
        return None
    with store.read() as connection:
        return known if store.data_version(connection) == known.version else None


def note_moved(
    store: Store, calendar: Calendar, before: Levels, *, decision_id: str, theme_id: str
) -> None:
    """Remember what the decision on this theme has moved; nothing where others wrote meanwhile."""
    after = know_levels(store, before.judging, calendar)
    if after.version != before.version + 1:
        return
    moved = [
        (key, level, after.by_theme.get(key))
        for key, level in before.by_theme.items()
        if key != theme_id and after.by_theme.get(key) is not level
    ]
    with _LOCK:
        told = _MOVED.setdefault(store, OrderedDict())
        told[decision_id] = moved
        while len(told) > _MOST:
            told.popitem(last=False)


def moved_by(store: Store, decision_id: str) -> Sequence[MovedSignal]:
    """What the decision has moved, as far as this process knows, in the order of the board."""
    with _LOCK:
        steps = _MOVED.get(store, OrderedDict()).get(decision_id, ())
    if not steps:
        return ()
    with store.read() as connection:
        known = themes.get_many(connection, [theme_id for theme_id, _, _ in steps])
    return [
        MovedSignal(theme_id, known[theme_id].label, before, after)
        for theme_id, before, after in steps
        if theme_id in known
    ]
