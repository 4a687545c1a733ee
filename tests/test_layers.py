"""Imports go down only. The walk sees every import, also those inside functions and under TYPE_CHECKING."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import seedance_widgets

PACKAGE = "seedance_widgets"
ROOT = Path(seedance_widgets.__file__).parent

LEVELS: Mapping[str, tuple[int, int]] = {
    "secret_names": (0, -2),
    "signatures": (0, -1),
    "links": (0, 0),
    "visible": (0, 0),
    "cell_traceback": (0, 1),
    "types": (0, 1),
    "hooks": (0, 0),
    "nesting": (0, 0),
    "shelter": (0, 0),
    "errors": (0, 2),  # one of them carries a Problem
    "secret": (0, 3),
    "given": (0, 3),
    "catalog": (1, 0),
    "containers": (1, 0),
    "life": (1, 0),
    "limiter": (1, 0),
    "template": (1, 0),
    "wire": (1, 1),
    "schedule": (1, 1),
    "when": (1, 0),
    "caps": (1, 0),
    "plan": (2, 0),
    "client": (2, 0),
    "store": (2, 0),
    "media": (2, 0),
    "background": (2, 0),
    "sidecar": (2, 0),
    "simulator": (2, 0),
    "partial": (2, 0),
    "downloads": (3, 0),
    "lettering": (2, 0),
    "sheet": (3, 0),
    "worker": (3, 1),
    "keys": (4, 0),
    "settings": (4, 1),
    "notebook": (4, 0),
    "posters": (4, 0),
    "clip_folder": (4, 1),
    "room": (4, 2),
    "snippets": (4, 0),
    "frame": (4, 0),
    "table": (4, 1),
    "job": (4, 1),
    "montage": (4, 2),
    "doctor": (4, 3),
    "listing": (4, 2),
    "deletion": (4, 3),
    "costs": (4, 2),
    "templates": (4, 2),
    "sweep": (4, 2),
    "provenance": (4, 2),
    "lineage": (4, 2),
    "export_page": (4, 2),
    "export": (4, 3),
    "options": (4, 0),
    "roster": (4, 2),
    "twins": (4, 2),
    "wiring": (4, 2),
    "session": (4, 4),
    "connecting": (4, 5),
    "default": (4, 6),
    "magic": (5, 0),
    "demo": (5, 0),
    "cli": (5, 1),
    "widgets": (5, 0),
    "": (6, 0),
}
"""Where a module stands: the layer, and its place within the layer where there is an order. `""` is the root."""

MAY_MEET = {("wire", "catalog"), ("schedule", "life"), ("cli", "demo"), ("cli", "simulator")}
"""Two pairs of the first layer, and the shell, which has a command for the demo and one for the simulator."""

NEVER = {("simulator", "wire"), ("simulator", "client"), ("wire", "simulator"), ("client", "simulator")}
"""They meet only in the golden files, so that one cannot hide the other's mistake."""

ONLY_FOR_TYPES = {
    *((name, "session") for name in ("job", "doctor", "sweep", "provenance", "lineage", "export", "deletion", "costs")),
    ("room", "session"),
    *((name, "session") for name in ("roster", "twins", "wiring")),
    ("job", "lineage"),
    ("job", "sweep"),
    ("lineage", "sweep"),
    ("job", "deletion"),
}
"""Upward, and allowed under TYPE_CHECKING: nothing is loaded by it."""

DOORS: Mapping[str, tuple[str, ...]] = {
    "httpx": ("client",),
    "sqlalchemy": ("store",),
    "av": ("media", "sheet", "simulator", "doctor"),
    "PIL": ("media", "sheet", "lettering", "simulator"),
    "starlette": ("simulator",),
    "uvicorn": ("simulator",),
}
"""Which modules are the door to which package."""


@dataclass(frozen=True)
class Import:
    """One import statement: who imports what, where it stands, and whether only for types."""

    importer: str
    target: str
    """Dotted, absolute."""
    where: str
    for_types: bool


def imports_of(root: Path, package: str) -> Iterator[Import]:
    """Every import of every file of a package, absolute names, `from x import y` as `x.y`."""
    for path in sorted(root.rglob("*.py")):
        inside = path.relative_to(root).with_suffix("").parts
        module = ".".join([package, *inside]).removesuffix(".__init__")
        home = module if path.stem == "__init__" else module.rpartition(".")[0]
        importer = inside[0] if inside != ("__init__",) else ""
        tree = ast.parse(path.read_text(encoding="utf-8"))
        typed = {id(n) for test in ast.walk(tree) if _is_type_checking(test) for n in _under(test)}
        for node in ast.walk(tree):
            for target in _targets(node, home):
                where = f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"
                yield Import(importer, target, where, id(node) in typed)


def faults_of(root: Path, package: str) -> list[str]:
    """Every import that goes up, sideways or around a door, in words."""
    return [fault for each in imports_of(root, package) if (fault := _fault(each, package))]


def _fault(each: Import, package: str) -> str | None:
    top, *rest = each.target.split(".")
    if top != package:
        doors = DOORS.get(top)
        through = doors is None or each.importer in doors
        return None if through else f"{each.where}: {top} comes in only through {', '.join(doors or ())}"
    target = rest[0] if rest and rest[0] in _modules(ROOT if package == PACKAGE else None, rest[0]) else ""
    pair = (each.importer, target)
    if each.importer == target or pair in MAY_MEET:
        return None
    if pair in ONLY_FOR_TYPES:
        return None if each.for_types else f"{each.where}: {target} may be imported for types only"
    if pair in NEVER:
        return f"{each.where}: {each.importer} and {target} never meet"
    if each.importer not in LEVELS or target not in LEVELS:
        return f"{each.where}: {each.importer} or {target} has no level; give it one in this test"
    above, below = LEVELS[each.importer], LEVELS[target]
    if above[0] == 5 and below[0] not in (0, 4):
        return f"{each.where}: {each.importer} sees only the session's layer and the nouns, not {target}"
    if above[0] in (1, 2, 5) and above[0] == below[0]:
        return f"{each.where}: sideways, {each.importer} imports {target}"
    if below >= above:
        return f"{each.where}: upwards, {each.importer} imports {target}"
    return None


def _modules(root: Path | None, name: str) -> set[str]:
    """The known modules, and what lies in the package's folder; anything else is a name of the root itself."""
    there = root is not None and ((root / name).is_dir() or (root / f"{name}.py").is_file())
    return {*LEVELS, name} if there else set(LEVELS)


def _is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def _under(node: ast.AST) -> Iterator[ast.AST]:
    assert isinstance(node, ast.If)
    for child in node.body:
        yield from ast.walk(child)


def _targets(node: ast.AST, home: str) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = home.split(".")[: len(home.split(".")) - node.level + 1] if node.level else []
        source = ".".join([*base, *([node.module] if node.module else [])])
        return [f"{source}.{alias.name}" for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(("import_module", "__import__")):
        names = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
        return [home + name if name.startswith(".") else name for name in names]
    return []


def test_every_import_of_the_package_goes_down() -> None:
    assert faults_of(ROOT, PACKAGE) == []


def test_every_module_has_a_level() -> None:
    there = {path.stem if path.is_file() else path.name for path in ROOT.iterdir() if _is_module(path)}
    assert there - {"__init__"} <= set(LEVELS)


def test_the_walk_sees_the_imports_that_are_there() -> None:
    seen = {(each.importer, each.target) for each in imports_of(ROOT, PACKAGE)}
    assert ("session", f"{PACKAGE}.worker.Worker") in seen  # at the top
    assert ("session", f"{PACKAGE}.wire.verify_webhook") in seen  # inside a function
    assert ("job", f"{PACKAGE}.session.Session") in seen  # under TYPE_CHECKING
    assert ("client", "httpx") in seen
    assert ("", f"{PACKAGE}.magic.load") in seen


@pytest.mark.parametrize(
    ("file", "text", "fault"),
    [
        ("life.py", "from .store import Store", "upwards, life imports store"),
        ("life.py", "def f():\n    from . import worker", "upwards, life imports worker"),
        ("life.py", "from .catalog import OPTIONS", "sideways, life imports catalog"),
        ("catalog.py", "from . import wire", "sideways, catalog imports wire"),
        ("client.py", "import made_up.store", "sideways, client imports store"),
        ("simulator/api.py", "from ..wire import excerpt", "simulator and wire never meet"),
        ("simulator/api.py", "from made_up.client import Client", "simulator and client never meet"),
        ("client.py", "from .simulator.api import make_api", "client and simulator never meet"),
        ("downloads.py", "from .worker import Worker", "upwards, downloads imports worker"),
        ("worker.py", "from .downloads import save", None),
        ("job.py", "from .session import Session", "for types only"),
        ("job.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .session import Session", None),
        ("job.py", "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    from .session import S", "types only"),
        ("magic/line.py", "from ..worker import Worker", "sees only the session's layer"),
        ("magic/line.py", "from made_up.widgets import show", "sees only"),
        ("widgets/card.py", "from ..job import Job\nfrom ..errors import SeedanceError", None),
        ("session.py", "import httpx", "httpx comes in only through client"),
        ("worker.py", "def f():\n    import sqlalchemy.exc", "sqlalchemy comes in only through store"),
        ("downloads.py", "from av.error import FFmpegError", "av comes in only through"),
        ("client.py", "from starlette.requests import Request", "starlette comes in only through simulator"),
        ("types.py", "from importlib import import_module\nimport_module('.errors', 'made_up')", "upwards"),
        ("life.py", "from . import __version__", "upwards, life imports"),
        ("novelty.py", "from .types import Clip", "has no level"),
    ],
)
def test_the_walk_finds_a_fault_in_a_made_up_package(tmp_path: Path, file: str, text: str, fault: str | None) -> None:
    root = tmp_path / "made_up"
    (root / file).parent.mkdir(parents=True)
    (root / file).write_text(text, encoding="utf-8")
    found = faults_of(root, "made_up")
    if fault is None:
        assert found == []
    else:
        assert len(found) == 1
        assert fault in found[0]


def _is_module(path: Path) -> bool:
    return path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
