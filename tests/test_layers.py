"""Imports go down only, types included, and never in a circle. `python -m tests.import_map` prints the map."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from import_map import FLOORS, PACKAGE, ROOT, Import, circles_of, graph_of, imports_of, upwards_of

DOORS: Mapping[str, tuple[str, ...]] = {
    "httpx": ("api",),
    "sqlalchemy": ("store",),
    "av": ("clips", "simulator", "session.doctor"),
    "PIL": ("clips", "media", "render.picture_text", "simulator"),
    "obstore": ("storage",),
    "starlette": ("simulator",),
    "uvicorn": ("simulator",),
}
"""Which parts of the package are the door to which library."""

NEVER = {("simulator", "api"), ("api", "simulator"), ("simulator", "worker"), ("worker", "simulator")}
"""They meet only in the golden files, so that one cannot hide the other's mistake."""

OF_LIBRARIES = {"_replace", "_asdict", "_fields", "_mapping"}
OF_LIBRARIES |= {"_handle_msg", "_reply_subshell_for", "_nest_patched", "_exit"}
"""Names with an underscore that libraries mean to be used, or that have no other way."""

NOT_BELOW_THE_PAGE = ("IPython", "ipykernel", "ipywidgets", "anywidget", "traitlets")
ENGINE_ROOM = (
    *("text", "types", "errors", "values", "secret", "when", "render", "threads", "request", "life", "store"),
    *("simulator", "settings", "clips", "storage", "media", "api", "worker"),
)
"""What runs in a plain process: nothing of a notebook is imported there. `text` asks a loaded IPython how it prints."""


def foreign_faults(root: Path = ROOT, package: str = PACKAGE) -> list[str]:
    """Libraries that come in by another way than their door, and rooms that never meet."""
    faults = []
    for each in imports_of(root, package):
        part = each.importer.removeprefix(f"{package}.")
        library = each.target.partition(".")[0]
        if library in DOORS and not any(f"{part}.".startswith(f"{door}.") for door in DOORS[library]):
            faults.append(f"{each.where}: {library} comes in only through {', '.join(DOORS[library])}")
        pair = (part.partition(".")[0], _room_of(each, package))
        if pair in NEVER:
            faults.append(f"{each.where}: {pair[0]} and {pair[1]} never meet")
        if library in NOT_BELOW_THE_PAGE and part.partition(".")[0] in ENGINE_ROOM:
            faults.append(f"{each.where}: {library} belongs to the page, and {part} runs without one")
    return faults


def _room_of(each: Import, package: str) -> str:
    top, _, rest = each.target.partition(".")
    return rest.partition(".")[0] if top == package else ""


def test_every_import_goes_down() -> None:
    assert upwards_of() == []


def test_no_modules_import_one_another() -> None:
    assert circles_of(graph_of()) == []


def test_libraries_come_in_through_their_doors() -> None:
    assert foreign_faults() == []


def private_reaches(root: Path = ROOT) -> list[str]:
    """Underscore names that a file takes from another one, or of an object whose class it does not hold."""
    reaches = []
    for path in sorted(root.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ImportFrom):
                taken = [alias.name for alias in node.names if alias.name.startswith("_")]
            elif isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "cls", "super()"):
                is_private = node.attr.startswith("_") and not node.attr.endswith("_")
                is_own = re.search(rf"(def |self\.|^    ){node.attr}\b", text, re.M)
                taken = [node.attr] if is_private and node.attr not in OF_LIBRARIES and not is_own else []
            else:
                taken = []
            reaches += [f"{path.relative_to(root)}:{node.lineno}: {name}" for name in taken if name != "__version__"]  # type: ignore[attr-defined]
    return reaches


def test_nobody_reaches_for_the_private_names_of_another() -> None:
    assert private_reaches() == []


def test_every_package_has_a_floor() -> None:
    there = {path.stem for path in ROOT.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there - {"__init__"} == {room for floor in FLOORS for room in floor} - {""}


def test_at_the_top_stand_only_the_words_that_every_package_uses() -> None:
    assert {path.name for path in ROOT.glob("*.py")} == {
        "__init__.py",
        "errors.py",
        "secret.py",
        "types.py",
        "when.py",
    }


def test_the_walk_sees_the_imports_that_are_there() -> None:
    seen = {(each.importer, each.target) for each in imports_of()}
    assert (f"{PACKAGE}.session.base", f"{PACKAGE}.jobs.engine.Engine") in seen  # at the top
    assert (f"{PACKAGE}.jobs.webhook", f"{PACKAGE}.api.webhook.verify_webhook") in seen  # inside a function
    assert (f"{PACKAGE}.jobs.job", f"{PACKAGE}.jobs.engine.Engine") in seen  # under TYPE_CHECKING
    assert (f"{PACKAGE}.api.http", "httpx") in seen
    assert (PACKAGE, f"{PACKAGE}.magic.load") in seen


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("life/row.py", "from ..store import Store", "upwards, life imports store"),
        ("life/row.py", "def f():\n    from .. import worker", "upwards, life imports worker"),
        ("render/table.py", "from ..threads import interrupts", "sideways, render imports threads"),
        ("api/client.py", "import made_up.jobs.engine", "upwards, api imports jobs"),
        ("simulator/api.py", "from ..api.call import excerpt", "simulator and api never meet"),
        ("api/client.py", "from ..simulator.api import make_api", "api and simulator never meet"),
        ("worker/worker.py", "from ..api.files import Files", None),
        ("jobs/job.py", "from ..session.session import Session", "upwards, jobs imports session"),
        (
            "jobs/job.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..session.session import Session",
            "upwards, jobs imports session",
        ),
        ("widgets/card/card.py", "from ...jobs.job import Job\nfrom ...errors import SeedanceError", None),
        ("widgets/card/card.py", "from ...magic import load", "sideways, widgets imports magic"),
        ("session/session.py", "import httpx", "httpx comes in only through api"),
        ("worker/worker.py", "def f():\n    import sqlalchemy.exc", "sqlalchemy comes in only through store"),
        ("worker/worker.py", "from IPython import get_ipython", "IPython belongs to the page"),
        ("worker/download.py", "from av.error import FFmpegError", "av comes in only through"),
        ("types.py", "from importlib import import_module\nimport_module('.errors', 'made_up')", "upwards"),
        ("life/row.py", "from .. import __version__", "upwards, life imports the root"),
        ("novelty/new.py", "from ..types import Clip", "has no floor"),
    ],
)
def test_the_walk_finds_a_fault_in_a_made_up_package(tmp_path: Path, file: str, text: str, fault: str | None) -> None:
    root = tmp_path / "made_up"
    for there in (path for floor in FLOORS for path in floor if path):
        (root / there).mkdir(parents=True)
    (root / file).parent.mkdir(parents=True, exist_ok=True)
    (root / file).write_text(text, encoding="utf-8")
    faults = [*upwards_of(root, "made_up"), *foreign_faults(root, "made_up")]
    if fault is None:
        assert faults == []
    else:
        assert any(fault in each for each in faults), faults


def test_modules_that_import_one_another_are_found(tmp_path: Path) -> None:
    root = tmp_path / "made_up"
    root.mkdir()
    (root / "one.py").write_text("from . import two", encoding="utf-8")
    (root / "two.py").write_text("def f():\n    from .three import x", encoding="utf-8")
    (root / "three.py").write_text("from .one import y", encoding="utf-8")
    (root / "four.py").write_text("from .one import y", encoding="utf-8")
    assert circles_of(graph_of(root, "made_up")) == [["made_up.one", "made_up.three", "made_up.two"]]


MAX_FACADE_LINES = 360
"""Of the session, which is thin lines into the engine and the subjects: logic goes where its subject lives."""


def test_the_session_stays_a_facade() -> None:
    text = (ROOT / "session" / "session.py").read_text(encoding="utf-8")
    longest = max(
        (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)),
        key=lambda node: len(ast.unparse(node.body[1:])) if ast.get_docstring(node) else len(ast.unparse(node.body)),
    )
    statements = sum(isinstance(node, ast.stmt) for node in ast.walk(longest))
    assert len(text.splitlines()) <= MAX_FACADE_LINES
    assert statements <= 8, f"{longest.name} of the session is no thin line"
