"""A text that is used and never shown, and what an API key may look like."""

from __future__ import annotations

from typing import NoReturn

from .errors import SettingsInvalid

MAX_KEY_LENGTH = 512


class Secret:
    """A text that is used and never shown: no repr, str, copy or pickle of it gives it away."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the header of a request and nothing else."""
        return self._text

    def __repr__(self) -> str:
        return "Secret('…')"

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return repr(self)

    def __reduce_ex__(self, _protocol: object) -> NoReturn:
        raise TypeError("a secret is not copied or pickled")


def checked_key(text: str, source: str) -> Secret:
    """An API key without the white space around it. Raises SettingsInvalid, never showing it, for what is no key."""
    key = text.strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key or len(key) > MAX_KEY_LENGTH:
        raise SettingsInvalid(
            f"The API key from {source} cannot be one: it is empty or too long, or holds a space, a line break or a "
            "character that no header takes. It is not shown here.",
            next_step="Copy it again from the vendor's dashboard.",
        )
    return Secret(key)
