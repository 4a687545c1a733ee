"""A signal ends a command at whatever instant it comes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends signals")

AT_THE_WORST_INSTANT = """
import os, signal, sys, threading
from seedance_widgets.cli import main

class Condition(threading.Condition):
    def wait(self, timeout=None):
        if threading.current_thread() is threading.main_thread() and self in waited_for:
            waited_for.clear()
            os.kill(os.getpid(), signal.SIGTERM)  # the lock is taken, and not given up yet
        return super().wait(timeout)

class Event(threading.Event):
    def __init__(self):
        super().__init__()
        self._cond = Condition(threading.Lock())
        if sys._getframe(1).f_globals["__name__"].startswith("seedance_widgets.cli"):
            waited_for.append(self._cond)

waited_for = []
threading.Event = Event
sys.exit(main.main(sys.argv[1:]))
"""

IN_ANOTHER_THREAD = """
import os, signal
from seedance_widgets.cli.stopping import Stopping

stopping = Stopping(signal.SIGTERM)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # this thread does not get it
os.kill(os.getpid(), signal.SIGTERM)
stopping.stop.wait()
assert stopping.has_come
"""

NOT_ASKED_FOR = """
import os, signal
from seedance_widgets.cli.stopping import Stopping

stopping = Stopping(signal.SIGTERM)
signal.signal(signal.SIGUSR1, lambda *_: None)
os.kill(os.getpid(), signal.SIGUSR1)
assert not stopping.stop.wait(0.3)
"""


@pytest.mark.parametrize("command", ["worker", "simulator --port 0"])
def test_a_signal_that_comes_between_two_steps_of_a_wait_ends_it(command: str, tmp_path: object) -> None:
    """The bug was a worker that hung, and heeded no further signal: the handler waited for the lock that it held."""
    code = [sys.executable, "-c", AT_THE_WORST_INSTANT, *command.split()]
    with subprocess.Popen(code, env={**os.environ, "SEEDANCE_HOME": str(tmp_path)}, stdout=subprocess.DEVNULL) as one:
        try:
            assert one.wait(60) == 0
        finally:
            one.send_signal(signal.SIGKILL)


def test_a_signal_that_the_system_gives_to_another_thread_ends_it() -> None:
    """The bug was a worker that hung: a handler of Python's does not run while the main thread sleeps."""
    done = subprocess.run([sys.executable, "-c", IN_ANOTHER_THREAD], timeout=60)
    assert done.returncode == 0


def test_another_signal_is_nothing_to_stop_for() -> None:
    done = subprocess.run([sys.executable, "-c", NOT_ASKED_FOR], timeout=60)
    assert done.returncode == 0
