"""What is published: links, files of the community, and that its parts say the same."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
import yaml

import seedance_widgets as sw

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ADDRESS = "https://example.org/somebody/seedance_widgets"
LINKS = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """`hatch_build.py`, without hatchling, which is there only where a package is built."""
    for name in ("hatchling", "hatchling.metadata", "hatchling.metadata.plugin"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    interface: Any = SimpleNamespace(MetadataHookInterface=object)
    monkeypatch.setitem(sys.modules, "hatchling.metadata.plugin.interface", interface)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def readme() -> str:
    return (ROOT / "README.md").read_text(encoding="utf-8")


def links_of(text: str) -> list[str]:
    return [first or second for first, second in LINKS.findall(text)]


def test_the_address_of_the_repository_stands_in_one_line() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith("repository")] == ['repository = ""']
    assert "urls" not in PYPROJECT["project"]


def test_without_an_address_links_stay_relative(hook: ModuleType) -> None:
    assert hook.published(readme(), "", "0.1.0") == readme()
    assert hook.urls("") == {}


def test_nothing_relative_is_left_in_the_published_readme(hook: ModuleType) -> None:
    text = hook.published(readme(), ADDRESS, "0.1.0")
    links = links_of(text)
    assert len(links) > 20
    assert [link for link in links if not link.startswith(("https:", "#"))] == []
    assert f"{ADDRESS}/raw/v0.1.0/docs/images/studio.webp" in links
    assert f"{ADDRESS}/blob/v0.1.0/docs/magics.md" in links


def test_every_relative_link_of_the_readme_is_there() -> None:
    there = [link.partition("#")[0] for link in links_of(readme()) if not link.startswith(("https:", "#"))]
    assert [link for link in there if not (ROOT / link).exists()] == []


def test_the_readme_installs_by_pip_first() -> None:
    commands = re.findall(r"pip install[^\n&]*", readme())
    assert commands[0].strip() == 'pip install "seedance-widgets[demo]"'


def test_every_notebook_is_in_the_wheel() -> None:
    included = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    notebooks = {f"notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert included == {name: f"seedance_widgets/{name}" for name in notebooks}


def test_the_licences_of_what_is_bundled_are_licence_files() -> None:
    files = PYPROJECT["project"]["license-files"]
    assert all((ROOT / each).is_file() for each in files)
    assert {
        path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/**/LICENSES.txt") if "node_modules" not in str(path)
    } <= set(files)


def test_versions_agree() -> None:
    version = PYPROJECT["project"]["version"]
    assert sw.__version__ == version
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))["version"] == version
    assert json.loads((ROOT / "labextension" / "package.json").read_text(encoding="utf-8"))["version"] == version


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_calls_the_parts_of_our_own_run(path: Path) -> None:
    """Nothing is said twice: what is installed and tested stands in `.ci/run`."""
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
    text = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    runs = [step["run"] for job in workflow["jobs"].values() for step in job["steps"] if "run" in step]
    called = [line.strip() for run in runs for line in run.splitlines() if ".ci/run" in line]
    assert called
    assert not re.search(r"\bpytest\b|\bruff\b|\bmypy\b|\bnpm (ci|run)\b", "\n".join(runs))
    for line in called:
        for part in line.partition(".ci/run")[2].split():
            assert re.search(rf"^if wants {re.escape(part)}\b", text, re.M), part


def test_there_are_workflows_for_the_matrix_the_browser_and_a_release() -> None:
    assert [path.name for path in WORKFLOWS] == ["browser.yml", "release.yml", "tests.yml"]
    release = yaml.safe_load((ROOT / ".github/workflows/release.yml").read_text(encoding="utf-8"))
    assert release["jobs"]["publish"]["permissions"] == {"id-token": "write"}
    assert "password" not in json.dumps(release)


@pytest.mark.parametrize(
    "name",
    [
        *("SECURITY.md", "CITATION.cff", ".pre-commit-config.yaml", ".github/PULL_REQUEST_TEMPLATE.md"),
        *(".github/ISSUE_TEMPLATE/bug.yml", ".github/ISSUE_TEMPLATE/idea.yml"),
    ],
)
def test_the_files_of_a_community_are_there(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert len(text) > 100
    if name.endswith(("yml", "yaml", "cff")):
        assert yaml.safe_load(text)
    assert not re.search(r"api[_-]?key\s*[:=]\s*sd2", text, re.I)


def test_whoever_reports_a_bug_is_told_to_leave_the_key_out() -> None:
    assert "key" in (ROOT / ".github/ISSUE_TEMPLATE/bug.yml").read_text(encoding="utf-8").lower()
