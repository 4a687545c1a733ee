"""What saving a clip of 200 MB takes, beside curl and a plain httpx stream to a file: time, and memory."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from seedance_widgets.simulator.film import ClipSpec, render

from .figures import Figure, figure, interleaved, ratio
from .kernels import environment

ROUNDS = 7
CLIP_BYTES = 200_000_000
PIECE = bytes(1_000_000)

_SAVE = """
import json, re, sys, time
from seedance_widgets.api.files import Files
from seedance_widgets.life import Row, Saved
from seedance_widgets.types import GenerationRequest
from seedance_widgets.worker import download

url, folder = sys.argv[1:]
row = Row(id="abcd2345", service="s", request=GenerationRequest(prompt="a fox", model="seedance-2.0"), created_at=0.0,
          status="succeeded", request_id="req_1", output_url=url, folder=folder)
small = download.save(row, Files(url), now=time.time, progress=lambda *_: None)  # everything is loaded
assert isinstance(small, Saved), small
url = url.replace("small", "large")

def peak():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

linux = sys.platform == "linux"
if linux:
    open("/proc/self/clear_refs", "w").write("5")
before = peak() if linux else 0
from dataclasses import replace
files, fetched = Files(url), []
began = time.perf_counter()
saved = download.save(replace(row, id="bcde3456", output_url=url), files, now=time.time,
                      progress=lambda size, total: fetched.append(time.perf_counter()))
took = time.perf_counter() - began
assert isinstance(saved, Saved) and saved.clip_facts["vendor_bytes"] >= 200_000_000, saved
print(json.dumps({"fetch": fetched[-1] - began, "all": took, "bytes": peak() - before if linux else None}))
"""
_STREAM = """
import sys, time, httpx
url, path = sys.argv[1:]
with httpx.Client(trust_env=False) as client:
    client.get(url.replace("large", "small"))
    began = time.perf_counter()
    with client.stream("GET", url) as answer, open(path, "wb") as file:
        for chunk in answer.iter_bytes():
            file.write(chunk)
    print(time.perf_counter() - began)
"""


def measure() -> list[Figure]:
    """Each in a fresh process, in turn; the server in this one, from memory."""
    with tempfile.TemporaryDirectory(prefix="seedance-benchmark-") as name, _server(Path(name)) as url:
        folder = Path(name)
        runs = [lambda: _saved(url, folder), lambda: _streamed(url, folder)]
        runs += [lambda: _curled(url, folder)] if shutil.which("curl") else []
        ours, stream, *curl = interleaved(ROUNDS, *runs)
    fetch, whole = [each["fetch"] for each in ours], [each["all"] for each in ours]
    figures = [
        ratio("a clip of 200 MB, fetched / an httpx stream", fetch, stream, at_most=1.3),
        figure("the same, saved: with hash, check, story and poster", whole, "s"),
    ]
    if curl:
        figures.append(ratio("the same, saved / curl", whole, curl[0], at_most=2.5))
    if ours[0]["bytes"] is not None:
        taken = [each["bytes"] / 1e6 for each in ours]
        figures.append(figure("the same: growth of the process", taken, "MB", digits=1, at_most=8, worst_counts=True))
    return figures


def _saved(url: str, folder: Path) -> Any:
    place = Path(tempfile.mkdtemp(dir=folder))
    command = [sys.executable, "-c", _SAVE, f"{url}/small.mp4", str(place)]
    values = json.loads(subprocess.check_output(command, env=environment(place)))
    shutil.rmtree(place)
    return values


def _streamed(url: str, folder: Path) -> Any:
    command = [sys.executable, "-c", _STREAM, f"{url}/large.mp4", str(folder / "stream.mp4")]
    return float(subprocess.check_output(command, env=environment(folder)))


def _curled(url: str, folder: Path) -> Any:
    began = time.perf_counter()
    subprocess.run(["curl", "-s", "-o", str(folder / "curl.mp4"), f"{url}/large.mp4"], check=True)
    return time.perf_counter() - began


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A small film, and the same with 200 MB of nothing behind it, which every player skips."""
    film = folder / "film.mp4"
    render(ClipSpec(prompt="a fox", model="seedance-2.0", aspect_ratio="16:9", resolution="480p", seconds=4), film)
    small = film.read_bytes()
    box = (CLIP_BYTES + 8).to_bytes(4, "big") + b"free"

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            is_large = "large" in self.path
            self.send_response(200)
            self.send_header("Content-Type", "video/mp4")
            self.send_header("Content-Length", str(len(small) + (len(box) + CLIP_BYTES if is_large else 0)))
            self.end_headers()
            self.wfile.write(small)
            if is_large:
                self.wfile.write(box)
                for _ in range(CLIP_BYTES // len(PIECE)):
                    self.wfile.write(PIECE)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
