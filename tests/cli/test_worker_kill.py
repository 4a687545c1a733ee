"""A worker may be killed at any instant: the next one goes on, every clip is saved once, and nothing is sent.

The workers come from one process that has everything loaded and forks, so that a hundred of them are soon there.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
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

INSTANTS = int(os.environ.get("SEEDANCE_INSTANTS", "30"))
"""A hundred were tried by hand; so many in each run."""
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
        os._exit(main(["worker", "--requests-per-minute", "6000", *line.split()]))
    print("worker", pid, flush=True)
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Simulator]:
    settings = SimulatorSettings(home=tmp_path / "server", speed=float("inf"), credits=10**9, api_key=KEY)
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def start(server: Simulator, tmp_path: Path) -> Iterator[Callable[[], int]]:
    """Start a worker, and return the number of its process."""
    own = {"API_KEY": KEY, "BASE_URL": server.base_url, "HOME": str(tmp_path / "home")}
    environment = {**os.environ, **{f"SEEDANCE_{name}": value for name, value in own.items()}}
    piped: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "start_new_session": True}
    with subprocess.Popen([sys.executable, "-c", NURSERY], text=True, env=environment, **piped) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None

        def start_worker() -> int:
            nursery.stdin.write("--until-idle\n")
            nursery.stdin.flush()
            while not (line := nursery.stdout.readline()).startswith("worker "):  # what the others say
                assert line
            return int(line.split()[1])

        yield start_worker
        os.killpg(nursery.pid, signal.SIGKILL)  # the workers, too


def test_a_worker_that_is_killed_at_any_instant_leaves_every_clip_to_the_next(
    server: Simulator, start: Callable[[], int], tmp_path: Path
) -> None:
    chance, store = random.Random(5), Store(tmp_path / "home" / "history.db")
    request = GenerationRequest(prompt="boat", model="seedance-2.0-fast", duration=4, resolution="480p")
    ids: list[str] = []
    with Client(KEY, server.base_url) as client:
        for number in range(INSTANTS):
            asked = replace(request, prompt=f"boat {number}")
            now, accepted, ids = time.time(), client.create(asked), [*ids, new_job_id()]
            row = Row(
                id=ids[-1], service=server.base_url, request=asked, created_at=now, folder=str(tmp_path / "clips")
            )
            store.add(replace(row, status="queued", request_id=accepted.request_id, sent_at=now, accepted_at=now))
            worker = start()
            time.sleep(1.0 + 2.0 * chance.random())  # it settles for a second before it takes anything over
            try:
                os.kill(worker, signal.SIGKILL)
            except ProcessLookupError:  # nothing was open any more
                continue
    start()
    end = time.monotonic() + 600
    while store.open_jobs() and time.monotonic() < end:
        time.sleep(0.2)
    saved = [store.get(job_id) for job_id in ids]
    store.close()
    assert [row.status for row in saved if row] == ["succeeded"] * INSTANTS
    assert all(row is not None and row.clip_path and Path(row.clip_path).is_file() for row in saved)
    assert len({row.clip_path for row in saved if row is not None}) == INSTANTS
    assert len(list((tmp_path / "clips").glob("*.mp4"))) == INSTANTS, "a clip was saved twice"
    assert server.settings.home is not None
    assert len(list((server.settings.home / "generations").glob("*.json"))) == INSTANTS, "a worker sent something"
