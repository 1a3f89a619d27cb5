"""The map: every request of a quarter in the plane, and the themes that they are on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Connection

from clustering.layout import Layout, laid_out
from models.policy import Policy
from models.signal import Board, Signal
from models.window import Calendar, Window
from service.flows.boards import kept_board
from service.flows.candidates import current_encoder
from service.flows.kept import Kept
from service.flows.signals import SignalQuery, judging_of
from service.storage import map_points, vectors
from service.storage.engine import Store
from service.storage.map_points import MapRow

# A quarter of more requests than this shows its newest.
MOST = 40_000
# Positions are told in so many steps of the picture's width.
GRID = 4_095
_QUARTERS = 4


@dataclass(frozen=True, slots=True)
class MapTheme:
    """A theme with a request in the quarter. `level` is its board's word for it."""

    theme_id: str
    label: str
    status: str
    level: str
    feature_area: str | None
    accounts: int
    requests: int


@dataclass(frozen=True, slots=True)
class MapThemes:
    """The quarter's themes, highest level first, and how many of its requests are on none."""

    quarter: str
    themes: list[MapTheme]
    waiting: int

    @property
    def requests(self) -> int:
        """All requests of the quarter."""
        return self.waiting + sum(theme.requests for theme in self.themes)


@dataclass(frozen=True, slots=True)
class MapPoints:
    """Where the quarter's requests stand, each by its place in the lists.

    Attributes:
        themes: as in `MapThemes`.
        islands: for each theme [x, y, radius]; the radius 0 for one without a place.
        ids: of the requests.
        theme: for each request the index of its theme, -1 for none.
        x, y: 0 to `GRID`.
        unplaced: requests that have no vector yet and no theme to stand on.
    """

    quarter: str
    themes: list[MapTheme]
    islands: list[list[int]]
    ids: list[str]
    theme: list[int]
    x: list[int]
    y: list[int]
    unplaced: int


@dataclass(frozen=True, slots=True)
class _Picture:
    """A layout, the requests that were asked for, and those that it places, in its order.

    `silent` are the keys of vectors that were not there when it was drawn.
    """

    encoder: str
    asked: Sequence[MapRow]
    silent: frozenset[str]
    rows: Sequence[MapRow]
    theme_ids: Sequence[str]
    layout: Layout
    unplaced: int


_PICTURES: Kept[_Picture] = Kept(most=_QUARTERS)
# The last ones drawn, by quarter: most writes leave a quarter's requests where they were.
_DRAWN: WeakKeyDictionary[Store, dict[Window, _Picture]] = WeakKeyDictionary()


def map_themes(
    store: Store, quarter: str, *, today: date, calendar: Calendar, policy: Policy
) -> MapThemes:
    """The themes of a quarter (empty: today's).

    Raises:
        InvalidInput: `unknown_quarter`.
    """
    judging = judging_of(
        SignalQuery(quarter=quarter or None, policy=policy), today=today, calendar=calendar
    )
    with store.read() as connection:
        board = kept_board(store, connection, judging, calendar=calendar)
        counts = map_points.counts(connection, calendar.window(judging.quarter))
    return _themes(board, counts)


def map_points_of(
    store: Store, quarter: str, *, today: date, calendar: Calendar, policy: Policy
) -> MapPoints:
    """Where the requests of a quarter stand. The first answer of a new picture takes seconds.

    Raises:
        InvalidInput: `unknown_quarter`.
    """
    judging = judging_of(
        SignalQuery(quarter=quarter or None, policy=policy), today=today, calendar=calendar
    )
    window = calendar.window(judging.quarter)
    with store.read() as connection:
        board = kept_board(store, connection, judging, calendar=calendar)
        counts = map_points.counts(connection, window)
        picture = _PICTURES.get(
            store,
            connection,
            window,
            lambda: _picture(store, connection, window),
        )
    found = _themes(board, counts)
    return _points(found, picture)


def _themes(board: Board, counts: Mapping[str | None, int]) -> MapThemes:
    themes = [_theme(signal, counts) for signal in board.signals]
    on_a_theme = sum(theme.requests for theme in themes)
    return MapThemes(str(board.quarter), themes, sum(counts.values()) - on_a_theme)


def _theme(signal: Signal, counts: Mapping[str | None, int]) -> MapTheme:
    return MapTheme(
        theme_id=signal.theme.theme_id,
        label=signal.theme.label,
        status=signal.theme.status.value,
        level=signal.level.value,
        feature_area=signal.theme.feature_area,
        accounts=len(signal.evidence.accounts),
        requests=counts.get(signal.theme.theme_id, 0),
    )


def _picture(store: Store, connection: Connection, window: Window) -> _Picture:
    """The window's picture, drawn anew only where its requests are not where they were."""
    rows = map_points.in_window(connection, window, most=MOST)
    encoder = current_encoder(connection) or ""
    drawn = _DRAWN.setdefault(store, {})
    last = drawn.pop(window, None)
    if last is None or (last.encoder, last.asked) != (encoder, rows) or _speaks(connection, last):
        last = _drawn(connection, rows, encoder)
    drawn[window] = last
    while len(drawn) > _QUARTERS:
        drawn.pop(next(iter(drawn)), None)
    return last


def _speaks(connection: Connection, picture: _Picture) -> bool:
    """Whether there is a vector now that was not there when the picture was drawn."""
    silent = picture.silent
    return len(vectors.missing(connection, silent, picture.encoder)) < len(silent)


def _drawn(connection: Connection, rows: Sequence[MapRow], encoder: str) -> _Picture:
    """Lay out the requests that have a vector; another of a theme stands in its middle."""
    known = vectors.load(connection, (row.vector_key for row in rows), encoder)
    with_vector = [row for row in rows if row.vector_key in known]
    theme_ids = sorted({row.theme_id for row in with_vector if row.theme_id is not None})
    place = {theme_id: index for index, theme_id in enumerate(theme_ids)}
    dimensions = len(next(iter(known.values()))) if known else 2
    layout = laid_out(
        np.stack([known[row.vector_key] for row in with_vector])
        if with_vector
        else np.zeros((0, dimensions), np.float32),
        np.array([place.get(row.theme_id or "", -1) for row in with_vector], dtype=np.int64),
        [row.request_id for row in with_vector],
    )
    silent = [row for row in rows if row.vector_key not in known and row.theme_id in place]
    middles = layout.centres[[place[row.theme_id or ""] for row in silent]]
    placed = [*with_vector, *silent]
    return _Picture(
        encoder,
        rows,
        frozenset(row.vector_key for row in rows if row.vector_key not in known),
        placed,
        theme_ids,
        Layout(
            np.concatenate([layout.positions, middles.reshape(-1, 2)]),
            layout.centres,
            layout.radii,
        ),
        len(rows) - len(placed),
    )


def _points(found: MapThemes, picture: _Picture) -> MapPoints:
    index = {theme.theme_id: place for place, theme in enumerate(found.themes)}
    island = dict(zip(picture.theme_ids, range(len(picture.theme_ids)), strict=True))
    layout = picture.layout
    steps = np.rint(layout.positions * GRID).astype(int)
    middles = np.rint(np.column_stack([layout.centres, layout.radii]) * GRID).astype(int)
    return MapPoints(
        quarter=found.quarter,
        themes=found.themes,
        islands=[
            middles[island[theme.theme_id]].tolist() if theme.theme_id in island else [0, 0, 0]
            for theme in found.themes
        ],
        ids=[row.request_id for row in picture.rows],
        theme=[index.get(row.theme_id or "", -1) for row in picture.rows],
        x=steps[:, 0].tolist(),
        y=steps[:, 1].tolist(),
        unplaced=picture.unplaced,
    )
