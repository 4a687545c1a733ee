"""The session that the magics and the widgets of this process use, the key that was typed for it, and its caps."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from ..errors import SettingsInvalid
from ..request.caps import Caps
from ..secret import Secret, checked_key
from ..settings import keys
from ..values.plain import seconds, shown, unfit
from .connect import own_session
from .session import Session

_default: Session | None = globals().get("_default")  # a reload of the module keeps the session and its thread
_configured: dict[str, float | None] = globals().get("_configured", {})
_lock = threading.Lock()


def default_session() -> Session:
    """The session that magics and widgets use: with the API when there is a key, else with the simulator."""
    global _default
    with _lock:
        if _default is None:
            _default = own_session()
            _default.caps = _default.caps.with_(**_configured)
        return _default


def configure_caps(**changes: float | None) -> None:
    """Set caps of the default session: of the one that there is, and of those that come. For `%config`."""
    checked = Caps().with_(**changes)
    _configured.update({name: getattr(checked, name) for name in changes})
    if (session := current_session()) is not None:
        session.caps = session.caps.with_(**changes)


def current_session() -> Session | None:
    """The default session if there is one already. Starts nothing; for completion."""
    return _default


def use_session(session: Session | None) -> None:
    """Make a session the default one; `None` forgets it, so that the next use makes a new one."""
    global _default
    if session is not None and not _is_session(session):
        raise SettingsInvalid(
            f"use_session() takes a session, not {shown(session)}.",
            next_step="sw.connect() or sw.simulate() makes one.",
        )
    with _lock:
        _default = session


def use_key(text: str | Secret, *, save: bool = False) -> str:
    """Take a key that was typed, for as long as this process lives; with `save` also into the keyring.

    The default session goes on with it. Returns what happens next, in words. Raises SettingsInvalid for what cannot
    be a key, and where there is no keyring; never shows it.
    """
    text = Secret(text) if isinstance(text, str) else text  # a traceback may show what is in a frame
    key = checked_key(text, keys.TYPED)
    if save:
        keys.save(key)
    keys.remember(key)
    session = current_session()
    if session is None:
        return "The key is taken. The next call uses the API, where jobs cost credits."
    if session.is_simulated:
        use_session(None)
        return (
            "The key is taken. Until now this was the simulator; the next call uses the API, where jobs cost credits."
        )
    session.change_key(key, keys.TYPED)
    return f"The key is taken. {session.label} goes on with it; jobs that waited for a key are looked at now."


def forget_key() -> bool:
    """Take the key out of the keyring, and say whether there was one. The session that runs keeps the one it has."""
    return keys.forget()


def wait_all(timeout: float | None = None, sessions: Iterable[Session] = ()) -> None:
    """Wait until every open job and sweep of the default session is settled. For the last cell of a batch run."""
    timeout = seconds(timeout)
    for session in _listed(sessions) or filter(None, [_default]):
        for sweep in session.registry.sweeps():
            sweep.settle(timeout)
        for job in session.open_jobs():
            job.wait_until(lambda job=job: job.settled, timeout)  # type: ignore[misc]


def _listed(sessions: Any) -> list[Session]:
    many = [sessions] if _is_session(sessions) or not isinstance(sessions, Iterable) else list(sessions)
    if wrong := [each for each in many if not _is_session(each)]:
        raise unfit("sessions", "sessions", wrong[0])
    return many


def _is_session(value: object) -> bool:
    """Tell whether it can stand for one: tests have sessions of their own."""
    return callable(getattr(value, "open_jobs", None))
