"""Salesforce: the Outbound Message with its Ack, change events by a relay, what a task is about."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from service.storage.engine import Store
from tests.api.conftest import error_of
from tests.api.webhook_client import (
    counts,
    deliver,
    merge,
    outbound,
    sample,
    stored_notes,
    webhook_client,
)
from tests.crm.vendors import Sent


def ack_of(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/xml")
    found = ET.fromstring(answer.content).findtext(
        ".//{http://soap.sforce.com/2005/09/outbound}Ack"
    )
    assert found is not None
    return found


class TestOutboundMessage:
    """Salesforce's SOAP."""

    def test_it_is_acknowledged_once_all_is_stored(self, sqlite_store: Store) -> None:
        assert ack_of(deliver(webhook_client(sqlite_store), outbound(lambda x: x))) == "true"
        assert len(stored_notes(sqlite_store)) == 2

    def test_it_is_not_acknowledged_when_nothing_could_be_stored(self, sqlite_store: Store) -> None:
        broken = outbound(lambda xml: xml.replace("2026-07-0", "soon-"))
        assert ack_of(deliver(webhook_client(sqlite_store), broken)) == "false"
        # It comes again with the same id and the values of then.
        client = webhook_client(sqlite_store)
        assert ack_of(deliver(client, outbound(lambda x: x))) == "true"
        assert len(stored_notes(sqlite_store)) == 2

    def test_a_bad_notification_among_good_ones_is_told_in_the_audit_trail(
        self, sqlite_store: Store
    ) -> None:
        client = webhook_client(sqlite_store, auth="off")
        partly = outbound(lambda xml: xml.replace("2026-07-04T15", "soon"))
        assert ack_of(deliver(client, partly)) == "true"
        rows = client.get("/audit?actor=webhook:salesforce").json()["data"]
        rejected = next(row for row in rows if row["action"] == "webhook.rejected")
        assert rejected["details"] == {"bad_time": 1}

    @pytest.mark.parametrize(
        "head",
        [
            '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
            '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
            '<!DOCTYPE x SYSTEM "https://example.com/x.dtd">',
        ],
    )
    def test_document_types_and_entities_are_refused(self, sqlite_store: Store, head: str) -> None:
        sent = outbound(lambda xml: xml.replace("?>", f"?>{head}", 1).replace("Quarterly", "&b;"))
        answer = deliver(webhook_client(sqlite_store), sent)
        assert error_of(answer, 400)["code"] == "broken_xml"

    @pytest.mark.parametrize("encoding", ["utf-7", "cp037", "idna", "punycode", "nonsense"])
    def test_other_encodings_are_refused(self, sqlite_store: Store, encoding: str) -> None:
        sent = outbound(lambda xml: xml.replace("UTF-8", encoding, 1))
        error_of(deliver(webhook_client(sqlite_store), sent), 400)

    def test_xml_that_is_no_outbound_message(self, sqlite_store: Store) -> None:
        answer = deliver(webhook_client(sqlite_store), outbound(lambda _: "<a><b/></a>"))
        assert error_of(answer, 422)["code"] == "not_an_outbound_message"

    def test_only_organisations_on_the_list_may_send(self, sqlite_store: Store) -> None:
        ours = webhook_client(sqlite_store, salesforce_organizations="00D5g000004QwEr, 00Dother")
        assert ack_of(deliver(ours, outbound(lambda x: x))) == "true"
        others = webhook_client(sqlite_store, salesforce_organizations="00Dother")
        answer = deliver(others, outbound(lambda x: x))
        assert error_of(answer, 403)["code"] == "unknown_organization"

    def test_more_than_a_hundred_notifications_are_refused(self, sqlite_store: Store) -> None:
        def many(xml: str) -> str:
            start, end = xml.index("<Notification>"), xml.index("</notifications>")
            return xml[:start] + xml[start:end] * 51 + xml[end:]

        answer = deliver(webhook_client(sqlite_store), outbound(many))
        assert error_of(answer, 413)["code"] == "too_many_records"

    def test_an_old_message_that_comes_again_does_not_undo_an_edit(self, store: Store) -> None:
        def bare(xml: str) -> str:
            return xml.replace("LastModifiedDate", "Other__c")

        client = webhook_client(store)
        first = outbound(bare)
        edit = outbound(lambda xml: bare(xml).replace("04l", "05l").replace("one Excel", "a CSV"))
        deliver(client, first)
        deliver(client, edit)
        deliver(client, first)
        assert "a CSV file" in stored_notes(store)["salesforce", "00T5g00000XyZaBEAV"].text

    def test_the_session_id_is_nowhere(self, sqlite_store: Store, sqlite_url: str) -> None:
        sent = outbound(
            lambda xml: xml.replace(
                '<SessionId xsi:nil="true"/>', "<SessionId>00Dsecret</SessionId>"
            )
        )
        assert ack_of(deliver(webhook_client(sqlite_store), sent)) == "true"
        rows = repr(stored_notes(sqlite_store))
        assert "00Dsecret" not in rows


class TestChangeEvents:
    """Salesforce by a relay."""

    def update(self, **fields: Any) -> Sent:
        def change(payload: Any) -> Any:
            head = {
                **payload["ChangeEventHeader"],
                "changeType": "UPDATE",
                "commitTimestamp": 1783071073000,
            }
            return {"ChangeEventHeader": head, **fields}

        return sample("salesforce relay", change)

    def test_an_update_changes_what_it_names_and_keeps_the_rest(self, store: Store) -> None:
        client = webhook_client(store)
        deliver(client, sample("salesforce relay"))
        assert counts(deliver(client, self.update(OwnerId="0055g0000099999AAU"))) == {"updated": 1}
        (found,) = stored_notes(store).values()
        assert found.csm_id == "0055g0000099999AAU"
        assert found.text.startswith("Quarterly call")

    def test_an_update_of_what_is_not_stored_is_passed_over(self, sqlite_store: Store) -> None:
        answer = counts(deliver(webhook_client(sqlite_store), self.update(Description="x")))
        assert [one["reason"] for one in answer["skipped"]] == ["not_stored"]

    def test_a_gap_is_named(self, sqlite_store: Store) -> None:
        gap = sample("salesforce relay", merge("ChangeEventHeader", changeType="GAP_UPDATE"))
        answer = counts(deliver(webhook_client(sqlite_store), gap))
        assert [one["reason"] for one in answer["skipped"]] == ["gap"]

    def test_an_event_may_be_wrapped_as_its_bus_has_it(self, sqlite_store: Store) -> None:
        def wrapped(payload: Any) -> Mapping[str, Any]:
            return {"data": {"schema": "x", "payload": payload, "event": {"replayId": 1}}}

        sent = sample("salesforce relay", wrapped)
        assert counts(deliver(webhook_client(sqlite_store), sent)) == {"accepted": 1}


def test_a_task_on_an_opportunity_alone_names_no_account(sqlite_store: Store) -> None:
    lead = merge("", AccountId=None, WhatId="0065g00000AbCdEAAV")
    answer = counts(deliver(webhook_client(sqlite_store), sample("salesforce flow", lead)))
    assert [one["reason"] for one in answer["skipped"]] == ["no_account"]
    account = merge("", AccountId=None, WhatId="0015g00000ZzZzZAAV")
    assert counts(deliver(webhook_client(sqlite_store), sample("salesforce flow", account)))
    assert next(iter(stored_notes(sqlite_store).values())).account_id == "0015g00000ZzZzZAAV"
