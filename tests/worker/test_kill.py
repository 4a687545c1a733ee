"""A kernel may end, or be interrupted, at any instant: no job that the server charged is lost, and none is sent twice.

The kernels are real. They come from one process that has everything loaded and forks, so that a hundred of them are
a matter of seconds; the simulator stays in the test's process and counts what it charged.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from queue import Empty

import pytest
from jupyter_client import BlockingKernelClient
from jupyter_client.connect import write_connection_file

import seedance_widgets as sw
from seedance_widgets.simulator import Simulator, SimulatorSettings
from seedance_widgets.store import Store

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="SIGKILL and fork"),
    pytest.mark.timeout(300),
]

INSTANTS = 100
KEY = "sd2_live_simulator"

NURSERY = """
import os, signal, sys
import ipykernel.kernelapp, ipywidgets, anywidget, anyio._backends._asyncio
import seedance_widgets.session.session, seedance_widgets.api.client
import seedance_widgets.store, seedance_widgets.magic.generate
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # so that the dead are gone at once
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        sys.stdin = open(os.devnull)
        quiet = ["--log-level=ERROR", "--no-stdout", "--no-stderr"]
        # An interrupt within Event.set leaves its lock taken for ever: IPython's history would set one at each cell.
        quiet.append("--HistoryManager.db_cache_size=100000")
        ipykernel.kernelapp.launch_new_instance(argv=["-f", line.strip(), *quiet])
        os._exit(0)
    print(pid, flush=True)
"""

OPEN = """
import seedance_widgets as sw
session = sw.connect(requests_per_minute=6000)  # for all of them together, and those of the magic
sw.use_session(session)
session.models()
%load_ext seedance_widgets
"""


class Kernel:
    """A real kernel, forked from the nursery, with a session that is open."""

    def __init__(self, nursery: subprocess.Popen[str], folder: Path, name: str) -> None:
        path, _ = write_connection_file(str(folder / f"{name}.json"))
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        nursery.stdin.write(f"{path}\n")
        nursery.stdin.flush()
        self.pid = int(nursery.stdout.readline())
        self.client = BlockingKernelClient(connection_file=path)
        self.client.load_connection_file()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=60)

    def run(self, code: str) -> None:
        reply = self.client.execute_interactive(code, timeout=60, allow_stdin=True, output_hook=lambda _: None)
        assert reply["content"]["status"] == "ok", reply["content"]

    def begin(self, code: str) -> None:
        """Run it without waiting, as a page does: what takes no input is a batch run, whose cells wait for jobs."""
        self.client.execute(code, allow_stdin=True)

    def interrupt(self) -> bool:
        """Interrupt the cell until the kernel answers what stands behind it in the queue. Returns whether it does.

        An interrupt that comes before the cell begins is ignored by the kernel. One that comes just as the cell ends
        may leave the kernel deaf, whatever the cell did: then a person restarts it.
        """
        for _ in range(10):
            os.kill(self.pid, signal.SIGINT)
            probe = self.client.kernel_info()
            with contextlib.suppress(Empty):
                while self.client.get_shell_msg(timeout=1)["parent_header"].get("msg_id") != probe:
                    pass
                return True
        return False

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        self.client.stop_channels()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Simulator]:
    settings = SimulatorSettings(home=tmp_path / "server", speed=1, credits=10**9, api_key=KEY)
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def nursery(server: Simulator, home: Path, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    environment = {
        **os.environ,
        "SEEDANCE_API_KEY": KEY,
        "SEEDANCE_BASE_URL": server.base_url,
        "SEEDANCE_HOME": str(home),
        "IPYTHONDIR": str(tmp_path / "ipython"),
    }
    command = [sys.executable, "-c", NURSERY]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=tmp_path,
        start_new_session=True,
    )
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def charged(server_home: Path) -> Counter[str]:
    """How often the server charged for each prompt."""
    generations = (server_home / "generations").glob("*.json")
    return Counter(json.loads(path.read_text())["prompt"] for path in generations)


def check(server: Simulator, home: Path, intended: list[str]) -> str:
    """The rule, once the next session has looked after what the dead left. Returns what came of the jobs, in short."""
    assert server.settings.home is not None
    session = sw.connect(KEY, server.base_url, home)
    store = Store(home / "history.db")
    end = time.monotonic() + 45
    while time.monotonic() < end and store.count(status="submitting"):
        time.sleep(0.1)
    session.close()
    rows = {row.request.prompt: row for row in store.rows(limit=10_000)}
    paid = charged(server.settings.home)
    store.close()
    assert set(paid) <= set(intended)
    assert max(paid.values()) == 1, "one was sent twice"
    assert set(paid) <= set(rows), "one that was charged is missing"
    for prompt in paid:
        assert rows[prompt].status == "unconfirmed" or rows[prompt].request_id, rows[prompt]
    assert not [row for row in rows.values() if row.status == "submitting"]
    return str(Counter(row.status for row in rows.values()) | Counter(nothing=len(intended) - len(rows)))


def test_a_kernel_that_is_killed_at_any_instant_loses_nothing_and_sends_nothing_twice(
    nursery: subprocess.Popen[str], server: Simulator, home: Path, tmp_path: Path
) -> None:
    chance, intended = random.Random(2), []
    waiting = [Kernel(nursery, tmp_path, "kernel-0")]
    waiting[0].run(OPEN)
    for number in range(INSTANTS):
        kernel = waiting.pop()
        waiting.append(Kernel(nursery, tmp_path, f"kernel-{number + 1}"))
        waiting[0].run(OPEN)
        intended.append(f"kill {number}")
        kernel.begin(f"session.submit('kill {number}', model='seedance-2.0-fast', duration=4, resolution='480p')")
        time.sleep(chance.choice((0.01, 0.03, 0.1, 0.3)) * chance.random())
        kernel.kill()
    waiting[0].kill()
    print(check(server, home, intended))


def test_a_cell_that_is_interrupted_at_any_instant_loses_nothing_and_sends_nothing_twice(
    nursery: subprocess.Popen[str], server: Simulator, home: Path, tmp_path: Path
) -> None:
    chance, intended = random.Random(3), []
    kernel = Kernel(nursery, tmp_path, "kernel")
    kernel.run(OPEN)
    for number in range(INSTANTS):
        intended.append(f"interrupt {number}")
        kernel.begin(f"%seedance --model seedance-2.0-fast --duration 4 --wait interrupt {number}")
        time.sleep(chance.choice((0.01, 0.03, 0.1, 0.3)) * chance.random())
        if not kernel.interrupt():
            kernel.kill()
            kernel = Kernel(nursery, tmp_path, f"kernel-{number}")
            kernel.run(OPEN)
        if number % 20 == 19:
            intended.append(f"still alive {number}")
            kernel.run(f"job = session.submit('still alive {number}'); assert job.request_id")
    kernel.kill()
    print(check(server, home, intended))
