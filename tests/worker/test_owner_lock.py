"""Whether a worker's process is gone: told by a lock that the system takes back, never by a name or a number."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from samples import until

from seedance_widgets.worker.lease_owner import OwnerLock, forget, gone, is_gone, new_owner

pytestmark = pytest.mark.skipif(os.name != "posix", reason="flock")

HOLD = """
import os, sys
from pathlib import Path
from seedance_widgets.worker.lease_owner import OwnerLock, new_owner
owner = new_owner()
OwnerLock(Path(sys.argv[1]), owner).hold()
if "fork" in sys.argv and os.fork() == 0:
    sys.stdin.read()
    os._exit(0)
print(owner, flush=True)
sys.stdin.read()
"""

Start = Callable[..., tuple[subprocess.Popen[str], str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """A process that holds the lock of a name."""
    processes: list[subprocess.Popen[str]] = []

    def start(*more: str, before: tuple[str, ...] = ()) -> tuple[subprocess.Popen[str], str]:
        command = [*before, sys.executable, "-c", HOLD, str(tmp_path), *more]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        return process, process.stdout.readline().strip()

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_living_process_is_not_gone(start: Start, tmp_path: Path) -> None:
    _, owner = start()
    assert not is_gone(tmp_path, owner)
    assert gone(tmp_path) == set()


def test_a_killed_process_is_gone_at_once(start: Start, tmp_path: Path) -> None:
    process, owner = start()
    process.kill()
    process.wait()
    assert gone(tmp_path) == {owner}


def test_a_paused_process_is_not_gone(start: Start, tmp_path: Path) -> None:
    process, owner = start()
    os.kill(process.pid, signal.SIGSTOP)
    assert not is_gone(tmp_path, owner)


def test_a_child_that_was_forked_off_keeps_the_lock(start: Start, tmp_path: Path) -> None:
    """Slower, and still safe: then the counter of the leases decides."""
    process, owner = start("fork")
    process.kill()
    process.wait()
    assert not is_gone(tmp_path, owner)


@pytest.mark.skipif(
    shutil.which("unshare") is None or os.geteuid() != 0, reason="another process namespace needs root and unshare"
)
def test_a_process_of_another_namespace_is_seen_to_live(start: Start, tmp_path: Path) -> None:
    """Two containers on one home: each has a process 1 of its own, and often the same host name."""
    process, owner = start(before=("unshare", "--pid", "--fork", "--kill-child"))
    assert owner.split(".")[-2].isdigit()
    assert not is_gone(tmp_path, owner)
    process.kill()
    process.wait()
    until(lambda: is_gone(tmp_path, owner))


def test_a_name_without_a_lock_file_is_not_known_to_be_gone(tmp_path: Path) -> None:
    """Of another home, of version 0.1.0, or of a home that could not be written."""
    for owner in ("host/12/abcd", "../../etc/passwd", "", "host.12.abcd"):
        assert not is_gone(tmp_path, owner)
    assert not is_gone(None, "host.12.abcd")


def test_who_gives_up_its_lock_leaves_no_file(tmp_path: Path) -> None:
    lock = OwnerLock(tmp_path, new_owner())
    lock.hold()
    assert len(list(tmp_path.iterdir())) == 1
    lock.give_up()
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_forgotten_leaves_no_file(start: Start, tmp_path: Path) -> None:
    process, owner = start()
    process.kill()
    process.wait()
    forget(tmp_path, owner)
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    lock = OwnerLock(tmp_path / "file" / "owners", new_owner())
    lock.hold()
    lock.give_up()


def test_two_workers_of_one_process_have_names_of_their_own() -> None:
    names = {new_owner() for _ in range(100)}
    assert len(names) == 100
    assert all(str(os.getpid()) in name for name in names)
