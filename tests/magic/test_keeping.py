"""`%seedance_load`, `%seedance_tree` and `%seedance_export`, over a session with the simulator."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

import seedance_widgets as sw
from seedance_widgets.errors import ExportFailed, JobNotFound, MediaError, ProvenanceMissing
from seedance_widgets.jobs.job import Job
from seedance_widgets.request.code import as_magic
from seedance_widgets.session import default
from seedance_widgets.session.session import Session

PROMPT = "what is a cat? $HOME {x}\nเรือ 🚣; 'y'"


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("work"))
        session = sw.simulate(speed=math.inf, home=tmp_path_factory.mktemp("home"))
        yield session
        session.close()


@pytest.fixture(scope="module")
def done(simulated: Session) -> Job:
    job = simulated.submit(PROMPT, duration=4, resolution="480p")
    job.wait(timeout=60)
    return job


@pytest.fixture(autouse=True)
def session(simulated: Session, done: Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Session:
    """The default session, and a folder with a clip in it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(default, "default_session", lambda: simulated)
    monkeypatch.setattr(default, "current_session", lambda: simulated)
    assert done.clip is not None
    shutil.copy(done.clip, tmp_path / "my clip.mp4")
    shutil.copy(done.clip, tmp_path / "boat.mp4")
    return simulated


@pytest.fixture
def next_input(shell: InteractiveShell) -> Iterator[list[str]]:
    """What was put into the next input."""
    cells: list[str] = []
    shell.set_next_input = lambda text, replace=False: cells.append(text)
    yield cells
    del shell.set_next_input


@pytest.mark.parametrize("name", ["boat.mp4", "my clip.mp4", '"my clip.mp4"', "./boat.mp4"])
def test_a_clip_becomes_the_cell_that_makes_it_again(
    run: Any, next_input: list[str], done: Job, simulated: Session, name: str
) -> None:
    before = simulated.count()
    done_cell = run(f"%seedance_load {name}")
    assert done_cell.error is None
    assert next_input == [as_magic(done.request)]
    assert "Nothing is sent until you run it" in done_cell.stdout
    assert simulated.count() == before


def test_the_cell_makes_exactly_the_same_request(run: Any, next_input: list[str], done: Job) -> None:
    run("%seedance_load boat.mp4")
    again = run(next_input[0].replace("%%seedance ", "%%seedance --fresh --wait ")).result
    assert again.request == done.request


def test_a_job_becomes_the_cell_that_makes_it_again(run: Any, next_input: list[str], done: Job) -> None:
    run(f"%seedance_load {done.id[:5]}")
    assert next_input == [as_magic(done.request)]


@pytest.mark.parametrize(
    ("line", "kind", "said"),
    [
        ("", UsageError, "takes a clip"),
        ("nothere.mp4", MediaError, "is not there"),
        ("nobody1", JobNotFound, "There is no job"),
        ("plain.mp4", ProvenanceMissing, "hold no story"),
        ("text.mp4", MediaError, "is not a video"),
    ],
)
def test_what_cannot_be_loaded_is_told_and_nothing_is_put_anywhere(
    run: Any, next_input: list[str], clip: Path, line: str, kind: type[Exception], said: str
) -> None:
    shutil.copy(clip, "plain.mp4")
    Path("text.mp4").write_text("a text")
    error = run(f"%seedance_load {line}").error
    assert isinstance(error, kind)
    assert said in str(error)
    assert next_input == []


def test_clips_and_folders_and_ids_are_offered_after_load(shell: InteractiveShell, done: Job) -> None:
    Path("inner").mkdir()
    shutil.copy("boat.mp4", "inner/other.mp4")
    Path("notes.txt").touch()

    def tab(cell: str) -> list[str]:
        with provisionalcompleter():
            return [found.text for found in shell.Completer.completions(cell, len(cell))]

    offered = tab("%seedance_load ")
    assert {"boat.mp4", "inner/", done.id} <= set(offered)
    assert "notes.txt" not in offered
    assert tab("%seedance_load bo") == ["boat.mp4"]
    assert tab("%seedance_load inner/") == ["inner/other.mp4"]


def test_a_tree_is_returned_and_shows_itself(run: Any, done: Job) -> None:
    tree = run(f"%seedance_tree {done.id}").result
    assert [job.id for job in tree] == [done.id]


def test_without_an_id_the_tree_is_the_newest_jobs(run: Any, simulated: Session) -> None:
    newest = simulated.jobs(limit=1)[0]
    assert run("%seedance_tree").result.focus == newest.id
    assert "takes one id" in str(run("%seedance_tree a b").error)


@pytest.mark.parametrize("path", ["boats.zip", '"my boats.zip"', "boats"])
def test_an_export_is_made_and_said(run: Any, path: str) -> None:
    bundle = run(f"%seedance_export {path}").result
    assert bundle.path == Path(path.strip('"'))
    assert bundle.path.exists()


def test_an_export_takes_the_filters_of_the_list_of_jobs(run: Any, done: Job, simulated: Session) -> None:
    assert isinstance(run("%seedance_export a --starred").error, ExportFailed)
    done.mark(starred=True)
    assert run("%seedance_export b --starred --status succeeded what cat").result.clips == 1
    assert isinstance(run("%seedance_export c dog").error, ExportFailed)
    done.mark(tags=["hero"], rating=4)
    assert run("%seedance_export d --tag hero --rating 4 --since today --model seedance-2.0").result.clips == 1
    assert isinstance(run("%seedance_export e --until yesterday").error, ExportFailed)
    assert isinstance(run("%seedance_export f --limit 1").error, UsageError)


@pytest.mark.parametrize("line", ["", "--starred", "boats --nonsense", '"a b'])
def test_a_line_that_cannot_be_an_export_is_refused(run: Any, line: str, tmp_path: Path) -> None:
    before = sorted(tmp_path.iterdir())
    assert isinstance(run(f"%seedance_export {line}").error, UsageError)
    assert sorted(tmp_path.iterdir()) == before
