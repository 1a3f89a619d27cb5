"""The addresses of the board and of the receipts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import RedirectResponse, Response

from service.dependencies import FormBody, Services, ServicesOf, SightOf, may
from service.flows.board_view import board_view
from service.flows.health import store_figures
from service.flows.signal_csv import signals_csv
from service.flows.signal_story import signal_story
from service.flows.signals import SignalQuery, signals
from service.masking import Sight
from service.rendering import plain_record
from service.security import ROLES_THAT, Principal, Right
from service.web.answering import PageRoute, Text, draw
from service.web.deciding.forms import Names, read_fields
from service.web.deciding.taking import take
from service.web.figures import link
from service.web.signals.board import FILTERS, board_page
from service.web.signals.delivery import read_delivery
from service.web.signals.evidence_rows import ACCOUNTS, QUOTES
from service.web.signals.receipt import Sees, Told, receipt_page
from service.web.undoing import after, done_line

router = APIRouter(route_class=PageRoute, include_in_schema=False)

# More than a person reads in one go, and a page that still draws at once.
ROWS = 100


@dataclass(frozen=True, slots=True)
class Asked:
    """What a page is asked to judge, and the filters: all of it is in the address."""

    judged: dict[str, str]
    chosen: dict[str, str]
    cursor: str

    def query(self, services: Services, *, limit: int | None) -> SignalQuery:
        """The same for the flows."""
        return SignalQuery(
            quarter=self.judged["quarter"] or None,
            as_of=self.judged["as_of"] or None,
            policy=services.settings.policy_called(self.judged["policy"] or None),
            **{name: value or None for name, value in self.chosen.items()},
            cursor=self.cursor,
            limit=limit,
        )


def asked_for(
    quarter: Text = "",
    as_of: Text = "",
    policy: Text = "",
    level: Text = "",
    feature_area: Text = "",
    severity: Text = "",
    segment: Text = "",
    status: Text = "",
    cursor: Text = "",
) -> Asked:
    """The page's address, read."""
    values = (level, feature_area, severity, segment, status)
    return Asked(
        {"quarter": quarter, "as_of": as_of, "policy": policy},
        dict(zip(FILTERS, values, strict=True)),
        cursor,
    )


AskedFor = Annotated[Asked, Depends(asked_for)]
Reader = Annotated[Principal, may(Right.READ_SIGNALS)]


@router.get("/")
def board(services: ServicesOf, who: Reader, asked: AskedFor) -> Response:
    """The signals of a quarter; every filter is in the address."""
    view = board_view(
        services.store,
        asked.query(services, limit=ROWS),
        today=services.today(),
        calendar=services.settings.calendar,
    )
    query = {**asked.judged, **asked.chosen, "cursor": asked.cursor}
    page = board_page(plain_record(view), query, partial(store_figures, services.store))
    return draw("board.html", page, who=who, here="/")


@router.get("/board.csv")
def board_as_csv(services: ServicesOf, who: Reader, asked: AskedFor) -> Response:
    """Every row that the page's filters let through, to be kept as a file."""
    found = signals(
        services.store,
        asked.query(services, limit=None),
        today=services.today(),
        calendar=services.settings.calendar,
    )
    name = f"signals-{found['quarter']}.csv"
    return Response(
        signals_csv(found),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/board/{theme_id}")
def one_signal(
    services: ServicesOf,
    who: Reader,
    sight: SightOf,
    theme_id: str,
    asked: AskedFor,
    accounts: Text = "",
    quotes: Annotated[int, Query(ge=0, le=10**6)] = 0,
    done: Text = "",
) -> Response:
    """Why one theme is at its level, down to each quote in its note."""
    told = Told(done=done_line(services, done))
    every = accounts == "all"
    return _receipt(services, who, sight, theme_id, asked, told, every=every, quotes=quotes)


@router.post("/board/{theme_id}/delivery")
def deliver(
    services: ServicesOf,
    who: Annotated[Principal, may(Right.DECIDE)],
    sight: SightOf,
    theme_id: str,
    asked: AskedFor,
    body: FormBody,
) -> Response:
    """Say what product does about it; refused, the page says why and keeps what was typed."""
    fields = read_fields(body.data)
    taken = take(services, who, fields, Names({}, {}), read=partial(read_delivery, theme_id))
    if taken.decision_id:
        back = after(link(f"/board/{theme_id}", asked.judged), taken.decision_id)
        return RedirectResponse(back, status_code=303)
    told = Told(refused=taken.refused, state=fields.one.get("state", ""), typed=fields.one)
    return _receipt(services, who, sight, theme_id, asked, told, status=taken.status)


def _receipt(
    services: Services,
    who: Principal,
    sight: Sight,
    theme_id: str,
    asked: Asked,
    told: Told,
    *,
    every: bool = False,
    quotes: int = 0,
    status: int = 200,
) -> Response:
    story = signal_story(
        services.store,
        theme_id,
        asked.query(services, limit=None),
        today=services.today(),
        calendar=services.settings.calendar,
        mask=sight.mask,
        accounts=None if every else ACCOUNTS,
        quotes_from=quotes,
        quotes=QUOTES,
    )
    sees = Sees(
        notes=who.role in ROLES_THAT[Right.READ_REQUESTS],
        delivers=who.role in ROLES_THAT[Right.DECIDE],
        undoes=who.role in ROLES_THAT[Right.REVIEW],
    )
    query = {"as_of": asked.judged["as_of"]}
    page = receipt_page(plain_record(story), query, sees, told)
    return draw("receipt.html", page, who=who, here="/", status=status)
