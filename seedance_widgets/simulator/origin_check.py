"""Keeps web pages away from a simulator that listens on loopback: any page that a browser shows can send it requests.

A stranger's page whose name was made to lead to 127.0.0.1 (DNS rebinding) names itself in `Host`; a page anywhere else
is named by the browser in `Origin`. Neither is let in, whatever key it brings. Programs send no `Origin`.
"""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from ..request.urls import is_loopback_host
from . import answers


class OriginCheck:
    """In front of an app: only requests to a loopback name, and from no page but the app's own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        why = _why_not(Headers(scope=scope)) if scope["type"] in ("http", "websocket") else None
        if why is None:
            await self._app(scope, receive, send)
            return
        body = json.dumps(answers.error_body("invalid_request", why)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 403, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope.get("method") == "HEAD" else body})


def _why_not(headers: Headers) -> str | None:
    host = headers.get("host", "")
    if not _is_loopback(host):
        return "The simulator answers only under 127.0.0.1, localhost or [::1]."
    origins = headers.getlist("origin")
    if any(origin.lower() != f"http://{host}".lower() for origin in origins):
        return "The simulator answers no page of another origin."
    return None


def _is_loopback(host: str) -> bool:
    try:
        parts = urlsplit(f"//{host}")
        plain = not (parts.path or parts.query or parts.fragment or "@" in parts.netloc)
        return plain and is_loopback_host(parts.hostname or "") and parts.port != 0
    except ValueError:
        return False
