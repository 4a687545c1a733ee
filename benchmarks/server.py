"""What the extension costs a Jupyter server: its start and its memory, beside a server with an empty extension."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import psutil

from .figures import Figure, figure, interleaved, ratio
from .histories import fill
from .kernels import DEADLINE_S, environment

ROUNDS, JOBS = 5, 10_000
IDLE_S = 6.0
"""Until the first look at the history is over."""
TOKEN = "benchmark"
EMPTY = "def _jupyter_server_extension_points():\n    return [{'module': 'empty_extension'}]\n"
EMPTY += "def _load_jupyter_server_extension(app):\n    pass\n"
ASKED = ("new", "jobs?limit=50", "jobs?limit=50&offset=5000", "jobs?limit=50&text=lighthouse", "costs?by=day")
"""What the pages of a person ask: the panel opened, scrolled and searched."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One server."""

    start_s: float
    """Until it answers."""
    cpu_s: float
    """Of its processor time until then."""
    idle_mb: float
    used_mb: float
    """After pages have asked."""


def measure() -> list[Figure]:
    """Start, processor time and memory of both kinds of servers in turn."""
    with tempfile.TemporaryDirectory(prefix="seedance-benchmark-") as name:
        folder = Path(name)
        (folder / "empty_extension.py").write_text(EMPTY)
        fill(folder / "home", JOBS, lambda number, made_at: {"status": "cancelled", "final_at": made_at})
        empty, ours = interleaved(
            ROUNDS,
            lambda: _sample(folder, "empty_extension", ()),
            lambda: _sample(folder, "seedance_widgets.server", ASKED),
        )
    more = {
        "idle": [each.idle_mb - other.idle_mb for each, other in zip(ours, empty, strict=True)],
        "used": [each.used_mb - other.idle_mb for each, other in zip(ours, empty, strict=True)],
    }
    return [
        figure("Jupyter server with an empty extension: until it answers", [each.start_s for each in empty], "s"),
        ratio("with ours, beside it", [each.start_s for each in ours], [each.start_s for each in empty], at_most=1.0),
        ratio("the same in CPU time", [each.cpu_s for each in ours], [each.cpu_s for each in empty], at_most=1.0),
        figure("memory of a server with an empty extension", [each.idle_mb for each in empty], "MB", digits=0),
        figure(f"more with ours, {JOBS:,} jobs, no page yet", more["idle"], "MB", digits=1),
        figure("more once pages have asked", more["used"], "MB", digits=1, at_most=40.0),
    ]


def _sample(folder: Path, extension: str, asked: tuple[str, ...]) -> Sample:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    base = f"http://127.0.0.1:{port}/"
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1"]
    command += [f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"]
    command += [f"--ServerApp.jpserver_extensions={{'{extension}': True}}"]
    began = time.monotonic()
    server = subprocess.Popen(command, env=_environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process = psutil.Process(server.pid)
        while not _answers(f"{base}api/status"):
            if time.monotonic() - began > DEADLINE_S or server.poll() is not None:
                raise RuntimeError("no Jupyter server")
            time.sleep(0.02)
        start_s, cpu = time.monotonic() - began, process.cpu_times()
        time.sleep(IDLE_S)
        idle = process.memory_full_info().uss
        for path in asked:
            if not _answers(f"{base}seedance/{path}"):
                raise RuntimeError(f"no answer to {path}")
        used = process.memory_full_info().uss
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(DEADLINE_S)
    return Sample(start_s, cpu.user + cpu.system, idle / 1e6, used / 1e6)


def _environment(folder: Path) -> dict[str, str]:
    ours = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return {**environment(folder), **ours, "JUPYTER_NO_CONFIG": "1", "PYTHONPATH": path}


def _answers(url: str) -> bool:
    request = urllib.request.Request(url, headers={"Authorization": f"token {TOKEN}"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            json.load(answer)
            return True
    except OSError:
        return False
