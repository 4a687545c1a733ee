"""The clients over a real line: what is sent, how often, and how much is read."""

from __future__ import annotations

import gzip
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from client_service import ACCEPTED, GZIP, KEY, MODELS, QUEUED, REQUEST, Plain, client, make, retries, server
from scripted import CUT, Raw, ScriptedServer, answer, error

from seedance_widgets.api.client import AsyncClient, Client
from seedance_widgets.errors import (
    AnswerLost,
    AnswerUnreadable,
    NotFound,
    RateLimited,
    SeedanceError,
    ServerFailed,
    Unauthorized,
)
from seedance_widgets.types import Generation

__all__ = ["client", "make", "retries", "server"]


# --- what is sent -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "args", "line", "reply"),
    [
        ("models", (), "GET /api/open/v1/models", MODELS),
        ("create", (REQUEST,), "POST /api/open/v1/video/generations", ACCEPTED),
        ("get", ("req_1",), "GET /api/open/v1/video/generations/req_1", QUEUED),
        ("cancel", ("req_1",), "POST /api/open/v1/video/generations/req_1/cancel", QUEUED),
    ],
)
def test_a_call_is_one_request_with_the_key(
    client: Plain, server: ScriptedServer, name: str, args: Any, line: str, reply: Raw
) -> None:
    server.say(reply)
    assert client.call(name, *args) is not None
    (seen,) = server.requests
    assert f"{seen.method} {seen.path}" == line
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert seen.headers["accept-encoding"] == "identity"
    assert ("content-type" in seen.headers) is (seen.method == "POST")


def test_a_prompt_arrives_byte_for_byte(client: Plain, server: ScriptedServer) -> None:
    server.say(ACCEPTED)
    client.call("create", REQUEST)
    assert server.requests[0].json == {"model": "seedance-2.0", "prompt": "A paper boat 🚣", "duration": 5}
    assert "🚣".encode() in server.requests[0].body


def test_reads_share_a_connection_and_a_create_has_its_own(client: Plain, server: ScriptedServer) -> None:
    server.say(QUEUED, QUEUED, ACCEPTED, ACCEPTED, QUEUED)
    for name, argument in (("get", "r"), ("get", "r"), ("create", REQUEST), ("create", REQUEST), ("get", "r")):
        client.call(name, argument)
    assert [seen.connection for seen in server.requests] == [1, 1, 2, 3, 1]
    assert [seen.headers["connection"] for seen in server.of("POST")] == ["close", "close"]


def test_a_base_url_may_have_a_path(make: Callable[..., Plain], server: ScriptedServer) -> None:
    server.say(QUEUED)
    make(server.url + "/behind/").call("get", "req_1")
    assert server.requests[0].path == "/behind/api/open/v1/video/generations/req_1"


# --- reads are repeated -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["get", "cancel"])
@pytest.mark.parametrize(
    "reply", [CUT, answer(500), answer(503, b"<html>"), error(429, "rate_limited")], ids=["cut", "500", "503", "429"]
)
def test_a_read_is_repeated(client: Plain, server: ScriptedServer, name: str, reply: Raw) -> None:
    server.say(reply, reply, QUEUED)
    assert client.call(name, "req_1") == Generation(request_id="req_1", status="queued")
    assert len(server.requests) == 3


@pytest.mark.parametrize(
    ("reply", "kind", "times"),
    [
        (CUT, AnswerLost, 3),
        (answer(500), ServerFailed, 3),
        (error(429, "rate_limited"), RateLimited, 3),
        (error(401, "unauthorized"), Unauthorized, 1),
        (error(404, "not_found"), NotFound, 1),
        (answer(200, b"<html>"), AnswerUnreadable, 1),
        (answer(302, b"", location="/x"), AnswerUnreadable, 1),
    ],
)
def test_a_read_is_repeated_twice_at_most_and_only_where_that_may_help(
    client: Plain, server: ScriptedServer, reply: Raw, kind: type[SeedanceError], times: int
) -> None:
    server.say(reply)
    with pytest.raises(kind) as caught:
        client.call("get", "req_1")
    assert len(server.requests) == times
    assert "charged" not in str(caught.value) or "Nothing was charged" in str(caught.value)


def test_a_read_that_hangs_is_given_up_and_tried_again(make: Callable[..., Plain], server: ScriptedServer) -> None:
    server.say(Raw(hang_s=5.0), QUEUED)
    assert make(server.url, read_timeout_s=1.0).call("get", "req_1").status == "queued"
    assert len(server.requests) == 2


def test_a_connection_that_the_server_closed_meanwhile_does_no_harm(client: Plain, server: ScriptedServer) -> None:
    server.say(answer(200, {"success": True, "requestId": "req_1", "status": "queued"}, close=True), QUEUED)
    client.call("get", "req_1")
    assert client.call("get", "req_1").status == "queued"


def test_the_number_of_tries_can_be_set(make: Callable[..., Plain], server: ScriptedServer) -> None:
    server.say(CUT)
    with pytest.raises(AnswerLost):
        make(server.url, tries=1).call("get", "req_1")
    assert len(server.requests) == 1


# --- bounded answers --------------------------------------------------------------------------------------------------
def packed(size: int) -> bytes:
    """`size` zeros as gzip, made in pieces."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    return b"".join(packer.compress(bytes(1_000_000)) for _ in range(size // 1_000_000)) + packer.flush()


def test_a_packed_bomb_is_refused_within_sixteen_megabytes(client: Plain, server: ScriptedServer) -> None:
    bomb = packed(200_000_000)
    server.say(answer(200, bomb, **GZIP))
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        with pytest.raises(SeedanceError, match="more than 1048576 bytes"):
            client.call("create", REQUEST)
        peak = tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000


def test_an_answer_without_an_end_is_cut_at_its_bound(client: Plain, server: ScriptedServer) -> None:
    server.say(Raw(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 5_000_000))
    with pytest.raises(SeedanceError, match="more than 1048576 bytes"):
        client.call("create", REQUEST)


@pytest.mark.parametrize("size", [1_000_000, 1 << 20])
def test_an_answer_up_to_a_megabyte_is_read(client: Plain, server: ScriptedServer, size: int) -> None:
    body = b'{"requestId": "req_1", "status": "queued"}'
    server.say(answer(200, body + b" " * (size - len(body))))
    assert client.call("get", "req_1").status == "queued"


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("identity", bytes),
    ],
)
def test_an_answer_that_was_packed_unasked_is_unpacked(
    client: Plain, server: ScriptedServer, encoding: str, pack: Callable[[bytes], bytes]
) -> None:
    body = b'{"requestId": "req_1", "status": "queued"}'
    server.say(answer(200, pack(body), content_encoding=encoding))
    assert client.call("get", "req_1").status == "queued"


def test_a_packed_answer_that_ends_early_is_not_read_as_a_whole_one(client: Plain, server: ScriptedServer) -> None:
    server.say(answer(200, gzip.compress(b'{"requestId": "req_1", "status": "queued"}')[:-20], **GZIP))
    with pytest.raises(SeedanceError):
        client.call("create", REQUEST)


# --- the rest ---------------------------------------------------------------------------------------------------------
def test_both_clients_offer_the_same_calls() -> None:
    def calls(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert calls(Client) - {"close"} == calls(AsyncClient) - {"aclose"} == {"models", "create", "get", "cancel"}


def test_a_client_closes_itself() -> None:
    with ScriptedServer() as server, Client(KEY, server.url) as client:
        server.say(QUEUED)
        client.get("req_1")
    inner = client._thread.client
    assert inner._reads.now.is_closed
    assert inner._creates.now.is_closed


def test_one_client_serves_many_threads(server: ScriptedServer) -> None:
    server.say(lambda seen: answer(200, {"requestId": seen.path.rpartition("/")[2], "status": "queued"}))
    found: dict[str, str] = {}
    with Client(KEY, server.url) as client:
        work = [
            threading.Thread(target=lambda n=n: found.update({f"r{n}": client.get(f"r{n}").request_id}))
            for n in range(30)
        ]
        for each in work:
            each.start()
        for each in work:
            each.join()
    assert found == {f"r{n}": f"r{n}" for n in range(30)}
    assert server.connections <= 8
