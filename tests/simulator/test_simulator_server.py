"""The real server: ports, threads, files with ranges, and a clean end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from seedance_widgets.errors import SimulatorError
from seedance_widgets.simulator import Simulator, SimulatorSettings
from seedance_widgets.simulator.hosting import Hosting, listen

from .conftest import GENERATIONS, STAND_IN


@pytest.fixture
def simulator(instant_films: None) -> Iterator[Simulator]:
    with Simulator(SimulatorSettings(speed=1e6)) as simulator:
        yield simulator


@pytest.fixture
def client(simulator: Simulator) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {simulator.settings.api_key}"}
    with httpx.Client(base_url=simulator.base_url, headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def clip_url(client: httpx.Client) -> str:
    answer = client.post(GENERATIONS, json={"model": "seedance-2.0", "prompt": "a fox"})
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        output = client.get(f"{GENERATIONS}/{answer.json()['requestId']}").json()["output"]
        if output:
            return str(output["url"])
    raise TimeoutError


def fetch(method: str, url: str, **headers: str) -> httpx.Response:
    return httpx.request(method, url, headers=headers, trust_env=False)


def test_both_ports_listen_at_once_and_the_first_request_waits() -> None:
    simulator = Simulator()
    began = time.perf_counter()
    simulator.start(deadline_s=0)
    took_s = time.perf_counter() - began
    try:
        assert fetch("GET", simulator.base_url + "/openapi.json").status_code == 200
        assert fetch("GET", simulator.files_url + "/nope").status_code == 404
        assert took_s < 0.5  # a few milliseconds where nothing else runs
    finally:
        simulator.stop()


def test_the_clips_are_on_another_origin(simulator: Simulator, clip_url: str) -> None:
    assert clip_url.startswith(simulator.files_url + "/open-api-results/req_")
    assert clip_url.endswith(".mp4")
    assert simulator.files_url != simulator.base_url
    elsewhere = clip_url.replace(simulator.files_url, simulator.base_url)
    assert fetch("GET", elsewhere).status_code == 401


def test_a_clip_is_handed_out_whole_without_a_key(clip_url: str) -> None:
    answer = fetch("GET", clip_url)
    assert (answer.status_code, answer.content) == (200, STAND_IN)
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-length"] == str(len(STAND_IN))
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["etag"]


def test_head_has_the_headers_only(clip_url: str) -> None:
    answer = fetch("HEAD", clip_url)
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == str(len(STAND_IN))


@pytest.mark.parametrize(
    ("asked", "status", "content"),
    [
        ("bytes=0-3", 206, STAND_IN[:4]),
        ("bytes=4-", 206, STAND_IN[4:]),
        ("bytes=-5", 206, STAND_IN[-5:]),
        ("bytes=9000-", 416, None),
    ],
)
def test_ranges(clip_url: str, asked: str, status: int, content: bytes | None) -> None:
    answer = fetch("GET", clip_url, Range=asked)
    assert answer.status_code == status
    assert answer.headers["content-range"].endswith(f"/{len(STAND_IN)}")
    assert content is None or answer.content == content


def test_a_download_that_broke_off_goes_on_only_if_the_file_is_the_same(clip_url: str) -> None:
    etag = fetch("HEAD", clip_url).headers["etag"]
    ranged = {"Range": "bytes=4-", "If-Range": etag}
    assert fetch("GET", clip_url, **ranged).status_code == 206
    ranged["If-Range"] = '"another"'
    assert fetch("GET", clip_url, **ranged).content == STAND_IN


@pytest.mark.parametrize("name", ["req_0000000000.mp4", "..%2f..%2fledger.lock", "req_x.mp4", ""])
def test_nothing_else_is_handed_out(simulator: Simulator, name: str) -> None:
    assert fetch("GET", f"{simulator.files_url}/open-api-results/{name}").status_code == 404


def test_a_small_request_is_answered_without_the_delay_of_nagle(client: httpx.Client) -> None:
    client.get("/api/open/v1/models")
    took = []
    for _ in range(10):
        began = time.perf_counter()
        client.get("/api/open/v1/models")
        took.append(time.perf_counter() - began)
    assert sorted(took)[3] < 0.035


def test_a_taken_port_is_an_error_that_says_so() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SimulatorError, match=f"Port {port} cannot be listened on"):
            Simulator(port=port).start()


def test_a_folder_that_cannot_be_used_is_an_error_that_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    simulator = Simulator(SimulatorSettings(home=tmp_path / "file"))
    with pytest.raises(SimulatorError, match="could not start"):
        simulator.start()
    with pytest.raises(SimulatorError, match="not running"):
        _ = simulator.base_url


def test_a_port_can_be_chosen() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with Simulator(port=port) as simulator:
        assert simulator.base_url == f"http://127.0.0.1:{port}"
        assert simulator.credits_left == 10_000


def test_stop_frees_the_ports_the_threads_and_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(threading.enumerate())
    simulator = Simulator().start()
    url = simulator.base_url
    assert len(list(tmp_path.iterdir())) == 1
    simulator.stop()
    simulator.stop()
    assert not list(tmp_path.iterdir())
    assert not [thread for thread in set(threading.enumerate()) - before if "simulator" in thread.name]
    with pytest.raises(httpx.ConnectError):
        fetch("GET", url)
    with pytest.raises(SimulatorError, match="not running"):
        _ = simulator.base_url


def test_stop_ends_a_call_that_does_not_end_in_time() -> None:
    """Else its connection stays open until Python happens to collect it."""
    called = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        called.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(600)
        await asyncio.sleep(600)  # it is told to end once, and goes on

    sock = listen(0)
    hosting = Hosting([sock], lambda: [app], end=lambda: None)
    with socket.create_connection(sock.getsockname(), timeout=10) as caller:
        caller.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert called.wait(30)
        hosting.stop(deadline_s=30)
        with contextlib.suppress(ConnectionResetError):
            assert caller.recv(4096) == b""


@pytest.mark.own_films
def test_stop_does_not_wait_for_a_film(tmp_path: Path) -> None:
    with Simulator(SimulatorSettings(home=tmp_path)) as simulator:
        key = {"Authorization": f"Bearer {simulator.settings.api_key}"}
        body = {"model": "seedance-2.0", "prompt": "x", "duration": 15, "resolution": "720p"}
        url = simulator.base_url + GENERATIONS
        assert httpx.post(url, json=body, headers=key, trust_env=False).status_code == 200
        began = time.monotonic()
    assert time.monotonic() - began < 4
    assert not list((tmp_path / "clips").iterdir())


def test_a_port_that_is_not_ours_any_more_is_let_go_by_a_forked_child() -> None:
    if not hasattr(os, "fork"):
        pytest.skip("no fork on this system")
    script = """
import os, socket, sys
from seedance_widgets.simulator import Simulator
simulator = Simulator().start()
port = int(simulator.base_url.rsplit(":", 1)[1])
read, write = os.pipe()
if (child := os.fork()) == 0:
    simulator.stop()
    os.read(read, 1)
    os._exit(0)
with socket.create_connection(("127.0.0.1", port)):
    print("alive after the child's stop")
simulator.stop()
try:
    socket.create_connection(("127.0.0.1", port)).close()
except ConnectionRefusedError:
    print("refused after our own")
os.write(write, b"x")
os.waitpid(child, 0)
"""
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.splitlines() == ["alive after the child's stop", "refused after our own"], done.stderr


def test_a_process_ends_by_itself_with_a_simulator_and_a_film_under_way() -> None:
    script = """
import json, urllib.request
from seedance_widgets.simulator import Simulator
simulator = Simulator().start()
body = json.dumps({"model": "seedance-2.0", "prompt": "x", "duration": 15}).encode()
request = urllib.request.Request(simulator.base_url + "/api/open/v1/video/generations", body)
request.add_header("Authorization", "Bearer " + simulator.settings.api_key)
print(urllib.request.urlopen(request).status)
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "200", "")


def test_importing_the_simulator_and_starting_it_loads_no_server_and_no_codec() -> None:
    script = """
import json, sys
import seedance_widgets.simulator as simulator
heavy = {"av", "PIL", "starlette", "uvicorn", "anyio", "httpx", "pydantic", "http.client", "asyncio"}
print(json.dumps(sorted(heavy & set(sys.modules))))
with simulator.Simulator() as running:
    print(json.dumps(sorted({"av", "PIL", "httpx", "pydantic"} & set(sys.modules))))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [[], []]


def test_two_processes_over_one_folder_never_spend_a_credit_twice(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from seedance_widgets.simulator.answers import Refusal
from seedance_widgets.simulator.service import Service
from seedance_widgets.simulator.settings import SimulatorSettings
from seedance_widgets.types import GenerationRequest
import time
service = Service(SimulatorSettings(credits=800), Path(sys.argv[1]), time.time, "http://files.test")
request = GenerationRequest(prompt="x", model="seedance-2.0", duration=5, aspect_ratio="16:9", resolution="720p",
                            metadata={"simulator": {"outcome": "failed"}})
made = 0
try:
    while True:
        service.create(request)
        made += 1
except Refusal as refusal:
    print(made, refusal.status_code)
"""
    command = [sys.executable, "-c", script, str(tmp_path)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [process.communicate(timeout=60)[0].split() for process in both]
    assert [words[1] for words in said] == ["402", "402"]
    assert sum(int(words[0]) for words in said) == 20
