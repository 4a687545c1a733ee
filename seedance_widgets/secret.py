"""A text that is used and never shown, and what an API key may look like."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import NoReturn
from urllib.parse import quote

from .errors import SettingsInvalid

MAX_KEY_LENGTH = 512
REMOVED = "(key removed)"
"""What stands in a server's text in the place of our key."""
SHORTEST_WEBHOOK_SECRET = 6
SHORTEST_REMOVED = 8
"""A key of fewer characters is part of ordinary words."""


class Secret:
    """A text that is used and never shown: no repr, str, copy or pickle of it gives it away."""

    __slots__ = ("__weakref__", "_text")

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the header of a request and nothing else."""
        return self._text

    def is_same(self, other: Secret) -> bool:
        """Tell whether both are the same text."""
        return self._text == other._text

    def hashed(self, salt: str) -> str:
        """A mark that tells it from other secrets without giving it away: the salt, and a hash of both."""
        digest = hashlib.blake2b(self._text.encode(), key=salt.encode(), digest_size=12).hexdigest()
        return f"{salt}:{digest}"

    def is_hashed_as(self, hashed: str) -> bool:
        """Tell whether it is the one that was `hashed` so."""
        return self.hashed(hashed.partition(":")[0][:64]) == hashed

    def removed_from(self, text: str) -> str:
        """A text from outside without this one: plain, quoted for a URL, or in base64 at any place of a longer text."""
        if len(self._text) >= SHORTEST_REMOVED:
            for form in self._forms():
                text = text.replace(form, REMOVED)
        return text

    def _forms(self) -> Iterator[str]:
        yield self._text
        yield quote(self._text, safe="")
        raw = self._text.encode()
        for before in range(3):  # the letters of base64 depend on where in a group of three bytes the key begins
            whole = (before + len(raw)) // 3 * 3
            first = 4 if before else 0  # a group that also holds what stands before the key
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                yield encode(b"\0" * before + raw[: whole - before]).decode()[first:]

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a secret is not copied or pickled")


def checked_key(text: str | Secret, source: str) -> Secret:
    """An API key without the white space around it. Raises SettingsInvalid, never showing it, for what is no key.

    No frame of ours holds the plain text when it raises: tracebacks may show what is in a frame.
    """
    if not isinstance(text, str | Secret):
        raise SettingsInvalid(f"The API key from {source} is text, not {type(text).__name__}.")
    text = Secret((text.reveal() if isinstance(text, Secret) else text).strip())
    if not _may_be_key(text.reveal()):
        raise SettingsInvalid(
            f"The API key from {source} cannot be one: it is empty or too long, or holds a space, a line break or a "
            "character that no header takes. It is not shown here.",
            next_step="Copy it again from the vendor's dashboard.",
        )
    return text


def why_no_webhook_secret(secret: object) -> str | None:
    """The fault of a webhook secret, in words that do not show it; `None` where it can be one."""
    if secret is None or (isinstance(secret, str) and not secret):
        return "There is no webhook secret"
    if not isinstance(secret, str):
        return f"The webhook secret is text, not {type(secret).__name__}"
    if not secret.strip():
        return "The webhook secret is nothing but white space"
    if secret != secret.strip():
        return "The webhook secret has white space around it, perhaps the line end of a file"
    if any("\ud800" <= character <= "\udfff" for character in secret):
        return "The webhook secret holds half of a character"
    if len(secret) < SHORTEST_WEBHOOK_SECRET:
        return f"The webhook secret has fewer than {SHORTEST_WEBHOOK_SECRET} characters: it could be guessed"
    return None


def _may_be_key(key: str) -> bool:
    return bool(key) and key.isascii() and key.isprintable() and " " not in key and len(key) <= MAX_KEY_LENGTH
