"""What is hidden and how long notes are kept, as the environment says it."""

from __future__ import annotations

import pytest

from service.masking import KINDS
from service.settings import BadSettings, load_settings


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        (None, set(KINDS)),
        ("off", set()),
        ("email", {"email"}),
        (" Email , card ", {"email", "card"}),
    ],
)
def test_what_is_masked(value: str | None, kinds: set[str]) -> None:
    environ = {} if value is None else {"GROUNDSWELL_MASK": value}
    assert load_settings(environ).quote_mask.kinds == kinds


def test_notes_are_kept_until_something_else_is_said() -> None:
    assert load_settings({}).retention_days is None
    assert load_settings({"GROUNDSWELL_RETENTION_DAYS": "730"}).retention_days == 730


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GROUNDSWELL_MASK", "email,names"),
        ("GROUNDSWELL_MASK", "email,off"),
        ("GROUNDSWELL_RETENTION_DAYS", "0"),
        ("GROUNDSWELL_RETENTION_DAYS", "forever"),
    ],
)
def test_what_can_not_be_meant_is_refused(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as caught:
        load_settings({name: value})
    assert caught.value.field == name
