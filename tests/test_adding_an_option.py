"""An option is a row of the one table and a field of the request: a made-up one walks through every surface.

The package is copied, `seed` is added to the copy as docs/adding-an-option.md says, and a process that imports the copy
tells what each surface makes of it. No surface is patched, so a list by hand beside the table shows here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fences import fences

import seedance_widgets as sw

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "adding-an-option.md"
ROW = next(fence.text for fence in fences(PAGE) if fence.text.startswith("Option("))
"""The row, as the page gives it to the one who adds an option."""
EDITS = {
    "request/options.py": (")\n\nOPTION: Mapping", f"    {ROW.strip()},\n)\n\nOPTION: Mapping"),
    "types.py": (
        "    webhook_url: str | None = None\n",
        "    webhook_url: str | None = None\n    seed: int | None = None\n",
    ),
}
"""File, what stands there, and what is there with the option: all that running with it takes. For editors there is a
key of `RequestOptions`, too, which `test_the_table_the_keywords_and_the_request_name_the_same_options` asks for."""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What each surface of a package with `seed` made of it."""
    root, work = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("work")
    package = root / "seedance_widgets"
    shutil.copytree(Path(sw.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__"))
    for file, (before, after) in EDITS.items():
        text = (package / file).read_text(encoding="utf-8")
        assert text.count(before) == 1, f"{file} has changed: {before!r} is there {text.count(before)} times"
        (package / file).write_text(text.replace(before, after), encoding="utf-8")
    shutil.copy(HERE / "walking_options.py", work / "walk.py")
    environment = os.environ | {"PYTHONPATH": str(root), "SEEDANCE_HOME": str(work / "home"), "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "walk.py", "told.json"], cwd=work, env=environment, capture_output=True, text=True, timeout=300
    )
    assert (work / "told.json").is_file(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads((work / "told.json").read_text(encoding="utf-8"))
    return found


def _has(*words: str) -> Callable[[Any], bool]:
    return lambda said: all(word in said for word in words)


EXPECTED: dict[str, Any] = {
    "validator": _has("seed: Seed is a whole number, not"),
    "wire": 42,
    "back from the wire": 42,
    "simulator": _has("seed must be an integer"),
    "OpenAPI": ["integer"] * 3,
    "card": "42",
    "diff": ["Seed: 42 → 7"],
    "tree": _has("a boat"),
    "history": 42,
    "history of another kernel": 3,
    "jobs frame": [7, 42],
    "jobs frame kind": "Int64",
    "sidecar": 42,
    "open": 42,
    "what open shows": _has("Seed: 42\n"),
    "load": _has("--seed 42"),
    "magic snippet": _has("--seed 42"),
    "Python snippet": _has("seed=42"),
    "saved prompt": lambda said: said[0] == 42 and "seed = 42" in said[1],
    "export": lambda said: "--seed 42" in said[0] and sorted(json.loads(said[1]))[-1] == 42,
    "sweep axis": [[1, 2], [1, 2], "Int64"],
    "sweep axis in a line": {"seed": [1, 2]},
    "table of a sweep": 3,
    "notes of a plan": _has("seed 3", "duration 5 s"),
    "flag": {"seed": 42},
    "completion": True,
    "help": _has("--seed NUMBER          the same number makes the same noise"),
    "config": [9, True],
    "Studio from a line": True,
    "form in code": 5,
    "form without it": None,
    "view of the form": 42,
    "options of the form": _has("Seed"),
    "request of a page": 8,
    "check of a page": "seed",
    "a clip on the form": 42,
}


@pytest.mark.parametrize("surface", EXPECTED)
def test_a_made_up_option_is_known_to_this_surface(told: dict[str, Any], surface: str) -> None:
    wanted = EXPECTED[surface]
    said = told[surface]
    assert wanted(said) if callable(wanted) else said == wanted, said


def test_every_surface_that_is_walked_is_looked_at(told: dict[str, Any]) -> None:
    assert told.keys() == EXPECTED.keys() | {"digests"}


def test_a_number_without_a_unit_is_told_without_one(told: dict[str, Any]) -> None:
    assert "42 s" not in json.dumps(told)


def test_a_sweep_that_does_not_say_the_option_keeps_its_digests(
    told: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(home=tmp_path)
    plan = session.plan_sweep("a {x}", x=["b", "c"])
    session.close()
    assert told["digests"]["unsaid"] == [plan.digest, plan.digest_0_1]


def test_a_sweep_that_says_the_option_is_another_one(told: dict[str, Any]) -> None:
    assert told["digests"]["said is another"]
