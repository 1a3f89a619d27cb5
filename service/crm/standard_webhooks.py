"""Standard Webhooks: what we ask of senders that have no scheme of their own.

The signature is the library's. Its `verify` is not used: it reads the clock itself, and a
malformed header makes it raise errors that are no refusals.
Source: https://github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md.
"""

from __future__ import annotations

from datetime import datetime

from standardwebhooks.webhooks import EmptyWebhookSecretError, Webhook

from service.crm.connector import SignedRequest
from service.crm.signatures import check_signature, check_window, epoch, header

ID_HEADER = "webhook-id"
SIGNATURE_HEADER = "webhook-signature"


def verify_standard(request: SignedRequest, secrets: tuple[str, ...], *, now: datetime) -> None:
    """Refuse what carries no `v1` signature by one of the secrets, or is not of these minutes.

    Raises:
        Unauthenticated: `signature_missing`, `signature_mismatch`, `timestamp_outside_window`.
    """
    message = header(request, ID_HEADER)
    stamp = epoch(header(request, "webhook-timestamp"))
    shown = [part for part in header(request, SIGNATURE_HEADER).split() if part.startswith("v1,")]
    expected = [signed for secret in secrets if (signed := _sign(secret, message, stamp, request))]
    check_signature(shown, expected)
    check_window(stamp, now)


def is_secret(secret: str) -> bool:
    """Whether the library can sign with it."""
    try:
        Webhook(secret)
    except (EmptyWebhookSecretError, ValueError):
        return False
    return True


def _sign(secret: str, message: str, stamp: datetime, request: SignedRequest) -> str | None:
    """The signature by this secret; None where there can be none."""
    try:
        return Webhook(secret).sign(message, stamp, request.body.decode())
    except (EmptyWebhookSecretError, ValueError):
        # Not base64 (a token of an unsigned vendor), or the body is not UTF-8.
        return None
