"""Answers as they should not be: an honest one and a fault make a spoiled one. Pure; standard library only."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from functools import cache
from typing import Any

from .answers import error_body
from .faults import Fault

PAGE = b"<!doctype html><html><head><title>Welcome</title></head><body><h1>Please log in</h1></body></html>\n"
BOMB_BYTES = 50_000_000
HUGE_BYTES = 2_000_000
_CODES = {400: "invalid_request", 401: "unauthorized", 402: "insufficient_credits", 404: "not_found"}
_CODES |= {409: "conflict", 429: "rate_limited"}
_ERRORS: Mapping[str, Any] = {
    "text": "The simulator was asked to fail with a text.",
    "object": {"reason": "The simulator was asked to fail with an object.", "kind": "odd"},
    "list": ["The simulator was asked to fail with a list."],
    "null": None,
    "huge": "The simulator was asked to fail at length. " + "x" * 1_000_000,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer as plain values; header names in lower case."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def refused(fault: Fault, now: float) -> Answer | None:
    """The answer of a fault that keeps the call from being done at all, or `None` for one that does not."""
    if fault.name == "portal":
        return Answer(302, PAGE, {"content-type": "text/html", "location": "http://login.hotel.invalid/"})
    if fault.kind != "4xx":
        return None
    status = int(fault.name)
    headers = {"content-type": "application/json"}
    if status == 429 and fault.value is not None:
        headers["retry-after"] = _retry_after(fault.value, now)
    code = _CODES.get(status, "refused")
    return Answer(status, _json(error_body(code, f"The simulator was asked to refuse this with {status}.")), headers)


def spoiled(honest: Answer, fault: Fault) -> Answer:
    """The answer that is sent instead of an honest one. Faults of the line leave it as it is."""
    page = {"content-type": "text/html; charset=utf-8"}
    if fault.kind == "5xx":
        return Answer(int(fault.name), PAGE.replace(b"Please log in", b"Bad gateway"), page)
    if fault.name == "html":
        return Answer(200, PAGE, page)
    if fault.name == "empty":
        return replace(honest, status=200, body=b"", headers=_without(honest, "content-length", "content-range"))
    if fault.name == "bomb":
        headers = {**_without(honest, "content-length", "content-range"), "content-encoding": "gzip"}
        return Answer(200, _bomb(), headers)
    if fault.name == "truncated":
        six_tenths = honest.body[: len(honest.body) * 6 // 10]
        return replace(honest, body=six_tenths, headers=_without(honest, "content-length"))
    if fault.name == "changed":
        return replace(honest, headers={**honest.headers, "etag": '"another-version"'})
    text = _TEXTS.get(fault.name)
    if text is not None:
        return replace(honest, body=text(honest.body), headers=_without(honest, "content-length"))
    if fault.name in _BODIES and honest.status == 200:
        body = _json(_BODIES[fault.name](json.loads(honest.body), fault))
        return replace(honest, body=body, headers=_without(honest, "content-length"))
    return honest


def _retry_after(value: str, now: float) -> str:
    """As it was written; `date+30` is the HTTP date half a minute from now."""
    return formatdate(now + float(value[5:] or 0), usegmt=True) if value.startswith("date+") else value


def _wrong_types(body: Any, fault: Fault) -> Any:
    if isinstance(body, Mapping):
        return {key: _wrong_types(value, fault) for key, value in body.items()}
    return [{"not": "expected"}] if isinstance(body, str | bool | int | float | None) else "not a list"


def _without_fields(body: Any, fault: Fault) -> Any:
    return {key: value for key, value in body.items() if key not in ("requestId", "status", "data")}


def _other_status(body: Any, fault: Fault) -> Any:
    status = "processing" if fault.name == "stuck" else (fault.value or "paused")
    return {**body, "status": status, "output": None if status != "succeeded" else body.get("output")}


def _without_url(body: Any, fault: Fault) -> Any:
    return {**body, "output": None}


def _other_error(body: Any, fault: Fault) -> Any:
    error = _ERRORS.get(fault.value or "text", fault.value)
    return {**body, "status": "failed", "output": None, "error": error}


_BODIES = {
    "wrong-types": _wrong_types,
    "missing-fields": _without_fields,
    "status": _other_status,
    "stuck": _other_status,
    "no-url": _without_url,
    "error": _other_error,
}
_TEXTS: Mapping[str, Callable[[bytes], bytes]] = {
    "not-json": lambda body: b"One moment, please.",
    "bad-utf8": lambda body: body.replace(b"{", b'{"note": "\xff\xfe", ', 1),
    "deep-json": lambda body: b"[" * 100_000 + b"]" * 100_000,
    "huge-json": lambda body: body.replace(b"{", b'{"padding": "' + b"x" * HUGE_BYTES + b'", ', 1),
}


@cache
def _bomb() -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    million = bytes(1_000_000)
    return b"".join(packer.compress(million) for _ in range(BOMB_BYTES // len(million))) + packer.flush()


def _without(answer: Answer, *names: str) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in names}


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()
