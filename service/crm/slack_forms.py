"""Open a form for the person who used Slack's shortcut: it takes a bot token, and three seconds.

Source: docs.slack.dev/reference/methods/views.open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

URL = "https://slack.com/api/views.open"
_TIMEOUT_SECONDS = 2.0


def open_form(
    token: str,
    trigger: str,
    view: Mapping[str, object],
    *,
    transport: httpx.BaseTransport | None = None,
) -> bool:
    """Show the view; False where Slack does not take it, or not in time.

    `transport` is for tests.
    """
    import httpx

    try:
        with httpx.Client(timeout=_TIMEOUT_SECONDS, transport=transport) as client:
            answer = client.post(
                URL,
                json={"trigger_id": trigger, "view": view},
                headers={"Authorization": f"Bearer {token}"},
            )
            return bool(answer.is_success and answer.json().get("ok") is True)
    except (httpx.HTTPError, ValueError, AttributeError):
        return False
