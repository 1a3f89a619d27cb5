"""Rows of exports as notes: each shipped mapping, and what a bad one is told."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import pytest

from models.errors import InvalidInput, NotFound
from models.note import parse_note
from service.crm.mapping import parse_mapping, shipped_mapping, shipped_mappings

NOW = datetime(2026, 9, 1, tzinfo=UTC)
OWN = """
source = "notes-tool"
timezone = "Europe/Berlin"
time_formats = ["%d.%m.%Y %H:%M"]

[columns]
external_id = "nr"
account_id = ["kunde", "konto"]
csm_id = "wer"
occurred_at = "wann"
text = ["titel", "notiz"]

[defaults]
csm_id = "unknown"

[skip]
status = ["entwurf"]
"""

# One row of each export as that vendor writes it, and what must come out of it.
EXPORTS: list[tuple[str, dict[str, Any], dict[str, str]]] = [
    (
        "salesforce-task",
        {
            "Id": "00T1",
            "AccountId": "",
            "WhatId": "001B",
            "OwnerId": "005X",
            "CreatedDate": "2026-07-03T11:30:00.000+0200",
            "Subject": "QBR",
            "Description": "They need bulk export.",
            "IsDeleted": "false",
        },
        {"account_id": "001B", "text": "QBR\n\nThey need bulk export."},
    ),
    (
        "salesforce-note",
        {
            "Id": "002",
            "ParentId": "001B",
            "OwnerId": "005X",
            "CreatedDate": "2026-07-03T09:30:00.000Z",
            "Title": "",
            "Body": "They need bulk export.",
        },
        {"account_id": "001B", "text": "They need bulk export."},
    ),
    (
        "salesforce-contentnote",
        {
            "Id": "069",
            "LinkedEntityId": "001B",
            "OwnerId": "005X",
            "CreatedDate": "2026-07-03T09:30:00.000Z",
            "Title": "Call",
            "Content": b64encode("<p>Größerer Export</p>".encode()).decode(),
        },
        {"account_id": "001B", "text": "Call\n\n<p>Größerer Export</p>"},
    ),
    (
        "gainsight-timeline",
        {
            "GSID": "1I00",
            "Company ID": "1P02",
            "Author Email": "ana@example.com",
            "Activity Date": "07/03/2026 09:30 AM",
            "Subject": "Sync",
            "Notes": "They need bulk export.",
        },
        {"account_id": "1P02", "csm_id": "ana@example.com"},
    ),
    (
        "salesforce-api",
        {
            "Id": "00T1",
            "WhatId": "001B",
            "OwnerId": "005X",
            "CreatedDate": "2026-07-03T09:30:00.000+0000",
            "Subject": "QBR",
        },
        {"account_id": "001B", "text": "QBR"},
    ),
    (
        "gainsight-api",
        {
            "Gsid": "1I00",
            "GsCompanyId": "1P02",
            "GsCreatedByUserId__gr.Email": "ana@example.com",
            "ActivityDate": "2026-07-03T09:30:00.000+0000",
            "Notes": "They need bulk export.",
        },
        {"account_id": "1P02", "csm_id": "ana@example.com"},
    ),
    (
        "hubspot-api",
        {
            "id": "5500",
            "properties": {
                "hs_note_body": "They need bulk export.",
                "hs_timestamp": "2026-07-03T09:30:00Z",
                "hubspot_owner_id": "31",
            },
            "associations": {"companies": "812"},
        },
        {"account_id": "812", "csm_id": "31"},
    ),
    (
        "churnzero-activity",
        {
            "Activity Id": 771,
            "Account External Id": "a-9",
            "Owner Email": "ana@example.com",
            "Activity Date": "7/3/2026 9:30:00 AM",
            "Description": "They need bulk export.",
        },
        {"external_id": "771", "account_id": "a-9"},
    ),
    (
        "hubspot-notes",
        {
            "id": "5500",
            "properties": {
                "hs_note_body": "<div>They need bulk export.</div>",
                "hs_timestamp": "1783071000000",
                "hubspot_owner_id": "31",
            },
            "associations": {"companies": "812"},
        },
        {"account_id": "812", "csm_id": "31"},
    ),
    (
        "zendesk-comments",
        {
            "comment_id": 9001,
            "organization_id": 12,
            "author_id": 7,
            "created_at": "2026-07-03T09:30:00Z",
            "body": "They need bulk export.",
        },
        {"external_id": "9001", "account_id": "12"},
    ),
    (
        "intercom-notes",
        {
            "part_id": "77",
            "company": {"id": "c-5"},
            "author": {"id": "814"},
            "created_at": 1783071000,
            "body": "<p>They need bulk export.</p>",
        },
        {"account_id": "c-5", "csm_id": "814"},
    ),
]


@pytest.mark.parametrize(("name", "row", "expected"), EXPORTS, ids=[name for name, *_ in EXPORTS])
def test_a_row_of_each_export_is_a_note(
    name: str, row: dict[str, Any], expected: dict[str, str]
) -> None:
    mapping = shipped_mapping(name)
    note = parse_note(mapping.note(row), now=NOW)
    assert note.source == name.split("-")[0]
    assert note.occurred_at == datetime(2026, 7, 3, 9, 30, tzinfo=UTC)
    assert {field: getattr(note, field) for field in expected} == expected


def test_every_shipped_mapping_is_tried_above() -> None:
    assert shipped_mappings() == sorted(name for name, *_ in EXPORTS)


def test_a_time_without_an_offset_is_in_the_mappings_zone() -> None:
    row = {"nr": "1", "konto": "a", "wer": "c", "wann": "03.07.2026 11:30", "notiz": "Export"}
    note = parse_note(parse_mapping(OWN).note(row), now=NOW)
    assert note.occurred_at == datetime(2026, 7, 3, 9, 30, tzinfo=UTC)
    assert note.account_id == "a"


def test_an_empty_column_takes_the_default() -> None:
    row = {"nr": "1", "kunde": "a", "wer": " ", "wann": "2026-07-03", "notiz": "Export"}
    raw = parse_mapping(OWN).note(row)
    assert raw is not None and raw["csm_id"] == "unknown"


def test_rows_to_skip_are_left_out_whatever_their_case() -> None:
    assert parse_mapping(OWN).note({"nr": "1", "status": "Entwurf"}) is None


def test_a_time_in_no_known_form_is_refused_with_the_way_to_mend_it() -> None:
    with pytest.raises(InvalidInput, match="time_formats") as refused:
        parse_mapping(OWN).note({"nr": "1", "wann": "last week"})
    assert (refused.value.code, refused.value.field) == ("bad_time", "occurred_at")


def test_what_is_not_base64_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        shipped_mapping("salesforce-contentnote").note({"Id": "1", "Content": "plain words!"})
    assert refused.value.code == "bad_base64"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("source = ", "not TOML"),
        ('source = "x"\ncolums = {}', "colums"),
        ("[columns]\ntext = 'a'", "source"),
        ('source = "x"\n[columns]\ntext = "a"', "lacks external_id, account_id"),
        (OWN.replace('"nr"', "3"), "columns.external_id"),
        (OWN.replace("[columns]", '[columns]\nbody = "b"'), "body"),
        (OWN.replace("Europe/Berlin", "Mars/Base"), "Mars/Base"),
        ('delimiter = ";;"\n' + OWN, "delimiter"),
        (OWN + '\n[defaults2]\na = "b"', "defaults2"),
    ],
)
def test_a_bad_mapping_says_what_to_mend(content: str, why: str) -> None:
    with pytest.raises(InvalidInput, match="mapping can't be used") as refused:
        parse_mapping(content)
    assert why in refused.value.message
    assert refused.value.code == "bad_mapping"


def test_an_unknown_mapping_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="salesforce-task"):
        shipped_mapping("../../secrets")
