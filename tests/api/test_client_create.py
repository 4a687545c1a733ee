"""A create is sent once, and the key goes nowhere else."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import pickle
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from client_service import ACCEPTED, GZIP, KEY, QUEUED, REQUEST, Plain, client, make, retries, server
from impatience import Retry
from scripted import CUT, Raw, ScriptedServer, answer, error

from seedance_widgets.api import retries as patience
from seedance_widgets.api.hosts import is_loopback
from seedance_widgets.errors import (
    AnswerLost,
    ApiError,
    ConnectionFailed,
    InsufficientCredits,
    NotFound,
    RateLimited,
    RequestRefused,
    SeedanceError,
    Unauthorized,
)

__all__ = ["client", "make", "retries", "server"]


# --- a create is sent once --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(CUT, id="cut at once"),
        pytest.param(Raw(b"HTTP/1.1 200 OK\r\ncontent-le"), id="cut within the head"),
        pytest.param(Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n{"), id="cut within the body"),
        pytest.param(Raw(b"\x00\x01nonsense\r\n\r\n"), id="no HTTP"),
        pytest.param(answer(500, b""), id="500"),
        pytest.param(error(500, "internal_error"), id="500 with the envelope"),
        pytest.param(answer(502, b"<html>"), id="502"),
        pytest.param(answer(503, b"", retry_after="1"), id="503 with Retry-After"),
        pytest.param(answer(504, b""), id="504"),
        pytest.param(answer(408, b"<html>"), id="408"),
        pytest.param(error(409, "conflict"), id="409"),
        pytest.param(answer(425, b""), id="425"),
        pytest.param(answer(499, b""), id="499"),
        pytest.param(answer(200, b"<html>welcome</html>", content_type="text/html"), id="HTML"),
        pytest.param(answer(200, b""), id="empty"),
        pytest.param(answer(200, {"success": True}), id="no id"),
        pytest.param(answer(200, {"success": True, "requestId": ""}), id="empty id"),
        pytest.param(answer(204, b""), id="204"),
        pytest.param(answer(302, b"", location="/elsewhere"), id="redirect"),
        pytest.param(answer(307, b"", location="/elsewhere"), id="redirect that keeps the method"),
        pytest.param(answer(200, b" " * ((1 << 20) + 1)), id="oversized"),
        pytest.param(answer(200, b"not gzip", **GZIP), id="broken gzip"),
        pytest.param(answer(200, b"x", content_encoding="br"), id="another packing"),
        pytest.param(Raw(hang_s=1.0), id="timeout"),
    ],
)
def test_a_create_without_a_usable_answer_is_lost_and_never_sent_again(
    make: Callable[..., Plain], server: ScriptedServer, reply: Raw
) -> None:
    server.say(reply)
    with pytest.raises(AnswerLost) as caught:
        make(server.url, create_timeout_s=0.3).call("create", REQUEST)
    assert len(server.requests) == 1
    assert caught.value.charged == "You may have been charged."
    assert "before sending it again" in caught.value.next_step


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(400, "invalid_request"), RequestRefused),
        (error(401, "unauthorized"), Unauthorized),
        (error(402, "insufficient_credits"), InsufficientCredits),
        (error(404, "not_found"), NotFound),
        (answer(403, b"<html>"), ApiError),
        (error(429, "rate_limited", retry_after="3600"), RateLimited),
    ],
)
def test_a_create_that_was_refused_is_refused_once(
    client: Plain, server: ScriptedServer, reply: Raw, kind: type[ApiError]
) -> None:
    server.say(reply)
    with pytest.raises(kind) as caught:
        client.call("create", REQUEST)
    assert type(caught.value) is kind
    assert len(server.requests) == 1


def in_an_hour() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)


def just_now() -> str:
    return format_datetime(datetime.now(UTC) - timedelta(seconds=5), usegmt=True)


@pytest.mark.parametrize(
    ("retry_after", "wait_s"),
    [
        ("1", 1.0),
        ("60", 60.0),
        ("0", 0.0),
        pytest.param(just_now(), None, id="a date that has passed"),
        ("", None),
        ("soon", None),
    ],
)
def test_a_create_over_the_limit_is_sent_again_after_the_wait_that_was_named(
    client: Plain, server: ScriptedServer, retries: list[Retry], retry_after: str, wait_s: float | None
) -> None:
    server.say(error(429, "rate_limited", retry_after=retry_after), ACCEPTED)
    assert client.call("create", REQUEST).request_id == "req_1"
    assert len(server.requests) == 2
    (retry,) = retries
    assert retry.error.retry_after_s == wait_s  # type: ignore[attr-defined]
    assert 0.5 <= retry.wait_s <= max(0.75, wait_s or 0.0)


def test_a_date_that_has_passed_by_the_servers_own_clock_asks_for_nothing(
    client: Plain, server: ScriptedServer, retries: list[Retry]
) -> None:
    """The bug: our clock said that no time was left to wait, and three creates left within 4 ms."""
    server.say(error(429, "rate_limited", date=in_an_hour(), retry_after=in_an_hour()), ACCEPTED)
    client.call("create", REQUEST)
    assert [0.5 <= retry.wait_s <= 0.75 for retry in retries] == [True]


def test_a_wait_that_a_failing_server_asks_for_is_kept_to(
    client: Plain, server: ScriptedServer, retries: list[Retry]
) -> None:
    server.say(answer(503, b"", retry_after="7"), QUEUED)
    client.call("get", "req_1")
    assert [retry.wait_s for retry in retries] == [7.0]


@pytest.mark.parametrize("reply", [QUEUED, ACCEPTED])
def test_a_wait_that_a_good_answer_asks_for_is_told(client: Plain, server: ScriptedServer, reply: Raw) -> None:
    body = json.loads(reply.data.partition(b"\r\n\r\n")[2])
    server.say(answer(200, body, retry_after="9"))
    assert client.call("get", "req_1").retry_after_s == 9.0
    if reply is ACCEPTED:
        assert client.call("create", REQUEST).retry_after_s == 9.0


@pytest.mark.parametrize("retry_after", ["61", "86400", pytest.param(in_an_hour(), id="a date in an hour")])
def test_a_wait_of_more_than_a_minute_is_the_callers_to_decide(
    client: Plain, server: ScriptedServer, retry_after: str
) -> None:
    server.say(error(429, "rate_limited", retry_after=retry_after))
    with pytest.raises(RateLimited, match="Try again in"):
        client.call("create", REQUEST)
    assert len(server.requests) == 1


def test_all_waits_of_one_create_come_out_of_the_same_minute(client: Plain, server: ScriptedServer) -> None:
    """The bug: each wait was bounded and their sum was not, so a cell could hang for two minutes."""
    server.say(error(429, "rate_limited", retry_after="40"))
    with pytest.raises(RateLimited, match="Try again in 40 s"):
        client.call("create", REQUEST)
    assert len(server.requests) == 2


@pytest.mark.parametrize("page", [f"<pre>Authorization: Bearer {KEY}</pre>".encode(), KEY.encode()])
def test_a_page_that_repeats_our_headers_does_not_put_the_key_into_the_record(
    client: Plain, server: ScriptedServer, page: bytes
) -> None:
    server.say(answer(200, page, content_type="text/html"))
    with pytest.raises(AnswerLost) as caught:
        client.call("create", REQUEST)
    assert "(key removed)" in caught.value.excerpt
    assert KEY not in caught.value.excerpt + str(caught.value)


def test_a_create_over_the_limit_is_tried_three_times_at_most(client: Plain, server: ScriptedServer) -> None:
    server.say(error(429, "rate_limited", retry_after="1"))
    with pytest.raises(RateLimited):
        client.call("create", REQUEST)
    assert len(server.requests) == 3


def test_the_wait_that_the_server_named_is_really_waited(
    make: Callable[..., Plain], server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.say(error(429, "rate_limited", retry_after="1"), ACCEPTED)
    monkeypatch.setattr(patience, "pause", asyncio.sleep)
    began = time.monotonic()
    make(server.url).call("create", REQUEST)
    assert 1.0 <= time.monotonic() - began < 3.0


def test_a_create_that_was_never_sent_says_that_nothing_was_charged(
    make: Callable[..., Plain], retries: list[Retry]
) -> None:
    server = ScriptedServer()  # bound, not listening: connections are refused
    with pytest.raises(ConnectionFailed, match="nothing was charged"):
        make(server.url).call("create", REQUEST)
    assert len(retries) == 2
    server.close()


def test_a_create_is_sent_again_when_the_connection_was_refused(
    make: Callable[..., Plain], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = ScriptedServer()
    server.say(ACCEPTED)

    async def up_before_the_second_try(seconds: float) -> None:
        server.listen()

    monkeypatch.setattr(patience, "pause", up_before_the_second_try)
    try:
        assert make(server.url).call("create", REQUEST).request_id == "req_1"
    finally:
        server.close()
    assert len(server.requests) == 1


def test_a_create_after_a_refusal_that_then_breaks_is_lost(client: Plain, server: ScriptedServer) -> None:
    server.say(error(429, "rate_limited"), CUT)
    with pytest.raises(AnswerLost, match="may have been charged"):
        client.call("create", REQUEST)
    assert len(server.requests) == 2


# --- the key goes nowhere else ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(("name", "argument"), [("get", "req_1"), ("create", REQUEST)])
def test_no_redirect_is_followed_and_no_other_host_sees_the_key(
    client: Plain, server: ScriptedServer, status: int, name: str, argument: Any
) -> None:
    with ScriptedServer() as other:
        other.say(ACCEPTED)
        server.say(answer(status, b"", location=f"{other.url}/api/open/v1/models"))
        with pytest.raises(SeedanceError, match="redirect"):
            client.call(name, argument)
        assert other.connections == 0
    assert len(server.requests) == 1


def test_a_proxy_of_the_environment_does_not_see_what_goes_to_loopback(
    make: Callable[..., Plain], server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ScriptedServer() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        server.say(QUEUED)
        make(server.url).call("get", "req_1")
        assert proxy.connections == 0


@pytest.mark.parametrize("reply", [CUT, answer(500), error(401, "unauthorized"), answer(200, b"<html>"), QUEUED])
def test_the_key_is_in_no_log_and_no_traceback(
    client: Plain, server: ScriptedServer, caplog: pytest.LogCaptureFixture, reply: Raw
) -> None:
    caplog.set_level(logging.DEBUG)
    server.say(reply)
    shown = ""
    for name, argument in (("get", "req_1"), ("create", REQUEST)):
        try:
            client.call(name, argument)
        except SeedanceError as caught:
            told = traceback.TracebackException.from_exception(caught, capture_locals=True)
            shown += "".join(told.format()) + repr(caught) + repr(vars(caught))
    assert caplog.records, "the loggers below are silent, so this shows nothing"
    assert KEY not in caplog.text + shown + "".join(repr(vars(record)) for record in caplog.records)


def test_the_key_is_in_no_text_of_a_client(client: Plain) -> None:
    assert KEY not in f"{client.client} {client.client!r} {client.client!s} {client.inner._reads.now!r}"
    assert KEY not in f"{client.inner._reads.now.headers!r}"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_client_is_not_pickled(client: Plain, protocol: int) -> None:
    with pytest.raises(TypeError, match="API key") as caught:
        pickle.dumps(client.client, protocol)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("make_copy", [copy.copy, copy.deepcopy])
def test_a_client_is_not_copied(client: Plain, make_copy: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match="API key"):
        make_copy(client.client)


@pytest.mark.parametrize("key", [f"{KEY}\nX-Evil: 1", f"{KEY}é", f"{KEY}\x00"])
def test_a_key_that_could_not_be_a_header_is_refused_without_being_shown(
    make: Callable[..., Plain], server: ScriptedServer, key: str
) -> None:
    server.say(QUEUED)
    with pytest.raises(SeedanceError) as caught:
        make(server.url, key).call("get", "req_1")
    assert KEY not in str(caught.value)
    assert server.requests == []


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.9.9.9", True),
        ("http://localhost", True),
        ("http://LOCALHOST:1", True),
        ("http://[::1]:80", True),
        ("http://example.com", False),
        ("http://localhost.example.com", False),
        ("http://example.com/127.0.0.1", False),
        ("http://10.0.0.1", False),
        ("nonsense", False),
        ("http://127.example.com", False),
        ("http://127.0.0.1.example.com", False),
    ],
)
def test_what_is_loopback(url: str, loopback: bool) -> None:
    assert is_loopback(url) is loopback
