"""Webhooks as they arrive at a real listener."""

from __future__ import annotations

import hashlib
import hmac
import http.server
import json
import math
import queue
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.simulator import webhooks

from .conftest import Api, Clock


class Listener:
    """A server that remembers what was posted to it, and answers with the statuses it is given, then 200."""

    def __init__(self) -> None:
        self.arrived: queue.Queue[tuple[str, dict[str, str], bytes]] = queue.Queue()
        self.answers: list[int] = []
        listener = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                listener.arrived.put((self.path, {k.lower(): v for k, v in self.headers.items()}, raw))
                self.send_response(listener.answers.pop(0) if listener.answers else 200)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def next(self) -> tuple[str, dict[str, str], Any]:
        path, headers, raw = self.arrived.get(timeout=10)
        return path, headers, json.loads(raw)


@pytest.fixture
def listener() -> Iterator[Listener]:
    listener = Listener()
    thread = threading.Thread(target=listener.server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield listener
    listener.server.shutdown()
    thread.join()
    listener.server.server_close()


@pytest.mark.parametrize("outcome", ["succeeded", "failed", "cancelled"])
def test_the_final_result_is_posted(make_api: Callable[..., Api], listener: Listener, outcome: str) -> None:
    api = make_api(speed=math.inf)
    wishes = {"simulator": {"outcome": outcome}}
    request_id = api.created(webhookUrl=f"{listener.url}/hook?x=1", metadata=wishes)
    path, headers, body = listener.next()
    look = api.look(request_id)
    assert path == "/hook?x=1"
    assert headers["content-type"] == "application/json"
    assert "x-seedance-signature" not in headers
    assert body == {key: look[key] for key in ("success", "requestId", "status", "output", "error")}
    assert body["status"] == outcome


def test_it_is_signed_over_the_raw_body(make_api: Callable[..., Api], listener: Listener) -> None:
    api = make_api(speed=math.inf, webhook_secret="whsec_ø")
    api.created(webhookUrl=listener.url)
    _, headers, raw = listener.arrived.get(timeout=10)
    assert headers["x-seedance-signature"] == hmac.new("whsec_ø".encode(), raw, hashlib.sha256).hexdigest()


def test_the_requests_own_url_wins_over_the_default(make_api: Callable[..., Api], listener: Listener) -> None:
    api = make_api(speed=math.inf, webhook_url=f"{listener.url}/default")
    api.created()
    assert listener.next()[0] == "/default"
    api.created(webhookUrl=f"{listener.url}/own")
    assert listener.next()[0] == "/own"


def test_nothing_is_sent_before_the_end_and_a_cancel_is_an_end(
    make_api: Callable[..., Api], listener: Listener, clock: Clock
) -> None:
    api = make_api()
    request_id = api.created(webhookUrl=listener.url, metadata={"simulator": {"seconds": 100}})
    assert api.service.webhooks.tell_due() == 0
    assert listener.arrived.empty()
    clock.pass_s(50)
    api.cancel(request_id)
    assert listener.next()[2]["status"] == "cancelled"
    clock.pass_s(100)
    assert api.service.webhooks.tell_due() == 0
    assert listener.arrived.empty()


@pytest.mark.parametrize(
    ("answers", "tries", "delivered"), [([], 1, True), ([500, 404], 3, True), ([500, 302, 500], 3, False)]
)
def test_it_is_tried_three_times(listener: Listener, answers: list[int], tries: int, delivered: bool) -> None:
    listener.answers = list(answers)
    pauses: list[float] = []
    assert webhooks.deliver(listener.url, {"a": 1}, secret=None, pause=pauses.append) is delivered
    assert listener.arrived.qsize() == tries
    assert pauses == [0.5, 2.0][: tries - 1]


def test_nobody_listening_is_no_failure_of_ours() -> None:
    assert webhooks.deliver("http://127.0.0.1:9/", {}, secret=None, pause=lambda seconds: None) is False


def test_a_later_simulator_sends_what_an_earlier_one_could_not_and_only_once(
    make_api: Callable[..., Api], listener: Listener, clock: Clock, tmp_path: Path
) -> None:
    first = make_api(home=tmp_path)
    first.created(webhookUrl=listener.url, metadata={"simulator": {"seconds": 100, "outcome": "failed"}})
    first.simulator.close()
    clock.pass_s(200)
    later = [make_api(home=tmp_path), make_api(home=tmp_path)]
    assert listener.next()[2]["status"] == "failed"
    assert [api.service.webhooks.tell_due() for api in later] == [0, 0]
    assert listener.arrived.empty()
