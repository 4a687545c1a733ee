"""Places that cannot be opened here: the rule that holds there, tried with what makes the place known."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from samples import until
from widget_fixtures import JobOf, clips, job_of, place, quick, simulated

import seedance_widgets as sw
from seedance_widgets.clips import embedding
from seedance_widgets.jobs.job import Job
from seedance_widgets.notebook import environment
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.card.view import card_view

__all__ = ["clips", "job_of", "place", "quick", "simulated"]


def test_marimo_is_given_the_live_card(clips: list[Job]) -> None:
    """It asks an object for `_display_` first; a `_repr_html_` would beat the widget's bundle."""
    assert clips[0]._display_() is clips[0].widget


def test_a_card_that_was_closed_is_made_anew(clips: list[Job]) -> None:
    """marimo closes what a cell made when it runs again, and shows an error in place of the whole page otherwise."""
    first = clips[0].widget
    first.comm.close()
    assert clips[0].widget is not first
    assert clips[0].widget is clips[0].widget
    clips[0].widget.close()
    assert clips[0].widget.comm is not None


def test_colab_embeds_what_its_pages_can_take(clips: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    clip = clips[0].clip
    assert clip is not None
    assert 'src="data:video/mp4;base64,' in clip._repr_html_()
    large = replace(clip, size_bytes=embedding.COLAB_BYTES + 1)
    assert "data:video" not in large._repr_html_()
    assert f"Too large for a page of Colab, which loads no file of this machine: {clip.path}" in large._repr_html_()
    assert "%seedance_show and its job" in large._repr_html_()


def test_voila_embeds_what_a_batch_run_does(clips: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    """It serves no clips unless it is told to."""
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    clip = clips[0].clip
    assert clip is not None
    assert 'src="data:video/mp4;base64,' in clip._repr_html_()
    large = replace(clip, size_bytes=embedding.BATCH_BYTES + 1)
    assert "data:video" not in large._repr_html_()
    assert "Too large for a page of Voila, which serves no clips. The card of its job plays it" in large._repr_html_()


def test_vscode_saves_clips_beside_the_notebook_and_says_what_it_cannot_play(
    clips: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = tmp_path / "films" / "try.ipynb"
    notebook.parent.mkdir()
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    editor = SimpleNamespace(user_ns={"__vsc_ipynb_file__": str(notebook)})
    monkeypatch.setattr(environment, "shell", lambda: editor)
    assert environment.clips_folder() == notebook.parent / "seedance_clips"
    assert environment.path() == str(notebook)
    clip = clips[0].clip
    assert clip is not None
    assert "VS Code plays no AAC sound" in replace(clip, has_audio=True)._repr_html_()
    assert "VS Code" not in replace(clip, has_audio=False)._repr_html_()


@pytest.fixture
def vscode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """VS Code's notebook editor, as far as it makes itself known."""
    editor = SimpleNamespace(user_ns={"__vsc_ipynb_file__": str(tmp_path / "try.ipynb")})
    monkeypatch.setattr(environment, "shell", lambda: editor)


@pytest.mark.usefixtures("vscode")
def test_a_live_card_in_vscode_says_that_it_plays_no_sound_and_what_opens_the_file(
    job_of: JobOf, clips: list[Job]
) -> None:
    said = "VS Code plays no AAC sound; the link of the saved output opens the file"
    facts = clips[0].row.clip_facts
    assert facts is not None
    assert said in str(card_view(job_of(clip_facts={**facts, "has_audio": True}), 1)["notice"])
    assert said not in str(card_view(job_of(clip_facts={**facts, "has_audio": False}), 1)["notice"])


def in_grid(session: Session, jobs: list[Job]) -> str:
    return str(sw.Grid(jobs).view["label"])


def in_compare(session: Session, jobs: list[Job]) -> str:
    return str(sw.Compare(*jobs).view["label"])


def in_choose(session: Session, jobs: list[Job]) -> str:
    return str(sw.Choose(jobs).view["label"])


def in_studio(session: Session, jobs: list[Job]) -> str:
    studio = sw.Studio(session)
    until(lambda: studio.view.get("label"))
    return str(studio.view["label"])


@pytest.mark.parametrize("label_in", [in_grid, in_compare, in_choose, in_studio])
def test_what_shows_several_clips_says_in_vscode_that_it_plays_no_sound(
    label_in: Callable[[Session, list[Job]], str],
    simulated: Session,
    clips: list[Job],
    request: pytest.FixtureRequest,
) -> None:
    said = "VS Code plays no AAC sound: %seedance_show and a job's id give a link that opens the file"
    assert said not in label_in(simulated, clips)
    request.getfixturevalue("vscode")
    assert label_in(simulated, clips) == f"{simulated.label} · {said}"


@pytest.mark.parametrize("value", [None, 5, "relative.ipynb", "/no/notebook.py"])
def test_a_variable_of_that_name_that_is_no_notebook_changes_nothing(
    value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(environment, "shell", lambda: SimpleNamespace(user_ns={"__vsc_ipynb_file__": value}))
    assert environment.folder() == tmp_path
    assert environment.path() is None


def test_a_python_in_the_browser_is_told_that_it_cannot_work() -> None:
    code = "import sys; sys.platform = 'emscripten'; import seedance_widgets"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert "ImportError: seedance_widgets cannot run in a browser's Python (JupyterLite, Pyodide)" in done.stderr


def test_a_thread_that_runs_no_cells_takes_a_page_for_no_console(monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows no cell, as a console does: the worker left the poster out of what it saved for JupyterLab."""
    of_cell = {"metadata": {"cellId": "a"}, "content": {"allow_stdin": True}}

    def get_parent() -> dict[str, Any]:
        return of_cell if threading.current_thread() is threading.main_thread() else {}

    shell = SimpleNamespace(kernel=SimpleNamespace(get_parent=get_parent), execution_count=1)
    monkeypatch.setattr(environment, "shell", lambda: shell)
    monkeypatch.setattr(environment, "_has_page", False)
    told = [environment.is_console()]
    thread = threading.Thread(target=lambda: told.append(environment.is_console()))
    thread.start()
    thread.join()
    assert told == [False, False]
