"""docs/reliability.md promises nothing that no test shows."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\|(?P<when>.*)\|(?P<promise>.*)\|(?P<tests>.*)\|$")


def rows() -> list[tuple[str, str]]:
    """Promise and tests of every row of every table of the page."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    found = [match for line in text.splitlines() if (match := ROW.match(line))]
    return [(row["promise"].strip(), row["tests"]) for row in found if not re.search("---|shown by", row["tests"])]


@cache
def known_tests() -> dict[str, bool]:
    """Every test of the suite by name, and whether it can be left out by a mark of its own."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "tests").rglob("test_*.py")]
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {node.name: any(_is_skip(mark) for mark in node.decorator_list) for node in functions}


def _is_skip(mark: ast.expr) -> bool:
    return ast.unparse(mark).startswith(("pytest.mark.skip(", "pytest.mark.xfail"))


def test_the_page_makes_promises() -> None:
    assert len(rows()) >= 30


@pytest.mark.parametrize(("promise", "tests"), rows())
def test_every_promise_names_tests_that_exist(promise: str, tests: str) -> None:
    names = re.findall(r"`(test_\w+)`", tests)
    assert names, f"nothing shows: {promise}"
    assert [name for name in names if name not in known_tests()] == []
    assert [name for name in names if known_tests()[name]] == []
