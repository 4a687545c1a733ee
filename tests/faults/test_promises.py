"""docs/reliability.md promises nothing that no test shows: a function here, or a sentence in the tests of the page."""

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
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    functions = [node for tree in trees for node in ast.walk(tree) if isinstance(node, kinds)]
    return {node.name: any(_is_skip(mark) for mark in node.decorator_list) for node in functions}


@cache
def known_sentences() -> frozenset[str]:
    """Every test of the page's half, by its sentence."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "frontend" / "tests").rglob("*.test.ts*")]
    return frozenset(title for source in sources for title in re.findall(r'^ *test\("([^"]+)"', source, re.MULTILINE))


def _is_skip(mark: ast.expr) -> bool:
    return ast.unparse(mark).startswith(("pytest.mark.skip(", "pytest.mark.xfail"))


def test_the_page_makes_promises() -> None:
    assert len(rows()) >= 30


@pytest.mark.parametrize(("promise", "tests"), rows())
def test_every_promise_names_tests_that_exist(promise: str, tests: str) -> None:
    names = re.findall(r"`(test_\w+)`", tests)
    sentences = re.findall(r"“([^”]+)”", tests)
    assert names or sentences, f"nothing shows: {promise}"
    assert [sentence for sentence in sentences if sentence not in known_sentences()] == []
    assert [name for name in names if name not in known_tests()] == []
    assert [name for name in names if known_tests()[name]] == []
