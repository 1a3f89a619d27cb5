"""Each vendor's API, played on loopback: its paging, its limits, its errors."""

from __future__ import annotations

from typing import Any

import pytest

from models.errors import Unavailable
from service.crm.mapping import shipped_mapping
from service.crm.pulls.gainsight import PAGE as GAINSIGHT_PAGE
from service.crm.pulls.gainsight import GainsightPull
from service.crm.pulls.hubspot import MOST_BY_ONE_QUERY, HubSpotPull
from service.crm.pulls.salesforce import SalesforcePull
from service.crm.vendor_api import VendorApi
from tests.crm.vendor_stand_in import Call, Reply, StandIn, standing_in


def client(vendor: StandIn, waits: list[float] | None = None) -> VendorApi:
    slept = waits if waits is not None else []
    return VendorApi("Vendor", vendor.url, {}, sleep=slept.append)


# Salesforce


def task(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "Id": f"00T{number}",
        "AccountId": "001A",
        "OwnerId": "005X",
        "Subject": "Call",
        "Description": "They need bulk export.",
        "CreatedDate": "2026-07-03T09:30:00.000+0000",
        "LastModifiedDate": f"2026-07-03T09:3{number}:00.000+0000",
        "SystemModstamp": f"2026-07-03T09:3{number}:00.000+0000",
        "IsDeleted": False,
        **changes,
    }


def salesforce(call: Call) -> Reply:
    if call.path == "/services/oauth2/token":
        assert call.body["grant_type"] == "client_credentials"
        return Reply({"access_token": "00D-token", "instance_url": "ignored"})
    assert call.headers["authorization"] == "Bearer 00D-token"
    if call.path.endswith("-2"):
        return Reply({"done": True, "records": [task(3, IsDeleted=True)]})
    following = "/services/data/v61.0/query/01g-2"
    return Reply({"done": False, "nextRecordsUrl": following, "records": [task(1), task(2)]})


def salesforce_pull(api: VendorApi) -> SalesforcePull:
    return SalesforcePull(
        api, shipped_mapping("salesforce-api"), client_id="id", client_secret="secret"
    )


def test_salesforce_is_read_page_by_page_with_what_was_deleted() -> None:
    with standing_in(salesforce) as vendor, client(vendor) as api:
        pages = list(salesforce_pull(api).pages(""))
    assert [[row["Id"] for row in page.records] for page in pages] == [["00T1", "00T2"], []]
    assert [page.deleted for page in pages] == [[], ["00T3"]]
    assert pages[-1].position == "2026-07-03T09:33:00.000+0000"
    soql = vendor.calls[1].query["q"]
    assert "WHERE" not in soql and soql.endswith("FROM Task ORDER BY SystemModstamp, Id")
    assert vendor.calls[1].path.endswith("/queryAll")


def test_salesforce_goes_on_where_it_ended() -> None:
    with standing_in(salesforce) as vendor, client(vendor) as api:
        list(salesforce_pull(api).pages("2026-07-03T09:33:00.000+0000"))
    assert "WHERE SystemModstamp >= 2026-07-03T09:33:00.000+0000 " in vendor.calls[1].query["q"]


def test_nothing_but_a_time_gets_into_a_salesforce_query() -> None:
    with (
        standing_in(salesforce) as vendor,
        client(vendor) as api,
        pytest.raises(Unavailable) as refused,
    ):
        list(salesforce_pull(api).pages("2026' OR Id != '"))
    assert refused.value.code == "bad_position"


def test_a_next_page_outside_the_api_is_not_followed() -> None:
    def elsewhere(call: Call) -> Reply:
        reply = salesforce(call)
        if "nextRecordsUrl" in reply.body:
            reply.body["nextRecordsUrl"] = "https://evil.example/steal"
        return reply

    with (
        standing_in(elsewhere) as vendor,
        client(vendor) as api,
        pytest.raises(Unavailable) as refused,
    ):
        list(salesforce_pull(api).pages(""))
    assert refused.value.code == "vendor_refused"


# HubSpot


class HubSpot:
    """Holds `count` notes, one changed each millisecond from 1000 on."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, call: Call) -> Reply:
        if "associations" in call.path:
            pairs = [
                {"from": {"id": entry["id"]}, "to": [{"toObjectId": 812}, {"toObjectId": 77}]}
                for entry in call.body["inputs"]
            ]
            return Reply({"results": pairs})
        changed = call.body["filterGroups"][0]["filters"][0]
        assert (changed["propertyName"], changed["operator"]) == ("hs_lastmodifieddate", "GTE")
        after, limit = int(call.body["after"]), call.body["limit"]
        if after + limit > MOST_BY_ONE_QUERY:
            return Reply({"status": "error", "category": "VALIDATION_ERROR"}, status=400)
        matching = range(max(0, int(changed["value"]) - 1000), self.count)
        chosen = matching[after : after + limit]
        results = [
            {
                "id": str(number),
                "properties": {
                    "hs_note_body": "They need bulk export.",
                    "hs_timestamp": "2026-07-03T09:30:00Z",
                    "hs_lastmodifieddate": str(1000 + number),
                },
            }
            for number in chosen
        ]
        paging = {"next": {"after": str(after + limit)}} if chosen.stop < matching.stop else None
        return Reply({"results": results, **({"paging": paging} if paging else {})})


def test_hubspot_is_read_past_its_10_000_with_the_company_of_each_note() -> None:
    with standing_in(HubSpot(10_450)) as vendor, client(vendor) as api:
        pages = list(HubSpotPull(api, shipped_mapping("hubspot-api")).pages(""))
    found = {str(row["id"]) for page in pages for row in page.records}
    assert found == {str(number) for number in range(10_450)}
    assert pages[0].records[0]["associations"] == {"companies": "77"}
    assert pages[-1].position == str(1000 + 10_449)


def test_hubspot_goes_on_where_it_ended() -> None:
    with standing_in(HubSpot(50)) as vendor, client(vendor) as api:
        pages = list(HubSpotPull(api, shipped_mapping("hubspot-api")).pages("1048"))
    assert [row["id"] for page in pages for row in page.records] == ["48", "49"]


# Gainsight


def gainsight(call: Call) -> Reply:
    assert call.path == "/v1/data/objects/query/activity_timeline"
    rows = [
        {"Gsid": f"1I{n}", "ModifiedDate": f"2026-07-03T09:30:00.{n:06d}+0000"}
        for n in range(GAINSIGHT_PAGE + 3)
    ]
    start = call.body["offset"]
    return Reply({"result": True, "data": {"records": rows[start : start + call.body["limit"]]}})


def test_gainsight_is_read_by_offset_until_a_page_is_short() -> None:
    with standing_in(gainsight) as vendor, client(vendor) as api:
        pages = list(GainsightPull(api, shipped_mapping("gainsight-api")).pages("2026-07-01"))
    assert [len(page.records) for page in pages] == [GAINSIGHT_PAGE, 3]
    assert pages[-1].position == "2026-07-03T09:30:00.001002+0000"
    where = vendor.calls[0].body["where"]["conditions"][0]
    assert (where["name"], where["value"]) == ("ModifiedDate", ["2026-07-01"])
    assert "Gsid" in vendor.calls[0].body["select"]


def test_gainsights_own_refusal_is_an_error_though_it_is_a_200() -> None:
    refusing = standing_in(lambda call: Reply({"result": False, "errorCode": "GS_1"}))
    with refusing as vendor, client(vendor) as api, pytest.raises(Unavailable) as refused:
        list(GainsightPull(api, shipped_mapping("gainsight-api")).pages(""))
    assert refused.value.code == "vendor_refused"


# Limits and errors, the same for all


def failing_first(times: int, reply: Reply) -> Any:
    seen: list[Call] = []

    def answer(call: Call) -> Reply:
        seen.append(call)
        return reply if len(seen) <= times else gainsight(call)

    return answer


def test_a_rate_limit_is_waited_out_for_as_long_as_the_vendor_asks() -> None:
    waits: list[float] = []
    limited = failing_first(2, Reply(status=429, headers={"Retry-After": "11"}))
    with standing_in(limited) as vendor, client(vendor, waits) as api:
        pages = list(GainsightPull(api, shipped_mapping("gainsight-api")).pages(""))
    assert sum(len(page.records) for page in pages) == GAINSIGHT_PAGE + 3
    assert waits == [11.0, 11.0]


@pytest.mark.parametrize("reply", [Reply(status=503), Reply("<html>down</html>")])
def test_a_vendor_that_stays_down_is_an_error_that_says_so(reply: Reply) -> None:
    waits: list[float] = []
    with (
        standing_in(lambda call: reply) as vendor,
        client(vendor, waits) as api,
        pytest.raises(Unavailable) as refused,
    ):
        list(GainsightPull(api, shipped_mapping("gainsight-api")).pages(""))
    assert refused.value.code == "vendor_unavailable"
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_wrong_key_is_told_at_once_and_without_the_vendors_words() -> None:
    waits: list[float] = []
    wrong = Reply({"message": "key gs-secret is wrong"}, status=401)
    with (
        standing_in(lambda call: wrong) as vendor,
        client(vendor, waits) as api,
        pytest.raises(Unavailable, match="check the key") as refused,
    ):
        list(GainsightPull(api, shipped_mapping("gainsight-api")).pages(""))
    assert refused.value.code == "vendor_refused"
    assert "gs-secret" not in refused.value.message and waits == []


def test_a_redirect_does_not_carry_the_key_elsewhere() -> None:
    away = Reply(status=302, headers={"Location": "http://127.0.0.1:1/steal"})
    with (
        standing_in(lambda call: away) as vendor,
        client(vendor) as api,
        pytest.raises(Unavailable) as refused,
    ):
        list(GainsightPull(api, shipped_mapping("gainsight-api")).pages(""))
    assert refused.value.code == "vendor_refused"
    assert len(vendor.calls) == 1
