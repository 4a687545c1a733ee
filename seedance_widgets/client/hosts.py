"""What the clients and the files have in common: how long they wait for a host, and which host is this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..catalog import is_loopback_host

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    return is_loopback_host(urlsplit(url).hostname or "")
