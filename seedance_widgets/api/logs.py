"""The log records of httpx and httpcore about our own requests: nothing that people's cells would keep, and no key.

httpx says each URL at INFO, and a clip's URL is signed. Other people's requests are logged as ever: what is left out is
told by the context in which it is said, and nothing is configured.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from weakref import WeakSet

from ..secret import Secret

_SPEAKERS = ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))
_silent: ContextVar[tuple[str, ...]] = ContextVar("loggers that seedance_widgets keeps silent", default=())
_keys: WeakSet[Secret] = WeakSet()


class _OfOurs(logging.Filter):
    """Leaves out what is said in silence, and takes our keys out of the rest: a server may send a key back."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith(_silent.get()):
            return False
        text = message = record.getMessage()
        for key in list(_keys):
            message = key.removed_from(message)
        if message != text:
            record.msg, record.args = message, ()
        return True


for _name in _SPEAKERS:
    logging.getLogger(_name).addFilter(_OfOurs())


@contextmanager
def silent(*loggers: str) -> Iterator[None]:
    """Drop what these loggers, and those below them, are told in here."""
    before = _silent.set(loggers)
    try:
        yield
    finally:
        _silent.reset(before)


def hide(key: Secret) -> None:
    """Take a key out of all that is logged, as long as it is there."""
    _keys.add(key)
