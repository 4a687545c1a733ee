"""Importing the package loads nothing heavy and starts nothing; every name it exports is there and described."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import seedance_widgets as sw

HEAVY = ("httpx", "pydantic", "sqlalchemy", "av", "PIL", "starlette", "uvicorn", "anyio", "anywidget", "ipywidgets")
OWN = ("__version__", "load_ipython_extension", "unload_ipython_extension")


def told_by(code: str, *flags: str) -> Any:
    """What a fresh interpreter prints as JSON."""
    done = subprocess.run([sys.executable, *flags, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = told_by("import seedance_widgets, sys, json; print(json.dumps(sorted(sys.modules)))")
    assert not set(HEAVY) & {name.partition(".")[0] for name in loaded}
    assert {name for name in loaded if name.startswith("seedance_widgets")} == {
        "seedance_widgets",
        "seedance_widgets.notebook",
        "seedance_widgets.notebook.presenters",
    }


def test_everything_loads_where_python_keeps_no_docstrings() -> None:
    assert told_by(
        """
import json, pkgutil, seedance_widgets
from importlib import import_module
found = pkgutil.walk_packages(seedance_widgets.__path__, "seedance_widgets.")
names = [module.name for module in found if not module.name.endswith("__main__")]
print(json.dumps([bool(import_module(name)) for name in names]))
""",
        "-OO",
    )


def test_a_session_loads_no_object_storage_before_a_clip_lies_in_one() -> None:
    loaded = told_by(
        "import sys, json, tempfile, seedance_widgets as sw\n"
        "with tempfile.TemporaryDirectory() as home:\n"
        "    session = sw.simulate(home=home)\n"
        "    session.jobs(); session.close()\n"
        "print(json.dumps(sorted(sys.modules)))"
    )
    assert [name for name in loaded if name.startswith("seedance_widgets.storage") or name == "obstore"] == []


def test_importing_the_package_starts_nothing() -> None:
    assert told_by(
        """
import json, sys, threading
import asyncio
before = dict(vars(asyncio)), dict(vars(asyncio.events)), dict(vars(asyncio.BaseEventLoop))
import seedance_widgets
after = dict(vars(asyncio)), dict(vars(asyncio.events)), dict(vars(asyncio.BaseEventLoop))
print(json.dumps([threading.active_count(), before == after, hasattr(asyncio, "_nest_patched")]))
"""
    ) == [1, True, False]


@pytest.mark.parametrize(
    "name", ["Client", "GenerationRequest", "SeedanceError", "connect", "Simulator", "verify_webhook"]
)
def test_a_name_loads_only_what_it_needs(name: str) -> None:
    loaded = told_by(f"import seedance_widgets as sw, sys, json; sw.{name}; print(json.dumps(sorted(sys.modules)))")
    tops = {module.partition(".")[0] for module in loaded}
    allowed = {
        "Client": {"httpx", "pydantic", "anyio"},
        "verify_webhook": {"pydantic"},
    }.get(name, set())
    assert set(HEAVY) & tops <= allowed


def test_loading_the_extension_loads_nothing_heavy_and_starts_nothing() -> None:
    loaded, threads, patched = told_by(
        """
import asyncio, json, sys, threading
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config
shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
before, threads = set(sys.modules), threading.active_count()
shell.run_line_magic("load_ext", "seedance_widgets")
loaded = sorted({name.partition(".")[0] for name in set(sys.modules) - before})
print(json.dumps([loaded, threading.active_count() - threads, hasattr(asyncio, "_nest_patched")]))
"""
    )
    assert not set(HEAVY) & set(loaded)
    assert (threads, patched) == (0, False)


@pytest.mark.parametrize("name", dir(sw))
def test_every_exported_name_is_there(name: str) -> None:
    value = getattr(sw, name)
    assert value is not None
    assert value is getattr(sw, name)  # the second time it is found at once
    assert value is vars(sw)[name]


@pytest.mark.parametrize("name", [name for name in dir(sw) if callable(getattr(sw, name))])
def test_every_exported_function_and_class_says_what_it_does(name: str) -> None:
    words = getattr(sw, name).__doc__
    assert words
    assert not words.startswith(f"{name}("), "a dataclass without words of its own"


def test_the_exported_names_are_sorted() -> None:
    exported = [name for name in sw.__all__ if name not in OWN]
    assert exported == sorted(exported)
    assert len(set(sw.__all__)) == len(sw.__all__)
    assert set(OWN) <= set(sw.__all__)


def test_dir_shows_the_exported_names_and_nothing_else() -> None:
    assert dir(sw) == sorted([*sw.__all__, "open"])


def test_a_star_import_takes_no_name_of_python_away() -> None:
    """The bug was that `open` of a notebook became ours."""
    import builtins

    assert not set(sw.__all__) & set(vars(builtins))
    names: dict[str, Any] = {}
    exec("from seedance_widgets import *", names)
    assert names["connect"] is sw.connect
    assert "open" not in names


def test_a_name_that_is_not_exported_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Clint'"):
        sw.Clint  # noqa: B018


def test_editors_see_the_same_names_as_the_interpreter() -> None:
    tree = ast.parse(Path(sw.__file__).read_text(encoding="utf-8"))
    blocks = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    seen = {
        (alias.asname, node.module)
        for block in blocks
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == set(sw._HOME_OF.items())


def test_every_error_of_the_package_is_exported() -> None:
    from seedance_widgets import errors

    tree = {n for n, v in vars(errors).items() if inspect.isclass(v) and issubclass(v, errors.SeedanceError)}
    assert tree <= set(sw.__all__)


def test_the_tree_drawn_in_the_errors_module_is_the_tree_there_is() -> None:
    from seedance_widgets import errors

    drawn = {word for line in (errors.__doc__ or "").splitlines() for word in line.split()[:4]}
    classes = {n for n, v in vars(errors).items() if inspect.isclass(v) and issubclass(v, errors.SeedanceError)}
    assert classes <= drawn


def test_the_version_is_the_one_of_the_distribution() -> None:
    from importlib.metadata import version

    assert sw.__version__ == version("seedance-widgets")
