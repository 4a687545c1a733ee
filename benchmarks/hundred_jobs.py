"""A hundred jobs at once in one kernel, each with its card: how long they hold the main thread, and what they take."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .figures import Figure, figure
from .kernels import environment, fresh_kernel

JOBS = 100
FILMS = 5
"""Different clips among the jobs: the simulator films each only once."""
TICK_S = 0.001
LONGEST_S = 600.0

TICKER = f"""
import time

class Ticker:
    '''Sleeps a millisecond at a time and keeps the holds: how much later it woke, and the CPU time that the process
    took meanwhile: what it cannot have taken, others on this machine took.'''

    def __init__(self):
        self.holds = []

    def run(self, ended):
        until = time.perf_counter() + {LONGEST_S}
        while not ended() and time.perf_counter() < until:
            slept_at, used_s = time.perf_counter(), time.process_time()
            time.sleep({TICK_S})
            hold_s = time.perf_counter() - slept_at - {TICK_S}
            if hold_s > 0.01:
                self.holds.append((hold_s, min(hold_s, time.process_time() - used_s)))
"""

_IDLE = (
    TICKER
    + """
import json, select, sys
ticker = Ticker()
ticker.run(lambda: bool(select.select([sys.stdin], [], [], 0)[0]))
print(json.dumps(ticker.holds))
"""
)

_JOBS = (
    TICKER
    + f"""
import gc, logging
import psutil
import seedance_widgets as sw
from IPython.display import display

class Count(logging.Handler):
    requests = 0
    def emit(self, record):
        Count.requests += 1

logger = logging.getLogger("httpx")
logger.setLevel(logging.INFO)
logger.propagate = False
logger.addHandler(Count())

pauses, gc_began = [0.0], [0.0]
def on_gc(phase, info):
    if phase == "start":
        gc_began[0] = time.perf_counter()
    else:
        pauses.append(time.perf_counter() - gc_began[0])
gc.callbacks.append(on_gc)

OPEN

warm = session.submit("a fox in fresh snow, take 0", duration=4, resolution="480p")
display(warm)
warm.wait()
memory = psutil.Process().memory_info().rss
requests_before, began, longest_start_s, jobs = Count.requests, time.perf_counter(), 0.0, []
for number in range({JOBS}):
    started = time.perf_counter()
    jobs.append(session.start(f"a fox in fresh snow, take {{number % {FILMS}}}", duration=4, resolution="480p"))
    display(jobs[-1])
    longest_start_s = max(longest_start_s, time.perf_counter() - started)
ticker = Ticker()
pauses[:] = [0.0]
ticker.run(lambda: all(job.settled for job in jobs))
result = dict(
    holds=ticker.holds,
    start_s=longest_start_s,
    total_s=time.perf_counter() - began,
    requests=Count.requests - requests_before,
    bytes=psutil.Process().memory_info().rss - memory,
    gc_s=max(pauses),
    clips=sum(job.clip is not None for job in jobs),
)
"""
)

_SIMULATED = "session = sw.simulate(speed=30, credits=100_000)"
KEY = "sd2_live_elsewhere"
ELSEWHERE = f'session = sw.connect("{KEY}", "{{url}}", requests_per_minute=6000)'


def measure() -> list[Figure]:
    """Both ways: with the simulator inside the kernel, and with the server in another process, as the API is."""
    figures = _figures("simulator in the kernel", *with_control(_JOBS.replace("OPEN", _SIMULATED, 1)))
    with server_elsewhere() as url:
        figures += _figures("server elsewhere", *with_control(_JOBS.replace("OPEN", ELSEWHERE.format(url=url), 1)))
    return figures


def _figures(where: str, found: dict[str, Any], idle: list[tuple[float, float]]) -> list[Figure]:
    holds = [1000 * hold for hold, _ in found["holds"]] or [0.0]
    own = [1000 * used for _, used in found["holds"]] or [0.0]
    alone = [1000 * hold for hold, _ in idle] or [0.0]
    name = f"{JOBS} jobs, {where}"
    return [
        figure(f"{name}: longest hold of the main thread", [max(holds)], "ms", digits=0, at_most=50),
        figure(f"{name}: the same, in CPU time of the kernel", [max(own)], "ms", digits=0, at_most=50),
        figure(f"{name}: longest hold of an idle process meanwhile", [max(alone)], "ms", digits=0),
        figure(f"{name}: holds over 50 ms", [sum(hold > 50 for hold in holds)], digits=0),
        figure(f"{name}: the same, in CPU time", [sum(used > 50 for used in own)], digits=0),
        figure(f"{name}: longest garbage collection", [1000 * found["gc_s"]], "ms", digits=0),
        figure(f"{name}: longest start and display of one", [1000 * found["start_s"]], "ms", digits=0),
        figure(f"{name}: until all were settled", [found["total_s"]], "s", digits=1),
        figure(f"{name}: requests", [found["requests"]], digits=0),
        figure(f"{name}: memory beyond the first job", [found["bytes"] / 1e6], "MB", digits=0),
        figure(f"{name}: jobs without a clip", [JOBS - found["clips"]], digits=0, at_most=0),
    ]


def with_control(code: str) -> tuple[dict[str, Any], list[tuple[float, float]]]:
    """The `result` of some code in a fresh kernel, and beside it a process that does nothing but tick.

    What that is held for, the machine did.
    """
    with subprocess.Popen(
        [sys.executable, "-c", _IDLE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as idle:
        with fresh_kernel() as kernel:
            kernel.run(code)
            found = kernel.value("result")
        said, _ = idle.communicate("\n")
        return found, json.loads(said)


@contextmanager
def server_elsewhere() -> Iterator[str]:
    """The simulator in a process of its own, at demo speed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        code = (
            "import time; from pathlib import Path; from seedance_widgets.simulator import *; "
            f"Simulator(SimulatorSettings(credits=100_000, api_key={KEY!r}), port={port}).start(); "
            "print(flush=True); time.sleep(600)"
        )
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, env=environment(Path(folder)), stdout=subprocess.PIPE) as server:
            try:
                assert server.stdout is not None
                server.stdout.readline()
                yield f"http://127.0.0.1:{port}"
            finally:
                server.terminate()
