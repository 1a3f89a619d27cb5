"""How fluid the map is: frames while it is moved and zoomed, of 20,000 points in a browser.

    python -m benchmarks.large_store build/large.db
    python -m benchmarks.map_frames build/large.db [--points 20000] [--themes 500]

Chromium (headless, no graphics card) moves the map of a made-up picture, drawn by the page's
own script. Printed are how long that picture took to lay out from 384 dimensions, the script's
own time for a frame, and the time between frames as the browser shows them, in milliseconds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.processes import free_port, groundswell, running, wait_for
from clustering.layout import laid_out
from service.flows.quarter_map import GRID

_WIDTH, _HEIGHT = 1280, 900
_MOVES = 120
# Counts the script's own drawing, and when each frame came.
_WATCH = """() => {
  window.costs = []; window.frames = [];
  const draw = picture.draw.bind(picture);
  picture.draw = (options) => {
    const began = performance.now(); draw(options); window.costs.push(performance.now() - began);
  };
  const tick = (at) => { window.frames.push(at); requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
}"""


def made_up(points: int, themes: int) -> tuple[dict[str, Any], float]:
    """A picture as the page asks for it, and the seconds that its layout took."""
    rng = np.random.default_rng(7)
    areas = rng.standard_normal((max(2, themes // 10), 384))
    middles = areas[rng.integers(0, len(areas), themes)] + rng.standard_normal((themes, 384))
    share = 1 / np.arange(1, themes + 1) ** 0.7
    theme = rng.choice(themes, points, p=share / share.sum())
    rows = middles[theme] + 0.6 * rng.standard_normal((points, 384))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = [f"r_{number:032x}" for number in range(points)]
    began = time.perf_counter()
    found = laid_out(rows.astype(np.float32), theme.astype(np.int64), ids)
    took = time.perf_counter() - began
    steps = np.rint(found.positions * GRID).astype(int)
    islands = np.rint(np.column_stack([found.centres, found.radii]) * GRID).astype(int)
    levels = ("p1", "signal", "candidate", "anecdote")
    return {
        "quarter": "2026-Q3",
        "grid": GRID,
        "themes": [
            {"id": f"t_{n}", "label": f"Theme {n}", "level": levels[n % 4]} for n in range(themes)
        ],
        "islands": islands.tolist(),
        "ids": ids,
        "theme": theme.tolist(),
        "x": steps[:, 0].tolist(),
        "y": steps[:, 1].tolist(),
        "unplaced": 0,
    }, took


def moved(address: str, picture: bytes) -> tuple[list[float], list[float]]:
    """The script's milliseconds for each frame, and those between frames, while it is moved."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": _WIDTH, "height": _HEIGHT})
        page.route(
            "**/desk/map/points*",
            lambda route: route.fulfill(body=picture, content_type="application/json"),
        )
        page.goto(address)
        page.wait_for_selector("#map[data-ready]")
        page.evaluate(_WATCH)
        page.mouse.move(_WIDTH / 2, _HEIGHT / 2)
        page.mouse.down()
        for step in range(_MOVES):
            page.mouse.move(_WIDTH / 2 + 3 * (step % 40), _HEIGHT / 2 + 2 * (step % 30))
        page.mouse.up()
        for step in range(_MOVES // 2):
            page.mouse.wheel(0, -20 if step % 20 < 12 else 20)
        page.wait_for_timeout(300)
        costs, frames = page.evaluate("[window.costs, window.frames]")
        browser.close()
    return costs, [after - before for before, after in pairwise(frames)]


def told(name: str, values: Sequence[float]) -> str:
    """A line of a median, a 95th percentile and the slowest."""
    ranked = sorted(values)
    slow = ranked[int(len(ranked) * 0.95)]
    return (
        f"{name:26} median {statistics.median(ranked):6.1f}  95 % {slow:6.1f}"
        f"  slowest {ranked[-1]:6.1f}  of {len(ranked)}"
    )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--points", type=int, default=20_000)
    parser.add_argument("--themes", type=int, default=500)
    asked = parser.parse_args()
    picture, took = made_up(asked.points, asked.themes)
    body = json.dumps(picture, separators=(",", ":")).encode()
    print(f"layout of {asked.points:,} points: {took:.1f} s")
    print(f"document: {len(body) / 1e6:.2f} MB, {len(gzip.compress(body, 1)) / 1e6:.2f} MB packed")
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "store.db"
        shutil.copyfile(asked.file, copy)
        port = free_port()
        variables = {"GROUNDSWELL_DATABASE_URL": f"sqlite:///{copy}", "GROUNDSWELL_AUTH": "off"}
        command = groundswell("serve", "--no-worker", "--port", str(port))
        with running(command, variables):
            wait_for(port)
            costs, gaps = moved(f"http://127.0.0.1:{port}/desk/map?quarter=2026-Q3", body)
    print(told("drawing, ms a frame", costs))
    print(told("between frames, ms", gaps))


if __name__ == "__main__":
    main()
