"""What the process tells about itself: metrics, and log lines without text or secrets.

Each application has a registry of its own, so that two in one process (the tests) don't
count into each other.
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from models.errors import Unavailable
from service.flows.health import StoreFigures

log = logging.getLogger("groundswell")


class StoreCollector(Collector):
    """Asks the store for its figures at each scrape; a store that can't answer shows as down."""

    def __init__(self, figures: Callable[[], StoreFigures]) -> None:
        self._figures = figures

    def describe(self) -> Iterable[Metric]:
        # Nothing: the default would ask the store while the registry is being built.
        return []

    def collect(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("groundswell_store_up", "1 when the store answers.")
        try:
            figures = self._figures()
        except Unavailable:
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        yield GaugeMetricFamily(
            "groundswell_notes_pending", "Notes waiting to be read.", figures.pending_notes
        )
        yield _labelled(
            "groundswell_jobs", "Jobs by kind and state.", ("kind", "state"), figures.jobs
        )
        yield _labelled("groundswell_requests", "Requests by state.", ("state",), figures.requests)
        yield _labelled(
            "groundswell_notes_read",
            "Notes read, by language (ISO 639-1); empty where it could not be told.",
            ("language",),
            figures.languages,
        )
        yield _labelled(
            "groundswell_fetches",
            "Notes named by a vendor's events and not fetched yet.",
            ("source", "state"),
            figures.fetches,
        )


def _labelled(
    name: str, text: str, labels: tuple[str, ...], counts: Iterable[tuple[tuple[str, ...], int]]
) -> Metric:
    family = GaugeMetricFamily(name, text, labels=labels)
    for values, count in counts:
        family.add_metric(values, count)
    return family


class Telemetry:
    """The HTTP counters and the registry of one application."""

    def __init__(self, figures: Callable[[], StoreFigures]) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(StoreCollector(figures))
        self._requests = Counter(
            "groundswell_http_requests",
            "HTTP requests by method, route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "groundswell_http_seconds",
            "Seconds to the answer by method and route.",
            ("method", "route"),
            registry=self.registry,
        )

        self._records = Counter(
            "groundswell_webhook_records",
            "Records that came by webhook, by source and what became of them.",
            ("source", "outcome"),
            registry=self.registry,
        )

    def count_records(self, source: str, outcomes: Mapping[str, int]) -> None:
        """Record what became of the records of one delivery."""
        for outcome, number in outcomes.items():
            if number:
                self._records.labels(source, outcome).inc(number)

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """Record one answered request. `route` is the template, never the path as asked."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)


def log_failure(error: BaseException, *, where: str, request_id: str = "-") -> None:
    """Log an unexpected error: its class and where it came from, never its message.

    Messages of database and parsing errors quote what was being stored, which may be the
    text of a customer's note.
    """
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    trail = " < ".join(f"{frame.filename}:{frame.lineno}:{frame.name}" for frame in frames[::-1])
    log.error(
        "unexpected %s in %s request_id=%s at %s", type(error).__name__, where, request_id, trail
    )


def configure_logging() -> None:
    """Log lines to stderr, one per event, for `serve` and `work`."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # One line a request comes from us (without the path as asked, which may hold a secret).
    logging.getLogger("uvicorn.access").disabled = True
    # It would tell every call of a vendor's API.
    logging.getLogger("httpx").setLevel(logging.WARNING)
