"""Why a line did not come about or broke, in words that help: which certificates, which proxy. Never a password."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from functools import lru_cache

import httpx

from ..errors import SettingsInvalid
from ..secret import Secret
from ..text.links import kept_in_text
from .hosts import proxy_for, without_password

TRUSTED_BY = ("SSL_CERT_FILE", "SSL_CERT_DIR")
"""The variables that name certificates to trust instead of those that come with Python's certifi."""
TLS_STEP = (
    "If your network inspects TLS, set SSL_CERT_FILE to the file of its certificate (PEM) in the kernel's environment "
    "and restart the kernel."
)
REASON_LENGTH = 200


def certificates() -> ssl.SSLContext:
    """The certificates that are trusted: one context for all clients, read anew when the environment names others.

    Raises SettingsInvalid naming the file or folder that cannot be used.
    """
    try:
        return _context(tuple((os.environ.get(name), _changed_at(os.environ.get(name))) for name in TRUSTED_BY))
    except OSError as error:  # ssl.SSLError is one
        name = next((each for each in TRUSTED_BY if os.environ.get(each)), None)
        if name is None:
            raise
        why = error.strerror if isinstance(error, FileNotFoundError) else "it holds no certificates"
        raise SettingsInvalid(
            f"{name} names {os.environ[name]}, which cannot be used ({why}).",
            next_step=f"Set {name} to certificates in PEM form, or unset it, and restart the kernel.",
        ) from None


@lru_cache(maxsize=4)
def _context(named: tuple[tuple[str | None, int | None], ...]) -> ssl.SSLContext:
    """To read certificates takes 30 ms, and a session has three clients. `named` is all that the result depends on."""
    return httpx.create_ssl_context()


def _changed_at(path: str | None) -> int | None:
    """When a file or folder last changed, in nanoseconds; nothing where there is none."""
    try:
        return os.stat(path).st_mtime_ns if path else None
    except (OSError, ValueError):
        return None


def broken(error: Exception, proxy: str | None, key: Secret | None = None) -> str:
    """An error of the line in words: its kind, what it says, and the proxy where there is one.

    What is secret is taken out before it is cut: of half a key nothing knows that it is one.
    """
    reason = kept_in_text(f"{type(error).__name__}: {error}")
    reason = (reason if key is None else key.removed_from(reason))[:REASON_LENGTH].rstrip(": ")
    return reason if proxy is None else f"{reason}; through the proxy {without_password(proxy)}"


def proxy_of(error: Exception) -> str | None:
    """The proxy that the request of an error was to go through."""
    try:
        return proxy_for(str(error.request.url)) if isinstance(error, httpx.RequestError) else None
    except (RuntimeError, ValueError):  # no request; no port
        return None


def next_step(error: Exception, proxy: str | None, usual: str = "") -> str:
    """The next step of a person: the usual, and what this error says besides."""
    return " ".join(step for step in (usual, _special_step(error, proxy)) if step)


def _special_step(error: Exception, proxy: str | None) -> str:
    if any(isinstance(each, ssl.SSLError) or "CERTIFICATE_VERIFY_FAILED" in str(each) for each in _chain(error)):
        path = next((f" It is {os.environ[each]} now." for each in TRUSTED_BY if os.environ.get(each)), "")
        return TLS_STEP + path
    if proxy is not None:
        return f"Check the proxy {without_password(proxy)} (HTTPS_PROXY), or name the host in NO_PROXY."
    return ""


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
