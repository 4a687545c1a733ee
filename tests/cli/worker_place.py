"""`seedance worker` in a process of its own, and what lies around it: a server, a history, kernels that come and go."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seedance_widgets.simulator import Simulator
from seedance_widgets.store import Store

KEY = "sd2_live_do_not_show_me_4711"

KERNEL = """
import json, os, sys
import seedance_widgets as sw
how, many, clips, wishes = sys.argv[1], int(sys.argv[2]), sys.argv[3], json.loads(sys.argv[4])
small = dict(model="seedance-2.0-fast", duration=4, resolution="480p", metadata={"simulator": wishes})
named = {"requests_per_minute": 6000, "clips": clips}
session = sw.simulate(speed=10, clips=clips) if how.startswith("simulated") else sw.connect(**named)
jobs = [session.start(f"boat {n}", **small) for n in range(many)]
for job in jobs:
    job.wait_accepted()
if how.endswith("lives"):
    print("accepted", flush=True)
    sys.stdin.read()
    session.close()
else:
    os.kill(os.getpid(), 9)
"""
"""A process that sends jobs, and is killed as soon as they are accepted, or lives on."""

WORKER = [sys.executable, "-m", "seedance_widgets.cli.main", "worker", "--requests-per-minute", "6000"]


class Place:
    """A server, a data folder beside it, and the processes that use both."""

    def __init__(self, server: Simulator, folder: Path, environment: dict[str, str]) -> None:
        self.server, self.home, self.clips = server, folder / "home", folder / "clips"
        own = {"API_KEY": KEY, "BASE_URL": server.base_url, "HOME": str(self.home), **environment}
        self.environment = {**os.environ, **{f"SEEDANCE_{name}": value for name, value in own.items()}}
        self.running: list[subprocess.Popen[str]] = []

    def kernel(self, how: str = "killed", many: int = 1, **wishes: Any) -> subprocess.Popen[str]:
        """A process with so many jobs; `wishes` are what the simulator is asked for with each."""
        told = (how, str(many), str(self.clips), json.dumps(wishes))
        kernel = self.run([sys.executable, "-c", KERNEL, *told], stdin=subprocess.PIPE)
        if how.endswith("lives"):
            assert kernel.stdout is not None
            assert kernel.stdout.readline() == "accepted\n"
        else:
            assert kernel.wait(60) == -signal.SIGKILL
        return kernel

    def worker(self, *options: str, **named: Any) -> subprocess.Popen[str]:
        """`seedance worker` for that history."""
        return self.run([*WORKER, *options], **{"stdin": subprocess.DEVNULL, **named})

    def run(self, command: list[str], **named: Any) -> subprocess.Popen[str]:
        """Any process there; it ends with the test."""
        piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self.running.append(subprocess.Popen(command, env=self.environment, **piped, **named))
        return self.running[-1]

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        """The history, as somebody else opens it."""
        store = Store(self.environment.get("SEEDANCE_DATABASE_URL") or self.home / "history.db")
        yield store
        store.close()

    @property
    def saved(self) -> list[str]:
        """The prompts of the clips that lie in the folder, each as often as it lies there."""
        return sorted(path.stem.rpartition("-")[0] for path in self.clips.glob("*.mp4"))


def ended(worker: subprocess.Popen[str], timeout_s: float = 90.0) -> tuple[int, str]:
    """Its exit code and what it said."""
    out, err = worker.communicate(timeout=timeout_s)
    assert err == ""
    return worker.returncode, out


def asked(store: Store, query: str) -> list[Any]:
    """The first column of what the database answers."""
    import sqlalchemy as sa

    return store._read(lambda connection: list(connection.execute(sa.text(query)).scalars()))
