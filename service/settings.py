"""Every setting, in one class, read once at start.

Each is an environment variable that starts with `GROUNDSWELL_`. A variable of that prefix
that we do not know is refused rather than ignored: a typing error in a name would otherwise
run the service with a default nobody asked for.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from models.errors import GroundswellError, InvalidInput
from models.policy import Policy, policy_named
from models.window import Calendar
from service.access_settings import AccessSettings
from service.privacy_settings import PrivacySettings
from service.vendor_settings import VendorSettings
from service.webhook_settings import SIGNED_SOURCES, WebhookSettings

__all__ = ["PREFIX", "SIGNED_SOURCES", "BadSettings", "Settings", "load_settings"]

PREFIX = "GROUNDSWELL_"


class Settings(AccessSettings, PrivacySettings, VendorSettings, WebhookSettings):
    """The settings of one process. Build it with `load_settings`, or by keyword in a test."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    # Not shown in a printed settings: it may hold a password.
    database_url: Annotated[str, Field(repr=False)] = "sqlite:///groundswell.db"
    encoder: str = "bundled:all-MiniLM-L6-v2+requests"
    reranker: bool = False
    auth: Literal["keys", "off"] = "keys"
    timezone: str = "UTC"
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] = 1
    policy: str = "combined"

    # Numbers of the policy that replace its own, under every policy's name.
    policy_frequency: int | None = None
    policy_arr_share: Decimal | None = None
    policy_churn: int | None = None
    policy_three_csms: int | None = None
    policy_five_csms: int | None = None
    policy_segments: int | None = None
    policy_direct_share: Decimal | None = None
    policy_renewal_days: int | None = None
    policy_coincidence_limit: float | None = None
    policy_priority_steps: int | None = None
    policy_scale_with_team: bool | None = None
    policy_team_least: int | None = None
    policy_team_most: int | None = None

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
            # The value may hold a password, so it is not repeated.
            raise ValueError("it must start with sqlite:/// or postgresql+psycopg://")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("it must be an IANA name such as Europe/Berlin") from None
        return value

    @field_validator("policy")
    @classmethod
    def _known_policy(cls, value: str) -> str:
        try:
            policy_named(value)
        except InvalidInput as refusal:
            raise ValueError(refusal.message) from None
        return value

    @model_validator(mode="after")
    def _possible_policy(self) -> Settings:
        try:
            self.policy_called(None)
        except InvalidInput as refusal:
            raise ValueError(f"the policy's {refusal.message}") from None
        return self

    def policy_called(self, name: str | None) -> Policy:
        """The policy of this name, the configured one for None, with our own numbers in it.

        Raises:
            InvalidInput: `unknown_policy`.
        """
        numbers: dict[str, Any] = {
            field.removeprefix("policy_"): getattr(self, field)
            for field in type(self).model_fields
            if field.startswith("policy_") and getattr(self, field) is not None
        }
        return policy_named(name or self.policy, numbers)

    @property
    def calendar(self) -> Calendar:
        """The organisation's quarters, months and days."""
        return Calendar(timezone=ZoneInfo(self.timezone), fiscal_year_start=self.fiscal_year_start)


class BadSettings(GroundswellError):
    """The environment does not describe a service that we could start."""


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Raises:
        BadSettings: a variable is unknown or has a value that can't be used; code
            `bad_settings`, `field` the variable's name.
    """
    names = os.environ if environ is None else environ
    known = {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in sorted(names):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise BadSettings(
                f"{name} is not a setting of Groundswell. Known: {', '.join(sorted(known))}.",
                code="bad_settings",
                field=name,
            )
    try:
        return Settings() if environ is None else _from_mapping(environ)
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + (str(first["loc"][0]).upper() if first["loc"] else "POLICY_*")
        sentence = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
        raise BadSettings(
            f"{name} can't be used: {sentence}.", code="bad_settings", field=name
        ) from None


def _from_mapping(environ: Mapping[str, str]) -> Settings:
    values = {
        name.upper().removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.upper().startswith(PREFIX) and value
    }
    return Settings.model_validate(values)
