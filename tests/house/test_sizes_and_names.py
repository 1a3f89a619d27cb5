"""Files and functions stay small, and names say what a thing is for."""

from __future__ import annotations

import ast
import re

from tests.house.source_tree import PACKAGES, ROOMS, ROOT, functions, name_of, parsed, python_files

LONGEST_FILE = 350
LONGEST_FUNCTION = 60
FORBIDDEN_NAME = re.compile(r"(^|_)(utils?|helpers?|managers?|misc|common|data2|new2|tmp)(_|$)")


def test_no_file_is_over_350_lines() -> None:
    kinds = ("*.js", "*.css", "*.html")
    pages = [page for kind in kinds for page in (ROOT / "service").rglob(kind)]
    ours = [page for page in pages if "vendor" not in page.parts]
    lengths = {
        name_of(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in [*python_files(*ROOMS), *ours]
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_over_60_lines() -> None:
    long = {
        f"{name_of(path)}:{node.lineno} {node.name}": lines
        for path in python_files(*ROOMS)
        for node in functions(path)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    }
    assert long == {}


def test_no_module_is_named_for_nothing() -> None:
    files = python_files(*ROOMS)
    assert [name_of(path) for path in files if FORBIDDEN_NAME.search(path.stem)] == []


def test_no_class_or_function_is_named_for_nothing() -> None:
    named = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    found = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python_files(*PACKAGES)
        for node in ast.walk(parsed(path))
        if isinstance(node, named) and FORBIDDEN_NAME.search(_snake(node.name))
    ]
    assert found == []


def test_everything_public_in_models_and_clustering_says_what_it_is() -> None:
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in python_files("models", "clustering")
        for node in _public(parsed(path))
        if ast.get_docstring(node) is None
    ]
    assert silent == []


def test_every_module_of_the_product_says_what_it_is_for() -> None:
    files = [path for path in python_files(*PACKAGES) if path.read_text(encoding="utf-8").strip()]
    assert [name_of(path) for path in files if ast.get_docstring(parsed(path)) is None] == []


def _public(module: ast.Module) -> list[ast.FunctionDef | ast.ClassDef]:
    """Public functions and classes of a module, and those classes' methods.

    A property is left out: its name and its class's docstring say what it is.
    """
    found: list[ast.FunctionDef | ast.ClassDef] = []
    for node in module.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            found.append(node)
            if isinstance(node, ast.ClassDef):
                found += [
                    method
                    for method in node.body
                    if isinstance(method, ast.FunctionDef)
                    and not method.name.startswith("_")
                    and not any(ast.unparse(mark) == "property" for mark in method.decorator_list)
                ]
    return found


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
