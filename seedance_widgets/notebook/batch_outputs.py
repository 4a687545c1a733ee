"""Outputs of a batch run that show something unfinished, and are brought up to date before their cell ends.

Such a run hears updates only of the cell that runs, and only while it does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

_open: list[tuple[Any, Callable[[], dict[str, str]], Callable[[], bool]]] = globals().get("_open", [])


def show(make: Callable[[], dict[str, str]], is_over: Callable[[], bool]) -> None:
    """Display what `make` makes, by MIME type, and once more at each `refresh` until it is over."""
    from IPython.display import DisplayHandle, display

    shown = DisplayHandle(f"seedance-batch-{uuid4().hex[:8]}")
    display(make(), raw=True, display_id=shown.display_id)
    _open.append((shown, make, is_over))


def refresh() -> None:
    """Bring them up to date. In the thread that runs cells."""
    for shown, make, is_over in list(_open):
        last = is_over()
        shown.update(make(), raw=True)
        if last:
            _open[:] = [each for each in _open if each[0] is not shown]
