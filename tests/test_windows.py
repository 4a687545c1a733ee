"""What depends on POSIX has a portable way or is refused: tried with a stand-in for Windows. See docs/systems.md."""

from __future__ import annotations

import math
import os
import re
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

if sys.platform != "linux":
    pytest.skip("the stand-in looks into /proc", allow_module_level=True)

import windows

import seedance_widgets as sw
from seedance_widgets import when
from seedance_widgets.clips import names
from seedance_widgets.clips.private_file import create_private
from seedance_widgets.media import served
from seedance_widgets.notebook import launcher
from seedance_widgets.session.session import Session
from seedance_widgets.simulator import hosting
from seedance_widgets.worker import lease_owner

ROOT = Path(__file__).parents[1]
SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p"}
DEVICES = ("CON", "prn", "Aux", "NUL", "com1", "LPT9", "com¹", "nul.mp4")


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> windows.Msvcrt:
    monkeypatch.chdir(tmp_path)
    return windows.become(monkeypatch)


@pytest.fixture
def session(locks: windows.Msvcrt, tmp_path: Path) -> Any:
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    """Paths may be that long: some characters more than the folder of a test."""
    longest = len(str(tmp_path)) + 45
    monkeypatch.setattr(names, "LONGEST_PATH", longest)
    return longest


# --- files -----------------------------------------------------------------------------------------------------------
def test_a_clip_is_saved_found_again_given_away_and_deleted(session: Session, tmp_path: Path) -> None:
    """The bug: a file that was open for reading only was synced, so that no clip would have been saved."""
    job = session.submit("a paper boat in heavy rain", **SMALL)
    clip = job.wait(timeout=60)
    assert sorted(path.suffix for path in clip.path.parent.iterdir()) == [".jpg", ".json", ".mp4"]
    clip.path.unlink()
    assert job.download().path.is_file()
    bundle = session.export(tmp_path / "out.zip")
    assert bundle.path.is_file()
    job.delete()
    assert list(clip.path.parent.glob("*.mp4")) == []


def test_credits_are_counted_under_a_lock_of_the_first_byte(session: Session, locks: windows.Msvcrt) -> None:
    session.submit("a paper boat", **SMALL).wait(timeout=60)
    assert locks.asked[:2] == [(locks.LK_LOCK, 0, 1), (locks.LK_UNLCK, 0, 1)]
    assert len({asked for asked in locks.asked if asked[0] == locks.LK_LOCK}) == 1


def test_a_damaged_history_is_moved_aside_and_made_anew(locks: windows.Msvcrt, tmp_path: Path) -> None:
    home = tmp_path / "home"
    session = sw.simulate(speed=math.inf, home=home)
    job = session.submit("a paper boat", **SMALL)
    job.wait(timeout=60)
    session.close()
    history = next(home.rglob("history.db"))
    history.write_bytes(b"no database" * 500)
    session = sw.simulate(speed=math.inf, home=home)
    with pytest.warns(sw.HistoryWarning, match="1 job was read back"):
        assert session.job(job.id).clip is not None
    session.close()
    assert list(history.parent.glob("history-damaged-*"))


# --- processes -------------------------------------------------------------------------------------------------------
def test_a_worker_without_such_locks_is_never_called_gone(locks: windows.Msvcrt, tmp_path: Path) -> None:
    """Then the counters of the leases decide."""
    owner = lease_owner.new_owner()
    lock = lease_owner.OwnerLock(tmp_path / "owners", owner)
    lock.hold()
    lock.give_up()
    (tmp_path / "owners").mkdir(exist_ok=True)
    (tmp_path / "owners" / f"{owner}.lock").touch()
    assert not lease_owner.is_gone(tmp_path / "owners", owner)
    assert lease_owner.gone(tmp_path / "owners") == set()


def test_no_process_is_asked_by_a_signal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows `os.kill(pid, 0)` is Ctrl-C."""
    asked: list[int] = []
    served.attend(tmp_path)
    stand_in = SimpleNamespace(name="nt", kill=lambda pid, _: asked.append(pid), getpid=os.getpid)
    monkeypatch.setattr(served, "os", stand_in)
    assert served.is_attended(tmp_path)
    assert asked == []


def test_the_program_that_started_a_kernel_is_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """JPY_PARENT_PID is a handle there, and no number of a process."""
    monkeypatch.setenv("JPY_PARENT_PID", "1234567890")
    environ = SimpleNamespace(name="nt", environ=os.environ, getppid=os.getpid)
    monkeypatch.setattr(launcher, "os", environ)
    assert launcher.find().folder == Path.cwd()


def test_a_port_is_not_shared_with_another_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """There SO_REUSEADDR would let a second program listen on the same port."""
    monkeypatch.setattr(hosting, "os", SimpleNamespace(name="nt"))
    sock = hosting.listen(0)
    assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR) == 0
    sock.close()


# --- names -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", DEVICES)
def test_no_file_is_named_like_a_device(row_of: Any, request_of: Any, words: str) -> None:
    row = row_of(request=request_of(prompt=words))
    device = re.compile(r"(con|prn|aux|nul|(com|lpt)[0-9¹²³])(\.|$)", re.I)
    for name in (names.plain_name(row), names.file_name(row)):
        assert not device.match(name), name


@pytest.mark.parametrize(
    "words", ["a boat.", "a boat...", "a boat ", "C:\\boat", "boat:stream", 'b"o*a?t<|>', "a/b\\c"]
)
def test_no_name_has_what_windows_does_not_take(row_of: Any, request_of: Any, words: str) -> None:
    row = row_of(request=request_of(prompt=words))
    for name in (names.plain_name(row), names.file_name(row)):
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]|[. ]$', name), name


def test_a_name_is_cut_where_its_path_would_be_too_long(
    row_of: Any, request_of: Any, narrow: int, tmp_path: Path
) -> None:
    row = row_of(request=request_of(prompt="a paper boat in heavy rain and a long way to go"))
    name = names.file_name(row, tmp_path)
    assert name.startswith("a-paper-boat")
    assert name.endswith(f"-{row.id}")
    assert len(str(tmp_path / f"{name}-999.json")) <= narrow
    assert names.file_name(row, tmp_path / ("x" * 26)) == row.id


# --- small things ----------------------------------------------------------------------------------------------------
def test_prompts_are_saved_over_the_file_that_was_there(session: Session) -> None:
    session.save_template("boat", "A paper boat")
    session.save_template("boat", "A paper boat in rain", replace=True)
    assert session.templates["boat"].prompt == "A paper boat in rain"


def test_a_private_file_is_new_without_the_flags_of_posix(locks: windows.Msvcrt, tmp_path: Path) -> None:
    os.close(create_private(tmp_path / "own"))
    with pytest.raises(FileExistsError):
        create_private(tmp_path / "own")


def test_the_commands_ask_for_no_signal_that_windows_lacks() -> None:
    there = {"SIGABRT", "SIGFPE", "SIGILL", "SIGINT", "SIGSEGV", "SIGTERM", "SIGBREAK"}  # of the C runtime there
    text = (ROOT / "seedance_widgets" / "cli" / "main.py").read_text(encoding="utf-8")
    assert set(re.findall(r"\bSIG[A-Z]+\b", text)) <= there


def test_without_a_clock_that_counts_sleep_the_plain_one_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    before = time.monotonic()
    assert before <= when.awake_s() <= time.monotonic()


# --- what is said of it ----------------------------------------------------------------------------------------------
POSIX = re.compile(
    r"\bfcntl\b|\bmsvcrt\b|os\.kill\b|\bsignal\.\w|os\.fork|O_NOFOLLOW|O_DIRECTORY|getuid|start_new_session"
    r"|\bos\.name\b|sys\.platform|\bfsync\(|SO_REUSEADDR|CLOCK_BOOTTIME|os\.link\b"
)


def test_every_module_that_depends_on_the_system_is_named() -> None:
    package = ROOT / "seedance_widgets"
    depends = {
        path.relative_to(package).as_posix().removesuffix(".py")
        for path in package.rglob("*.py")
        if POSIX.search(path.read_text(encoding="utf-8"))
    }
    text = (ROOT / "docs" / "systems.md").read_text(encoding="utf-8").partition("| --- |")[2]
    told = set(re.findall(r"`([a-z_]+(?:/[a-z_]+)*)\.py`", text))
    assert told == depends


def test_every_test_that_is_named_there_is_there() -> None:
    text = (ROOT / "docs" / "systems.md").read_text(encoding="utf-8")
    for file, test in re.findall(r"`([\w/]+\.py)::(test_\w+)`", text):
        assert f"def {test}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
