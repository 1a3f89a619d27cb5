"""The form that asks for the account is opened as Slack documents it, or not at all."""

from __future__ import annotations

import json

import httpx
import pytest

from service.crm.slack_forms import open_form


def test_a_form_is_opened_with_the_trigger_and_the_token() -> None:
    seen: list[httpx.Request] = []

    def slack(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"ok": True})

    assert open_form("xoxb-1", "t-1", {"type": "modal"}, transport=httpx.MockTransport(slack))
    (request,) = seen
    assert str(request.url) == "https://slack.com/api/views.open"
    assert request.headers["authorization"] == "Bearer xoxb-1"
    assert json.loads(request.content) == {"trigger_id": "t-1", "view": {"type": "modal"}}


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"ok": False, "error": "expired_trigger_id"}),
        httpx.Response(200, json=[]),
        httpx.Response(200, text="<html>"),
        httpx.Response(500),
        None,
    ],
)
def test_what_slack_does_not_take_breaks_nothing(answer: httpx.Response | None) -> None:
    def slack(request: httpx.Request) -> httpx.Response:
        if answer is None:
            raise httpx.ConnectTimeout("too late", request=request)
        return answer

    assert not open_form("xoxb-1", "t-1", {}, transport=httpx.MockTransport(slack))
