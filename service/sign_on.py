"""Single sign-on by OpenID Connect: the authorization code flow with PKCE, by authlib.

What the provider says is believed only after its ID token's signature, issuer, audience, times
and nonce have been checked. Called in a thread; nothing here knows a cookie or a page.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn

from models.access import Role
from models.errors import Forbidden, Unauthenticated, Unavailable
from service.access_settings import AccessSettings, is_safe_address
from service.flows.sessions import Identity

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

# Signatures by the provider's private key: none by a shared secret, and never "none".
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
CALLBACK_PATH = "/login/oidc/callback"
_SCOPE = "openid profile email"
_DISCOVERY = "/.well-known/openid-configuration"
_TIMEOUT_SECONDS = 10.0
# How far the provider's clock may be from ours.
_LEEWAY_SECONDS = 60
# Of several roles that a person has there, the first of these is theirs here.
_BY_RANK = (Role.ADMIN, Role.CS_OPS, Role.PRODUCT, Role.CSM, Role.INGEST)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What must come back, or be known, when a person returns from the provider."""

    state: str
    nonce: str
    verifier: str


class SignOn:
    """One identity provider, as the settings name it."""

    def __init__(self, settings: AccessSettings) -> None:
        self._settings = settings
        self._issuer = settings.oidc_issuer or ""
        self._known: Mapping[str, Any] | None = None

    def ask(self, redirect_uri: str) -> tuple[str, Attempt]:
        """Where to send the browser, and what to remember until it returns.

        Raises:
            Unavailable: `sign_on_unavailable`.
        """
        attempt = Attempt(*(secrets.token_urlsafe(32) for _ in range(3)))
        with self._client(redirect_uri) as client:
            address, _ = client.create_authorization_url(
                self._provider()["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )
        return str(address), attempt

    def take(
        self, attempt: Attempt, answer: Mapping[str, str], *, redirect_uri: str, now: datetime
    ) -> Identity:
        """Who returned, by the parameters that the browser brought back.

        Raises:
            Unauthenticated: `sign_on_refused`.
            Forbidden: `sign_on_no_role`, for a person without a role here.
            Unavailable: `sign_on_unavailable`.
        """
        if not secrets.compare_digest(answer.get("state", "").encode(), attempt.state.encode()):
            _refuse("it is not the answer to this browser's question")
        if "error" in answer or not answer.get("code"):
            _refuse("it says no")
        # RFC 9207: an answer of another provider than the one that was asked.
        if answer.get("iss", self._issuer) != self._issuer:
            _refuse("another one answered")
        claims = self._claims_of(answer["code"], attempt, redirect_uri, now)
        return self._identity(claims)

    def _claims_of(
        self, code: str, attempt: Attempt, redirect_uri: str, now: datetime
    ) -> Mapping[str, Any]:
        import httpx2
        from authlib.integrations.base_client import OAuthError
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        provider = self._provider()
        try:
            with self._client(redirect_uri) as client:
                token = client.fetch_token(
                    provider["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=attempt.verifier,
                    redirect_uri=redirect_uri,
                )
                # Anew each time: sign-ins are rare, and providers change their keys.
                keys = KeySet.import_key_set(_keys_at(client, provider["jwks_uri"]))
            decoded = jwt.decode(token.get("id_token") or "", keys, algorithms=list(ALGORITHMS))
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                options={
                    "iss": {"essential": True, "value": self._issuer},
                    "aud": {"essential": True, "value": self._settings.oidc_client_id},
                },
                params={
                    "nonce": attempt.nonce,
                    "client_id": self._settings.oidc_client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=_LEEWAY_SECONDS)
        except httpx2.HTTPError:
            raise _unavailable() from None
        except (OAuthError, JoseError, ValueError, KeyError, TypeError, AttributeError):
            # What else a provider can send instead of a token.
            _refuse("its token does not hold")
        return claims

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        theirs = _claim(claims, self._settings.oidc_role_claim)
        words = theirs if isinstance(theirs, list) else [theirs]
        known = self._settings.sign_on_roles
        ours = {known[word] for word in words if isinstance(word, str) and word in known}
        role = next((role for role in _BY_RANK if role in ours), None)
        csm_id = _claim(claims, self._settings.oidc_csm_claim) if role is Role.CSM else None
        if role is None or (role is Role.CSM and not (isinstance(csm_id, str) and csm_id)):
            raise Forbidden(
                "The sign-in holds, but it gives you no role here; ask the administrator of your"
                " organisation's sign-on.",
                code="sign_on_no_role",
            )
        return Identity(
            issuer=self._issuer,
            subject=str(claims["sub"]),
            name=_name_of(claims),
            role=role.value,
            csm_id=csm_id,
        )

    def _client(self, redirect_uri: str) -> OAuth2Client:
        from authlib.integrations.httpx_client import OAuth2Client

        secret = self._settings.oidc_client_secret
        return OAuth2Client(
            client_id=self._settings.oidc_client_id,
            client_secret=None if secret is None else secret.get_secret_value(),
            scope=_SCOPE,
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
            timeout=_TIMEOUT_SECONDS,
        )

    def _provider(self) -> Mapping[str, Any]:
        """The provider's own description, asked for once.

        Raises:
            Unavailable: `sign_on_unavailable`, for one that is down or describes another.
        """
        import httpx2

        if self._known is None:
            try:
                with self._client("") as client:
                    found = _object_at(client, self._issuer.rstrip("/") + _DISCOVERY)
            except (httpx2.HTTPError, ValueError):
                raise _unavailable() from None
            needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
            if found.get("issuer") != self._issuer or not all(
                is_safe_address(str(found.get(name, "")).partition("?")[0]) for name in needed
            ):
                raise _unavailable()
            self._known = found
        return self._known


def _object_at(client: OAuth2Client, address: str) -> dict[str, Any]:
    answer = client.request("GET", address, withhold_token=True)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError("no JSON object")
    return found


def _keys_at(client: OAuth2Client, address: str) -> Any:
    return _object_at(client, address)


def _claim(claims: Mapping[str, Any], path: str) -> Any:
    """A claim by its name, or by the path to it: `realm_access.roles`."""
    if path in claims:
        return claims[path]
    value: Any = claims
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _name_of(claims: Mapping[str, Any]) -> str:
    """What the audit trail will call this person; an address only if it is theirs for sure."""
    email = claims.get("email") if claims.get("email_verified") is True else None
    for value in (email, claims.get("preferred_username"), claims["sub"]):
        if isinstance(value, str) and value.strip() and value.isprintable() and len(value) <= 255:
            return value.strip()
    return "single sign-on"


def _refuse(why: str) -> NoReturn:
    raise Unauthenticated(
        f"Your organisation's sign-on did not let you in: {why}; try again.",
        code="sign_on_refused",
    )


def _unavailable() -> Unavailable:
    return Unavailable(
        "Your organisation's sign-on can't be reached or is not set up as it says; sign in with"
        " a key, or try again.",
        code="sign_on_unavailable",
    )
