"""What a newcomer types is there, and the lock holds on any machine."""

from __future__ import annotations

import re
import tomllib

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from typer import Context
from typer.main import get_command

from service.cli import app
from service.settings import Settings
from tests.house.source_tree import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
LOCK = [
    line
    for line in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


def test_every_make_target_of_the_readme_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]+)", README))
    targets = set(re.findall(r"^([a-z][a-z-]+):", MAKEFILE, flags=re.MULTILINE))
    assert {"demo", "test"} <= named
    assert named - targets == set()


def test_the_two_commands_are_in_the_first_screen_of_the_readme() -> None:
    first_screen = "\n".join(README.splitlines()[:40])
    assert "make demo" in first_screen
    assert "make test" in first_screen


def test_every_setting_is_in_the_readme() -> None:
    # Families share a row: it has the prefix once, and each name after it.
    families = ("WEBHOOK_SECRET_", "POLICY_")
    for name in (field.upper() for field in Settings.model_fields):
        family = next((prefix for prefix in families if name.startswith(prefix)), "")
        assert f"`GROUNDSWELL_{family or name}" in README
        assert name.removeprefix(family) in README, name


def test_every_command_of_the_readme_exists() -> None:
    named = set(re.findall(r"\bgroundswell ([a-z][a-z-]+)", README))
    command = get_command(app)
    known = command.list_commands(Context(command))
    assert named - set(known) == set()


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert re.search(r"^exec make test\b", script, flags=re.MULTILINE)


def test_the_lock_pins_each_declared_dependency_inside_its_range() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    pins = {canonicalize_name(pin.name): pin.specifier for pin in map(Requirement, LOCK)}
    for requirement in map(Requirement, wanted):
        (pin,) = pins[canonicalize_name(requirement.name)]
        assert pin.operator == "=="
        assert requirement.specifier.contains(pin.version), requirement


def test_the_lock_holds_with_either_build_of_torch() -> None:
    assert [line for line in LOCK if re.match(r"(?i)nvidia|cuda|triton", line)] == []
    assert [line for line in LOCK if "+" in line or " " in line or "/" in line] == []
