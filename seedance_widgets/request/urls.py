"""Addresses that a person gives: of media, of webhooks, of the API."""

from __future__ import annotations

from urllib.parse import urlsplit

from ..errors import RequestInvalid, SettingsInvalid
from ..text import links
from ..values.plain import shown
from .options import STEP_URL

BUCKETS = ("s3", "s3a", "gs", "az", "azure", "abfs", "abfss")
"""The schemes of object storage, as obstore reads them."""


def is_bucket(address: object) -> bool:
    """Tell whether a text names object storage, such as `s3://bucket/prefix`, and no folder."""
    return isinstance(address, str) and "://" in address and address.strip().partition("://")[0].lower() in BUCKETS


def looks_like_address(place: str) -> bool:
    """Tell whether a text has a scheme, as a folder never has: `gcs://x`, `https://x`, and `s3:/x` of a `Path`."""
    scheme, colon, rest = place.strip().partition(":")
    return (
        bool(colon) and len(scheme) > 1 and rest.startswith("/") and scheme.replace("+", "").replace("-", "").isalnum()
    )


def check_public_url(url: object, *, field: str, what: str) -> str:
    """A URL that a server on the internet can fetch: https, a public host, no credentials. Raises RequestInvalid."""

    def refuse(why: str) -> RequestInvalid:
        return RequestInvalid(f"{what} {safe_url!r} {why}.", field=field, next_step=STEP_URL)

    if not isinstance(url, str):
        raise RequestInvalid(f"{what} {shown(url)} is not text.", field=field, next_step=STEP_URL)
    is_data = url.partition(":")[0].strip().lower().endswith("data")  # it holds what is the person's: quoted nowhere
    safe_url = "data:…" if is_data else links.without_signature(url)[:80].encode("utf-8", "replace").decode()
    if any(c.isspace() or not c.isprintable() for c in url):
        raise refuse("has a space, a line break or an invisible character in it")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise refuse("is not a URL") from None
    if parts.username is not None or parts.password is not None:
        safe_url = "…@" + (host or "")
        raise refuse("carries a user name or password, which the server would see")
    if parts.scheme != "https" or not host:
        raise refuse(_why_not_https(parts.scheme, url))
    if is_private_host(host):
        raise refuse("names a private or local host, which the server cannot reach")
    return url


def is_loopback_host(host: str) -> bool:
    """Tell whether a host is this very machine: `localhost`, or an address that loops back."""
    import ipaddress

    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_private_host(host: str) -> bool:
    """Tell whether only this machine or network can reach a host name or address, however it is written."""
    import ipaddress
    import socket

    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith((".localhost", ".local", ".internal", ".lan")):
        return True
    try:
        address: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(name.split("%")[0])
    except ValueError:
        try:  # 2130706433, 0x7f.1 and 010.0.0.1 are addresses to a resolver, and not to all the same one
            socket.inet_aton(name)
        except OSError:
            return "." not in name
        return True
    if isinstance(address, ipaddress.IPv6Address):
        if address.is_site_local:
            return True
        translated = address in ipaddress.IPv6Network("64:ff9b::/96")  # NAT64: how an IPv6 network reaches IPv4
        last = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if translated else None
        address = last or address.ipv4_mapped or address.sixtofour or address
    return not address.is_global or address.is_multicast or address.is_reserved


def _why_not_https(scheme: str, url: str) -> str:
    if scheme in ("http", "https") and not url[len(scheme) + 1 :].startswith("//"):
        return f"lacks a slash: after {scheme}: there are two"
    if scheme == "https":
        return "names no host"
    if scheme == "http":
        return "is http, not https"
    if scheme == "data":
        return "holds the data itself; the API takes only links"
    if scheme in ("", "file") or (len(scheme) == 1 and url[1:2] == ":"):
        return "is a path on this machine, which the server cannot reach"
    return f"is a {scheme} link, not https"


def check_base_url(url: str) -> str:
    """The API's address without a trailing slash: https anywhere, http on loopback only. Raises SettingsInvalid."""
    if not isinstance(url, str):
        raise SettingsInvalid(f"The address of the API (base_url) is text, not {shown(url)}.")
    url = url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")
    except ValueError:  # UnicodeError is one
        raise SettingsInvalid("SEEDANCE_BASE_URL is not a URL.") from None
    if parts.query or parts.fragment or any(c.isspace() or not c.isprintable() for c in url):
        raise SettingsInvalid("SEEDANCE_BASE_URL is an address and a path, without spaces, `?` or `#`.")
    if parts.username is not None or parts.password is not None:
        raise SettingsInvalid("SEEDANCE_BASE_URL carries a user name or password; the API takes only the key.")
    loopback = is_loopback_host(host)
    if parts.scheme == "https" and host:
        return url
    if parts.scheme == "http" and loopback:
        return url
    raise SettingsInvalid(
        f"SEEDANCE_BASE_URL is {shown(url, 80)}: the key would travel unencrypted.",
        next_step="Use https; http is for a simulator on this machine only.",
    )
