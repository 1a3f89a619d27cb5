"""The settings of what is hidden, and of how long notes are kept."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings

from service.masking import KINDS, Mask


class PrivacySettings(BaseSettings):
    """A part of `Settings`."""

    mask: str = ",".join(KINDS)
    retention_days: Annotated[int, Field(ge=1, le=36_500)] | None = None

    @field_validator("mask")
    @classmethod
    def _known_kinds(cls, value: str) -> str:
        unknown = _kinds(value) - set(KINDS)
        if unknown:
            raise ValueError(f"it is off, or a list of {', '.join(KINDS)}, separated by commas")
        return value

    @property
    def quote_mask(self) -> Mask:
        """What is hidden in quotes."""
        return Mask(frozenset(_kinds(self.mask)))


def _kinds(value: str) -> set[str]:
    if value.strip().lower() == "off":
        return set()
    return {part.strip().lower() for part in value.split(",")}
