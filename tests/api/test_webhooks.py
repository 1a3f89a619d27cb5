"""What each vendor's payload becomes, and what follows its edits and deletions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.storage.engine import Store
from tests.api.conftest import NOW
from tests.api.webhook_client import (
    Change,
    counts,
    deliver,
    merge,
    sample,
    stored_notes,
    webhook_client,
)
from tests.crm.vendors import vendor

# name -> (external id, account, csm, written, how the text begins)
EXPECTED = {
    "salesforce flow": (
        "00T5g00000XyZaBEAV",
        "0015g00000AbCdEAAV",
        "0055g000003kLmNAAU",
        datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
        "Quarterly call\n\nThey need the whole client list",
    ),
    "salesforce relay": (
        "00T5g00000XyZaBEAV",
        "0015g00000AbCdEAAV",
        "0055g000003kLmNAAU",
        datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
        "Quarterly call\n\nThey need the whole client list",
    ),
    "salesforce outbound message": (
        "00T5g00000XyZaBEAV",
        "0015g00000AbCdEAAV",
        "0055g000003kLmNAAU",
        datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
        "Quarterly call\n\nThey need the whole client list",
    ),
    "gainsight": (
        "1I002ABCDEFGHIJKLMNOPQRSTUVWXYZ01234",
        "1P01E316G9DAPFOLE6SOOUG71XRMN5F3PLER",
        "ana@example.com",
        datetime(2026, 7, 1, 13, 36, tzinfo=UTC),
        "Monthly review\n\n<p>They export <b>page by page</b>",
    ),
    "churnzero": (
        None,
        "acme-01",
        "ana@example.com",
        datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
        "Onboarding call\n\nThe import stops",
    ),
    "hubspot v2": (
        "1234567",
        "998877",
        "4455",
        datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
        "<p>They need the whole client list",
    ),
    "zendesk event": (
        "18974155904126",
        "8447346622462",
        "8447388090494",
        datetime(2026, 7, 3, 9, 30, 0, 123456, tzinfo=UTC),
        "On the call they asked",
    ),
    "zendesk trigger": (
        "18974155904126",
        "8447346622462",
        "8447388090494",
        datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
        "On the call they asked",
    ),
    "intercom": (
        "9876543210",
        "acme-01",
        "5017691",
        datetime(2026, 7, 3, 9, 30, tzinfo=UTC),
        "<p>Permissions by folder",
    ),
    "slack message": (
        "C024BE91L:1783071000.000200",
        "acme-01",
        "U061F7AUR",
        datetime(2026, 7, 3, 9, 30, 0, 200, tzinfo=UTC),
        "Acme asks for the client list in one file & by e-mail",
    ),
    "slack submission": (
        "C061EG9SL:1783071000.000200",
        "acme-01",
        "U0D15K92L",
        datetime(2026, 7, 3, 9, 30, 0, 200, tzinfo=UTC),
        "The import stops at 10,000 rows",
    ),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_documented_sample_becomes_a_note(store: Store, name: str) -> None:
    assert deliver(webhook_client(store), vendor(name).sent(at=NOW)).status_code == 200
    notes = stored_notes(store)
    external_id, account, csm, written, text = EXPECTED[name]
    source = vendor(name).source
    found = notes[source, external_id] if external_id else next(iter(notes.values()))
    assert (found.account_id, found.csm_id, found.occurred_at) == (account, csm, written)
    assert found.text.startswith(text)


def test_a_generic_note_keeps_the_source_it_names(store: Store) -> None:
    assert counts(deliver(webhook_client(store), sample("generic"))) == {"accepted": 1}
    assert list(stored_notes(store)) == [("our-crm", "n-1")]


def test_the_audit_trail_names_the_webhook(sqlite_store: Store) -> None:
    client = webhook_client(sqlite_store, auth="off")
    deliver(client, sample("gainsight"))
    rows = client.get("/audit?actor=webhook:gainsight").json()["data"]
    assert [row["action"] for row in rows] == ["notes.batch"]


# (vendor, an edit, what of its payload says so)
EDITS: dict[str, tuple[Change, Change]] = {
    "salesforce flow": (
        merge("", Description="Edited.", LastModifiedDate="2026-07-05T00:00:00.000+0000"),
        merge("", Description="Older.", LastModifiedDate="2026-07-04T00:00:00Z"),
    ),
    "gainsight": (
        merge("records.0", Notes="Edited.", ModifiedDate="2026-07-05 00:00:00"),
        merge("records.0", Notes="Older.", ModifiedDate="2026-07-04T00:00:00Z"),
    ),
    "churnzero": (
        merge("", id="x", text="Edited.", revised_at="2026-07-05T00:00:00Z"),
        merge("", id="x", text="Older.", revised_at="2026-07-04"),
    ),
    "hubspot v2": (
        merge("", hs_note_body="Edited.", hs_lastmodifieddate="1783209600000"),
        merge("", hs_note_body="Older.", hs_lastmodifieddate=1783123200000),
    ),
    "intercom": (
        merge(
            "data.item.conversation_parts.conversation_parts.0",
            body="Edited.",
            updated_at=1783209600,
        ),
        merge(
            "data.item.conversation_parts.conversation_parts.0",
            body="Older.",
            updated_at=1783123200,
        ),
    ),
    "generic": (
        merge("", text="Edited.", revised_at="2026-07-05T00:00:00Z"),
        merge("", text="Older.", revised_at="2026-07-04T00:00:00Z"),
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_updates_and_an_older_one_that_arrives_late_does_not(
    store: Store, name: str
) -> None:
    client = webhook_client(store)
    edited, older = EDITS[name]
    deliver(client, sample(name, older))
    assert counts(deliver(client, sample(name, edited))) == {"updated": 1}
    assert counts(deliver(client, sample(name, older))) == {"stale": 1}
    (found,) = stored_notes(store).values()
    assert found.text.endswith("Edited.")


DELETIONS: dict[str, Change] = {
    "salesforce flow": merge("", IsDeleted=True),
    "salesforce relay": merge("ChangeEventHeader", changeType="DELETE"),
    "gainsight": merge("records.0", IsDeleted="true"),
    "hubspot v3": merge("0", subscriptionType="object.deletion"),
    "zendesk event": merge("", type="zen:event-type:ticket.comment_redacted"),
    "intercom": merge("data.item.conversation_parts.conversation_parts.0", redacted=True),
    "slack message": merge("event", subtype="message_deleted", deleted_ts="1783071000.000200"),
    "generic": merge("", deleted=True),
}
# How the note came that is then deleted, where that is another payload.
FIRST = {"hubspot v3": "hubspot v2"}


@pytest.mark.parametrize("name", DELETIONS)
def test_a_deletion_deletes_and_the_note_stays_away(store: Store, name: str) -> None:
    client = webhook_client(store)
    first = sample(FIRST.get(name, name))
    deliver(client, first)
    assert len(stored_notes(store)) == 1
    assert counts(deliver(client, sample(name, DELETIONS[name]))) == {"forgotten": 1}
    assert stored_notes(store) == {}
    assert counts(deliver(client, sample(name, DELETIONS[name]))) == {"duplicate": 1}
    assert counts(deliver(client, first)) == {"deleted": 1}
    assert stored_notes(store) == {}


def test_a_deletion_that_overtakes_its_note_holds(sqlite_store: Store) -> None:
    client = webhook_client(sqlite_store)
    gone = sample("salesforce relay", DELETIONS["salesforce relay"])
    assert counts(deliver(client, gone)) == {"forgotten": 1}
    assert counts(deliver(client, sample("salesforce relay"))) == {"deleted": 1}
