"""Webhooks: the final result, sent to whoever asked for it (API page "webhooks"). Standard library only."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from .answers import Refusal
from .folder import Folder
from .records import Record

SIGNATURE_HEADER = "x-seedance-signature"
TRIES = 3
_BETWEEN_TRIES_S = (0.5, 2.0)
_TIMEOUT_S = 10.0
_LONGEST_NAP_S = 1.0  # a cancel by another process is noticed within this

_log = logging.getLogger(__name__)

News = Callable[[str], "tuple[str, dict[str, object]] | None"]
"""By request id: the URL and the body, or `None` while the generation is not final."""


class Webhooks:
    """Sends each webhook once it is due, in one thread that begins with the first."""

    def __init__(self, folder: Folder, now: Callable[[], float], news: News, secret: str | None) -> None:
        self._folder = folder
        self._now = now
        self._news = news
        self._secret = secret
        self._due: dict[str, float] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = threading.Event()

    def expect(self, record: Record) -> None:
        """Send this generation's webhook when it is final; a later call replaces an earlier one."""
        with self._changed:
            self._due[record.request_id] = record.ends_at()
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._work, name="seedance-simulator-webhooks", daemon=True)
                self._thread.start()
            self._changed.notify()

    def tell_due(self) -> int:
        """Send what is due now; how many were sent. The thread calls it by itself."""
        with self._changed:
            ready = [request_id for request_id, at in self._due.items() if at <= self._now()]
        return sum(self._tell(request_id) for request_id in ready)

    def close(self) -> None:
        """Send nothing more. What was not sent stays to be sent by the next simulator over the folder."""
        self._closed.set()
        with self._changed:
            self._changed.notify()
        if self._thread is not None:
            self._thread.join(2)

    def _work(self) -> None:
        while not self._closed.is_set():
            self.tell_due()
            with self._changed:
                waits = [at - self._now() for at in self._due.values()]
                self._changed.wait(max(0.01, min([_LONGEST_NAP_S, *waits])) if waits else None)

    def _tell(self, request_id: str) -> bool:
        try:
            news = self._news(request_id)
        except Refusal:  # its file was removed
            news = None
        else:
            if news is None:
                return False
        with self._changed:
            self._due.pop(request_id, None)
        if news is None or self._closed.is_set() or not self._folder.claim_telling(request_id):
            return False
        return deliver(*news, secret=self._secret, pause=self._closed.wait)


def deliver(url: str, body: Mapping[str, object], *, secret: str | None, pause: Callable[[float], object]) -> bool:
    """POST a body, at most three times, until a 2xx answers. `pause` waits so many seconds between tries."""
    raw = json.dumps(body, ensure_ascii=False).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "seedance-simulator"}
    if secret is not None:
        headers[SIGNATURE_HEADER] = sign(raw, secret)
    for number in range(TRIES):
        if number:
            pause(_BETWEEN_TRIES_S[number - 1])
        answer = _post(url, raw, headers)
        if answer.startswith("2"):
            return True
        _log.info("webhook not delivered: %s", answer)
    return False


def sign(raw: bytes, secret: str) -> str:
    """The signature of a raw body: HMAC-SHA256 in lower-case hex."""
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def _post(url: str, raw: bytes, headers: Mapping[str, str]) -> str:
    """One POST without following redirects: the status that answered, or what went wrong."""
    import http.client

    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, raw, dict(headers))
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {error}"
    finally:
        connection.close()
