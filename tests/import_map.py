"""The map of the package's imports, types included: circles, imports that go up, and how large things are.

    python -m tests.import_map

`test_layers.py` keeps the map true. Every import counts: at the top of a file, inside functions, under TYPE_CHECKING.
"""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "seedance_widgets"
ROOT = Path(__file__).parents[1] / PACKAGE

FLOORS: Sequence[tuple[str, ...]] = (
    ("text", "languages"),
    ("types",),
    ("errors",),
    ("values", "secret", "notebook"),
    ("when",),
    ("render", "threads"),
    ("request",),
    ("life",),
    ("store", "simulator", "settings"),
    ("clips",),
    ("storage",),
    ("media",),
    ("api",),
    ("worker",),
    ("jobs",),
    ("sweep",),
    ("sharing",),
    ("session",),
    ("magic", "widgets", "cli", "server"),
    ("",),
)
"""What stands on what: a floor imports from those before it. `""` is the root."""

BESIDE: frozenset[tuple[str, str]] = frozenset()
"""Pairs of one floor of which the first may import the second."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import: of which module, in which, and where it stands."""

    importer: str
    target: str
    """Dotted, absolute; `from x import y` as `x.y`."""
    where: str


def imports_of(root: Path = ROOT, package: str = PACKAGE) -> Iterator[Import]:
    """Every import of every file of a package."""
    for path in sorted(root.rglob("*.py")):
        importer = module_of(path, root, package)
        home = importer if path.stem == "__init__" else importer.rpartition(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            for target in _targets(node, home):
                yield Import(importer, target, f"{path.relative_to(root)}:{getattr(node, 'lineno', 0)}")


def module_of(path: Path, root: Path = ROOT, package: str = PACKAGE) -> str:
    """The dotted name of a file."""
    return ".".join([package, *path.relative_to(root).with_suffix("").parts]).removesuffix(".__init__")


def graph_of(root: Path = ROOT, package: str = PACKAGE) -> Mapping[str, set[str]]:
    """Which module imports which, within the package."""
    modules = {module_of(path, root, package) for path in root.rglob("*.py")}
    graph: dict[str, set[str]] = {module: set() for module in modules}
    for each in imports_of(root, package):
        target = each.target
        while target not in modules and "." in target:
            target = target.rpartition(".")[0]
        if target in modules and target != each.importer:
            graph[each.importer].add(target)
    return graph


def circles_of(graph: Mapping[str, set[str]]) -> list[list[str]]:
    """The groups of modules that import one another, the largest first."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(module: str) -> None:
        index[module] = low[module] = len(index)
        stack.append(module)
        for target in sorted(graph[module]):
            if target not in index:
                visit(target)
                low[module] = min(low[module], low[target])
            elif target in stack:
                low[module] = min(low[module], index[target])
        if low[module] == index[module]:
            group = stack[stack.index(module) :]
            del stack[stack.index(module) :]
            if len(group) > 1:
                found.append(sorted(group))

    sys.setrecursionlimit(10_000)
    for module in sorted(graph):
        if module not in index:
            visit(module)
    return sorted(found, key=len, reverse=True)


def upwards_of(root: Path = ROOT, package: str = PACKAGE) -> list[str]:
    """Every import that goes up or sideways, in words."""
    floor_of = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
    faults = []
    for each in imports_of(root, package):
        top, _, rest = each.target.partition(".")
        if top != package:
            continue
        importer, target = _room(each.importer, package), rest.partition(".")[0]
        if not ((root / target).is_dir() or (root / f"{target}.py").is_file()):
            target = ""  # a name of the root
        if importer == target or (importer, target) in BESIDE:
            continue
        if importer not in floor_of or target not in floor_of:
            faults.append(f"{each.where}: {importer or 'the root'} or {target or 'the root'} has no floor")
        elif floor_of[target] > floor_of[importer]:
            faults.append(f"{each.where}: upwards, {importer} imports {target or 'the root'}")
        elif floor_of[target] == floor_of[importer]:
            faults.append(f"{each.where}: sideways, {importer} imports {target}")
    return faults


def _room(module: str, package: str) -> str:
    return module.removeprefix(package).removeprefix(".").partition(".")[0]


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


def _functions(root: Path) -> Iterator[tuple[int, str]]:
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.body[0].lineno + 1
                yield lines, f"{path.relative_to(root)}: {node.name}"


def main() -> None:
    """Print the map."""
    graph = graph_of()
    circles, upwards = circles_of(graph), upwards_of()
    rooms: dict[str, int] = defaultdict(int)
    for module in graph:
        rooms[_room(module, PACKAGE) or "(root)"] += 1
    files = sorted(
        ((len(path.read_text(encoding="utf-8").splitlines()), path) for path in ROOT.rglob("*.py")), reverse=True
    )
    print(f"{len(graph)} modules, {sum(map(len, graph.values()))} imports between them")
    print(f"{len(circles)} circles: {', '.join(str(len(circle)) for circle in circles) or 'none'}")
    for circle in circles:
        print("   ", ", ".join(module.removeprefix(f"{PACKAGE}.") for module in circle))
    print(f"{len(upwards)} imports go up or sideways")
    for fault in upwards:
        print("   ", fault)
    print("modules in each package:", ", ".join(f"{room} {number}" for room, number in sorted(rooms.items())))
    print("longest file:", f"{files[0][1].relative_to(ROOT)} {files[0][0]} lines")
    print("longest function:", "{1}, {0} lines".format(*max(_functions(ROOT))))


if __name__ == "__main__":
    main()
