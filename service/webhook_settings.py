"""The settings of the webhooks: their secrets, their fields, and what of them is kept."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from service.crm.connector import Preferences
from service.crm.fields import DEFAULT_FIELDS, fields_for

SIGNED_SOURCES = tuple(DEFAULT_FIELDS)
# Of a signed note of our own form there is nothing to choose.
_MAPPED = tuple(source for source, places in DEFAULT_FIELDS.items() if places)


class WebhookSettings(BaseSettings):
    """A part of `Settings`."""

    webhook_secret_salesforce: SecretStr | None = None
    webhook_secret_gainsight: SecretStr | None = None
    webhook_secret_churnzero: SecretStr | None = None
    webhook_secret_hubspot: SecretStr | None = None
    webhook_secret_zendesk: SecretStr | None = None
    webhook_secret_intercom: SecretStr | None = None
    webhook_secret_slack: SecretStr | None = None
    webhook_secret_generic: SecretStr | None = None

    # Where in the vendor's payload each part of a note stands: `text=Notes__c,csm=Owner.Email`.
    fields_salesforce: str = ""
    fields_gainsight: str = ""
    fields_churnzero: str = ""
    fields_hubspot: str = ""
    fields_zendesk: str = ""
    fields_intercom: str = ""
    fields_slack: str = ""

    private_notes: Literal["skip", "keep"] = "skip"
    ticket_comments: Literal["internal", "public", "all"] = "internal"
    salesforce_organizations: str = ""
    hubspot_oldest_signature: Literal["v1", "v2", "v3"] = "v1"
    slack_channels: str = ""
    slack_callback: str = "customer_note"
    slack_token: SecretStr | None = None

    @field_validator(*(f"webhook_secret_{source}" for source in SIGNED_SOURCES))
    @classmethod
    def _one_or_two_secrets(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        parts = value.get_secret_value().split(",")
        if len(parts) > 2 or not all(part.strip() for part in parts):
            raise ValueError("it holds one secret, or two separated by a comma for rotation")
        return value

    @field_validator("webhook_secret_generic")
    @classmethod
    def _a_standard_secret(cls, value: SecretStr | None) -> SecretStr | None:
        from service.crm.standard_webhooks import is_secret

        if value is not None and not all(map(is_secret, _secrets(value))):
            raise ValueError("it must be whsec_ and the base64 of 24 to 64 random bytes")
        return value

    @field_validator(*(f"fields_{source}" for source in _MAPPED))
    @classmethod
    def _known_fields(cls, value: str, info: ValidationInfo) -> str:
        fields_for(str(info.field_name).removeprefix("fields_"), value)
        return value

    @field_validator("slack_channels")
    @classmethod
    def _channel_pairs(cls, value: str) -> str:
        _pairs(value)
        return value

    def webhook_secrets(self, source: str) -> tuple[str, ...]:
        """The accepted secrets of a webhook source; none means that its endpoint is off."""
        return _secrets(getattr(self, f"webhook_secret_{source}"))

    def webhook_preferences(self, source: str) -> Preferences:
        """What is set for the connector of this source."""
        organizations = (part.strip() for part in self.salesforce_organizations.split(","))
        return Preferences(
            fields=fields_for(source, getattr(self, f"fields_{source}", "")),
            keep_private=self.private_notes == "keep",
            comments=self.ticket_comments,
            organizations=frozenset(filter(None, organizations)),
            channels=_pairs(self.slack_channels),
            callback=self.slack_callback,
            oldest_signature=self.hubspot_oldest_signature,
        )


def _secrets(value: SecretStr | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(part.strip() for part in value.get_secret_value().split(","))


def _pairs(value: str) -> dict[str, str]:
    """`C024BE91L=acme,C9=globex` as a dict.

    Raises:
        ValueError: with a sentence for the person who set it.
    """
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in value.split(","))):
        channel, equals, account = (part.strip() for part in pair.partition("="))
        if not channel or not equals or not account:
            raise ValueError("it holds pairs of a channel's id and an account's, like C024BE=a-1")
        found[channel] = account
    return found
