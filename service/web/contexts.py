"""What several pages show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Empty:
    """Why there is nothing to show, and what to do next."""

    title: str
    text: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Done:
    """What was decided a moment ago, and how to take it back.

    made_link: the theme that it made, or empty.
    kept: why it was not taken back when somebody asked for that, and what to do; else empty.
    kept_link: the theme where that can be seen, or empty.
    also: other signals that it moved: the name of each, its address, and how it moved.
    """

    decision_id: str
    sentence: str
    undone: bool
    made_link: str = ""
    kept: str = ""
    kept_link: str = ""
    also: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPage:
    """The form to sign in; or, with a `name`, who is signed in."""

    next: str
    refused: str
    name: str
    role: str
    can_sign_out: bool
    sign_on_link: str


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """A refusal, for a person; `again` leads to the page without what was wrong in its address."""

    title: str
    message: str
    request_id: str | None
    commands: tuple[str, ...] = ()
    again: str = ""
