"""Slack: messages of chosen channels, and a message shortcut that asks for the account.

A bot's messages are nobody's notes. Edits and deletions follow, also of messages that came by
the shortcut. Sources: api.slack.com/docs/verifying-requests-from-slack, /apis/events-api and
/reference/interaction-payloads.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import parse_qsl

from models.errors import InvalidInput
from service.crm.connector import (
    Change,
    Deletion,
    Delivery,
    NoteChange,
    Preferences,
    SignedRequest,
    Skipped,
    json_answer,
)
from service.crm.payload import instant, tidy
from service.crm.signatures import check_signature, check_window, epoch, header
from service.crm.slack_text import moment, plain
from service.decoding import decode_json

_WRITTEN = (None, "file_share", "thread_broadcast", "me_message")
_DIRECT = ("im", "mpim", "app_home")


class Slack:
    """See the module."""

    source = "slack"

    def verify(
        self,
        request: SignedRequest,
        secrets: tuple[str, ...],
        wanted: Preferences,
        *,
        now: datetime,
    ) -> None:
        """v0=hex(HMAC-SHA256(secret, v0:timestamp:body))."""
        stamp = header(request, "x-slack-request-timestamp")
        shown = header(request, "x-slack-signature")
        check_signature([shown], [sign(secret, stamp, request.body) for secret in secrets])
        check_window(epoch(stamp), now)

    def parse(self, request: SignedRequest, wanted: Preferences) -> Delivery:
        """An event in JSON, or an interaction in a form's `payload`."""
        value = _payload(request)
        kind = value.get("type")
        if kind == "url_verification":
            challenge = value.get("challenge")
            return Delivery(answer=json_answer({"challenge": str(challenge or "")}))
        if kind == "event_callback":
            event = value.get("event")
            if not isinstance(event, Mapping):
                raise InvalidInput("The event is not a JSON object.", code="wrong_type")
            return Delivery((_event(event, wanted),))
        if kind == "message_action":
            return _shortcut(value, wanted)
        if kind == "view_submission":
            return _submission(value, wanted)
        return Delivery((Skipped(None, "not_a_note"),))


def sign(secret: str, stamp: str, body: bytes) -> str:
    """The signature of a body."""
    signed = f"v0:{stamp}:".encode() + body
    return "v0=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _payload(request: SignedRequest) -> Mapping[str, object]:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    data = request.body
    if media_type == "application/x-www-form-urlencoded":
        try:
            form = dict(parse_qsl(request.body.decode(), max_num_fields=200))
        except ValueError:
            raise InvalidInput(
                "The body is not a form in UTF-8 with at most 200 fields.", code="broken_form"
            ) from None
        if "payload" not in form:
            return {}
        data = form["payload"].encode()
    value = decode_json(data)
    if not isinstance(value, Mapping):
        raise InvalidInput("The payload must be one JSON object.", code="wrong_type")
    return value


def _event(event: Mapping[str, object], wanted: Preferences) -> Change:
    if event.get("type") != "message":
        return Skipped(None, "not_a_note")
    channel = str(event.get("channel", ""))
    account = wanted.channels.get(channel)
    subtype = event.get("subtype")
    if subtype == "message_deleted":
        external_id = f"{channel}:{event.get('deleted_ts')}"
        if account is None:
            return Skipped(external_id, "no_account", withdraw=True)
        return Deletion(external_id)
    message = event
    if subtype == "message_changed":
        changed = event.get("message")
        message = changed if isinstance(changed, Mapping) else {}
    external_id = f"{channel}:{message.get('ts')}"
    if message.get("subtype") == "tombstone":
        return Deletion(external_id)
    if message.get("bot_id") or message.get("subtype") == "bot_message":
        return Skipped(external_id, "bot")
    if str(event.get("channel_type", "")) in _DIRECT and not wanted.keep_private:
        return Skipped(external_id, "private")
    if message.get("subtype") not in _WRITTEN:
        return Skipped(external_id, "not_a_note")
    raw = _note(channel, message)
    if raw.get("text") == "":
        return Skipped(external_id, "empty", withdraw=True)
    if account is None:
        if subtype != "message_changed":
            return Skipped(external_id, "no_account")
        # It may have come by the shortcut; then the edit follows it.
        kept = {name: raw[name] for name in raw if name not in ("csm_id", "occurred_at")}
        return NoteChange(kept, keeps_stored=True)
    return NoteChange({**raw, "account_id": account})


def _shortcut(value: Mapping[str, object], wanted: Preferences) -> Delivery:
    if value.get("callback_id") != wanted.callback:
        return Delivery((Skipped(None, "not_a_note"),))
    message, channel = value.get("message"), _inner(value, "channel", "id")
    if not isinstance(message, Mapping):
        raise InvalidInput("The shortcut carries no message.", code="wrong_type")
    account = wanted.channels.get(str(channel))
    if account is not None:
        raw = {**_note(str(channel), message), "account_id": account}
        return Delivery((NoteChange({**raw, "csm_id": _inner(value, "user", "id")}),))
    external_id = f"{channel}:{message.get('ts')}"
    trigger = value.get("trigger_id")
    form = _form(external_id, message, wanted) if isinstance(trigger, str) else None
    return Delivery(
        (Skipped(external_id, "asks_for_account"),),
        form=None if form is None else (str(trigger), form),
    )


def _submission(value: Mapping[str, object], wanted: Preferences) -> Delivery:
    view = value.get("view")
    if not isinstance(view, Mapping) or view.get("callback_id") != wanted.callback:
        return Delivery((Skipped(None, "not_a_note"),))
    external_id = str(view.get("private_metadata", ""))
    channel, _, stamp = external_id.partition(":")
    entered = _inner(view, "state", "values")
    raw = {
        **_note(channel, {"ts": stamp, "text": ""}),
        "csm_id": _inner(value, "user", "id"),
        "account_id": _stripped(wanted.fields.value(entered, "account")),
        "text": tidy(wanted.fields.value(entered, "text")),
    }
    view_id = view.get("id")
    change = NoteChange(
        {name: entry for name, entry in raw.items() if entry is not None and name != "revised_at"},
        delivery=view_id if isinstance(view_id, str) else None,
    )
    wrong = {"account": "Give the account's id and a text; the note was not stored."}
    return Delivery(
        (change,),
        answer=json_answer({"response_action": "clear"}),
        refusal=json_answer({"response_action": "errors", "errors": wrong}),
    )


def _note(channel: str, message: Mapping[str, object]) -> dict[str, object]:
    stamp = message.get("ts")
    edited = _inner(message, "edited", "ts")
    raw = {
        "source": "slack",
        "external_id": f"{channel}:{stamp}",
        "csm_id": message.get("user"),
        "occurred_at": instant(moment(stamp)),
        "revised_at": instant(moment(stamp if edited is None else edited)),
        "text": plain(message.get("text")),
    }
    return {name: value for name, value in raw.items() if value is not None}


def _form(
    external_id: str, message: Mapping[str, object], wanted: Preferences
) -> Mapping[str, object]:
    """The view that asks for the account. Slack takes 3,000 characters, which one sees there."""

    def asked(block: str, label: str, **more: object) -> dict[str, object]:
        element = {"type": "plain_text_input", "action_id": block, **more}
        return {
            "type": "input",
            "block_id": block,
            "label": {"type": "plain_text", "text": label},
            "element": element,
        }

    text = str(plain(message.get("text")) or "")[:3_000]
    return {
        "type": "modal",
        "callback_id": wanted.callback,
        "private_metadata": external_id,
        "title": {"type": "plain_text", "text": "Customer note"},
        "submit": {"type": "plain_text", "text": "Send"},
        "blocks": [
            asked("account", "Account id", max_length=255),
            asked("text", "Note", multiline=True, initial_value=text, max_length=3_000),
        ],
    }


def _inner(record: object, *names: str) -> object:
    for name in names:
        record = record.get(name) if isinstance(record, Mapping) else None
    return record


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value
