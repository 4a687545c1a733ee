"""One rate limit of a key over real processes, on a file and on a team's database: a server counts what arrives."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from bisect import bisect_right
from pathlib import Path
from typing import Any

import pytest
from accepting import KEY, MODELS
from scripted import Raw, ScriptedServer, Seen, answer

pytestmark = [pytest.mark.skipif(os.name != "posix", reason="SIGSTOP"), pytest.mark.timeout(300)]

PROCESSES, LIMIT, LOOKS_S = 5, 30, 75.0

ASKS = """
import sys, time
import seedance_widgets as sw
session = sw.connect(requests_per_minute=float(sys.argv[1]))
end = time.monotonic() + float(sys.argv[2])
while time.monotonic() < end:
    session.models_now()
"""
"""A process that asks as fast as it may."""


def test_five_processes_with_one_key_ask_no_more_than_one_may(place: Path | str, tmp_path: Path) -> None:
    """One of them stands still for a while and wakes, and one is killed."""
    arrived: list[float] = []

    def count(_: Seen) -> Raw:
        arrived.append(time.monotonic())
        return answer(200, MODELS)

    with ScriptedServer() as server:
        server.say(count)
        own = {"API_KEY": KEY, "BASE_URL": server.url, "HOME": str(tmp_path / "home")}
        if isinstance(place, str):
            own["DATABASE_URL"] = place
        environment = {**os.environ, **{f"SEEDANCE_{name}": value for name, value in own.items()}}
        command = [sys.executable, "-c", ASKS, str(LIMIT), str(LOOKS_S)]
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        processes = [subprocess.Popen(command, env=environment, **quiet) for _ in range(PROCESSES)]
        try:
            time.sleep(20.0)
            os.kill(processes[0].pid, signal.SIGSTOP)
            os.kill(processes[1].pid, signal.SIGKILL)
            time.sleep(25.0)
            os.kill(processes[0].pid, signal.SIGCONT)
            for process in processes[2:]:
                assert process.wait(120) == 0, process.stderr and process.stderr.read()
        finally:
            for process in processes:
                with process:
                    process.kill()
    arrived.sort()
    most = max(bisect_right(arrived, at + 60.0) - number for number, at in enumerate(arrived))
    assert LIMIT // 2 <= most <= LIMIT
