"""Settings: what is read, and the one sentence for what can't be."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.settings import SIGNED_SOURCES, BadSettings, load_settings


def test_defaults_need_no_environment() -> None:
    settings = load_settings({})
    assert settings.database_url == "sqlite:///groundswell.db"
    assert settings.auth == "keys"
    assert settings.policy == "combined"
    assert str(settings.calendar.timezone) == "UTC"
    assert settings.calendar.fiscal_year_start == 1


def test_every_variable_of_the_contract_is_read() -> None:
    environ = {
        "GROUNDSWELL_DATABASE_URL": "postgresql+psycopg://me@db/x",
        "GROUNDSWELL_ENCODER": "some/model",
        "GROUNDSWELL_AUTH": "off",
        "GROUNDSWELL_TIMEZONE": "Europe/Berlin",
        "GROUNDSWELL_FISCAL_YEAR_START": "2",
        "GROUNDSWELL_POLICY": "single_gate",
        "GROUNDSWELL_WEBHOOK_SECRET_SLACK": "one, two",
    }
    settings = load_settings(environ)
    assert settings.database_url == "postgresql+psycopg://me@db/x"
    assert settings.encoder == "some/model"
    assert settings.auth == "off"
    assert str(settings.calendar.timezone) == "Europe/Berlin"
    assert settings.calendar.fiscal_year_start == 2
    assert settings.policy == "single_gate"
    assert settings.webhook_secrets("slack") == ("one", "two")
    assert settings.webhook_secrets("generic") == ()


def test_the_process_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_POLICY", "single_gate")
    assert load_settings().policy == "single_gate"


def test_an_empty_variable_is_one_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDSWELL_TIMEZONE", "")
    assert load_settings().timezone == "UTC"
    assert load_settings({"GROUNDSWELL_TIMEZONE": ""}).timezone == "UTC"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GROUNDSWELL_DATABSE_URL", "sqlite:///x.db"),
        ("GROUNDSWELL_WEBHOOK_SECRET_FAX", "s"),
        ("GROUNDSWELL_DATABASE_URL", "mysql://x"),
        ("GROUNDSWELL_AUTH", "maybe"),
        ("GROUNDSWELL_TIMEZONE", "Mars/Olympus"),
        ("GROUNDSWELL_TIMEZONE", "../../etc/passwd"),
        ("GROUNDSWELL_FISCAL_YEAR_START", "13"),
        ("GROUNDSWELL_FISCAL_YEAR_START", "april"),
        ("GROUNDSWELL_POLICY", "strict"),
        ("GROUNDSWELL_WEBHOOK_SECRET_SLACK", "a,b,c"),
        ("GROUNDSWELL_WEBHOOK_SECRET_SLACK", "a,"),
    ],
)
def test_an_unknown_variable_or_bad_value_is_named_in_one_sentence(name: str, value: str) -> None:
    with pytest.raises(BadSettings) as refused:
        load_settings({name: value})
    assert refused.value.code == "bad_settings"
    assert refused.value.field == name
    assert name in refused.value.message
    assert "\n" not in refused.value.message


@pytest.mark.parametrize("name", ["GROUNDSWELL_DATABASE_URL", "GROUNDSWELL_WEBHOOK_SECRET_SLACK"])
def test_a_bad_secret_is_not_repeated(name: str) -> None:
    with pytest.raises(BadSettings) as refused:
        load_settings({name: "mysql://me:hunter2@db/x,hunter2,hunter2"})
    assert "hunter2" not in refused.value.message


def test_secrets_do_not_show_in_a_printed_settings() -> None:
    environ = {f"GROUNDSWELL_WEBHOOK_SECRET_{name.upper()}": "hunter2" for name in SIGNED_SOURCES}
    environ["GROUNDSWELL_DATABASE_URL"] = "postgresql+psycopg://me:hunter2@db/x"
    assert "hunter2" not in repr(load_settings(environ))


def test_a_number_of_the_policy_replaces_its_default_under_every_name() -> None:
    settings = load_settings(
        {"GROUNDSWELL_POLICY_ARR_SHARE": "0.12", "GROUNDSWELL_POLICY_SCALE_WITH_TEAM": "false"}
    )
    combined, single_gate = settings.policy_called(None), settings.policy_called("single_gate")
    assert (combined.name, combined.arr_share) == ("combined", Decimal("0.12"))
    assert (single_gate.name, single_gate.arr_share) == ("single_gate", Decimal("0.12"))
    assert not combined.scale_with_team
    assert combined.frequency == 3


@pytest.mark.parametrize(
    ("name", "value"),
    [("ARR_SHARE", "1.5"), ("FREQUENCY", "0"), ("FREQUENCY", "three"), ("TEAM_MOST", "2")],
)
def test_a_number_that_no_policy_can_have_is_refused_at_start(name: str, value: str) -> None:
    with pytest.raises(BadSettings, match=r"GROUNDSWELL_POLICY_"):
        load_settings({f"GROUNDSWELL_POLICY_{name}": value})
