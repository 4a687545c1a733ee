"""The code fences of the README and the docs that are cells: they run against the simulator."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from fences import APART, PAGES, fences
from IPython.core.inputtransformer2 import TransformerManager

import seedance_widgets as sw

RUNNER = Path(__file__).parent / "run_snippets.py"

OF_SESSIONS = {"settings", "home", "registry", "engine", "id", "service", "began_at", "cells"}
OF_JOBS = {"session", "engine", "merged", "received", "reused"}


def cells(path: Path) -> list[str]:
    """The fences that are cells: Python, and those without a language that begin with a magic."""
    return [
        fence.text
        for fence in fences(path)
        if fence.name not in APART
        and (fence.language in ("python", "ipython") or (not fence.language and fence.text.startswith("%")))
    ]


WITH_CELLS = [page for page in PAGES if cells(page)]


@pytest.mark.timeout(540)
@pytest.mark.parametrize("page", WITH_CELLS, ids=lambda page: page.stem)
def test_the_cells_of_a_page_run(page: Path, tmp_path: Path, film_folder: Path) -> None:
    for number, text in enumerate(cells(page)):
        (tmp_path / f"{number:03}.cell").write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, RUNNER, tmp_path, film_folder],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=500,
        env={**os.environ, "SEEDANCE_HOME": str(tmp_path / "home")},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


@pytest.mark.parametrize("path", WITH_CELLS, ids=lambda path: path.stem)
def test_the_cells_of_a_page_are_cells_of_ipython(path: Path) -> None:
    for text in cells(path):
        code = TransformerManager().transform_cell(text)
        compile(code, str(path), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.mark.parametrize("path", WITH_CELLS, ids=lambda path: path.stem)
def test_the_cells_of_a_page_use_names_that_there_are(path: Path) -> None:
    there = {"sw": set(dir(sw)), "session": set(dir(sw.Session)) | OF_SESSIONS, "job": set(dir(sw.Job)) | OF_JOBS}
    used = {
        (owner, name)
        for text in cells(path)
        for owner, name in re.findall(r"(?<![\w.])(sw|session|job)\.([a-z]\w*)", text)
    }
    assert {f"{owner}.{name}" for owner, name in used if name not in there[owner]} == set()


@pytest.mark.parametrize("path", WITH_CELLS, ids=lambda path: path.stem)
def test_no_comment_stands_behind_a_magic_of_ours(path: Path) -> None:
    """IPython hands it to the magic: the bug was `%seedance_cost  # by day`, which is a usage error."""
    lines = [line for text in cells(path) for line in text.splitlines() if line.startswith("%seedance_")]
    assert [line for line in lines if "#" in line] == []
