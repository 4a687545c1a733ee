"""Where a program writes the notebook that it runs, as its command line tells it."""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import click
import pytest
from jupytext.cli import parse_jupytext_args
from papermill.cli import papermill

from seedance_widgets.clips.clip import link_of
from seedance_widgets.notebook import environment, launcher

HERE, THERE = Path("/project"), Path("/project/films")
"""Where the program was started, and where the kernel was."""


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("python /bin/papermill films/in.ipynb out/film.ipynb", "/project/out"),
        ("python -m papermill films/in.ipynb /elsewhere/film.ipynb -p seed 5 -k python3", "/elsewhere"),
        ("python -I papermill.exe --cwd films -p out.ipynb 3 in.ipynb out/film.ipynb", "/project/out"),
        ("papermill --log-output --language=python films/in.ipynb film.ipynb", "/project"),
        ("papermill films/in.ipynb", None),
        ("papermill films/in.ipynb -", None),
        ("papermill films/in.ipynb s3://bucket/film.ipynb", None),
        ("python /bin/jupyter-nbconvert --execute --to html films/in.ipynb", "/project/films"),
        ("python -m nbconvert --execute films/in.ipynb --output-dir=out", "/project/out"),
        ("jupyter-nbconvert --execute films/in.ipynb --output-dir out --output film", "/project/out"),
        ("jupyter-nbconvert films/in.ipynb --output ../out/film --execute", "/project/films/../out"),
        ("jupyter-nbconvert --FilesWriter.build_directory=/elsewhere films/in.ipynb", "/elsewhere"),
        ("jupyter-nbconvert --execute --stdout films/in.ipynb", None),
        ("python /bin/jupytext --execute --to ipynb films/in.py", "/project/films"),
        ("jupytext --run-path /elsewhere --execute --to ipynb films/in.py", "/project/films"),
        ("jupytext --execute films/in.py --run-path /elsewhere -o out/film.ipynb", "/project/out"),
        ("jupytext --run-path films --execute", None),
        ("python run_all.py out/film.ipynb", "/project/films"),
        ("", "/project/films"),
    ],
)
def test_the_folder_that_a_program_writes_to_is_read_from_its_command_line(command: str, expected: str | None) -> None:
    found = launcher.output_folder(command.split(), HERE, THERE)
    assert found == (Path(expected) if expected else None)


def options_of_papermill() -> Iterator[tuple[str, int]]:
    for option in papermill.params:
        if isinstance(option, click.Option) and not option.is_flag and not option.is_eager:
            yield from ((name, option.nargs) for name in option.opts)


def options_of_jupytext() -> Iterator[tuple[str, int]]:
    """Of its parser, which it makes within the function that parses."""
    parsers: list[argparse.ArgumentParser] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(argparse.ArgumentParser, "parse_args", lambda parser, *_: parsers.append(parser))
        parse_jupytext_args([])
    for option in parsers[0]._actions:
        if option.option_strings and option.nargs is None:
            yield from ((name, 1) for name in option.option_strings)


def test_every_option_of_papermill_that_takes_a_value_is_known() -> None:
    """A value that is taken for a file would be taken for the output."""
    assert dict(options_of_papermill()) == launcher.TAKES["papermill"]


def test_every_option_of_jupytext_that_takes_a_value_is_known() -> None:
    assert dict(options_of_jupytext()) == launcher.TAKES["jupytext"]


@pytest.fixture
def batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A kernel of a batch run that was started in the current folder."""
    kernel = SimpleNamespace(get_parent=lambda: {"content": {"allow_stdin": False}})
    shell = SimpleNamespace(kernel=kernel, user_ns={}, starting_dir=str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    monkeypatch.setattr(environment, "shell", lambda: shell)
    return shell


def test_links_of_a_batch_run_lead_from_the_output_that_papermill_names(batch: SimpleNamespace, tmp_path: Path) -> None:
    batch.user_ns["PAPERMILL_OUTPUT_PATH"] = "out/of/film.ipynb"
    assert link_of(tmp_path / "seedance_clips" / "a.mp4") == "../../seedance_clips/a.mp4"


def test_links_of_an_output_that_lies_in_no_folder_are_absolute(batch: SimpleNamespace, tmp_path: Path) -> None:
    batch.user_ns["PAPERMILL_OUTPUT_PATH"] = "s3://bucket/film.ipynb"
    clip = tmp_path / "seedance_clips" / "a b.mp4"
    assert link_of(clip) == clip.as_posix().replace(" ", "%20")


def test_links_of_a_batch_run_stay_when_a_cell_changes_the_folder(
    batch: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert link_of(tmp_path / "seedance_clips" / "a.mp4") == "seedance_clips/a.mp4"


def test_the_name_of_a_notebook_is_not_taken_from_the_kernel_that_a_program_runs_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`!jupyter nbconvert --execute` hands JPY_SESSION_NAME on: clips went beside the notebook of that cell."""
    outer = tmp_path / "outer.ipynb"
    monkeypatch.setenv("JPY_SESSION_NAME", str(outer))
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:  # it inherits the name
        monkeypatch.setenv("JPY_PARENT_PID", str(program.pid))
        assert environment.path() is None
        monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "own.ipynb"))
        assert environment.path() == str(tmp_path / "own.ipynb")
        program.communicate(b"\n")


def test_the_name_that_a_server_gives_a_notebook_counts_when_the_server_has_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JPY_PARENT_PID", "999999999")
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "own.ipynb"))
    assert environment.path() == str(tmp_path / "own.ipynb")
