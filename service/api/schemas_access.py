"""Keys as bodies and answers, for the API's description alone."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import AwareDatetime, BaseModel, Field

from service.api.schemas_write import Identifier, Label

RoleName = Literal["ingest", "csm", "cs_ops", "product", "admin"]


class KeyBody(BaseModel):
    """A key to be made."""

    role: RoleName
    name: Label = Field(description="Whose key it is; the audit trail names it.")
    csm_id: Identifier | None = Field(None, description="For the role csm, and for it alone.")
    expires_at: AwareDatetime | None = Field(None, description="Refused from then on.")


class KeyAnswer(BaseModel):
    """A key as administrators see it."""

    id: str
    name: str
    role: RoleName
    csm_id: str | None
    state: Literal["live", "expired", "revoked"]
    by_sign_on: bool = Field(description="Made by single sign-on; opens the pages alone.")
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None


class NewKeyAnswer(KeyAnswer):
    """A key just made: the one time that it is shown."""

    key: str


class KeysAnswer(BaseModel):
    """Some keys, oldest first."""

    data: list[KeyAnswer]
    next_cursor: str
