"""The taxonomy: feature area > customer need, and the tags made from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from models.errors import InvalidInput
from models.raw_fields import Raw, as_object, is_cleared, label, text, unknown_columns
from models.severity import Severity

MAX_DESCRIPTION = 10_000
MAX_EXAMPLES = 100
MAX_EXAMPLE = 2_000
UNCLASSIFIED = "Unclassified"

_COLUMNS = frozenset({"feature_area", "customer_need", "description", "examples"})


class ItemStatus(StrEnum):
    """An item is live once CS Ops reviewed it."""

    PROPOSED = "proposed"
    LIVE = "live"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True)
class TaxonomyItem:
    """An item, known by its exact pair (feature_area, customer_need)."""

    feature_area: str
    customer_need: str
    description: str = ""
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemPatch:
    """What one uploaded row says of an item: columns that were there, empty where it clears."""

    feature_area: str
    customer_need: str
    changes: Mapping[str, Any]
    ignored: tuple[str, ...] = ()

    def apply(self, current: TaxonomyItem | None) -> TaxonomyItem:
        """The item after this row; absent columns keep what `current` has."""
        base = current or TaxonomyItem(self.feature_area, self.customer_need)
        return replace(base, **self.changes)


def parse_item_patch(raw: object) -> ItemPatch:
    """One row of PUT /taxonomy: JSON values or CSV text.

    `examples` is a list of texts; in a CSV cell a JSON list, or one example a line.
    Raises InvalidInput with field and code: `missing_field`, `wrong_type`, `empty_field`,
    `text_too_long`, `too_many`, `control_character`, `lone_surrogate`, `empty_text`.
    """
    record = as_object(raw, "A taxonomy item")
    area = label(record, "feature_area")
    need = label(record, "customer_need")
    changes: dict[str, Any] = {}
    if "description" in record:
        cleared = is_cleared(record["description"])
        changes["description"] = (
            "" if cleared else text(record, "description", limit=MAX_DESCRIPTION).strip()
        )
    if "examples" in record:
        changes["examples"] = _examples(record)
    return ItemPatch(area, need, changes, unknown_columns(record, _COLUMNS))


def tag(area: str, need: str, severity: Severity) -> str:
    """The tag of a request on a live item, like 'Reporting > Bulk operations > Blocking'."""
    return f"{area} > {need} > {severity.value.capitalize()}"


def unclassified_tag(area: str, severity: Severity) -> str:
    """The tag of a request that fits no item, like 'Unclassified > Reporting > Minor'."""
    return tag(UNCLASSIFIED, area, severity)


def _examples(raw: Raw) -> tuple[str, ...]:
    value = raw["examples"]
    if is_cleared(value):
        return ()
    entries = _cell_list(value) if isinstance(value, str) else value
    if not isinstance(entries, list | tuple):
        raise InvalidInput("examples must be a list of texts.", code="wrong_type", field="examples")
    if len(entries) > MAX_EXAMPLES:
        raise InvalidInput(
            f"examples has {len(entries)} entries; at most {MAX_EXAMPLES} are allowed.",
            code="too_many",
            field="examples",
        )
    return tuple(
        text({"examples": entry}, "examples", limit=MAX_EXAMPLE).strip() for entry in entries
    )


def _cell_list(cell: str) -> object:
    if cell.lstrip().startswith("["):
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            pass
    return [line for line in cell.splitlines() if line.strip()]
