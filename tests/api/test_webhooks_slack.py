"""Slack: events, edits, and the shortcut that asks for the account."""

from __future__ import annotations

from typing import Any

import pytest

from service.storage.engine import Store
from tests.api.webhook_client import (
    counts,
    deliver,
    merge,
    sample,
    stored_notes,
    webhook_client,
)
from tests.crm.vendors import Sent


class TestSlack:
    """Events, edits, and the shortcut."""

    def event(self, **changes: Any) -> Sent:
        return sample("slack message", merge("event", **changes))

    def test_a_challenge_is_given_back(self, sqlite_store: Store) -> None:
        challenge = {
            "type": "url_verification",
            "challenge": "3eZbrw1aBm2rZgRNFdxV2595E9CY3gmdALWMmHkvFXO7",
        }
        sent = sample("slack message", lambda _: challenge)
        answer = deliver(webhook_client(sqlite_store), sent)
        assert (answer.status_code, answer.json()["challenge"]) == (200, challenge["challenge"])

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"bot_id": "B1"}, "bot"),
            ({"subtype": "bot_message"}, "bot"),
            ({"subtype": "channel_join"}, "not_a_note"),
            ({"channel": "C9"}, "no_account"),
            ({"text": ""}, "empty"),
            ({"type": "reaction_added"}, "not_a_note"),
        ],
    )
    def test_what_is_nobodys_note_is_passed_over(
        self, sqlite_store: Store, changes: dict[str, Any], reason: str
    ) -> None:
        answer = counts(deliver(webhook_client(sqlite_store), self.event(**changes)))
        assert [one["reason"] for one in answer["skipped"]] == [reason]

    def changed(self, text: str, edited: str = "1783071500.000000") -> Sent:
        message = {
            "type": "message",
            "user": "U061F7AUR",
            "text": text,
            "ts": "1783071000.000200",
            "edited": {"user": "U061F7AUR", "ts": edited},
        }
        return self.event(subtype="message_changed", message=message, ts="1783071500.000300")

    def test_an_edit_follows_and_a_repeat_of_the_first_text_does_not_undo_it(
        self, store: Store
    ) -> None:
        client = webhook_client(store)
        deliver(client, self.event())
        assert counts(deliver(client, self.changed("Edited."))) == {"updated": 1}
        assert counts(deliver(client, self.event())) == {"stale": 1}
        (found,) = stored_notes(store).values()
        assert found.text == "Edited."

    def test_the_edit_of_a_message_that_came_by_the_shortcut_follows(self, store: Store) -> None:
        client = webhook_client(store, slack_channels="")
        sent = sample(
            "slack submission", merge("view", private_metadata="C024BE91L:1783071000.000200")
        )
        deliver(client, sent)
        assert counts(deliver(client, self.changed("Edited."))) == {"updated": 1}
        (found,) = stored_notes(store).values()
        assert (found.text, found.account_id, found.csm_id) == ("Edited.", "acme-01", "U0D15K92L")

    def test_the_shortcut_asks_for_the_account(
        self, sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown: list[Any] = []
        monkeypatch.setattr(
            "service.api.webhooks.open_form", lambda *given: shown.append(given) or True
        )
        client = webhook_client(sqlite_store, slack_token="xoxb-1")
        answer = counts(deliver(client, sample("slack shortcut")))
        assert [one["reason"] for one in answer["skipped"]] == ["asks_for_account"]
        ((given, trigger, view),) = shown
        assert (given, trigger) == ("xoxb-1", "13345224609.738474920.8088930838d88f008e0")
        assert view["private_metadata"] == "C061EG9SL:1783071000.000200"
        assert view["blocks"][1]["element"]["initial_value"].startswith("The import stops")

    def test_in_a_channel_of_an_account_the_shortcut_needs_no_form(
        self, sqlite_store: Store
    ) -> None:
        client = webhook_client(sqlite_store, slack_channels="C061EG9SL=acme-02")
        assert counts(deliver(client, sample("slack shortcut"))) == {"accepted": 1}
        (found,) = stored_notes(sqlite_store).values()
        assert (found.account_id, found.csm_id) == ("acme-02", "U0D15K92L")

    def test_a_form_without_an_account_stays_open_and_says_so(self, sqlite_store: Store) -> None:
        empty = merge("view.state.values.account.account", value=" ")
        answer = deliver(webhook_client(sqlite_store), sample("slack submission", empty))
        assert answer.status_code == 200
        assert answer.json()["response_action"] == "errors"
        assert stored_notes(sqlite_store) == {}
