"""The package as a stranger has it: the wheel, in an environment of its own, outside of the repository."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filelock import FileLock
from samples import until

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.timeout(540)

JUPYTERLAB_PAGE = (ROOT / "docs" / "jupyterlab.md").read_text(encoding="utf-8")
LAB = "share/jupyter/labextensions/seedance-widgets"
LAB_IS_ON = r"seedance-widgets v\S+ enabled OK"
"""The bug was "X": with `~4.4.0` of its packages, JupyterLab 4.5 and 4.6 took the extension for outdated."""
SERVER_IS_ON = r"seedance_widgets\.server enabled\n.*\n\s+seedance_widgets\.server +OK"
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


def made_venv(folder: Path, *wanted: str | Path, cwd: Path) -> Path:
    """The Python of a new environment. By uv, whose cache makes it in seconds; pip takes a minute for each."""
    run(sys.executable, "-m", "uv", "venv", "-q", "--python", sys.executable, folder, cwd=cwd)
    python = python_of(folder)
    run(sys.executable, "-m", "uv", "pip", "install", "-q", "--python", python, *wanted, cwd=cwd)
    return python


class Jupyter:
    """The `jupyter` of an environment, in a folder of its own, of which no configuration of this machine is known."""

    def __init__(self, python: Path, folder: Path) -> None:
        self._python, self._folder = python, folder
        self.environment = {
            "PATH": os.pathsep.join((str(python.parent), os.environ["PATH"])),  # it looks for its commands there
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
            "JUPYTER_DATA_DIR": str(folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
            "SEEDANCE_HOME": str(folder / "home"),
        }

    def said(self, line: str) -> str:
        """What a line says, without colors."""
        said = run(*shlex.split(line), cwd=self._folder, **self.environment)
        return re.sub(r"\x1b\[[\d;]*m", "", said)

    def answer(self, path: str) -> int:
        """The status that a server, which is started for it, answers with."""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = (f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=open", "--allow-root")
        kept = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        with open(self._folder / "server.log", "ab") as log:
            server = subprocess.Popen(
                [self._python, "-m", "jupyter_server", "--no-browser", *options],
                cwd=self._folder,
                env={**kept, **self.environment},
                stdout=log,
                stderr=log,
            )
        try:
            until(lambda: server.poll() is not None or _status(port, "api/status") == 200, 120)
            return _status(port, path)
        finally:
            server.terminate()
            server.wait(30)


def _status(port: int, path: str) -> int:
    request = urllib.request.Request(f"http://127.0.0.1:{port}/{path}", headers={"Authorization": "token open"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0  # it does not listen yet


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all processes of this run of pytest have."""
    folder = tmp_path_factory.getbasetemp()
    return folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder


def made_once(folder: Path, make: Callable[[], object]) -> Path:
    """The folder, in which the first process that needs it makes what the others find."""
    with FileLock(f"{folder}.lock"):
        if not (folder / "made").exists():
            folder.mkdir()
            make()
            (folder / "made").touch()
    return folder


@pytest.fixture(scope="session")
def builder(shared: Path) -> Path:
    """The Python of an environment that builds packages."""
    folder = shared / "builder"
    return python_of(made_once(folder, lambda: made_venv(folder / "venv", "hatchling>=1.27", cwd=folder)) / "venv")


@pytest.fixture(scope="session")
def dist(shared: Path, request: pytest.FixtureRequest) -> Path:
    """A folder with the wheel and the sdist."""
    if built := os.environ.get("SEEDANCE_DIST"):
        return Path(built)
    folder, builder = shared / "dist", request.getfixturevalue("builder")
    return made_once(folder, lambda: run(builder, "-m", "hatchling", "build", "-d", folder, cwd=ROOT))


@pytest.fixture(scope="session")
def wheel(dist: Path) -> Path:
    (found,) = dist.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def installed(wheel: Path, shared: Path) -> Path:
    """The Python of an environment that has the wheel and what it asks for. Do not change it: tests share it."""
    folder, wanted = shared / "installed", ("-c", ROOT / "constraints.txt", f"{wheel}[demo]")
    return python_of(made_once(folder, lambda: made_venv(folder / "venv", *wanted, cwd=folder)) / "venv")


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


def test_the_sdist_makes_the_same_wheel(dist: Path, wheel: Path, builder: Path, tmp_path: Path) -> None:
    (sdist,) = dist.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    run(builder, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "again", cwd=source)
    (again,) = (tmp_path / "again").glob("*.whl")
    assert sorted(zipfile.ZipFile(again).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())
    project = (".ci/run", ".github/workflows/tests.yml", ".pre-commit-config.yaml", "SECURITY.md")  # tests read them
    for name in ("tests/conftest.py", "docs/magics.md", "frontend/package.json", *project):
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
    jupyter = Jupyter(installed, tmp_path)
    assert re.search(LAB_IS_ON, jupyter.said("jupyter labextension list"))
    assert re.search(SERVER_IS_ON, jupyter.said("jupyter server extension list"))


def test_the_types_of_the_package_are_seen_by_a_type_checker(installed: Path, tmp_path: Path) -> None:
    code = "import importlib.resources as r; print((r.files('seedance_widgets') / 'py.typed').is_file())"
    assert run(installed, "-c", code, cwd=tmp_path).strip() == "True"


def test_what_the_package_page_shows_is_the_readme(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    metadata = archive.read(next(name for name in archive.namelist() if name.endswith("/METADATA"))).decode()
    assert "# seedance_widgets" in metadata
    assert "License-Expression: MIT" in metadata
    assert "Project-URL" not in metadata, "there is no address yet"


@pytest.fixture
def editable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment in which a copy of this tree was installed as by `pip install -e .`."""
    folder = tmp_path_factory.mktemp("editable")
    left_out = shutil.ignore_patterns(".git", "node_modules", "__pycache__", ".*_cache", ".venv", "dist")
    shutil.copytree(ROOT, folder / "tree", ignore=left_out)
    return made_venv(folder / "venv", "-c", "constraints.txt", "-e", ".[demo]", cwd=folder / "tree")


def test_a_tree_that_is_installed_editable_has_both_extensions_until_the_documented_line_switches_the_servers_off(
    editable: Path, tmp_path: Path
) -> None:
    jupyter = Jupyter(editable, tmp_path)
    assert re.search(LAB_IS_ON, jupyter.said("jupyter labextension list"))
    assert re.search(SERVER_IS_ON, jupyter.said("jupyter server extension list"))
    assert jupyter.answer("seedance/new") == 200
    (off,) = re.findall(r"^jupyter server extension disable .+$", JUPYTERLAB_PAGE, re.M)
    assert "`enable` turns it on again" in JUPYTERLAB_PAGE
    jupyter.said(off)
    assert re.search(r"seedance_widgets\.server disabled", jupyter.said("jupyter server extension list"))
    assert jupyter.answer("seedance/new") == 404
    jupyter.said(off.replace("disable", "enable"))
    assert jupyter.answer("seedance/new") == 200
