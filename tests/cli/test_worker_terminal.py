"""`seedance worker` on a terminal: a line that shows how things stand, below what it says, and gone at the end."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
from collections.abc import Callable
from typing import Any

import pytest
from worker_place import WORKER, Place

from seedance_widgets.cli.worker_lines import lines_of_stdout

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a pseudo terminal")

STOPPED = "Stopped. 2 open jobs go on at the server; the next worker or kernel looks after them."
COLOR = re.compile(r"\x1b\[(?:\d+;)*(?:3[0-8]|4[0-8]|9[0-7]|10[0-7])(?:;\d+)*m")


class Screen(io.StringIO):
    """Standard output in memory that says it is a terminal."""

    encoding = "utf-8"

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setattr(sys, "stdout", self)

    def isatty(self) -> bool:
        return True


@pytest.fixture
def shown(make: Callable[..., Place], terminal: Callable[..., Any]) -> Callable[..., Any]:
    """A worker on a terminal, beside the jobs of a kernel that was killed."""

    def shown(*options: str, speed: float = 0.01, many: int = 2, columns: int = 100, **environment: str) -> Any:
        place = make(speed=speed)
        place.kernel(many=many)
        own = {name: value for name, value in place.environment.items() if name.startswith("SEEDANCE_")}
        return terminal(*WORKER, *options, columns=columns, wraps=True, environment={**own, **environment})

    return shown


def test_it_shows_what_is_open_below_what_it_says_and_is_gone_when_it_is_stopped(shown: Any) -> None:
    worker = shown()
    worker.until(lambda written: "2 running" in written)
    said, stands = worker.screen
    assert said.startswith("Looks after the jobs at http://")
    assert re.fullmatch(r"\S 2 running · 0 saved", stands)
    worker.process.send_signal(signal.SIGTERM)
    worker.rest()
    assert worker.screen == [said, STOPPED]
    assert worker.written.count("\x1b[?25l") == worker.written.count("\x1b[?25h") == 1, "the cursor is back"
    assert worker.process.returncode == 0


def test_when_it_ends_by_itself_only_what_it_said_stands_there(shown: Any) -> None:
    worker = shown("--until-idle", speed=float("inf"), many=1)
    worker.rest()
    assert "running" in worker.written or "to save" in worker.written
    first, *said, last = worker.screen
    assert first.startswith("Looks after")
    assert [re.sub(r"^\w{8}: ", "", line).partition(" (")[0] for line in said] == ["queued", "succeeded", "saved"]
    assert last == "No job is open any more."


def test_on_a_narrow_terminal_it_takes_two_lines_and_nothing_of_it_is_left(shown: Any) -> None:
    worker = shown(columns=18)
    worker.until(lambda written: "2 running" in written and written.count("\x1b[2K") > 6)  # drawn over several times
    assert "".join(worker.screen).count("running") == 1
    worker.process.send_signal(signal.SIGINT)
    worker.rest()
    left = "".join(worker.screen).replace(" ", "")  # a space at the end of a line cannot be seen
    assert "running" not in left
    assert re.fullmatch(r"Looksafterthejobsathttp://127\.0\.0\.1:\d+\." + re.escape(STOPPED.replace(" ", "")), left)


def test_what_it_says_can_be_copied_whole_from_a_narrow_terminal(shown: Any) -> None:
    worker = shown(columns=18, SEEDANCE_BASE_URL="https://elsewhere.example")
    worker.until(lambda written: "key." in written)
    assert re.search(r"SEEDANCE_BASE_URL=http://127\.0\.0\.1:\d+ and its key\.\r\n", worker.written)


@pytest.mark.parametrize("told", [{"TERM": "dumb"}, {"PYTHONIOENCODING": "latin-1"}], ids=["dumb", "latin-1"])
def test_a_terminal_that_cannot_be_drawn_on_gets_plain_lines(shown: Any, told: dict[str, str]) -> None:
    worker = shown(**told)
    worker.until(lambda written: "\n" in written)
    worker.process.send_signal(signal.SIGTERM)
    worker.rest()
    assert "\x1b" not in worker.written
    assert worker.screen[1:] == [STOPPED]
    assert worker.process.returncode == 0


def test_where_colors_are_not_wanted_the_line_has_none(shown: Any) -> None:
    worker = shown(NO_COLOR="1")
    worker.until(lambda written: "2 running" in written)
    worker.process.send_signal(signal.SIGTERM)
    worker.rest()
    assert COLOR.search(worker.written) is None
    assert worker.screen[1:] == [STOPPED]


def test_a_first_look_that_took_longer_than_closing_draws_no_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the cursor would stay hidden after the end."""
    screen = Screen(monkeypatch)
    lines = lines_of_stdout()
    lines.close()
    lines.show("2 running")
    assert screen.getvalue() == ""


def test_a_reason_is_shown_as_the_server_wrote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen(monkeypatch)
    lines_of_stdout().say("abcd2345: failed: :fire: [red]")
    assert screen.getvalue() == "abcd2345: failed: :fire: [red]\n"


def test_a_process_without_output_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    lines_of_stdout().say("No job is open any more.")
