"""What all sessions of this process share when they ask with one key: how often the API may be asked."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakValueDictionary

from ..secret import Secret

T = TypeVar("T")

_held: WeakValueDictionary[tuple[int, str, bytes], Any] = globals().get("_held", WeakValueDictionary())
"""By process, since a forked child needs its own; by service; by key. Kept when the module is reloaded."""
_lock = threading.Lock()


def shared(service: str, key: Secret | None, make: Callable[[], T]) -> T:
    """The one object of a key at a service, for as long as somebody holds it; made when nobody does.

    Without a key nothing is shared: each simulator is one session's own. What is made must be fit for several threads.
    """
    if key is None:
        return make()
    name = (os.getpid(), service, hashlib.sha256(key.reveal().encode()).digest())
    with _lock:
        known: T | None = _held.get(name)
        if known is None:
            known = _held[name] = make()
        return known
