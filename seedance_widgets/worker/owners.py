"""The names under which workers lease rows, and whether the worker of a name is still there."""

from __future__ import annotations

import os
import platform
import secrets


def new_owner() -> str:
    """A name for a worker of this process: its machine, its process, and what tells it from the others there."""
    return f"{platform.node()}/{os.getpid()}/{secrets.token_hex(4)}"


def is_dead(owner: str) -> bool:
    """Whether a worker of this machine has died without giving up its leases, so that nobody waits for them to end."""
    host, _, rest = owner.partition("/")
    pid = rest.partition("/")[0]
    if host != platform.node() or os.name != "posix" or not (pid.isascii() and pid.isdigit() and len(pid) < 10):
        return False
    try:
        os.kill(int(pid), 0)  # asks only
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
