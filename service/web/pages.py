"""Draw the pages: Jinja2 with everything escaped, and a policy that runs no script but ours."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from service.web.contexts import BoardPage, ProblemPage, ReceiptPage, SignInPage
from service.web.figures import dollars, percent
from service.web.review_contexts import ReviewPage

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
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["dollars"] = dollars
    environment.filters["percent"] = percent
    return environment


def _render(template: str, **values: Any) -> str:
    return _environment().get_template(template).render(**values)


def render_board(page: BoardPage) -> str:
    """The page of signals."""
    return _render("board.html", page=page)


def render_receipt(page: ReceiptPage) -> str:
    """The page of one signal."""
    return _render("receipt.html", page=page)


def render_review(page: ReviewPage) -> str:
    """The page of the review queue."""
    return _render("review.html", page=page)


def render_sign_in(page: SignInPage) -> str:
    """The page to sign in and out."""
    return _render("login.html", page=page)


def render_problem(page: ProblemPage) -> str:
    """The page of a refusal."""
    return _render("problem.html", page=page)


def render_docs() -> str:
    """The page that draws the API's description."""
    return _render("docs.html")
