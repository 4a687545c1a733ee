"""The traceback of an error of ours in a cell: the person's own lines, and what happened. Not the frames of our thread.

Called by IPython only, which is loaded then. Scripts and `traceback.print_exception(error)` show everything.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import Any

from .printable import visible

_OURS = str(Path(__file__).parents[1])


def short_traceback(error: BaseException) -> list[str]:
    """The lines that IPython prints."""
    message = f"{type(error).__name__}: {visible(str(error))}"
    own = _until_ours(error.__traceback__)
    shell: Any = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if own is None or shell is None:
        return [message]
    lines: list[str] = shell.InteractiveTB.structured_traceback(type(error), _without_chain(error), own)
    return lines


def _until_ours(frames: TracebackType | None) -> TracebackType | None:
    """The frames before the first of ours, as a chain of its own: that of the error stays whole for a debugger."""
    entries: list[TracebackType] = []
    while frames is not None and not frames.tb_frame.f_code.co_filename.startswith(_OURS):
        entries.append(frames)
        frames = frames.tb_next
    shown: TracebackType | None = None
    for each in reversed(entries):
        shown = TracebackType(shown, each.tb_frame, each.tb_lasti, each.tb_lineno)
    return shown


def _without_chain(error: BaseException) -> BaseException:
    """The same error without what led to it, whose frames are of our thread and of libraries."""
    bare = type(error).__new__(type(error))
    vars(bare).update(vars(error))
    bare.args = error.args
    return bare
