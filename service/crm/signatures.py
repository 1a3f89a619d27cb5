"""What the vendors' schemes have in common: constant-time comparison, the time window, secrets.

Every comparison looks at every secret, so that how long it takes tells nothing of which one
fitted.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from models.errors import Unauthenticated
from service.crm.connector import SignedRequest

WINDOW = timedelta(minutes=5)


def header(request: SignedRequest, name: str) -> str:
    """A header that the scheme needs.

    Raises:
        Unauthenticated: `signature_missing`.
    """
    value = request.headers.get(name, "").strip()
    if not value:
        raise Unauthenticated(
            f"The request carries no {name} header; sign it as the connector's page says.",
            code="signature_missing",
        )
    return value


def check_signature(shown: Iterable[str], expected: Iterable[str]) -> None:
    """Refuse a request that shows none of the expected signatures.

    Raises:
        Unauthenticated: `signature_mismatch`.
    """
    if not _any_equal(shown, expected):
        raise Unauthenticated(
            "The signature does not fit this body; check the secret on both sides, and that"
            " nothing on the way changes the request.",
            code="signature_mismatch",
        )


def check_window(moment: datetime, now: datetime) -> None:
    """Refuse what was signed more than five minutes before or after `now`.

    Raises:
        Unauthenticated: `timestamp_outside_window`.
    """
    if abs(now - moment) > WINDOW:
        raise Unauthenticated(
            "The request was signed more than five minutes from now; send it anew, and check"
            " the clocks.",
            code="timestamp_outside_window",
        )


def epoch(text: str, *, milliseconds: bool = False) -> datetime:
    """The instant that a timestamp header names.

    Raises:
        Unauthenticated: `timestamp_outside_window` for what is no whole number of this era.
    """
    if text.isascii() and text.isdigit() and len(text) <= 15:
        number = int(text) / 1_000 if milliseconds else int(text)
        try:
            return datetime.fromtimestamp(number, UTC)
        except (OverflowError, OSError, ValueError):
            pass
    raise bad_timestamp()


def bad_timestamp() -> Unauthenticated:
    """The refusal of a timestamp that can't be read."""
    return Unauthenticated(
        "The timestamp of the signature can't be read; send it as the vendor's scheme says.",
        code="timestamp_outside_window",
    )


def check_shared_secret(request: SignedRequest, secrets: tuple[str, ...]) -> None:
    """For vendors that sign nothing: a secret as Bearer, as Basic password or as ?token=.

    Raises:
        Unauthenticated: `secret_missing`, `secret_mismatch`.
    """
    shown = [*_credentials(request.headers.get("authorization", "")), request.query.get("token")]
    given = [secret for secret in shown if secret]
    if not given:
        raise Unauthenticated(
            "Show the secret as 'Authorization: Bearer SECRET', as the password of Basic"
            " authentication or as ?token=SECRET.",
            code="secret_missing",
        )
    if not _any_equal(given, secrets):
        raise Unauthenticated(
            "The secret shown is not the one that is set for this source.", code="secret_mismatch"
        )


def _any_equal(shown: Iterable[str], expected: Iterable[str]) -> bool:
    wanted = [value.encode("utf-8", "surrogatepass") for value in expected]
    found = False
    for value in shown:
        given = value.encode("utf-8", "surrogatepass")
        for each in wanted:
            found |= hmac.compare_digest(given, each)
    return found


def _credentials(authorization: str) -> list[str]:
    scheme, _, value = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return [value.strip()]
    if scheme.lower() == "basic":
        try:
            pair = base64.b64decode(value.strip(), validate=True).decode()
        except (binascii.Error, ValueError):
            return []
        return [pair.partition(":")[2]]
    return []
