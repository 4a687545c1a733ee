"""What a compressed bomb costs: 200 MB of zeros in 200 kB of gzip, as the answer to each call of both clients."""

from __future__ import annotations

import gzip
import io
import json
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from .figures import Figure, figure
from .kernels import environment

UNPACKED_BYTES = 200_000_000
CALLS = ("models", "create", "get")
CLIENTS = ("Client", "AsyncClient")

_VICTIM = """
import asyncio, inspect, json, re, sys, tracemalloc
import seedance_widgets as sw

url, client_name, call, traced = sys.argv[1:]

def peak():  # of resident memory, in bytes; since the last reset
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])

def reset():
    open("/proc/self/clear_refs", "w").write("5")

async def ask(client, call):
    request = sw.GenerationRequest(model="seedance-2.0", prompt="a fox")
    arguments = {"models": (), "create": (request,), "get": ("req_abcdefghijkl",)}
    answer = getattr(client, call)(*arguments[call])
    return await answer if inspect.isawaitable(answer) else answer

async def main():
    client = getattr(sw, client_name)("sd2_live_x", url + "/small", tries=1)
    await ask(client, "models")  # everything is loaded and connected
    client.base_url = url + "/bomb"
    resident = None
    if traced == "traced":
        tracemalloc.start()
    elif sys.platform == "linux":
        reset()
        resident = peak()
    try:
        await ask(client, call)
        error = None
    except sw.SeedanceError as refused:
        error = type(refused).__name__
    if traced == "traced":
        used = tracemalloc.get_traced_memory()[1]
    else:
        used = None if resident is None else peak() - resident
    print(json.dumps({"error": error, "bytes": used}))

asyncio.run(main())
"""


def measure() -> list[Figure]:
    """The most memory that a refused answer took beyond an ordinary one, each in a fresh process."""
    traced: list[float] = []
    resident: list[float] = []
    refused: list[bool] = []
    with _server() as url:
        for client in CLIENTS:
            for call in CALLS:
                by_python = _attack(url, client, call, "traced")
                by_system = _attack(url, client, call, "resident")
                traced.append(by_python["bytes"] / 1e6)
                refused += [by_python["error"] == "AnswerLost", by_system["error"] == "AnswerLost"]
                if by_system["bytes"] is not None:
                    resident.append(by_system["bytes"] / 1e6)
    figures = [
        figure("bomb of 200 MB: calls that did not refuse it", [refused.count(False)], digits=0, at_most=0),
        figure("bomb of 200 MB: memory that Python took", traced, "MB", digits=1, at_most=16, worst_counts=True),
    ]
    if resident:
        figures.append(
            figure("bomb of 200 MB: growth of the process", resident, "MB", digits=1, at_most=16, worst_counts=True)
        )
    return figures


def _attack(url: str, client: str, call: str, traced: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-c", _VICTIM, url, client, call, traced]
        answer: dict[str, Any] = json.loads(subprocess.check_output(command, env=environment(Path(folder))))
        return answer


@contextmanager
def _server() -> Iterator[str]:
    bomb = _packed()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            small = self.path.startswith("/small")
            body = b'{"success": true, "data": [{"id": "seedance-2.0"}]}' if small else bomb
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if not small:
                self.send_header("Content-Encoding", "gzip")
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients hang up, as they should
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def _packed() -> bytes:
    buffer, zeros = io.BytesIO(), bytes(1_000_000)
    with gzip.GzipFile(fileobj=buffer, mode="wb") as packer:
        for _ in range(UNPACKED_BYTES // len(zeros)):
            packer.write(zeros)
    return buffer.getvalue()
