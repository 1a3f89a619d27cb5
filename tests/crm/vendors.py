"""How each vendor sends: its documented sample payload, and its signature, made by the book."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

SAMPLES = Path(__file__).parents[2] / "docs" / "connectors"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
PUBLIC_URL = "https://hooks.example.com"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Sent:
    """One request of a vendor."""

    source: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""

    @property
    def address(self) -> str:
        return f"/webhooks/{self.source}" + (f"?{self.query}" if self.query else "")


@dataclass(frozen=True)
class Vendor:
    """A way of sending. `signs`: there is a signature; `timed`: it carries a time."""

    name: str
    source: str
    sample: str
    sign: Callable[[Sent, str, datetime], Sent]
    signs: bool = True
    timed: bool = True
    media_type: str = "application/json"

    @property
    def body(self) -> bytes:
        """The documented sample, in the form it travels in."""
        return self.packed((SAMPLES / self.sample).read_bytes())

    def packed(self, body: bytes) -> bytes:
        """Slack sends interactions as JSON in a form."""
        if self.media_type == FORM:
            return urlencode(
                {"payload": body.decode("utf-8", "surrogateescape")}, errors="surrogateescape"
            ).encode()
        return body

    def sent(self, body: bytes | None = None, *, at: datetime, secret: str = SECRET) -> Sent:
        """A request with this body, or the sample, signed."""
        body = self.body if body is None else body
        plain = Sent(self.source, body, {"Content-Type": self.media_type})
        return self.sign(plain, secret, at)


def _with(sent: Sent, **headers: str) -> Sent:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(sent, headers={**sent.headers, **named})


def _hmac(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()


def bearer(sent: Sent, secret: str, at: datetime) -> Sent:
    return _with(sent, Authorization=f"Bearer {secret}")


def basic(sent: Sent, secret: str, at: datetime) -> Sent:
    pair = base64.b64encode(f"groundswell:{secret}".encode()).decode()
    return _with(sent, Authorization=f"Basic {pair}")


def token(sent: Sent, secret: str, at: datetime) -> Sent:
    return replace(sent, query=urlencode({"token": secret}))


def standard(sent: Sent, secret: str, at: datetime) -> Sent:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    stamp = str(int(at.timestamp()))
    name = f"msg_{hashlib.sha256(sent.body).hexdigest()[:20]}"
    digest = hmac.new(key, f"{name}.{stamp}.".encode() + sent.body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return _with(sent, webhook_id=name, webhook_timestamp=stamp, webhook_signature=signature)


def hubspot_v3(sent: Sent, secret: str, at: datetime) -> Sent:
    stamp = str(int(at.timestamp() * 1000))
    signed = f"POST{PUBLIC_URL}{sent.address}".encode() + sent.body + stamp.encode()
    signature = base64.b64encode(_hmac(secret, signed)).decode()
    return _with(sent, X_HubSpot_Signature_v3=signature, X_HubSpot_Request_Timestamp=stamp)


def hubspot_v2(sent: Sent, secret: str, at: datetime) -> Sent:
    signed = f"{secret}POST{PUBLIC_URL}{sent.address}".encode() + sent.body
    digest = hashlib.sha256(signed).hexdigest()
    return _with(sent, X_HubSpot_Signature=digest, X_HubSpot_Signature_Version="v2")


def hubspot_v1(sent: Sent, secret: str, at: datetime) -> Sent:
    digest = hashlib.sha256(secret.encode() + sent.body).hexdigest()
    return _with(sent, X_HubSpot_Signature=digest, X_HubSpot_Signature_Version="v1")


def zendesk(sent: Sent, secret: str, at: datetime) -> Sent:
    stamp = at.strftime("%Y-%m-%dT%H:%M:%SZ")
    signature = base64.b64encode(_hmac(secret, stamp.encode() + sent.body)).decode()
    return _with(
        sent,
        X_Zendesk_Webhook_Signature=signature,
        X_Zendesk_Webhook_Signature_Timestamp=stamp,
    )


def intercom(sent: Sent, secret: str, at: datetime) -> Sent:
    digest = hmac.new(secret.encode(), sent.body, hashlib.sha1).hexdigest()
    return _with(sent, X_Hub_Signature=f"sha1={digest}")


def slack(sent: Sent, secret: str, at: datetime) -> Sent:
    stamp = str(int(at.timestamp()))
    digest = _hmac(secret, f"v0:{stamp}:".encode() + sent.body).hex()
    return _with(sent, X_Slack_Signature=f"v0={digest}", X_Slack_Request_Timestamp=stamp)


VENDORS = (
    Vendor(
        "salesforce flow", "salesforce", "salesforce-flow.json", bearer, signs=False, timed=False
    ),
    Vendor(
        "salesforce outbound message",
        "salesforce",
        "salesforce-outbound.xml",
        token,
        signs=False,
        timed=False,
        media_type="text/xml; charset=utf-8",
    ),
    Vendor("salesforce relay", "salesforce", "salesforce-change-event.json", standard),
    Vendor("gainsight", "gainsight", "gainsight.json", basic, signs=False, timed=False),
    Vendor("churnzero", "churnzero", "churnzero.json", token, signs=False, timed=False),
    Vendor("hubspot v3", "hubspot", "hubspot-events.json", hubspot_v3),
    Vendor("hubspot v2", "hubspot", "hubspot-workflow.json", hubspot_v2, timed=False),
    Vendor("hubspot v1", "hubspot", "hubspot-events.json", hubspot_v1, timed=False),
    Vendor("zendesk event", "zendesk", "zendesk-event.json", zendesk),
    Vendor("zendesk trigger", "zendesk", "zendesk-trigger.json", zendesk),
    Vendor("intercom", "intercom", "intercom.json", intercom, timed=False),
    Vendor("slack message", "slack", "slack-message.json", slack),
    Vendor("slack shortcut", "slack", "slack-shortcut.json", slack, media_type=FORM),
    Vendor("slack submission", "slack", "slack-submission.json", slack, media_type=FORM),
    Vendor("generic", "generic", "generic.json", standard),
)


def vendor(name: str) -> Vendor:
    """The one of this name."""
    return next(each for each in VENDORS if each.name == name)
