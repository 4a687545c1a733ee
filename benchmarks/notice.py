"""How long after a clip is saved the pages of JupyterLab hear of it, with every kernel dead.

The clip is saved by the worker that the server started; the instant is the one at which the history has it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tornado.websocket import websocket_connect

from .figures import Figure, figure
from .kernels import DEADLINE_S

if TYPE_CHECKING:
    from tests.browser.extension_server import WholeServer

JOBS, FIRST_S, EVERY_S = 20, 15.0, 2.3
"""Jobs end one after the other; the first one when the worker has long begun, and never in step with its looks."""
LOOK_S = 0.005
KERNEL = """
import os, signal, sys
import seedance_widgets as sw
session = sw.simulate()
asked = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
many, first_s, every_s = int(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3])
jobs = [
    session.start(f"boat {number}", metadata={"simulator": {"seconds": first_s + every_s * number}}, **asked)
    for number in range(many)
]
for job in jobs:
    job.wait_accepted()
    print(job.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
"""A kernel that is killed when all its jobs are accepted."""


def measure() -> list[Figure]:
    """Seconds from the row of the history to the event, of every job."""
    sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
    from extension_server import WholeServer

    server = WholeServer()
    try:
        server.share_films(server.home)
        delays = asyncio.run(_delays(server))
    finally:
        server.stop()
    name = "from the clip in the history to the event of the server"
    return [figure(name, delays, "s", at_most=1.0, worst_counts=True)]


async def _delays(server: WholeServer) -> list[float]:
    address = server.url("api/events/subscribe").replace("http://", "ws://", 1)
    line = await websocket_connect(address)
    ids = await asyncio.to_thread(_begin_and_die, server)
    saved = asyncio.create_task(asyncio.to_thread(_saved_at, server.home / "history.db", len(ids)))
    told_at: dict[str, float] = {}
    while told_at.keys() < ids:
        event = json.loads(await asyncio.wait_for(line.read_message(), DEADLINE_S))
        at = time.monotonic()
        told_at |= {each["id"]: at for each in event.get("changed", ()) if each["kind"] == "saved"}
    line.close()
    saved_at = await saved
    return [told_at[job_id] - saved_at[job_id] for job_id in sorted(ids)]


def _begin_and_die(server: WholeServer) -> set[str]:
    """Jobs of a kernel that is killed when all of them are accepted: their ids."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEEDANCE_")}
    command = [sys.executable, "-c", KERNEL, str(JOBS), str(FIRST_S), str(EVERY_S)]
    values = {**kept, "SEEDANCE_HOME": str(server.home)}
    ran = subprocess.run(command, env=values, cwd=server.root, capture_output=True, text=True, check=False)
    return set(ran.stdout.split())


def _saved_at(file: Path, many: int) -> dict[str, float]:
    """When the clip of each job was in the history, to `LOOK_S`; waits for all of them."""
    until = time.monotonic() + DEADLINE_S
    found: dict[str, float] = {}
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, isolation_level=None)) as history:
        while len(found) < many:
            with suppress(sqlite3.OperationalError):  # locked, while somebody writes
                rows = history.execute("SELECT id FROM jobs WHERE clip_path IS NOT NULL").fetchall()
                at = time.monotonic()
                found = {job_id: at for (job_id,) in rows} | found
            if time.monotonic() > until:
                raise RuntimeError("a clip was not saved")
            time.sleep(LOOK_S)
    return found
