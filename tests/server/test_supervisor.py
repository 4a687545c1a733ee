"""The supervisor: one worker, when there is something to do, again when it ended early, and gone with the server."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from seedance_widgets.server.supervisor import COMMAND, LONGEST_S, NEEDS_KEY, Supervisor, start_worker

JOBS = frozenset({"abcd2345"})
SLEEPER = (sys.executable, "-c", "import sys; sys.stdin.read()")
"""Like the worker: it ends when its standard input does."""


class Starts:
    """Starts what a test wants, and counts."""

    def __init__(self) -> None:
        self.many = 0
        self.command: tuple[str, ...] = SLEEPER

    def __call__(self, home: Path) -> subprocess.Popen[bytes]:
        self.many += 1
        return start_worker(home, self.command)


class Now:
    def __init__(self) -> None:
        self.s = 100.0

    def __call__(self) -> float:
        return self.s


@pytest.fixture
def starts() -> Starts:
    return Starts()


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def supervisor(tmp_path: Path, starts: Starts, now: Now) -> Iterator[Supervisor]:
    supervisor = Supervisor(tmp_path, logging.getLogger("test"), start=starts, clock=now)
    yield supervisor
    supervisor.stop()


def ended(supervisor: Supervisor) -> None:
    """Wait until the child has ended by itself."""
    until = time.monotonic() + 30
    while supervisor.pid is not None:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_nothing_is_started_before_a_job_is_open(supervisor: Supervisor, starts: Starts) -> None:
    supervisor.attend(frozenset())
    assert starts.many == 0
    supervisor.attend(JOBS)
    supervisor.attend(JOBS)
    assert starts.many == 1
    assert supervisor.pid is not None


def test_a_worker_that_breaks_is_started_again_ever_more_rarely(
    supervisor: Supervisor, starts: Starts, now: Now
) -> None:
    starts.command = (sys.executable, "-c", "raise SystemExit(1)")
    at: list[float] = []
    while now.s < 100.0 + 3 * LONGEST_S:
        before = starts.many
        supervisor.attend(JOBS)
        if starts.many > before:
            at.append(now.s)
            ended(supervisor)
        now.s += 0.5
        if len(at) > 6:
            break
    waits = [later - earlier for earlier, later in pairwise(at)]
    assert waits == sorted(waits)
    assert waits[0] <= 2.0
    assert waits[-1] >= 20.0


def test_what_only_another_key_can_do_is_left_until_there_are_other_jobs(
    supervisor: Supervisor, starts: Starts, now: Now
) -> None:
    starts.command = (sys.executable, "-c", f"raise SystemExit({NEEDS_KEY})")
    supervisor.attend(JOBS)
    ended(supervisor)
    now.s += 100.0
    supervisor.attend(JOBS)
    assert starts.many == 1
    now.s += 1.0
    supervisor.attend(JOBS | {"other234"})
    now.s += 2.0
    supervisor.attend(JOBS | {"other234"})
    assert starts.many == 2


def test_two_servers_on_one_home_have_one_worker_and_the_second_takes_its_turn(
    supervisor: Supervisor, starts: Starts, now: Now, tmp_path: Path
) -> None:
    second = Supervisor(tmp_path, logging.getLogger("test"), start=starts, clock=now)
    supervisor.attend(JOBS)
    second.attend(JOBS)
    assert (starts.many, second.pid) == (1, None)
    supervisor.stop()
    now.s += 10.0
    second.attend(JOBS)
    assert second.pid is not None
    second.stop()


def test_the_worker_ends_with_its_supervisor(supervisor: Supervisor, starts: Starts) -> None:
    supervisor.attend(JOBS)
    supervisor.stop()
    assert supervisor.pid is None
    supervisor.attend(JOBS)
    assert starts.many == 1, "what was stopped stays so"


def test_a_home_that_takes_no_lock_is_no_crash(tmp_path: Path, starts: Starts) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    supervisor = Supervisor(tmp_path / "file", logging.getLogger("test"), start=starts)
    supervisor.attend(JOBS)
    assert starts.many == 0


def test_the_worker_imports_no_file_of_a_persons_folder() -> None:
    assert COMMAND[1:4] == ("-P", "-m", "seedance_widgets.cli.main")
    assert COMMAND[4:] == ("worker", "--until-idle", "--with-parent")
