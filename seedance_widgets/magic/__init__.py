"""Magics that a person types in a cell: `%seedance`, `%%seedance` and their companions.

`load` and `unload` are all that the extension hooks of the package call. Loading registers names and nothing else: no
network, no thread, no session. What a magic needs is imported when it is first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import complete
from .magics import SeedanceMagics
from .reading import transform

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load", "unload"]

_CLASS = SeedanceMagics.__name__


def load(shell: InteractiveShell) -> None:
    """Register the magics, their completion and the transforms that keep prompts whole. A second call does nothing."""
    if _CLASS in shell.magics_manager.registry:
        return
    shell.register_magics(SeedanceMagics)
    complete.install(shell)
    transform.install(shell)


def unload(shell: InteractiveShell) -> None:
    """Leave IPython as it was before `load`. Jobs that run go on, and nothing is forgotten."""
    ours: Any = shell.magics_manager.registry.pop(_CLASS, None)
    if ours is None:
        return
    for table in shell.magics_manager.magics.values():
        for name in [name for name, function in table.items() if getattr(function, "__self__", None) is ours]:
            del table[name]
    shell.configurables.remove(ours)
    complete.uninstall(shell)
    transform.uninstall(shell)
