"""Signed links: what signs a URL, and the URL without it. Pure; standard library only.

A signed link is sent to the server and kept nowhere. What is kept is the same link without what signs it and with a
mark in its fragment, so that whoever finds it knows that it was signed, and nobody sends it by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from . import signatures
from .lazy_pattern import lazy_pattern

MARK = "signature-removed"
"""In the fragment of a link that was signed: no server is ever sent a fragment when a link is opened."""
SIGNS = ("=", "%", "@", "\\", "&#")
"""A text without any of these signs holds no signed link."""

_LINK = lazy_pattern(r"(?:[a-z][a-z0-9+.-]*:)+[\\/]{2,4}\S+", re.I)
"""A text that is one link, of whatever kind: `https`, `s3`, `oss`, `ftp`, …"""


def without_signature(url: str) -> str:
    """The link without what signs it: signature, expiry, keys, tokens, a user name or password. The rest as it was.

    Never raises. A link in a parameter loses its signature, too, and so does each link in a longer text.
    """
    return signatures.of_link(url) if _LINK.fullmatch(url) else signatures.without_signatures(url)


def bare(url: str) -> str:
    """The link for people to read: without what signs it, and without the mark of where that was."""
    return without_signature(url).removesuffix(MARK).rstrip("#&")


def is_signed(url: str) -> bool:
    """Tell whether a link holds what signs it."""
    return without_signature(url) != url


def kept(url: str) -> str:
    """The link as it may be kept and shown: without what signs it, and with a mark where it was signed."""
    bare = without_signature(url)
    if bare == url:
        return url
    return bare if is_kept(bare) else f"{bare}{'&' if '#' in bare else '#'}{MARK}"


def is_kept(url: str) -> bool:
    """Tell whether a link was signed, and its signature was not kept: it opens nothing any more."""
    return url.partition("#")[2].endswith(MARK)


def kept_in(value: Any) -> Any:
    """A decoded JSON value in which every text that is a link is as it may be kept."""
    if isinstance(value, str):
        return kept(value) if _LINK.fullmatch(value) else kept_in_text(value)
    if isinstance(value, Mapping):
        return {kept_in(name): kept_in(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [kept_in(inner) for inner in value]
    return tuple(kept_in(inner) for inner in value) if isinstance(value, tuple) else value


def kept_in_text(text: str) -> str:
    """A server's words without what signs the links in them: it may quote what we sent."""
    return signatures.without_signatures(text)


def shown(self: Any) -> str:
    """A `__repr__` for data classes that hold links: each as it may be shown."""
    values = ", ".join(f"{field.name}={kept_in(getattr(self, field.name))!r}" for field in fields(self))
    return f"{type(self).__qualname__}({values})"
