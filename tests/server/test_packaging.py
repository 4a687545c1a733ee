"""Installing the package is all that it takes: the switch is a file of the wheel, and names a module that is there."""

from __future__ import annotations

import importlib
import json
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_the_switch_is_installed_with_the_package_and_names_the_extension() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"][
        "wheel"
    ]
    assert wheel["shared-data"]["jupyter-config/jupyter_server_config.d"] == "etc/jupyter/jupyter_server_config.d"
    (switch,) = (ROOT / "jupyter-config" / "jupyter_server_config.d").iterdir()
    (name,) = json.loads(switch.read_text(encoding="utf-8"))["ServerApp"]["jpserver_extensions"]
    points = importlib.import_module(name)._jupyter_server_extension_points()
    assert [point["module"] for point in points] == [name]


def test_the_package_does_not_ask_for_a_jupyter_server() -> None:
    """Where there is none (Colab, a script, a kernel in an environment of its own) everything else works as before."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert not [
        each for each in project["dependencies"] if each.startswith(("jupyter-server", "jupyter_server", "jupyterlab"))
    ]
    outside = [path for path in (ROOT / "seedance_widgets").rglob("*.py") if path.parent.name != "server"]
    assert not [path for path in outside if "jupyter_server" in path.read_text(encoding="utf-8")]
