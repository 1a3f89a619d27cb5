"""Whose page asked: by Sec-Fetch-Site and Origin."""

from __future__ import annotations

import pytest

from models.errors import Forbidden
from service.cross_site import is_cross_site, refuse_cross_site

HOST = {"host": "signals.example:8000"}


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "https://signals.example:8000"},
        {"origin": "http://signals.example:8000"},
        # A browser that says same-origin knows better than the Origin that a policy blanked.
        {"sec-fetch-site": "same-origin", "origin": "null"},
    ],
)
def test_our_own_pages_and_scripts_are_let_in(headers: dict[str, str]) -> None:
    assert not is_cross_site({**HOST, **headers})
    refuse_cross_site("POST", {**HOST, **headers})


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "https://signals.example:8000"},
        {"sec-fetch-site": ""},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://signals.example"},
        {"origin": "https://signals.example:8000.evil.example"},
        {"origin": "https://evil.example"},
    ],
)
def test_other_sites_are_not(headers: dict[str, str]) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "post"):
        with pytest.raises(Forbidden) as caught:
            refuse_cross_site(method, {**HOST, **headers})
        assert caught.value.code == "cross_site"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_reading_is_not_asked_about(method: str) -> None:
    refuse_cross_site(method, {**HOST, "sec-fetch-site": "cross-site"})
