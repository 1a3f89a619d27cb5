"""Draw the pages: Jinja2 with everything escaped, and a policy that runs no script but ours."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.digests.html import TEMPLATES as DIGEST_TEMPLATES
from service.web.figures import dollars, link, percent

HERE = Path(__file__).parent

# Nothing from elsewhere, and no script or style but our files; forms come back to us.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# Swagger UI sets styles as it draws, and has its icons as data.
DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader([HERE / "templates", DIGEST_TEMPLATES]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["dollars"] = dollars
    environment.filters["percent"] = percent
    environment.globals["link"] = link
    return environment


def render(template: str, **values: Any) -> str:
    """The HTML of one of the templates; a name that it asks for and is not given is an error."""
    return _environment().get_template(template).render(**values)
