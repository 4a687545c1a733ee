"""Every code fence of the docs and the README runs, in the order of its page, against the simulator."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(\S*)\n(.*?)^```", re.M | re.S)
NOT_CODE = ("{toctree}", "{image}", "{eval-rst}", "{include}", "toml", "json", "sql", "ini", "yaml", "text", "http")
RUNNER = Path(__file__).parent / "run_snippets.py"

NOT_RUN = {
    ("docs/worker.md", "[Unit]"): "a unit of systemd",
}
"""Fences that are no code for a machine of ours, by the beginning of their text, and why."""


@dataclass(frozen=True)
class Fence:
    page: str
    language: str
    text: str


def fences(path: Path) -> Iterator[Fence]:
    for language, text in FENCE.findall(path.read_text(encoding="utf-8")):
        yield Fence(path.relative_to(ROOT).as_posix(), language, text)


def cells(path: Path) -> list[str]:
    """The fences that are cells: Python, and those without a language that begin with a magic."""
    return [
        fence.text
        for fence in fences(path)
        if fence.language in ("python", "ipython") or (not fence.language and fence.text.lstrip().startswith("%"))
    ]


@pytest.mark.parametrize("path", [page for page in PAGES if cells(page)], ids=lambda path: path.stem)
def test_the_cells_of_a_page_run(path: Path, tmp_path: Path) -> None:
    for number, text in enumerate(cells(path)):
        (tmp_path / f"{number:03}.cell").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, RUNNER, tmp_path],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=170,
        env={**os.environ, "SEEDANCE_HOME": str(tmp_path / "home"), "SEEDANCE_WEBHOOK_SECRET": "whsec_a_secret"},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_the_commands_of_a_page_are_commands_of_a_shell(path: Path) -> None:
    for fence in fences(path):
        if fence.language in ("bash", "sh", "console"):
            checked = subprocess.run(["bash", "-n"], input=fence.text, text=True, capture_output=True)
            assert checked.returncode == 0, checked.stderr
            for used in re.findall(r"^\s*seedance (\w+)", fence.text, re.M):
                helped = [sys.executable, "-m", "seedance_widgets.cli", used, "--help"]
                assert subprocess.run(helped, capture_output=True).returncode == 0, used


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_every_language_of_a_fence_is_known() -> None:
    known = {"", "python", "ipython", "bash", "sh", "console", "javascript", "js", "typescript", *NOT_CODE}
    assert {(f.page, f.language) for page in PAGES for f in fences(page) if f.language not in known} == set()
