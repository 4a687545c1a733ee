"""A worker may be killed at any instant: the next one goes on, every clip is saved once, and nothing is sent.

The workers come from one process that has everything loaded and forks, so that a hundred of them are soon there.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets import Client
from seedance_widgets.life import Row, new_job_id
from seedance_widgets.simulator import Simulator, SimulatorSettings
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest

pytestmark = [pytest.mark.skipif(os.name != "posix", reason="SIGKILL and fork"), pytest.mark.timeout(1500)]

INSTANTS = int(os.environ.get("SEEDANCE_INSTANTS", "100"))
HISTORIES = 4
"""Side by side, each with a part of the instants: most of the time is waited."""
KEY = "sd2_live_simulator"

NURSERY = """
import os, signal, sys
import anyio._backends._asyncio
import seedance_widgets.api.client, seedance_widgets.api.files, seedance_widgets.cli.worker, seedance_widgets.store
import seedance_widgets.worker.download
from seedance_widgets.cli.main import main
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        sys.stdout = open(os.devnull, "w")  # what it says would come between the numbers
        os._exit(main(["worker", "--requests-per-minute", "6000", *line.split()]))
    print(pid, flush=True)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Simulator]:
    settings = SimulatorSettings(home=tmp_path / "server", speed=float("inf"), credits=10**9, api_key=KEY)
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def start(server: Simulator) -> Iterator[Callable[[Path], int]]:
    """Start a worker for the history of a data folder, and return the number of its process. From any thread."""
    own = {"API_KEY": KEY, "BASE_URL": server.base_url}
    one_by_one = threading.Lock()
    environment = {**os.environ, **{f"SEEDANCE_{name}": value for name, value in own.items()}}
    piped: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "start_new_session": True}
    with subprocess.Popen([sys.executable, "-c", NURSERY], text=True, env=environment, **piped) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None

        def start_worker(home: Path) -> int:
            with one_by_one:
                nursery.stdin.write(f"--until-idle --home {home}\n")
                nursery.stdin.flush()
                return int(nursery.stdout.readline())

        yield start_worker
        os.killpg(nursery.pid, signal.SIGKILL)  # the workers, too


class History:
    """A history of its own: job after job comes into it, and each time a worker is killed over it."""

    def __init__(self, server: Simulator, start: Callable[[Path], int], home: Path) -> None:
        self._server, self._start, self._home = server, start, home
        self.clips = home / "clips"

    def run(self, numbers: Iterable[int]) -> list[Row]:
        """One instant for each number; returns the rows as they are when the last worker has looked after them."""
        store = Store(self._home / "history.db")
        with Client(KEY, self._server.base_url) as client:
            ids = [self._killed_over(store, client, number) for number in numbers]
        self._start(self._home)
        end = time.monotonic() + 600
        while store.open_jobs() and time.monotonic() < end:
            time.sleep(0.2)
        rows = [row for job_id in ids if (row := store.get(job_id)) is not None]
        store.close()
        return rows

    def _killed_over(self, store: Store, client: Client, number: int) -> str:
        """Send a job, and kill the worker that looks after it at an instant that only the number decides."""
        request = GenerationRequest(prompt="boat", model="seedance-2.0-fast", duration=4, resolution="480p")
        now, accepted = time.time(), client.create(request)
        row = Row(
            id=new_job_id(), service=self._server.base_url, request=request, created_at=now, folder=str(self.clips)
        )
        store.add(replace(row, status="queued", request_id=accepted.request_id, sent_at=now, accepted_at=now))
        worker = self._start(self._home)
        time.sleep(1.0 + 2.0 * random.Random(number).random())  # it settles for a second before it takes anything over
        with contextlib.suppress(ProcessLookupError):  # nothing was open any more
            os.kill(worker, signal.SIGKILL)
        return row.id


def test_a_worker_that_is_killed_at_any_instant_leaves_every_clip_to_the_next(
    server: Simulator, start: Callable[[Path], int], tmp_path: Path
) -> None:
    histories = [History(server, start, tmp_path / f"home{number}") for number in range(HISTORIES)]
    with ThreadPoolExecutor(HISTORIES) as pool:
        parts = [range(number, INSTANTS, HISTORIES) for number in range(HISTORIES)]
        rows = [row for each in pool.map(History.run, histories, parts) for row in each]
    assert [row.status for row in rows] == ["succeeded"] * INSTANTS
    assert all(row.clip_path and Path(row.clip_path).is_file() for row in rows)
    assert len({row.clip_path for row in rows}) == INSTANTS
    assert len([clip for each in histories for clip in each.clips.glob("*.mp4")]) == INSTANTS, "one was saved twice"
    assert server.settings.home is not None
    assert len(list((server.settings.home / "generations").glob("*.json"))) == INSTANTS, "a worker sent something"
