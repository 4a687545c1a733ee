"""The fences that are no cells: what is in them is of their language, and names only what there is."""

from __future__ import annotations

import ast
import configparser
import json
import re
import shutil
import subprocess
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import yaml
from fences import APART, PAGES, ROOT, SHELL, Fence, fences, page_id, refusal, seedance_commands


def read_ini(text: str) -> None:
    """Read it as systemd's units are: case counts, and `%h` is theirs."""
    configparser.RawConfigParser(strict=True).read_string(text)


PARSERS: dict[str, Callable[[str], object]] = {
    "json": json.loads,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
    "ini": read_ini,
}
OF_THE_SITE = ("{toctree}", "{raw}", "{eval-rst}", "{include}")
"""Those that Sphinx reads: `test_site.py` builds the site without a warning."""
OURS = ("CONTRIBUTING.md", "benchmarks/README.md")
"""The pages for those who work on the package: what the tests and benchmarks read counts, too."""

ALL = [fence for page in PAGES for fence in fences(page)]
DATA = [each for each in ALL if each.language in PARSERS and each.name not in APART]
COMMANDS = [each for each in ALL if each.language in SHELL]


def fence_id(fence: Fence) -> str:
    return ": ".join(fence.name)


@cache
def variables_read_in(*folders: str) -> set[str]:
    """The environment variables of ours whose names stand alone in the code of these folders."""
    trees = (ast.parse(file.read_text(encoding="utf-8")) for each in folders for file in (ROOT / each).rglob("*.py"))
    texts = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"SEEDANCE_[A-Z_]+", text)}


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_fence_of_a_page_is_seen(page: Path) -> None:
    """One that is not closed, or is fenced by tildes or in a quotation, would be looked at by no test."""
    marks = re.findall(r"^[ >\t]*(?:```|~~~)", page.read_text(encoding="utf-8"), re.M)
    assert len(marks) == 2 * len(list(fences(page)))


def test_every_fence_is_read_or_run_or_has_its_reason_why_not() -> None:
    seen = {"python", "ipython", *PARSERS, *SHELL, *OF_THE_SITE}
    left = {each.name for each in ALL if each.language not in seen and not each.text.startswith("%")}
    assert left - set(APART) == set()
    assert set(APART) - {each.name for each in ALL} == set()


@pytest.mark.parametrize("fence", DATA, ids=fence_id)
def test_what_a_fence_holds_is_of_its_language(fence: Fence) -> None:
    PARSERS[fence.language](fence.text)


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize("fence", COMMANDS, ids=fence_id)
def test_the_commands_of_a_page_are_commands_of_a_shell(fence: Fence) -> None:
    checked = subprocess.run(["bash", "-n"], input=fence.text, text=True, encoding="utf-8", capture_output=True)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_seedance_takes_every_command_that_a_page_gives_it(page: Path) -> None:
    """In fences and in sentences: the bug was that `pip install ... && seedance demo` was not looked at."""
    told = [each.text for each in fences(page) if each.language in SHELL]
    told += re.findall(r"`(seedance [a-z][^`…]*)`", page.read_text(encoding="utf-8"))
    assert {text: said for text in told for each in seedance_commands(text) if (said := refusal(each))} == {}


def test_some_pages_have_commands_of_ours() -> None:
    found = [each for fence in COMMANDS for each in seedance_commands(fence.text)]
    assert all(each in found for each in (["demo"], ["lab"], ["worker", "--until-idle"]))


@pytest.mark.parametrize(
    ("shell", "commands"),
    [
        ('pip install "seedance-widgets[demo]" && seedance demo', [["demo"]]),
        ("seedance demo; seedance lab --folder x # then it's there", [["demo"], ["lab", "--folder", "x"]]),
        ("A=1 ~/venv/bin/seedance worker > log 2>&1 &", [["worker"]]),
        ("seedance simulator \\\n  --port 0 | tee log", [["simulator", "--port", "0"]]),
        ("nohup python -m seedance_widgets.cli tidy\necho $(seedance doctor)", [["tidy"], ["doctor"]]),
        ("systemctl --user enable seedance-worker", []),
        ("export SEEDANCE_DATABASE_URL=postgresql://me@db.example.org/seedance", []),
    ],
)
def test_commands_of_ours_are_found_wherever_they_stand(shell: str, commands: list[list[str]]) -> None:
    assert seedance_commands(shell) == commands


@pytest.mark.parametrize("arguments", [["demo"], ["worker", "--until-idle"], ["simulator", "--port", "0"]])
def test_what_seedance_takes_is_not_refused(arguments: list[str]) -> None:
    assert refusal(arguments) == ""


@pytest.mark.parametrize("arguments", [[], ["dome"], ["worker", "--idle"], ["simulator", "--port", "x"]])
def test_what_seedance_does_not_take_is_refused_in_its_words(arguments: list[str]) -> None:
    assert "error: " in refusal(arguments)


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_page_names_only_environment_variables_that_are_read(page: Path) -> None:
    named = set(re.findall(r"\bSEEDANCE_[A-Z_]+", page.read_text(encoding="utf-8")))
    more = ("tests", "docs", "benchmarks") if page_id(page) + ".md" in OURS else ()
    assert named - variables_read_in("seedance_widgets", *more) == set()


def test_commands_name_only_files_that_are_there() -> None:
    named = {
        word
        for fence in COMMANDS
        for word in re.findall(r"(?<![\w~/.-])(?:tests|docs|benchmarks|frontend)/[\w./-]+", fence.text)
    }
    assert "tests/test_golden_history.py" in named
    assert [word for word in sorted(named) if not (ROOT / word).exists()] == []


def test_commands_name_only_extras_that_there_are() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = {
        extra
        for page in PAGES
        for many in re.findall(
            r'(?:seedance-widgets|pip install[^"\n]*"\.)\[([\w,]+)\]', page.read_text(encoding="utf-8")
        )
        for extra in many.split(",")
    }
    assert {"demo", "dev", "media", "postgresql"} <= named
    assert named - set(extras) == set()


def test_commands_name_only_scripts_that_package_json_has() -> None:
    scripts = json.loads((ROOT / "frontend" / "package.json").read_text(encoding="utf-8"))["scripts"]
    named = {word for fence in COMMANDS for word in re.findall(r"npm run (?:-s )?(\w+)", fence.text)}
    assert {"build", "dev"} <= named
    assert named - set(scripts) == set()
