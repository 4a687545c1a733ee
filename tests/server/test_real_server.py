"""The real thing: `jupyter server` as a process of its own, and processes that are killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from samples import until

from seedance_widgets.store import Store

pytestmark = [pytest.mark.skipif(os.name != "posix", reason="kills processes"), pytest.mark.timeout(400)]

TOKEN = "a-token-for-tests"
DIES = """
import os, signal, sys
import seedance_widgets as sw
job = sw.simulate(speed={speed}).submit("A paper boat")
print(job.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


class Server:
    """One `jupyter server` on a home."""

    def __init__(self, folder: Path, home: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        root = Path(__file__).parents[2]
        config = folder / f"config-{self.port}"
        config.mkdir()
        switch = root / "jupyter-config" / "jupyter_server_config.d" / "seedance_widgets.json"
        (config / "jupyter_server_config.json").write_text(switch.read_text(encoding="utf-8"), encoding="utf-8")
        self.log = folder / f"server-{self.port}.log"
        command = (
            *(sys.executable, "-m", "jupyter_server", f"--port={self.port}", "--ServerApp.port_retries=0"),
            *("--no-browser", "--allow-root", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}"),
            "--ServerApp.base_url=/user/bob/",
        )
        environment = {
            **os.environ,
            "SEEDANCE_HOME": str(home),
            "JUPYTER_CONFIG_DIR": str(config),
            "JUPYTER_RUNTIME_DIR": str(folder / f"runtime-{self.port}"),
            "PYTHONPATH": str(root),
        }
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)

    def ask(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/user/bob/seedance/{path}",
            headers={"Authorization": f"token {TOKEN}"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def is_up(self) -> bool:
        assert self.process.poll() is None, self.log.read_text(encoding="utf-8")
        try:
            return bool(self.ask("new"))
        except OSError:
            time.sleep(0.2)
            return False

    def workers(self) -> list[psutil.Process]:
        try:
            children = psutil.Process(self.process.pid).children(recursive=True)
            return [child for child in children if "worker" in child.cmdline()]
        except psutil.Error:
            return []

    def end(self, how: int = signal.SIGTERM) -> None:
        if self.process.poll() is None:
            self.process.send_signal(how)
        self.process.wait(30)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "seedance_home"


@pytest.fixture
def start(tmp_path: Path, home: Path) -> Iterator[Callable[[], Server]]:
    made: list[Server] = []

    def start() -> Server:
        made.append(Server(tmp_path, home))
        until(made[-1].is_up, 120)
        return made[-1]

    yield start
    for server in made:
        server.end(signal.SIGKILL)


def dies(folder: Path, home: Path, speed: float) -> str:
    """A kernel that is killed right after its job was accepted; returns the job's id."""
    code = DIES.format(speed=speed)
    environment = {**os.environ, "SEEDANCE_HOME": str(home), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, "-c", code], env=environment, cwd=folder, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    return done.stdout.strip()


def is_gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_a_clip_is_saved_although_its_kernel_was_killed_and_none_lives(
    start: Callable[[], Server], tmp_path: Path, home: Path
) -> None:
    server = start()
    assert server.workers() == [], "nothing to do, nothing runs"
    assert server.ask("new")["history"] == "none"
    job_id = dies(tmp_path, home, speed=30)
    job = until(lambda: (found := server.ask(f"jobs/{job_id}")["job"]) and found["clip"] and found, 120)
    assert job["status"] == "succeeded"
    assert job["clip"].endswith(f"{job_id}.mp4")
    assert (tmp_path / job["clip"]).stat().st_size > 1_000
    assert [(each["id"], each["kind"]) for each in server.ask("new")["new"]] == [(job_id, "saved")]
    until(lambda: not server.workers(), 60)  # idle: the worker ends by itself
    said = server.log.read_text(encoding="utf-8")
    assert "paper boat" not in said
    assert "Traceback" not in said
    assert "A worker of seedance_widgets looks after 1 open jobs." in said


def test_the_worker_ends_with_a_server_that_is_killed_and_the_next_one_goes_on(
    start: Callable[[], Server], tmp_path: Path, home: Path
) -> None:
    first = start()
    job_id = dies(tmp_path, home, speed=3)  # thirty seconds
    (worker,) = until(first.workers, 60)
    first.end(signal.SIGKILL)
    until(lambda: is_gone(worker), 15)
    second = start()
    until(second.workers, 60)
    until(lambda: second.ask(f"jobs/{job_id}")["job"]["clip"], 120)


def test_two_servers_on_one_home_run_one_worker(start: Callable[[], Server], tmp_path: Path, home: Path) -> None:
    servers = [start(), start()]
    dies(tmp_path, home, speed=1)
    until(lambda: any(server.workers() for server in servers), 60)
    time.sleep(6)  # the other one has tried meanwhile
    assert sum(len(server.workers()) for server in servers) == 1
    runs, rests = sorted(servers, key=lambda server: -len(server.workers()))
    runs.end()
    until(rests.workers, 60)


def test_the_history_stays_whole_whenever_the_worker_is_killed(
    start: Callable[[], Server], tmp_path: Path, home: Path
) -> None:
    server = start()
    job_ids = [dies(tmp_path, home, speed=10) for _ in range(3)]
    store = Store(home / "history.db")
    killed = 0
    until_s = time.monotonic() + 200
    while not all((row := store.get(job_id)) and row.clip_path for job_id in job_ids):
        assert time.monotonic() < until_s, [[*map(store.get, job_ids)], server.log.read_text(encoding="utf-8")]
        for worker in server.workers() if killed < 4 else []:
            time.sleep(0.7 * (killed + 1))
            worker.kill()
            killed += 1
        time.sleep(0.2)
    store.close()
    assert killed
    clips = sorted(path.name for path in tmp_path.rglob("*.mp4") if "seedance_clips" in str(path))
    assert len(clips) == 3, clips
