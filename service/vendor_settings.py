"""The settings for calling vendors' APIs: where, and with which key."""

from __future__ import annotations

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings


class VendorSettings(BaseSettings):
    """What `groundswell pull` needs; a vendor without its settings is not called."""

    salesforce_url: str = ""
    salesforce_client_id: str = ""
    salesforce_client_secret: SecretStr | None = None
    gainsight_url: str = ""
    gainsight_access_key: SecretStr | None = None
    hubspot_url: str = "https://api.hubapi.com"
    hubspot_token: SecretStr | None = None

    @field_validator("salesforce_url", "gainsight_url", "hubspot_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        local = value.startswith(("http://127.0.0.1:", "http://localhost:"))
        if value and not value.startswith("https://") and not local:
            raise ValueError("it must start with https://")
        return value.rstrip("/")
