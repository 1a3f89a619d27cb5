"""A digest as an HTML document that needs no style sheet, no script and no picture."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.digests.sheet import sheet

TEMPLATES = Path(__file__).parent / "templates"

# It holds nothing but text, and may load nothing.
POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def digest_html(digest: Mapping[str, Any]) -> str:
    """The digest, as plain JSON, as a document of its own."""
    return _environment().get_template("digest_document.html").render(sheet=sheet(digest))
