"""A reviewer who knows the gold: answers the review queue from its top, through the API alone.

By the definition of 'after n decisions': a proposed theme of which at least half of the
requests have one gold theme is accepted onto it, any other is rejected; of the requests in
doubt the largest group with one right answer is confirmed, moved or dismissed. One POST is one
decision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from clustering import quality
from service.flows.labelled_corpus import LabelledCorpus, LabelledNote

Row = Mapping[str, Any]

# What a request should be: on a gold theme; a one-off, on none; or no request at all.
ONE_OFF, NO_REQUEST = "", None


class Api(Protocol):
    """The service as its users see it: JSON in, JSON out; a refusal is an error."""

    def get(self, path: str, **query: str | int) -> Row:
        """The answer to a GET."""
        ...

    def post(self, path: str, body: Row) -> Row:
        """The answer to a POST."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """One decision: the theme it is on and the body to post."""

    theme_id: str
    body: Row


class SimulatedReviewer:
    """Answers the queue of a store that holds this corpus and its taxonomy."""

    def __init__(self, api: Api, corpus: LabelledCorpus) -> None:
        self._api = api
        self._pairs = corpus.themes
        self._truth = dict(_truths(_pages(api, "/requests"), corpus))
        self._item_themes = {
            (row["feature_area"], row["customer_need"]): str(row["id"])
            for row in _pages(api, "/themes", status="accepted")
        }

    def answer_next(self) -> bool:
        """Answer what stands at the top of the queue; False where it is empty."""
        queue = self._api.get("/review", limit=1)["data"]
        if not queue:
            return False
        answer = self.answer_to(queue[0])
        self._api.post(f"/themes/{answer.theme_id}/decisions", answer.body)
        return True

    def answer_to(self, row: Row) -> Answer:
        """What this reviewer says to one row of the queue."""
        theme_id = row["theme"]["id"]
        if row["kind"] == "theme":
            members = self._api.get(f"/themes/{theme_id}")["members"]
            return Answer(theme_id, self._of_theme([member["id"] for member in members]))
        return Answer(theme_id, self._of_requests(theme_id, row["requests"]))

    def _of_theme(self, members: Sequence[str]) -> Row:
        gold = quality.stands_for([self._truth[request] or None for request in members])
        if gold is None:
            return {"action": "reject", "reason": "Its requests ask for different things."}
        area, need = self._pairs[gold]
        return {"action": "accept", "feature_area": area, "customer_need": need}

    def _of_requests(self, theme_id: str, rows: Sequence[Row]) -> Row:
        truths = Counter(self._truth[row["id"]] for row in rows)
        # The first of equal groups is that of the request shown first.
        truth = max(truths, key=lambda name: truths[name])
        chosen = [row["id"] for row in rows if self._truth[row["id"]] == truth]
        if truth is NO_REQUEST:
            return {"action": "dismiss", "requests": chosen, "reason": "Nobody asks for this."}
        target = None if truth == ONE_OFF else self._item_themes[self._pairs[truth]]
        if target == theme_id:
            return {"action": "confirm", "requests": chosen}
        return {"action": "move", "requests": chosen, "to": target}


def _truths(rows: Iterator[Row], corpus: LabelledCorpus) -> Iterator[tuple[str, str | None]]:
    """Request id -> its gold theme, `ONE_OFF` or `NO_REQUEST`, by the matching of the scores."""
    by_note: dict[str, list[Row]] = {}
    for row in rows:
        by_note.setdefault(row["external_id"], []).append(row)
    labelled: dict[str, LabelledNote] = {one.note.external_id: one for one in corpus.notes}
    for name, found in by_note.items():
        gold = labelled[name].gold
        ordered = sorted(found, key=lambda row: int(row["start"]))
        pairs = dict(
            quality.match_spans(
                [(row["start"], row["end"]) for row in ordered],
                [(span.start, span.end) for span in gold],
            )
        )
        for place, row in enumerate(ordered):
            met = pairs.get(place)
            yield row["id"], NO_REQUEST if met is None else gold[met].theme_id or ONE_OFF


def _pages(api: Api, path: str, **query: str) -> Iterator[Row]:
    cursor = ""
    while True:
        page = api.get(path, limit=500, cursor=cursor, **query)
        yield from page["data"]
        cursor = page["next_cursor"]
        if not cursor:
            return
