"""The common part of the clients and the files: how long they wait for a host, which host is this machine, and by
which way a host is reached."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from ..request.urls import is_loopback_host

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0


def is_loopback(url: str) -> bool:
    """Tell whether a URL's host is this machine."""
    return is_loopback_host(urlsplit(url).hostname or "")


def proxy_for(url: str) -> str | None:
    """The proxy that the environment (on Windows and macOS the system, too) names for a URL; `None`: straight there.

    HTTPS_PROXY, HTTP_PROXY or ALL_PROXY, in capitals or not, unless an entry of NO_PROXY fits: `*`, a name and what
    ends in it, an address, a network such as 10.0.0.0/8, each with or without a port.
    """
    parts, known = urlsplit(url), getproxies()
    proxy = known.get(parts.scheme) or known.get("all")
    host, port = (parts.hostname or "").rstrip("."), parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    if not proxy or any(_fits(entry, host, port) for entry in re.split(r"[,\s]+", known.get("no", "")) if entry):
        return None
    if proxy_bypass(host):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def without_password(proxy: str) -> str:
    """A proxy's address as it may be shown."""
    return re.sub(r"^([^/]*//)?[^/]*@", r"\1", proxy)


def _fits(entry: str, host: str, port: int | None) -> bool:
    """Tell whether an entry of NO_PROXY means a host."""
    if entry == "*":
        return True
    name = entry.rpartition("://")[2].strip().lower()
    match = re.fullmatch(r"\[([^\]]+)\](?::(\d+))?|([^:]+):(\d+)", name)
    if match is not None:
        name, only = match[1] or match[3], match[2] or match[4]
        if only and int(only) != port:
            return False
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(name, strict=False)
    except ValueError:  # one of them is a name
        name = name.removeprefix("*").lstrip(".").rstrip(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))
