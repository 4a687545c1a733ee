"""How soon the first `%seedance` of a kernel is at the server, beside a POST by plain httpx."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .figures import Figure, figure, interleaved, ratio
from .kernels import fresh_kernel

ROUNDS = 9
KEY = "sd2_live_benchmark"
MODELS = {
    "success": True,
    "data": [
        {
            "id": "seedance-2.0-fast",
            "durations": [4, 5],
            "aspectRatios": ["16:9"],
            "resolutions": ["480p"],
            "usdPerSecond": {"480p": 0.1},
        }
    ],
}
PLAIN = "import httpx; httpx.post({url!r} + '/video/generations', json={{'prompt': 'a fox'}}, trust_env=False)"
OURS = "%seedance a fox in fresh snow --model seedance-2.0-fast --duration 4 --resolution 480p --no-wait"


def measure() -> list[Figure]:
    """From sending the cell to the arrival of its POST, each in fresh kernels; the extension is loaded before."""
    with api_server() as (url, arrived):
        ours, plain = interleaved(ROUNDS, lambda: _ours(url, arrived), lambda: _plain(url, arrived))
    return [
        figure("first %seedance of a kernel: from the cell to its POST", ours, "ms", digits=0, at_most=200),
        figure("the same by plain httpx, loaded in that cell", plain, "ms", digits=0),
        ratio("first %seedance / plain httpx", ours, plain),
    ]


def _ours(url: str, arrived: list[float]) -> float:
    with fresh_kernel() as kernel:
        kernel.run(f"%env SEEDANCE_API_KEY={KEY}\n%env SEEDANCE_BASE_URL={url}\n%load_ext seedance_widgets")
        time.sleep(0.5)
        return _time(lambda: kernel.run(OURS), arrived)


def _plain(url: str, arrived: list[float]) -> float:
    with fresh_kernel() as kernel:
        kernel.run("1")
        time.sleep(0.5)
        return _time(lambda: kernel.run(PLAIN.format(url=url)), arrived)


def _time(run: Callable[[], object], arrived: list[float]) -> float:
    arrived.clear()
    began = time.perf_counter()
    run()
    until = time.monotonic() + 30
    while not arrived and time.monotonic() < until:
        time.sleep(0.005)
    return 1000 * (arrived[0] - began)


@contextmanager
def api_server() -> Iterator[tuple[str, list[float]]]:
    """The API of jobs that never end, answered at once, and the instants at which creates came."""
    arrived: list[float] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            arrived.append(time.perf_counter())
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self._say({"success": True, "requestId": f"req_{len(arrived)}", "status": "queued", "creditsCharged": 40})

        def do_GET(self) -> None:
            self._say(
                MODELS
                if self.path.endswith("/models")
                else {"requestId": self.path.rpartition("/")[2], "status": "queued"}
            )

        def _say(self, body: object) -> None:
            data = json.dumps(body).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api/open/v1", arrived
    server.shutdown()
    server.server_close()
