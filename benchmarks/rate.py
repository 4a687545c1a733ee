"""What five workers with one key ask in any minute, on a person's file and on a team's database.

A server counts what arrives. All jobs are overdue, so each worker would ask far more than its part; one of them stands
still for a while and wakes, and one is killed. Without a PostgreSQL server on this machine only the file is measured.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from seedance_widgets.life import Row
from seedance_widgets.secret import Secret
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest
from tests import team_database
from tests.scripted import Raw, ScriptedServer, Seen, answer

from .figures import Figure, figure
from .kernels import environment

WORKERS, LIMIT = 5, 30
JOBS = 4_000
"""A worker takes at most 500 at a time, every ten seconds: so there is something for each of them."""
ELSEWHERE = "https://elsewhere.invalid"
"""A job there keeps no worker busy, but each says in a line that it cannot reach it: so it has begun."""
BEGIN_S = 240.0
"""What a busy machine may take to start five workers."""
STAND_S, WAKE_S, WHOLE_S = 10.0, 35.0, 70.0
"""From when all of them ask: until one stands still and another is killed, until it wakes, and until the end."""
KEY = "sd2_live_simulator"
WINDOW_S = 60.0


class Place:
    """A history with its workers and the server that they ask."""

    def __init__(self, folder: Path, database: str | None) -> None:
        folder.mkdir()
        self._arrived: list[tuple[float, str]] = []
        self._server = ScriptedServer().listen()
        self._server.say(self._count)
        own = {"SEEDANCE_API_KEY": KEY, "SEEDANCE_BASE_URL": self._server.url}
        if database is not None:
            own["SEEDANCE_DATABASE_URL"] = database
        self._environment = {**environment(folder), **own}
        self._store = Store(folder / "home" / "history.db" if database is None else Secret(database))
        self._store.add(_job(ELSEWHERE, JOBS))
        command = [sys.executable, "-m", "seedance_widgets.cli", "worker", "--requests-per-minute", str(LIMIT)]
        self._logs = [folder / f"{number}.log" for number in range(WORKERS)]
        self.workers = [self._start(command, log) for log in self._logs]

    def close(self) -> None:
        """End what is left of the workers, and the server."""
        for worker in self.workers:
            with worker:
                worker.kill()
        self._server.close()
        self._store.close()

    def begin(self) -> None:
        """Give the workers something to do once all are there, and wait until each has asked.

        The jobs come late, so that the first worker does not take them all.
        """
        _wait(lambda: all(log.stat().st_size for log in self._logs), "a worker does not begin")
        self._store.add_all(_job(self._server.url, number) for number in range(JOBS))
        _wait(lambda: self._asking() == WORKERS, "a worker asks nothing")

    @property
    def most(self) -> int:
        """The most requests in any minute."""
        at = sorted(at for at, _ in self._arrived)
        return max((bisect_right(at, each + WINDOW_S) - number for number, each in enumerate(at)), default=0)

    def _start(self, command: list[str], log: Path) -> subprocess.Popen[bytes]:
        with log.open("wb") as out:
            return subprocess.Popen(
                command, env=self._environment, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
            )

    def _asking(self) -> int:
        owners = dict(self._store.select("SELECT request_id, lease_owner FROM jobs WHERE lease_owner IS NOT NULL", {}))
        return len({owners[request_id] for _, request_id in list(self._arrived) if request_id in owners})

    def _count(self, seen: Seen) -> Raw:
        request_id = seen.path.rpartition("/")[2]
        self._arrived.append((time.monotonic(), request_id))
        if seen.path.endswith("/models"):
            return answer(200, {"success": True, "data": []})
        return answer(200, {"success": True, "requestId": request_id, "status": "processing"})


def measure() -> list[Figure]:
    """The most requests in any minute, of either history."""
    name = f"{WORKERS} workers, one key of {LIMIT} requests a minute: the most in any {WINDOW_S:g} s"
    with tempfile.TemporaryDirectory(prefix="seedance-benchmark-") as folder, _databases() as databases:
        return [
            figure(f"{name}, {kind}", [_most(Path(folder) / kind, database)], digits=0, at_most=LIMIT)
            for kind, database in databases.items()
        ]


def _most(folder: Path, database: str | None) -> int:
    place = Place(folder, database)
    try:
        place.begin()
        began = time.monotonic()
        _sleep_until(began + STAND_S)
        os.kill(place.workers[0].pid, signal.SIGSTOP)
        place.workers[1].kill()
        _sleep_until(began + WAKE_S)
        os.kill(place.workers[0].pid, signal.SIGCONT)
        _sleep_until(began + WHOLE_S)
        return place.most
    finally:
        place.close()


def _wait(holds: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + BEGIN_S
    while not holds():
        if time.monotonic() > until:
            raise RuntimeError(otherwise)
        time.sleep(0.5)


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.monotonic()))


@contextmanager
def _databases() -> Iterator[dict[str, str | None]]:
    if team_database.find_programs() is None:
        yield {"SQLite": None}
        return
    with team_database.running() as server:
        yield {"SQLite": None, "PostgreSQL": server.address}


def _job(service: str, number: int) -> Row:
    at = time.time() - 600.0
    return Row(
        id=f"a{number:07}",
        service=service,
        request=GenerationRequest(prompt=f"a quiet lighthouse, take {number}", model="seedance-2.0"),
        created_at=at,
        accepted_at=at,
        status="processing",
        request_id=f"req_{number}",
    )
