"""Faults on their way over the line: an ASGI layer in front of the endpoints and of the files."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .access import Access
from .answers import RESULTS, Refusal
from .create_body import MAX_BODY_BYTES
from .faults import Fault, read_fault
from .faulty_answers import Answer, refused, spoiled
from .hosting import LINE
from .media import UNFETCHED
from .service import Service

_ONE = re.compile(r"/video/generations/([^/]+)(/cancel)?$")
_PIECE_BYTES = 64_000


class LineCut(Exception):
    """Without a line to cut, the call breaks by this."""


class FaultyLine:
    """Passes calls on, or does to them what a fault says."""

    def __init__(self, app: ASGIApp, service: Service, access: Access | None = None) -> None:
        self._app = app
        self._service = service
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint, about = _endpoint(scope)
        if endpoint is None:
            await self._app(scope, receive, send)
            return
        wished: Sequence[str] = ()
        if endpoint == "create":
            body = await _body(receive)
            about, wished = sha256(body).hexdigest(), _wishes(_metadata(body))
            receive = _again(body, receive)
        elif about and (record := self._service.folder.find(about)) is not None:
            wished = _wishes(record.metadata)
        fault = self._service.faults.strike(endpoint, about, wished)
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._go_wrong(fault, scope, receive, send)

    async def _go_wrong(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        if fault.name == "revoked" and self._access is not None:
            self._access.replace_key(fault.value)
            raise Refusal(401, "unauthorized", "Invalid API key", {"WWW-Authenticate": "Bearer"})
        if fault.name == "dropped":
            return await _hang_up(scope, receive)
        if (no := refused(fault, self._service.now())) is not None:
            return await _send(send, no, [no.body])
        if fault.name == "unfetched":
            return await self._app({**scope, UNFETCHED: True}, receive, send)
        if fault.name in ("no-range", "changed", "endless", "truncated"):
            scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in (b"range", b"if-range")]}
        answer = spoiled(await _honest(self._app, scope, receive), fault)
        if fault.name in ("lost", "reset"):
            return await _hang_up(scope, receive, reset=fault.name == "reset")
        await _deliver(fault, answer, scope, receive, send)
        return None


async def _deliver(fault: Fault, answer: Answer, scope: Scope, receive: Receive, send: Send) -> None:
    body, half = answer.body, len(answer.body) // 2
    if fault.name == "late":
        if not await _gone_within(receive, fault.number):
            await _send(send, answer, [body])
    elif fault.name in ("cut", "wrong-length"):
        more = 1_000 if fault.name == "wrong-length" else 0
        sent = half if fault.name == "cut" else len(body)
        await _send(send, answer, [body[:sent]], length=len(body) + more, end=False)
        await _hang_up(scope, receive)
    elif fault.name == "stalled":
        await _send(send, answer, [body[:half]], length=len(body), end=False)
        await _gone_within(receive, 3_600)
    elif fault.name == "slow":
        await _send(send, answer, [], length=len(body), end=False)
        step = max(1, int(fault.number / 20))
        for begin in range(0, len(body), step):
            await send({"type": "http.response.body", "body": body[begin : begin + step], "more_body": True})
            if await _gone_within(receive, 0.05):
                return
        await send({"type": "http.response.body", "body": b""})
    elif fault.name == "endless":
        await _send(send, answer, [body], length=None, end=False)
        while not await _gone_within(receive, 0.001):
            await send({"type": "http.response.body", "body": bytes(_PIECE_BYTES), "more_body": True})
    elif fault.name == "no-length":
        await _send(send, answer, [body], length=None)
    else:
        await _send(send, answer, [body])


# --- ASGI -----------------------------------------------------------------------------------------------------------
def _endpoint(scope: Scope) -> tuple[str | None, str]:
    """Which endpoint a call is for, and the generation it names."""
    if scope["type"] != "http":
        return None, ""
    method, path = scope["method"], scope["path"]
    if path.startswith(RESULTS):
        return ("file" if method == "GET" else None), path.removeprefix(RESULTS).removesuffix(".mp4")
    if method == "GET" and path.endswith("/models"):
        return "models", ""
    if method == "POST" and path.endswith("/video/generations"):
        return "create", ""
    match = _ONE.search(path)
    if match is None or method != ("POST" if match[2] else "GET"):
        return None, ""
    return ("cancel" if match[2] else "get"), match[1]


async def _honest(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """The app's answer, whole."""
    start: dict[str, Any] = {}
    parts: list[bytes] = []

    async def collect(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            parts.append(message.get("body", b""))

    await app(scope, receive, collect)
    headers = {name.decode().lower(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], b"".join(parts), headers)


async def _send(send: Send, answer: Answer, parts: list[bytes], *, length: int | None = -1, end: bool = True) -> None:
    """An answer in parts. `length`: what is stated, `None` for nothing; by default what is true."""
    headers = {name: value for name, value in answer.headers.items() if name != "content-length"}
    if length is not None:
        headers["content-length"] = str(len(answer.body) if length < 0 else length)
    pairs = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": pairs})
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    if end:
        await send({"type": "http.response.body", "body": b""})


async def _hang_up(scope: Scope, receive: Receive, *, reset: bool = False) -> None:
    line = (scope.get("extensions") or {}).get(LINE)
    if line is None:
        raise LineCut
    if reset:
        with suppress(OSError):
            line.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        line.abort()
    else:
        line.close()
    await _gone_within(receive, 5.0)


async def _gone_within(receive: Receive, seconds: float) -> bool:
    """Tell whether the other side has hung up before so many seconds have passed."""

    async def gone() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    try:
        await asyncio.wait_for(gone(), seconds)
    except TimeoutError:
        return False
    return True


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body") or len(body) > MAX_BODY_BYTES:
            return bytes(body)


def _again(body: bytes, receive: Receive) -> Receive:
    """Hands out a body that was read already, and then what comes after it."""
    parts = [body]

    async def replay() -> Message:
        return {"type": "http.request", "body": parts.pop(), "more_body": False} if parts else await receive()

    return replay


def _metadata(body: bytes) -> Any:
    with suppress(ValueError, RecursionError, AttributeError):
        return json.loads(body).get("metadata")
    return None


def _wishes(metadata: Any) -> Sequence[str]:
    """The faults that a request asks for in `metadata.simulator.faults`; nonsense is left to the intake's 400."""
    wishes = metadata.get("simulator") if isinstance(metadata, dict) else None
    texts = wishes.get("faults") if isinstance(wishes, dict) else None
    with suppress(ValueError):
        if isinstance(texts, list) and all(isinstance(text, str) and read_fault(text) for text in texts):
            return texts
    return ()
