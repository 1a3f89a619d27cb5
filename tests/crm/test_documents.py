"""The set-up pages say what the code does."""

from __future__ import annotations

import re

import pytest

from service.crm.catalogue import CONNECTORS
from service.crm.fields import DEFAULT_FIELDS, Fields, fields_for
from service.settings import SIGNED_SOURCES, BadSettings, load_settings
from tests.crm.vendors import SAMPLES, VENDORS


@pytest.mark.parametrize("source", CONNECTORS)
def test_every_connector_has_a_page_that_lists_its_fields(source: str) -> None:
    page = (SAMPLES / f"{source}.md").read_text(encoding="utf-8").replace(r"\|", "|")
    rows = dict(re.findall(r"^\| `(\w+)` \| `?([^`\n]+?)`?(?: \(.*\))? \|$", page, re.MULTILINE))
    assert {name: "" if place == "none" else place for name, place in rows.items()} == dict(
        DEFAULT_FIELDS[source]
    )


def test_every_sample_is_on_its_page_and_is_tested() -> None:
    pages = "".join(page.read_text(encoding="utf-8") for page in SAMPLES.glob("*.md"))
    samples = {path.name for path in SAMPLES.iterdir() if path.suffix != ".md"}
    assert samples == {way.sample for way in VENDORS}
    assert samples == set(re.findall(r"\]\(([\w-]+\.(?:json|xml))\)", pages))


def test_the_catalogue_is_what_the_contract_names() -> None:
    assert tuple(CONNECTORS) == SIGNED_SOURCES
    assert all(connector.source == source for source, connector in CONNECTORS.items())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GROUNDSWELL_FIELDS_SALESFORCE", "nonsense=Notes__c"),
        ("GROUNDSWELL_FIELDS_SALESFORCE", "text"),
        ("GROUNDSWELL_FIELDS_GAINSIGHT", "text="),
        ("GROUNDSWELL_FIELDS_GAINSIGHT", "text=a||b"),
        ("GROUNDSWELL_FIELDS_GENERIC", "text=a"),
        ("GROUNDSWELL_SLACK_CHANNELS", "C1"),
        ("GROUNDSWELL_SLACK_CHANNELS", "C1="),
        ("GROUNDSWELL_TICKET_COMMENTS", "some"),
        ("GROUNDSWELL_WEBHOOK_SECRET_GENERIC", "whsec_x"),
        ("GROUNDSWELL_WEBHOOK_SECRET_GENERIC", "whsec_"),
    ],
)
def test_a_setting_that_can_not_be_used_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as refused:
        load_settings({name: value})
    assert refused.value.field == name


def test_a_path_takes_names_numbers_and_the_first_that_holds_something() -> None:
    record = {"a": {"b": [{"c": "x"}]}, "blank": " ", "packed": "PHA+w6k8L3A+"}
    fields = Fields({"deep": "a.b.0.c", "second": "blank|none|a.b.0.c", "packed": "base64:packed"})
    assert fields.value(record, "deep") == "x"
    assert fields.value(record, "second") == "x"
    assert fields.value(record, "packed") == "<p>é</p>"
    assert fields.value(record, "unknown") is None
    assert not fields.mentions(record, "unknown")
    assert Fields({"blank": "blank"}).mentions(record, "blank")


def test_a_setting_replaces_one_place_and_leaves_the_rest() -> None:
    fields = fields_for("salesforce", " text = Notes__c , csm=Owner.Email")
    assert fields.places["text"] == "Notes__c"
    assert fields.places["id"] == DEFAULT_FIELDS["salesforce"]["id"]
