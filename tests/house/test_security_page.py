"""The security page names tests that exist."""

from __future__ import annotations

import re

from service.settings import Settings
from tests.house.source_tree import ROOT, functions

PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_the_security_page_names_exists() -> None:
    named = set(re.findall(r"`(tests/[\w/]+(?:\.py)?)(?:::(\w+))?`", PAGE))
    assert len(named) >= 20
    missing = [
        f"{file}::{name}"
        for file, name in named
        if not (ROOT / file).exists()
        or (name and name not in {function.name for function in functions(ROOT / file)})
    ]
    assert missing == []


def test_every_limit_of_the_security_page_is_a_setting() -> None:
    named = set(re.findall(r"`GROUNDSWELL_(\w+)`", PAGE))
    assert named - {field.upper() for field in Settings.model_fields} == set()
