from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert, select
from sqlalchemy.exc import StatementError

from service.storage.engine import Store
from service.storage.tables import accounts, tombstones

MONEY = st.decimals(min_value=0, max_value=10**15 - 1, places=4)
EARLIEST = datetime(1900, 1, 2, tzinfo=UTC).replace(tzinfo=None)
TIMES = st.datetimes(min_value=EARLIEST, timezones=st.timezones()).filter(
    lambda moment: moment.year < 9999
)
# The store is the same for all examples; each clears what it needs.
many = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(amount=MONEY)
def test_money_comes_back_exactly(store: Store, amount: Decimal) -> None:
    with store.write() as connection:
        connection.execute(delete(accounts))
        connection.execute(insert(accounts).values(account_id="a", arr=amount))
    with store.read() as connection:
        found = connection.scalar(select(accounts.c.arr))
    assert found == amount
    assert "E" not in str(found)


@many
@given(moment=TIMES)
def test_a_time_comes_back_as_the_same_instant_in_utc(store: Store, moment: datetime) -> None:
    with store.write() as connection:
        connection.execute(delete(tombstones))
        row = {"source": "s", "external_id": "e", "deleted_at": moment}
        connection.execute(insert(tombstones).values(row))
    with store.read() as connection:
        found = connection.scalar(select(tombstones.c.deleted_at))
    assert found == moment.astimezone(UTC)
    assert found is not None
    assert found.utcoffset() == timedelta(0)


def test_times_are_ordered_as_instants_whatever_their_offset(store: Store) -> None:
    east = timezone(timedelta(hours=9))
    moments = {
        "second": datetime(2026, 7, 1, 1, tzinfo=UTC),
        "first": datetime(2026, 7, 1, 9, tzinfo=east),
    }
    with store.write() as connection:
        for name, moment in moments.items():
            row = {"source": "s", "external_id": name, "deleted_at": moment}
            connection.execute(insert(tombstones).values(row))
    with store.read() as connection:
        ordered = select(tombstones.c.external_id).order_by(tombstones.c.deleted_at)
        assert connection.scalars(ordered).all() == ["first", "second"]


def test_a_time_without_an_offset_is_refused(store: Store) -> None:
    with pytest.raises(StatementError), store.write() as connection:
        row = {"source": "s", "external_id": "e", "deleted_at": EARLIEST}
        connection.execute(insert(tombstones).values(row))
