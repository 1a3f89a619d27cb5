"""The settings of who may ask, how often, and how people sign in."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings

from models.errors import InvalidInput
from service.limits import parse_rate
from service.security import Role

_SHORTEST_SECRET = 32


class AccessSettings(BaseSettings):
    """A part of `Settings`."""

    session_secret: SecretStr | None = None
    session_hours: Annotated[int, Field(ge=1, le=720)] = 12

    rate_limit: str = "6000/minute"
    login_limit: str = "20/minute"
    wrong_key_limit: str = "600/minute"
    queue_bound: Annotated[int, Field(ge=1)] = 50_000
    batch_lines: Annotated[int, Field(ge=1)] = 100_000
    # Seconds that a body may take in any case, before a slow sender is measured.
    body_timeout: Annotated[float, Field(gt=0, le=3_600)] = 20

    public_url: str | None = None
    # Before the issuer, whose check looks for it.
    oidc_client_id: str | None = None
    oidc_issuer: str | None = None
    oidc_client_secret: SecretStr | None = None
    oidc_role_claim: str = "groundswell_role"
    oidc_csm_claim: str = "groundswell_csm_id"
    oidc_roles: str | None = None

    @field_validator("session_secret")
    @classmethod
    def _long_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < _SHORTEST_SECRET:
            raise ValueError(f"it must be {_SHORTEST_SECRET} random characters or more")
        return value

    @field_validator("rate_limit", "login_limit", "wrong_key_limit")
    @classmethod
    def _known_rate(cls, value: str) -> str:
        try:
            parse_rate(value)
        except InvalidInput as refusal:
            raise ValueError(refusal.message) from None
        return value

    @field_validator("public_url", "oidc_issuer")
    @classmethod
    def _safe_address(cls, value: str | None) -> str | None:
        if value is not None and not is_safe_address(value):
            raise ValueError("it must be an https:// address (http:// on loopback alone)")
        return value

    @field_validator("oidc_roles")
    @classmethod
    def _known_roles(cls, value: str | None) -> str | None:
        parse_roles(value)
        return value

    @field_validator("oidc_issuer")
    @classmethod
    def _with_client_id(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value is not None and not info.data.get("oidc_client_id"):
            raise ValueError("it needs GROUNDSWELL_OIDC_CLIENT_ID beside it")
        return value

    @property
    def sign_on_roles(self) -> dict[str, Role]:
        """What each value of the role claim stands for."""
        return parse_roles(self.oidc_roles)


def parse_roles(text: str | None) -> dict[str, Role]:
    """`their word=our role, ...`; None: their words are our roles.

    Raises:
        ValueError: with a sentence for the person who set it.
    """
    if text is None:
        return {role.value: role for role in Role}
    pairs = [pair.partition("=") for pair in text.split(",")]
    roles = {theirs.strip(): ours.strip() for theirs, _, ours in pairs}
    if not all(roles) or not set(roles.values()) <= set(Role):
        raise ValueError(
            "it must read 'their group=our role, ...', with the roles ingest, csm, cs_ops,"
            " product, admin"
        )
    return {theirs: Role(ours) for theirs, ours in roles.items()}


def is_safe_address(address: str) -> bool:
    """True for an https address, or an http one on this machine, without anything odd in it."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.query or parts.fragment or not host:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _on_loopback(host))


def _on_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
