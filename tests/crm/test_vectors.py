"""The vendors' own test vectors, and ours, recomputed with the tools of the documentation."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.errors import Unauthenticated
from service.crm.catalogue import CONNECTORS
from service.crm.connector import Preferences, SignedRequest
from service.crm.fields import fields_for
from service.crm.hubspot import sign_v1, sign_v2, sign_v3

NOTE = b'{"note":"bulk export"}'
HUBSPOT_KEY = "yyyyyyyy-yyyy-yyyy-yyyy-yyyyyyyyyyyy"
HUBSPOT_V1 = (
    b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,'
    b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,'
    b'"changeSource":"CRM","changeFlag":"NEW","appId":54321}]'
)
SLACK = (
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow"
    b"&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner"
    b"&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands"
    b"%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)

# (source, secret, method, address, headers, body, the instant at which it is genuine)
VECTORS = {
    "slack": (
        "slack",
        "8f742231b10e8888abcd99yyyzzz85a5",
        "POST",
        "https://hooks.example.com/webhooks/slack",
        {
            "x-slack-request-timestamp": "1531420618",
            "x-slack-signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69"
            "b503",
        },
        SLACK,
        datetime.fromtimestamp(1531420618, UTC),
    ),
    "hubspot v1": (
        "hubspot",
        HUBSPOT_KEY,
        "POST",
        "https://www.example.com/webhook_uri",
        {
            "x-hubspot-signature-version": "v1",
            "x-hubspot-signature": "232db2615f3d666fe21a8ec971ac7b5402d33b9a925784df3ca654d05f48"
            "17de",
        },
        HUBSPOT_V1,
        datetime(2019, 7, 26, 4, tzinfo=UTC),
    ),
    "hubspot v2": (
        "hubspot",
        HUBSPOT_KEY,
        "GET",
        "https://www.example.com/webhook_uri",
        {
            "x-hubspot-signature-version": "v2",
            "x-hubspot-signature": "eee2dddcc73c94d699f5e395f4b9d454a069a6855fbfa152e91e88823087"
            "200e",
        },
        b"",
        datetime(2019, 7, 26, 4, tzinfo=UTC),
    ),
    "hubspot v3": (
        "hubspot",
        "test-secret",
        "POST",
        "https://hooks.example.com/in/hubspot?a=1",
        {
            "x-hubspot-request-timestamp": "1700000000000",
            "x-hubspot-signature-v3": "BSlSCePImYLTnOUNLQIAs6Lx/YB+oajaPFEXNIIc4mo=",
        },
        NOTE,
        datetime.fromtimestamp(1700000000, UTC),
    ),
    "standard webhooks": (
        "generic",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "POST",
        "https://hooks.example.com/webhooks/generic",
        {
            "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "webhook-timestamp": "1614265330",
            "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        },
        b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    ),
    "zendesk": (
        "zendesk",
        "test-secret",
        "POST",
        "https://hooks.example.com/webhooks/zendesk",
        {
            "x-zendesk-webhook-signature-timestamp": "2024-01-02T03:04:05Z",
            "x-zendesk-webhook-signature": "vExlhYbkD9+C2S5nsq4GlWLcgaATy6DzC4yq1C/jB3Q=",
        },
        NOTE,
        datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC),
    ),
    "intercom": (
        "intercom",
        "test-secret",
        "POST",
        "https://hooks.example.com/webhooks/intercom",
        {"x-hub-signature": "sha1=659df2443d2b05ec4a8cf6db3e8ac5f80065cae2"},
        NOTE,
        datetime(2024, 1, 2, tzinfo=UTC),
    ),
}


@pytest.mark.parametrize("name", VECTORS)
def test_a_published_vector_is_genuine(name: str) -> None:
    source, secret, method, url, headers, body, at = VECTORS[name]
    request = SignedRequest(method, url, headers, {}, body)
    CONNECTORS[source].verify(request, (secret,), Preferences(fields_for(source)), now=at)


@pytest.mark.parametrize("name", VECTORS)
def test_a_published_vector_with_another_secret_or_body_is_not(name: str) -> None:
    source, secret, method, url, headers, body, at = VECTORS[name]
    connector, wanted = CONNECTORS[source], Preferences(fields_for(source))
    with pytest.raises(Unauthenticated):
        connector.verify(
            SignedRequest(method, url, headers, {}, body + b" "), (secret,), wanted, now=at
        )
    with pytest.raises(Unauthenticated):
        connector.verify(
            SignedRequest(method, url, headers, {}, body), (secret + "x",), wanted, now=at
        )


def test_the_three_versions_of_hubspot_sign_differently() -> None:
    request = SignedRequest("POST", "https://a.example/x", {}, {}, b"{}")
    made = {sign_v1("s", request), sign_v2("s", request), sign_v3("s", request, "1")}
    assert len(made) == 3


def test_hubspot_undoes_only_the_escapes_that_it_lists() -> None:
    listed = "%3A%2F%3F%40%21%24%27%28%29%2A%2C%3B"
    plain = ":/?@!$'()*,;"
    kept = "%20%26%3D"
    escaped = SignedRequest("POST", f"https://a.example/x?q={listed}{kept}", {}, {}, b"")
    lower = SignedRequest("POST", f"https://a.example/x?q={listed.lower()}{kept}", {}, {}, b"")
    undone = SignedRequest("POST", f"https://a.example/x?q={plain}{kept}", {}, {}, b"")
    assert sign_v3("s", escaped, "1") == sign_v3("s", undone, "1") == sign_v3("s", lower, "1")
    other = SignedRequest("POST", f"https://a.example/x?q={plain} &=", {}, {}, b"")
    assert sign_v3("s", undone, "1") != sign_v3("s", other, "1")
