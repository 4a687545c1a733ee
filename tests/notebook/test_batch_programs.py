"""nbconvert, papermill and jupytext as programs, each of which writes the notebook elsewhere than where it was."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import jupytext
import nbformat
import pytest
from quick_session import quick_session

pytestmark = [pytest.mark.kernel, pytest.mark.timeout(300)]

SETUP = f"%load_ext seedance_widgets\n{quick_session(200)}"
CELLS = {
    "setup": SETUP,
    "submit": "job = session.submit('a boat', **small)\njob",
    "magic": "%seedance a kite --duration 4 --resolution 480p --model seedance-2.0-fast",
    "sweep": "sweep = session.sweep('a {animal}', animal=['fox', 'owl'], **small)\nsweep",
    "widget": "session.submit('a lamp', **small).widget",
    "grid": "sw.Grid(session.sweep('a {color} cup', color=['red', 'blue'], **small))",
    "studio": "session.submit('a bell', **small)\nsw.Studio(session)",
    "linked": "%config SeedanceMagics.embed_mb = 0\njob.clip",
    "jobs": "print([each.status for each in session.jobs()])",
}
PROGRAMS = {
    "nbconvert": "nbconvert --execute --to notebook book/film.ipynb --output-dir out",
    "papermill": "papermill --no-progress-bar book/film.ipynb out/film.ipynb",
    "jupytext": "jupytext --to ipynb --execute --run-path book book/film.py --output out/film.ipynb",
}


@dataclass
class Run:
    """What a program made of the notebook."""

    folder: Path
    """Where it was started. `book` in it has the notebook, `out` what became of it."""

    def __post_init__(self) -> None:
        self._cells = nbformat.read(self.folder / "out" / "film.ipynb", as_version=4).cells

    def outputs(self, name: str) -> list[nbformat.NotebookNode]:
        return cast(list[nbformat.NotebookNode], self._cells[list(CELLS).index(name)].outputs)

    def html(self, name: str) -> str:
        return "".join(output.get("data", {}).get("text/html", "") for output in self.outputs(name))

    def shown(self) -> str:
        """All that its outputs show, but for what the magic tells of the way."""
        return "".join(
            text
            for name in CELLS
            for output in self.outputs(name)
            for kind, text in output.get("data", {}).items()
            if kind in ("text/html", "text/plain")
        )

    def links(self) -> set[str]:
        """The links to clips."""
        return set(re.findall(r'(?:src|href)="([^":]+\.mp4)"', self.shown()))


@pytest.fixture(scope="module", params=list(PROGRAMS))
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Each program, started as from a cell of another notebook."""
    folder = tmp_path_factory.mktemp(request.param)
    for name in ("book", "out", "other"):
        (folder / name).mkdir()
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS.values()]
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(notebook, folder / "book" / "film.ipynb")
    jupytext.write(notebook, folder / "book" / "film.py", fmt="py:percent")
    done = subprocess.run(
        [sys.executable, "-m", *PROGRAMS[request.param].split()],
        cwd=folder,
        env={**os.environ, "JPY_SESSION_NAME": str(folder / "other" / "other.ipynb"), "SEEDANCE_HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return Run(folder)


def test_all_that_a_notebook_started_has_ended_in_its_output(run: Run) -> None:
    assert run.outputs("jobs")[0].text.strip() == str(["succeeded"] * 8)


@pytest.mark.parametrize("name", ["submit", "magic", "widget"])
def test_a_job_is_saved_with_its_clip(run: Run, name: str) -> None:
    assert run.html(name).count("<video") == 1
    assert 'src="data:video/mp4;base64,' in run.html(name)


def test_a_sweep_is_saved_with_its_clips(run: Run) -> None:
    assert run.html("sweep").count('src="data:video/mp4;base64,') == 2


@pytest.mark.parametrize("name", ["sweep", "grid", "studio"])
def test_what_shows_several_jobs_is_saved_with_what_became_of_them(run: Run, name: str) -> None:
    assert len(re.findall(r'href="[^"]+\.mp4"', run.html(name))) >= 2


def test_nothing_in_the_output_waits(run: Run) -> None:
    assert not re.findall(r"(?i)waiting|in the queue|queued|generating|sending", run.shown())


def test_links_to_clips_lead_from_where_the_output_lies(run: Run) -> None:
    """The bug was that they led from where the notebook ran."""
    assert re.search(r'<video[^>]* src="[^":]+/seedance_clips/a-boat-\w+\.mp4"', run.html("linked"))
    assert len(run.links()) == 8
    assert [link for link in run.links() if not (run.folder / "out" / link).is_file()] == []


def test_the_notebook_from_whose_cell_the_program_was_started_gets_no_clips(run: Run) -> None:
    """The bug was that JPY_SESSION_NAME, which the program inherits, was taken for the name of the notebook it runs."""
    assert list((run.folder / "other").iterdir()) == []
