"""A span of a note that a person adds as a request, or mends: code points, end exclusive."""

from __future__ import annotations

from dataclasses import dataclass

from models.errors import InvalidInput
from models.raw_fields import MAX_TEXT, Raw, as_object, optional_identifier, whole_number
from models.severity import Severity, parse_severity


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` of a note; never empty."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The span's text.

        Raises InvalidInput `span_outside` where it leaves the text, `empty_span` where it
        holds nothing to read.
        """
        if self.end > len(text):
            raise InvalidInput(
                f"end is {self.end}, but the note has {len(text)} characters.",
                code="span_outside",
                field="end",
            )
        inside = text[self.start : self.end]
        if not any(character.isalnum() for character in inside):
            raise InvalidInput(
                "The span holds no words; choose the words of the request.",
                code="empty_span",
                field="start",
            )
        return inside

    def overlaps(self, start: int, end: int) -> bool:
        """Whether the two spans share a code point."""
        return self.start < end and start < self.end


@dataclass(frozen=True, slots=True)
class AddedRequest:
    """A request that the reader missed; without a theme it is assigned like an arrival."""

    span: Span
    severity: Severity
    theme_id: str | None


def parse_span(raw: object) -> Span:
    """The body of a mending: start and end.

    Raises InvalidInput `missing_field`, `wrong_type`, `out_of_range`, `empty_span`.
    """
    return _span(as_object(raw, "A span"))


def parse_added_request(raw: object) -> AddedRequest:
    """The body of an added request: start, end, severity and an optional theme.

    Raises InvalidInput as `parse_span`, and `unknown_severity` and the codes of ids.
    """
    record = as_object(raw, "A request")
    return AddedRequest(
        span=_span(record),
        severity=parse_severity(record.get("severity")),
        theme_id=optional_identifier(record, "theme_id"),
    )


def _span(record: Raw) -> Span:
    start = whole_number(record, "start", least=0, most=MAX_TEXT)
    end = whole_number(record, "end", least=0, most=MAX_TEXT)
    if end <= start:
        raise InvalidInput(
            "end must be after start: the span is empty.", code="empty_span", field="end"
        )
    return Span(start, end)
