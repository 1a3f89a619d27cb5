"""The two questions a connector answers: is this delivery genuine, and what does it change?

A connector knows its vendor's headers and field names and nothing of the store, the web
framework or the clock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from models.errors import InvalidInput
from service.crm.fields import Fields

# More than any of the vendors puts into one delivery.
MAX_RECORDS = 1_000


@dataclass(frozen=True, slots=True)
class SignedRequest:
    """A request as it came. Header names are in lower case; `url` is the one the sender called."""

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoteChange:
    """A note, new or edited, as POST /notes takes it.

    Attributes:
        raw: the body of POST /notes; not checked yet.
        keeps_stored: what `raw` leaves out is as stored; a note that is not stored is passed over.
        undated: the vendor says nothing of when it was written, so it is dated by its arrival.
        delivery: the vendor's id of this delivery, where nothing else tells an old one that is
            replayed from a new edit.
    """

    raw: Mapping[str, object]
    keeps_stored: bool = False
    undated: bool = False
    delivery: str | None = None


@dataclass(frozen=True, slots=True)
class Deletion:
    """A note that is gone at the vendor. `source` is the connector's own when None."""

    external_id: object
    source: object = None


@dataclass(frozen=True, slots=True)
class Fetch:
    """A note that changed at `event_at`, and whose text must be asked for."""

    external_id: str
    event_at: datetime


@dataclass(frozen=True, slots=True)
class Skipped:
    """Understood, and not to be stored: private, a bot's, of no account. `withdraw`: nor kept."""

    external_id: str | None
    reason: str
    withdraw: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that can't be what it should be."""

    error: InvalidInput
    external_id: str | None = None


Change = NoteChange | Deletion | Fetch | Skipped | Unreadable


@dataclass(frozen=True, slots=True)
class Answer:
    """A body that the vendor wants to see in place of ours."""

    body: bytes
    media_type: str = "application/json"


def json_answer(value: Mapping[str, object]) -> Answer:
    """An answer of the vendor's own JSON."""
    return Answer(json.dumps(value).encode())


@dataclass(frozen=True, slots=True)
class Delivery:
    """What one request changes, in the sender's order.

    Attributes:
        changes: at most `MAX_RECORDS`.
        answer: the body of a 200, in place of ours.
        refusal: the body of a 200 that says that nothing could be stored; None: a plain 422.
        form: a Slack view to open for the person who asked, with the trigger that allows it.
    """

    changes: tuple[Change, ...] = ()
    answer: Answer | None = None
    refusal: Answer | None = None
    form: tuple[str, Mapping[str, object]] | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What an administrator has set for one source.

    Attributes:
        fields: where in the payload each part of a note stands.
        keep_private: also keep notes that their author marked private.
        comments: of a ticket's or conversation's comments, keep `internal`, `public` or `all`.
        organizations: Salesforce organisations that may send; empty for any.
        channels: Slack channel -> account.
        callback: the callback id of Slack's message shortcut.
        oldest_signature: the oldest of HubSpot's signature versions that counts.
    """

    fields: Fields
    keep_private: bool = False
    comments: str = "internal"
    organizations: frozenset[str] = frozenset()
    channels: Mapping[str, str] = field(default_factory=dict)
    callback: str = "customer_note"
    oldest_signature: str = "v1"


class Connector(Protocol):
    """One vendor."""

    @property
    def source(self) -> str:
        """The word in /webhooks/{source} and in the notes' identity."""
        ...

    def verify(
        self,
        request: SignedRequest,
        secrets: tuple[str, ...],
        wanted: Preferences,
        *,
        now: datetime,
    ) -> None:
        """Refuse what was not sent by someone who holds one of the secrets.

        Raises:
            Unauthenticated: `signature_missing`, `signature_mismatch`, `secret_missing`,
                `secret_mismatch`, `timestamp_outside_window`, `signature_too_old`.
        """
        ...

    def parse(self, request: SignedRequest, wanted: Preferences) -> Delivery:
        """What a genuine delivery changes.

        Raises:
            InvalidInput: the body as a whole can't be read. A bad record is `Unreadable`.
            TooLarge: `too_many_records`.
            Forbidden: `unknown_organization`.
        """
        ...


class FetchFailed(Exception):
    """A note could not be fetched now.

    Attributes:
        code: a stable word; nothing of the vendor's answer.
        retry_after: how long the vendor asks us to wait.
        for_all: the vendor as a whole does not answer us, so another note would fare the same.
        final: asking again can't help.
    """

    def __init__(
        self,
        code: str,
        *,
        retry_after: timedelta | None = None,
        for_all: bool = False,
        final: bool = False,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after
        self.for_all = for_all
        self.final = final


class Fetcher(Protocol):
    """Asks a vendor for the notes that its thin events name."""

    def fetch(self, external_id: str) -> NoteChange | Deletion | Skipped:
        """The note as the vendor has it now; a Deletion where it has none.

        Raises:
            FetchFailed: it can't be had now.
        """
        ...
