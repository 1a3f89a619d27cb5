"""The bodies that the API takes, for its description alone.

What is accepted is decided in one place, the `parse_*` functions of `models`, which the
command line, batches and CSV share. These classes tell the same to readers of /docs.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

Severity = Literal["blocking", "degraded", "minor"]
Identifier = Annotated[str, Field(min_length=1, max_length=255)]
Label = Annotated[str, Field(min_length=1, max_length=255)]


class NoteBody(BaseModel):
    """One note, as a CSM wrote it."""

    source: Identifier = Field(description="Where it comes from; with external_id the identity.")
    external_id: Identifier
    account_id: Identifier
    csm_id: Identifier
    occurred_at: AwareDatetime = Field(description="With an offset; at most 24 h ahead.")
    text: str = Field(min_length=1, max_length=100_000)
    revised_at: AwareDatetime | None = Field(
        None, description="When given, an older revision that arrives late is ignored."
    )


class ObservationBody(BaseModel):
    """A structured pre-read, already tagged."""

    csm_id: Identifier
    account_id: Identifier | None = None
    occurred_at: AwareDatetime
    feature_area: Label
    customer_need: Label
    severity: Severity
    accounts_count: int = Field(ge=1)
    verbatim: str | None = Field(None, max_length=100_000)
    external_id: Identifier | None = Field(None, description="Makes a repeat a repeat.")


class AccountBody(BaseModel):
    """An account. An absent field keeps the stored value, null clears it."""

    account_id: Identifier
    name: str | None = None
    segment: str | None = None
    arr: float | None = Field(None, ge=0, description="US dollars a year.")
    health: Literal["green", "yellow", "red"] | None = None
    renewal_date: date | None = None
    at_risk: bool | None = Field(None, description="What the CRM states; null: nothing.")
    csm_id: Identifier | None = None
    active: bool | None = True


class CSMBody(BaseModel):
    """A customer-success manager."""

    csm_id: Identifier
    name: str | None = None
    email: str | None = None
    active: bool | None = True


class TaxonomyItemBody(BaseModel):
    """A taxonomy item, known by its exact pair of area and need."""

    feature_area: Label
    customer_need: Label
    description: str = ""
    examples: list[str] = []


class AddedRequestBody(BaseModel):
    """A request that the reader missed: a span of the note's text, in code points."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)
    severity: Severity
    theme_id: str | None = None


class MendedRequestBody(BaseModel):
    """The right span of a request, in code points of the note's text."""

    start: int = Field(ge=0)
    end: int = Field(ge=1)


class AcknowledgementBody(BaseModel):
    """Product's answer to a digest."""

    by: Label = Field(description="Who of product says it.")
    assessment: str | None = Field(None, max_length=10_000)


class AcceptBody(BaseModel):
    """The theme is this item, which goes live if it is new."""

    action: Literal["accept"]
    feature_area: Label
    customer_need: Label
    reason: str | None = None


class RejectBody(BaseModel):
    """The theme is no theme; its members wait and never form that group again."""

    action: Literal["reject"]
    reason: str


class RenameBody(BaseModel):
    """The theme's label."""

    action: Literal["rename"]
    label: Label


class MergeBody(BaseModel):
    """The theme is the same as another, which survives."""

    action: Literal["merge"]
    into: str


class SplitBody(BaseModel):
    """These members are a theme of their own, proposed."""

    action: Literal["split"]
    requests: list[str]


class MoveBody(BaseModel):
    """These requests belong to another theme, or to none (`to` is null)."""

    action: Literal["move"]
    requests: list[str]
    to: str | None


class ConfirmBody(BaseModel):
    """These requests do belong to the theme."""

    action: Literal["confirm"]
    requests: list[str]


class DismissBody(BaseModel):
    """These are no requests at all."""

    action: Literal["dismiss"]
    requests: list[str]
    reason: str


class SeverityBody(BaseModel):
    """These requests are this severe."""

    action: Literal["severity"]
    requests: list[str]
    severity: Severity


class DeliverBody(BaseModel):
    """What product does about the theme."""

    action: Literal["deliver"]
    state: Literal["open", "backlog", "shipped", "declined", "closed"]
    priority: Literal["P1", "P2", "P3", "P4"] | None = None
    expected_review: str | None = None
    reason: str | None = None
    release_note: str | None = None


class EditBody(BaseModel):
    """The words of the theme's item; under another pair it keeps its theme."""

    action: Literal["edit"]
    feature_area: Label
    customer_need: Label
    description: str | None = Field(None, description="Left out, it stays; null clears it.")
    examples: list[str] | None = Field(None, description="Left out, they stay; null clears them.")
    reason: str | None = None


DECISIONS: tuple[type[BaseModel], ...] = (
    AcceptBody,
    RejectBody,
    RenameBody,
    MergeBody,
    SplitBody,
    MoveBody,
    ConfirmBody,
    DismissBody,
    SeverityBody,
    DeliverBody,
    EditBody,
)


class AddItemBody(BaseModel):
    """The item is live: new, or one that was proposed or retired."""

    action: Literal["add"]
    feature_area: Label
    customer_need: Label
    description: str | None = Field(None, description="Left out, a known one stays.")
    examples: list[str] | None = Field(None, description="Left out, known ones stay.")
    reason: str | None = None


class RefuseItemBody(BaseModel):
    """The item that somebody proposed is none; it is kept as retired."""

    action: Literal["refuse"]
    feature_area: Label
    customer_need: Label
    reason: str | None = None


ITEM_DECISIONS: tuple[type[BaseModel], ...] = (AddItemBody, RefuseItemBody)


def documented(
    *bodies: type[BaseModel],
    example: object = None,
    many: bool = False,
    lines: bool = False,
    csv: bool = False,
) -> dict[str, Any]:
    """The `openapi_extra` of an endpoint whose body is one of `bodies` (or, `many`, a list).

    `lines` adds one JSON object a line, `csv` text/csv with the same column names.
    """
    schemas = [body.model_json_schema() for body in bodies]
    schema = schemas[0] if len(schemas) == 1 else {"oneOf": schemas}
    json_content: dict[str, Any] = {
        "schema": {"type": "array", "items": schema} if many else schema
    }
    if example is not None:
        json_content["example"] = example
    content: dict[str, Any] = {"application/json": json_content}
    if lines:
        content["application/x-ndjson"] = {"schema": {"type": "string"}}
    if csv:
        content["text/csv"] = {"schema": {"type": "string"}}
    return {"requestBody": {"required": True, "content": content}}
