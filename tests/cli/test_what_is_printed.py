"""What `seedance` prints where the output takes few characters, and of folders with odd names."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from seedance_widgets.cli import demo
from seedance_widgets.cli.main import main

ODD = "日本 [bold] :fire:"


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demo that takes no time."""

    def run_demo(folder: Path, say: Callable[[str], None]) -> demo.DemoResult:
        say(f"executing it in {folder}")
        return demo.DemoResult((("clip", folder / "boat.mp4"),), 1.0)

    monkeypatch.setattr(demo, "run_demo", run_demo)


@pytest.mark.parametrize(
    ("encoding", "folder"),
    [("utf-8", ODD), ("ascii", r"\u65e5\u672c [bold] :fire:"), ("cp932", ODD)],
    ids=["utf-8", "ascii", "cp932"],
)
def test_the_demo_names_its_files_as_they_are_called(
    played: None, monkeypatch: pytest.MonkeyPatch, encoding: str, folder: str
) -> None:
    """The bug was a UnicodeEncodeError for the dot before each line, and that `[bold]` was taken for a style."""
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding))
    assert main(["demo", "--folder", ODD]) == 0
    sys.stdout.flush()
    said = written.getvalue().decode(encoding)
    assert said.count(folder) == 2
    assert "boat.mp4" in said


def test_tidy_names_what_it_would_remove_where_output_is_ascii(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "日本"
    film = home / "simulator" / "clips" / "boat.mp4"
    film.parent.mkdir(parents=True)
    film.write_bytes(b"film")
    monkeypatch.setenv("SEEDANCE_HOME", str(home))
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    assert main(["tidy", "--dry-run"]) == 0
    sys.stdout.flush()
    (line, _) = written.getvalue().decode("ascii").splitlines()
    assert r"\u65e5\u672c" in line
    assert line.endswith("boat.mp4")
