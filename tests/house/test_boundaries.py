"""What may touch what, where import-linter can't see it."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source_tree import PACKAGES, ROOT, imported_modules, name_of, parsed, python_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
HEAVY = {"torch", "transformers", "sentence_transformers", "hdbscan", "sklearn"}
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}


def test_models_import_nothing_but_the_standard_library() -> None:
    allowed = {"models", *sys.stdlib_module_names}
    foreign = [
        f"{name_of(path)}: {module}"
        for path in python_files("models")
        for module in imported_modules(path)
        if module.split(".")[0] not in allowed
    ]
    assert foreign == []


def test_what_we_import_we_declare() -> None:
    declared = {
        canonicalize_name(requirement.name)
        for requirement in map(Requirement, PROJECT["dependencies"])
    }
    distributions = packages_distributions()
    undeclared = {
        f"{name_of(path)}: {top}"
        for path in python_files(*PACKAGES)
        for top in {module.split(".")[0] for module in imported_modules(path)}
        if top not in sys.stdlib_module_names and top not in PACKAGES
        if not declared & {canonicalize_name(name) for name in distributions.get(top, [])}
    }
    assert undeclared == set()


def test_there_is_one_commit_place() -> None:
    places = {
        name_of(path)
        for path in python_files("service")
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr in {"commit", "begin", "begin_nested"}
    }
    assert places == {"service/storage/engine.py"}


def test_rules_clustering_and_flows_read_no_clock() -> None:
    readings = [
        f"{name_of(path)}:{node.lineno} {ast.unparse(node)}"
        for path in [*python_files("models", "clustering"), *_files_of("service/flows")]
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in CLOCKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in {"datetime", "date", "time"}
    ]
    assert readings == []


def test_nothing_points_outside_the_repository() -> None:
    outside = "../" + "shared"
    texts = ("*.py", "*.md", "*.toml", "*.ipynb", "Makefile", "Dockerfile", "run")
    files = {path for pattern in texts for path in ROOT.rglob(pattern)}
    ours = [path for path in files if not {".venv", "build", ".git"} & set(path.parts)]
    assert [name_of(path) for path in ours if outside in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("entry", ["service.cli", "service.app", "service.jobs.worker"])
def test_an_entry_point_loads_no_model_library(entry: str) -> None:
    assert _heavy_after(f"import {entry}") == set()


def test_no_clustering_module_does_work_on_import() -> None:
    # Training defines torch modules, is run by hand and is imported by nothing (see below).
    paths = [path for path in python_files("clustering") if "training" not in path.parts]
    assert _heavy_after("\n".join(f"import {_module_of(path)}" for path in paths)) == set()


def test_nothing_that_runs_imports_the_training_code() -> None:
    importing = [
        name_of(path)
        for path in python_files(*PACKAGES)
        if "training" not in path.parts
        if any(module.startswith("clustering.training") for module in imported_modules(path))
    ]
    assert importing == []


def _module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _files_of(folder: str) -> list[Path]:
    return [path for path in python_files("service") if (ROOT / folder) in path.parents]


def _heavy_after(statements: str) -> set[str]:
    """Which model libraries a fresh interpreter holds after these statements."""
    program = f"{statements}\nimport sys\nprint(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert run.returncode == 0, run.stderr
    return HEAVY & set(run.stdout.split())
