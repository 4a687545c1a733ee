"""The package as a stranger has it: the wheel, in an environment of its own, outside of the repository."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.timeout(540)

LAB = "share/jupyter/labextensions/seedance-widgets"
SWITCH = "etc/jupyter/jupyter_server_config.d/seedance_widgets.json"


def run(*command: str | Path, cwd: Path, **env: str) -> str:
    """Run a command that knows nothing of this repository; returns what it prints."""
    kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(
        list(map(str, command)),
        cwd=cwd,
        env={**kept, **env},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=420,
    )
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def python_of(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def made_venv(folder: Path) -> Path:
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    return python_of(folder)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist."""
    if built := os.environ.get("SEEDANCE_DIST"):
        return Path(built)
    folder = tmp_path_factory.mktemp("build")
    python = made_venv(folder / "venv")
    run(python, "-m", "pip", "install", "-q", "hatchling>=1.27", cwd=folder)
    run(python, "-m", "hatchling", "build", "-d", folder / "dist", cwd=ROOT)
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The Python of an environment that has the wheel and what it asks for."""
    folder = tmp_path_factory.mktemp("installed")
    python = made_venv(folder / "venv")
    run(python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", f"{wheel}[demo]", cwd=folder)
    return python


def test_the_wheel_has_all_that_a_person_needs(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    package = {
        f"seedance_widgets/{path.relative_to(ROOT / 'seedance_widgets').as_posix()}"
        for path in (ROOT / "seedance_widgets").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert package <= set(names)
    assert {f"seedance_widgets/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")} <= set(names)
    lab = {path.relative_to(ROOT / "labextension").as_posix() for path in (ROOT / "labextension").rglob("*.*")}
    data = next(name for name in names if f"/data/{SWITCH}" in name).partition("/data/")[0]
    assert {f"{data}/data/{LAB}/{name}" for name in lab} <= set(names)
    assert sum("licenses" in name for name in names) == 3
    assert "seedance_widgets/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "docs/"))]


def test_the_sdist_makes_the_same_wheel(dist: Path, wheel: Path, tmp_path: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    python = made_venv(tmp_path / "venv")
    run(python, "-m", "pip", "install", "-q", "hatchling>=1.27", cwd=tmp_path)
    run(python, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again", cwd=source)
    (again,) = (tmp_path / "again").glob("*.whl")
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())
    for name in ("tests/conftest.py", "docs/magics.md", "frontend/package.json", ".ci/run", "SECURITY.md"):
        assert (source / name).is_file(), name
    assert not list(source.rglob("node_modules"))


def test_the_demo_plays_from_the_installed_wheel(installed: Path, tmp_path: Path) -> None:
    began = time.monotonic()
    code = "import seedance_widgets as sw; print(sw.__file__)"
    assert str(ROOT) not in run(installed, "-c", code, cwd=tmp_path)
    said = run(installed, "-m", "seedance_widgets.cli", "demo", "--folder", tmp_path / "demo", cwd=tmp_path)
    assert "simulator, no key used, nothing charged" in said
    html = (tmp_path / "demo" / "01_quickstart.executed.html").read_text(encoding="utf-8")
    assert html.count("<video") == 3
    assert time.monotonic() - began < 240


def test_the_extension_of_jupyterlab_is_there_and_switched_on(installed: Path, tmp_path: Path) -> None:
    prefix = Path(run(installed, "-c", "import sys; print(sys.prefix)", cwd=tmp_path).strip())
    assert json.loads((prefix / LAB / "package.json").read_text(encoding="utf-8"))["name"] == "seedance-widgets"
    path = os.pathsep.join((str(installed.parent), os.environ["PATH"]))  # `jupyter` looks for its commands there
    lines = run(installed, "-m", "jupyter", "labextension", "list", cwd=tmp_path, PATH=path)
    assert "seedance-widgets v" in lines
    lines = run(installed, "-m", "jupyter", "server", "extension", "list", cwd=tmp_path, PATH=path)
    assert "seedance_widgets.server" in lines
    assert "enabled" in lines
    assert "X seedance" not in lines


def test_the_types_of_the_package_are_seen_by_a_type_checker(installed: Path, tmp_path: Path) -> None:
    code = "import importlib.resources as r; print((r.files('seedance_widgets') / 'py.typed').is_file())"
    assert run(installed, "-c", code, cwd=tmp_path).strip() == "True"


def test_what_the_package_page_shows_is_the_readme(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()
    assert "# seedance_widgets" in metadata
    assert "License-Expression: MIT" in metadata
    assert "Project-URL" not in metadata, "there is no address yet"
