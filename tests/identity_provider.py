"""A stand-in for an identity provider: discovery, keys, and a token endpoint, on loopback.

It checks what a careful provider checks (the code once, the client, the redirect address, the
PKCE verifier), so that a client that leaves a step out is refused as it would be there.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT_ID = "groundswell"
CLIENT_SECRET = "a client's secret"


class IdentityProvider:
    """Whoever comes is the person whose `claims` are set; `lies` replace what a token says."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "k1"})
        self.sign = self.sign_well
        self.claims: dict[str, Any] = {"sub": "u-1", "groundswell_role": "cs_ops"}
        self.lies: dict[str, Any] = {}
        self.description: dict[str, Any] = {}
        self.now = 0
        self.asked: dict[str, dict[str, str]] = {}
        self.is_down = False
        self.issuer = ""

    def authorize(self, address: str) -> dict[str, str]:
        """What the browser brings back after the person has agreed at this address."""
        query = {name: values[-1] for name, values in parse_qs(urlsplit(address).query).items()}
        code = f"code-{len(self.asked)}"
        self.asked[code] = query
        return {"code": code, "state": query["state"]}

    def token(self, form: dict[str, str], authorization: str) -> dict[str, str] | None:
        """The answer of the token endpoint; None where it refuses."""
        query = self.asked.pop(form.get("code", ""), None)
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if (
            query is None
            or authorization != f"Basic {expected}"
            or query["code_challenge_method"] != "S256"
            or query["code_challenge"] != challenge
            or query["redirect_uri"] != form.get("redirect_uri")
        ):
            return None
        claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": self.now,
            "exp": self.now + 300,
            "nonce": query["nonce"],
            **self.claims,
            **self.lies,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return {"access_token": "a", "token_type": "Bearer", "id_token": self.sign(kept)}

    def sign_well(self, claims: dict[str, Any]) -> str:
        """The token of these claims, as the provider signs it when it is not told otherwise."""
        return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.key)

    def found(self, path: str) -> dict[str, Any] | None:
        """What is published at a path."""
        if path == "/.well-known/openid-configuration":
            return {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                **self.description,
            }
        if path == "/keys":
            return {"keys": [self.key.as_dict(private=False)]}
        return None


@contextmanager
def serving() -> Iterator[IdentityProvider]:
    """The provider, answering on a port of loopback."""
    provider = IdentityProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(provider.found(self.path))

        def do_POST(self) -> None:
            data = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[-1] for name, values in parse_qs(data).items()}
            token = provider.token(form, self.headers.get("Authorization", ""))
            self._answer(token or {"error": "invalid_grant"}, 200 if token else 400)

        def _answer(self, body: dict[str, Any] | None, status: int = 200) -> None:
            if provider.is_down:
                body, status = {}, 503
            elif body is None:
                body, status = {}, 404
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: the test says what went wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
