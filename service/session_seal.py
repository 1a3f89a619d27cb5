"""What a signed-in browser keeps: the id of a key and an end, sealed so that only we can write it.

The key itself is in no cookie. Sealed is signed, not secret: HMAC-SHA-256 by itsdangerous.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

from models.errors import Unauthenticated

SESSION_COOKIE = "groundswell_session"
SIGN_ON_COOKIE = "groundswell_sign_on"


class SessionSeal:
    """Seals what a cookie holds, each under its purpose, and opens it again until its end."""

    def __init__(self, secret: str) -> None:
        self._secret = secret

    def seal(self, key_id: str, *, until: datetime) -> str:
        """A cookie's value for the holder of this key."""
        return self.seal_values(SESSION_COOKIE, {"key": key_id}, until=until)

    def open(self, value: str, *, now: datetime) -> str:
        """The key's id in a cookie's value.

        Raises:
            Unauthenticated: `session_over`, for one that is over or was not made here.
        """
        return str(self.open_values(SESSION_COOKIE, value, now=now)["key"])

    def seal_values(self, purpose: str, values: Mapping[str, str], *, until: datetime) -> str:
        """Seal these values; they open under the same purpose alone."""
        sealed = self._serializer(purpose).dumps({**values, "until": int(until.timestamp())})
        return sealed if isinstance(sealed, str) else sealed.decode()

    def open_values(self, purpose: str, value: str, *, now: datetime) -> dict[str, Any]:
        """The values that were sealed.

        Raises:
            Unauthenticated: `session_over`.
        """
        try:
            values: dict[str, Any] = self._serializer(purpose).loads(value)
        except BadData:
            raise _over() from None
        if now.timestamp() >= values.pop("until"):
            raise _over()
        return values

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(
            self._secret,
            salt=purpose,
            signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
        )


def _over() -> Unauthenticated:
    return Unauthenticated("The session is over; sign in again.", code="session_over")
