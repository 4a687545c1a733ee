"""What people read names all that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from slow_tests import SLOW

from seedance_widgets.store import jobs
from seedance_widgets.store.schema import sweeps

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("column", [column.name for column in (*jobs.columns, *sweeps.columns)])
def test_every_column_of_the_history_is_documented(column: str) -> None:
    """The file is the person's own: the bug was that columns came without a word about them."""
    assert f"`{column}`" in (ROOT / "docs" / "history.md").read_text(encoding="utf-8")


def test_every_module_is_on_the_map_for_newcomers() -> None:
    written = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    package = ROOT / "seedance_widgets"
    names = {path.stem for path in package.glob("[!_]*.py")} | {
        f"{path.parent.name}/" for path in package.glob("*/__init__.py")
    }
    assert {name for name in names if not re.search(rf"(?<!\w){re.escape(name)}", written)} == set()


OF_THE_SITE_OR_OF_CONTRIBUTORS = {"index", "changelog", "reference", "adding-an-option"}


def test_the_readme_leads_to_every_page_that_users_read() -> None:
    """The bug was that it led neither to the questions nor to where it works."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = {path.stem for path in (ROOT / "docs").glob("*.md")} - OF_THE_SITE_OR_OF_CONTRIBUTORS
    assert pages - set(re.findall(r"\]\(docs/([\w-]+)\.md\)", text)) == set()


def test_every_promise_about_security_names_tests_that_are_there() -> None:
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert len(rows) > 15
    for row in rows:
        named = re.findall(r"`([\w/]+\.py)::(\w+)`", row)
        assert named, row
        for file, test in named:
            assert f"def {test}(" in (ROOT / "tests" / file).read_text(encoding="utf-8"), f"{file}::{test}"
        for file, sentence in re.findall(r"`([\w./-]+\.tsx?)`: “([^”]+)”", row):
            assert f'test("{sentence}"' in (ROOT / "frontend" / "tests" / file).read_text(encoding="utf-8"), sentence


def test_what_is_marked_as_slow_is_there() -> None:
    named = ((ROOT / "tests" / file, test) for file, _, test in (name.partition("::") for name in SLOW))
    assert [file for file, test in named if not file.is_file() or f"def {test}" not in file.read_text()] == []


def test_how_many_files_the_other_pythons_run_is_what_contributing_says() -> None:
    """The bug was that it said they run the quick suite."""
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    portable = re.findall(r"\S+\.py", script.partition("portable=(")[2].partition(")")[0])
    assert all((ROOT / file).is_file() for file in portable)
    assert f"with each: {len(portable)} files" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
