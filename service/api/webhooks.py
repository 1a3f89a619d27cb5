"""Webhooks: what CRMs send by themselves, checked by the vendor's own scheme.

No key is asked for, and the check is made whatever GROUNDSWELL_AUTH says. Without a secret the
address does not exist.
"""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from models.errors import InvalidInput, NotFound, Unauthenticated
from service.api.answers import answer, errors
from service.api.schemas_webhooks import DeliveryAnswer
from service.api.schemas_write import NoteBody, documented
from service.crm.catalogue import CONNECTORS
from service.crm.connector import Answer, Connector, Delivery, NoteChange, SignedRequest
from service.crm.slack_forms import open_form
from service.dependencies import DeliveryBody, Services, ServicesOf, caller_address
from service.flows.receive import DeliveryReceipt

router = APIRouter(tags=["webhooks"])
log = logging.getLogger("groundswell.webhooks")

_NOTE = {
    "source": "crm",
    "external_id": "n-1",
    "account_id": "a-1",
    "csm_id": "c-1",
    "occurred_at": "2026-07-03T09:30:00Z",
    "revised_at": "2026-07-03T09:35:00Z",
    "text": "They need to export everything at once.",
}
_COUNTED = ("accepted", "duplicate", "updated", "stale", "deleted", "forgotten", "fetching")


def _connector(services: ServicesOf, source: str) -> Connector:
    """The connector of a source that has a secret; asked before a byte of the body is read."""
    connector = CONNECTORS.get(source)
    if connector is None or not services.settings.webhook_secrets(source):
        raise NotFound(
            "There is no webhook at this address; each is off until its secret is set, see"
            " GROUNDSWELL_WEBHOOK_SECRET_<SOURCE>.",
            code="webhook_off",
        )
    return connector


ConnectorOf = Annotated[Connector, Depends(_connector)]


@router.post(
    "/webhooks/{source}",
    summary="Take in what a CRM sends",
    responses={
        200: {
            "model": DeliveryAnswer,
            "description": "Stored, or stored before. Slack and Salesforce's Outbound Message are"
            " answered in their own forms.",
        },
        **errors(400, 401, 403, 404, 413, 422, 503),
    },
    openapi_extra=documented(NoteBody, example=_NOTE),
)
def post_webhook(
    request: Request, services: ServicesOf, connector: ConnectorOf, body: DeliveryBody
) -> Response:
    """The vendor's payload under the vendor's signature; `generic` takes the body of POST /notes,
    signed by Standard Webhooks. See docs/connectors."""
    settings = services.settings
    wanted = settings.webhook_preferences(connector.source)
    signed = _as_signed(request, body.data, settings.public_url)
    now = services.clock()
    try:
        secrets = settings.webhook_secrets(connector.source)
        connector.verify(signed, secrets, wanted, now=now)
    except Unauthenticated:
        services.limits.count_wrong_key(caller_address(request), now.timestamp())
        raise
    delivery = connector.parse(signed, wanted)
    if any(isinstance(change, NoteChange) for change in delivery.changes):
        services.limits.queue.enter()
    try:
        receipt = services.intake.receive(connector.source, delivery.changes, now=now)
    except InvalidInput:
        services.telemetry.count_records(connector.source, {"rejected": len(delivery.changes)})
        if delivery.refusal is None:
            raise
        return _own(delivery.refusal)
    services.telemetry.count_records(connector.source, _counts(receipt))
    _show_form(delivery, services)
    return answer(receipt) if delivery.answer is None else _own(delivery.answer)


@router.head("/webhooks/{source}", include_in_schema=False)
def probe_webhook(connector: ConnectorOf) -> Response:
    """Some vendors look whether anyone is there before they save the address."""
    return Response(headers={"Cache-Control": "no-store"})


def _as_signed(request: Request, body: bytes, public_url: str | None) -> SignedRequest:
    """The request as its sender saw it: behind a proxy the address is the public one."""
    path = (request.scope.get("raw_path") or request.url.path.encode()).partition(b"?")[0]
    query = request.scope.get("query_string", b"")
    base = public_url or f"{request.url.scheme}://{request.headers.get('host', '')}"
    address = path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
    return SignedRequest(
        method=request.method,
        url=base.rstrip("/") + address,
        headers={name.lower(): value for name, value in request.headers.items()},
        query=dict(request.query_params),
        body=body,
    )


def _counts(receipt: DeliveryReceipt) -> dict[str, int]:
    counts = {name: int(getattr(receipt, name)) for name in _COUNTED}
    return counts | {"skipped": len(receipt.skipped), "rejected": len(receipt.rejected)}


def _show_form(delivery: Delivery, services: Services) -> None:
    token = services.settings.slack_token
    if delivery.form is None or token is None:
        return
    if not open_form(token.get_secret_value(), *delivery.form):
        log.warning("Slack did not open the form that asks for the account")


def _own(own: Answer) -> Response:
    return Response(own.body, media_type=own.media_type, headers={"Cache-Control": "no-store"})
