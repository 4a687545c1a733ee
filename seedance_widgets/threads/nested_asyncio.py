"""For notebooks whose own code calls `asyncio.run` in a cell. Ours never needs it."""

from __future__ import annotations

import sys


def enable_nested_asyncio() -> str:
    """Patch asyncio so that `asyncio.run` and `run_until_complete` work inside a running loop; returns what patched it.

    Never applied by itself: a patch of the whole process is a person's own decision. Uses `nest-asyncio2` where it
    is installed (Python 3.12 and newer need it; the original is archived and loses cells there), else `nest-asyncio`.
    A patch that is already in place is left alone.
    """
    applied = next((name for name in ("nest_asyncio2", "nest_asyncio") if _is_applied(name)), None)
    if applied:
        return applied
    try:
        import nest_asyncio2 as nesting
    except ImportError:
        import nest_asyncio as nesting
    nesting.apply()
    return str(nesting.__name__)


def _is_applied(name: str) -> bool:
    import asyncio

    return name in sys.modules and getattr(asyncio, "_nest_patched", False) and _patched_by(name)


def _patched_by(name: str) -> bool:
    import asyncio

    return getattr(asyncio.run, "__module__", "") == name
