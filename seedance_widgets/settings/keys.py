"""Where the API key is found: what was typed in this kernel, the environment, Colab's secrets, the keyring.

Each place is silent where there is none. No function here holds a key as plain text when it raises, because
tracebacks may show what is in a frame.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import SettingsInvalid
from ..secret import Secret, checked_key

VARIABLE = "SEEDANCE_API_KEY"
SERVICE, ENTRY = "seedance_widgets", "api_key"
"""The names under which the keyring has it."""
TYPED, COLAB, KEYRING = "%seedance_key", "Colab secrets", "the keyring"

_typed: Secret | None = None


class Environment:
    """The variables of this process, or those of a test, behind a name that shows none of them."""

    __slots__ = ("_variables",)

    def __init__(self, variables: Mapping[str, str] | None = None) -> None:
        self._variables = variables

    def get(self, name: str) -> str | None:
        """A variable, or `None` when it is not set."""
        return (os.environ if self._variables is None else self._variables).get(name)

    def __repr__(self) -> str:
        return "Environment(…)"


def find_key(
    api_key: str | Secret | None = None, environment: Environment | Mapping[str, str] | None = None
) -> tuple[Secret, str] | None:
    """The key and where it was found, or `None`. Raises SettingsInvalid for one that could not be a header.

    The first of: the argument, the key typed in this kernel, SEEDANCE_API_KEY, Colab's secrets, the keyring.
    """
    if isinstance(api_key, str):
        api_key = Secret(api_key)
    if not isinstance(environment, Environment):
        environment = Environment(environment)
    places: tuple[tuple[str, Callable[[], Secret | None]], ...] = (
        ("argument", lambda: api_key),
        (TYPED, lambda: _typed),
        (VARIABLE, lambda: _secret(environment.get(VARIABLE))),
        (COLAB, _of_colab),
        (KEYRING, _of_keyring),
    )
    for source, look in places:
        key = look()
        if key is not None and not isinstance(key, Secret):
            raise SettingsInvalid(f"The API key from {source} is text, not {type(key).__name__}.")
        if key is not None and key.reveal().strip():
            return checked_key(key, source), source
    return None


def remember(key: Secret | None) -> None:
    """Keep a typed key for as long as this process lives; `None` forgets it."""
    global _typed
    _typed = key


def save(key: Secret) -> None:
    """Put a key into the keyring. Raises SettingsInvalid where there is none."""
    keyring = _keyring()
    if keyring is None:
        raise _no_keyring("the package is not installed")
    try:
        keyring.set_password(SERVICE, ENTRY, key.reveal())
    except _failures(keyring) as error:
        raise _no_keyring(type(error).__name__) from None


def forget() -> bool:
    """Take the key out of the keyring, and say whether there was one. Raises SettingsInvalid where it refuses."""
    keyring = _keyring()
    if keyring is None or _of_keyring() is None:
        return False
    try:
        keyring.delete_password(SERVICE, ENTRY)
    except _failures(keyring) as error:
        raise _no_keyring(type(error).__name__) from None
    return True


def _secret(text: str | None) -> Secret | None:
    return None if text is None else Secret(text)


def _of_colab() -> Secret | None:
    """Colab asks the person once a notebook; whoever says no has none."""
    if "google.colab" not in sys.modules:
        return None
    try:
        from google.colab import userdata
    except ImportError:
        return None
    names = ("SecretNotFoundError", "NotebookAccessError", "TimeoutException")
    try:
        return _secret(userdata.get(VARIABLE))
    except tuple(getattr(userdata, name) for name in names if hasattr(userdata, name)):
        return None


def _of_keyring() -> Secret | None:
    keyring = _keyring()
    if keyring is None:
        return None
    try:
        return _secret(keyring.get_password(SERVICE, ENTRY))
    except _failures(keyring):
        return None


def _keyring() -> Any:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    return keyring


def _failures(keyring: Any) -> tuple[type[Exception], ...]:
    """The errors of a keyring without a backend, a locked one or one that is gone."""
    return keyring.errors.KeyringError, RuntimeError, OSError


def _no_keyring(why: str) -> SettingsInvalid:
    return SettingsInvalid(
        f"The keyring cannot be used ({why}).",
        next_step='pip install "seedance-widgets[secrets]" brings it where the system has one; '
        "SEEDANCE_API_KEY works everywhere.",
    )
