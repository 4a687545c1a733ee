"""The kind of notebook that we are in, if any. Asks IPython, changes nothing."""

from __future__ import annotations

import os
import re
import sys
import threading
from pathlib import Path
from typing import Any

from ..errors import SettingsInvalid
from . import launcher

CLIPS = "seedance_clips"
_was_batch: bool = globals().get("_was_batch", False)  # a reload of the module keeps all three
_was_console: bool = globals().get("_was_console", False)
_has_page: bool = globals().get("_has_page", False)
_SUBSHELLS_SINCE = {"JupyterLab": (4, 4), "Jupyter Notebook": (7, 4)}


def shell() -> Any:
    """The running IPython shell, or `None` in a plain script. Never imports IPython by itself."""
    if "IPython" not in sys.modules:
        return None
    from IPython import get_ipython

    return get_ipython()


def in_kernel() -> bool:
    """Tell whether a Jupyter kernel runs us (and not a terminal or a script)."""
    return hasattr(shell(), "kernel")


def is_watched() -> bool:
    """Tell whether a person's page shows what we display, now and after the cell has ended.

    Not under nbclient, nbconvert or papermill, which leave when the cell ends: their requests say that nobody can
    answer a question (`allow_stdin` false). Voila says so too, though people look at it.
    """
    if not in_kernel():
        return False
    if in_voila():
        return True
    parent = shell().kernel.get_parent() or {}
    return bool(parent.get("content", {}).get("allow_stdin", True))


def is_batch() -> bool:
    """Tell whether nobody looks and the run ends with its last cell: nbclient, nbconvert, papermill, a book's build.

    Asked in the thread that runs cells; in others it is what was true there last.
    """
    global _was_batch
    if threading.current_thread() is threading.main_thread():
        _was_batch = in_kernel() and not is_watched()
    return _was_batch


def is_terminal() -> bool:
    """Tell whether a person looks at a terminal, where what is written to standard error can be drawn over.

    Only in the thread that runs a script or IPython's cells: two that draw would draw over each other.
    """
    error = sys.stderr
    if error is None or error.closed or in_kernel() or threading.current_thread() is not threading.main_thread():
        return False
    return error.isatty()


def in_colab() -> bool:
    """Tell whether Google Colab runs us: its pages cannot load a file of this machine."""
    return "google.colab" in sys.modules


def in_vscode() -> bool:
    """Tell whether VS Code's notebook editor runs us. It plays no AAC sound."""
    return bool(_vscode_path())


def _vscode_path() -> str:
    """The notebook's path, which VS Code keeps in a variable of the kernel."""
    path = getattr(shell(), "user_ns", {}).get("__vsc_ipynb_file__")
    return path if isinstance(path, str) and path.endswith(".ipynb") and os.path.isabs(path) else ""


def reactive_cell() -> tuple[str, object] | None:
    """The cell that runs, and something that is the same for one run of it, where cells run again by themselves.

    That is marimo. `None` anywhere else, and for what a person clicks there.
    """
    context = _marimo_context()
    run = getattr(context, "execution_context", None)
    if run is None or getattr(run, "setting_element_value", False):
        return None
    return str(run.cell_id), run


def _marimo_context() -> Any:
    """What marimo knows of the notebook that runs in this thread; `None` where it is not there."""
    runtime = sys.modules.get("marimo._runtime.context")
    if runtime is None:
        return None
    try:
        return runtime.get_context()
    except runtime.ContextNotInitializedError:
        return None


def in_marimo() -> bool:
    """Tell whether marimo runs this thread: its pages cannot load a file that lies beside a notebook."""
    return _marimo_context() is not None


def hear_page() -> None:
    """Take note that a page which tells no ids of cells has shown something of ours: it is no terminal."""
    global _has_page
    _has_page = True


def is_console() -> bool:
    """Tell whether a person looks at a terminal (`jupyter console`, qtconsole, Spyder), as far as is known.

    Pages tell the id of the cell that runs, or say hello once they show a widget; a terminal does neither. It may share
    its kernel with a page that tells ids (`jupyter console --existing`). Asked in the thread that runs cells; others
    know no cell, so there it is what was true last.
    """
    global _was_console
    if threading.current_thread() is threading.main_thread():
        _was_console = is_watched() and in_kernel() and not (in_voila() or in_colab() or in_vscode() or cell())
    return _was_console and not _has_page


def in_voila() -> bool:
    """Tell whether Voila runs us: people watch, and see no cells."""
    return os.environ.get("SERVER_SOFTWARE", "").startswith("voila")


def is_captured() -> bool:
    """Tell whether what is displayed now is kept (`%%capture`), to be shown later, once, often or never."""
    from IPython.core.displaypub import CapturingDisplayPublisher

    return isinstance(getattr(shell(), "display_pub", None), CapturingDisplayPublisher)


def takes_input() -> bool:
    """Tell whether a person can be asked a question here and now."""
    if not in_kernel():
        return sys.stdin is not None and sys.stdin.isatty()
    parent = shell().kernel.get_parent() or {}
    return bool(parent.get("content", {}).get("allow_stdin", False))


def cell() -> tuple[str, int] | None:
    """The id of the cell that runs, and the number of this run; `None` where the front end tells no ids."""
    if not in_kernel():
        return None
    cell_id = ((shell().kernel.get_parent() or {}).get("metadata") or {}).get("cellId")
    return (str(cell_id), int(shell().execution_count)) if cell_id else None


def pages_that_interrupt() -> list[str]:
    """The pages whose clicks reach this kernel while a cell runs, each with its first such version: "JupyterLab 4.4".

    ipykernel has subshells for that since 7.1; JupyterLab uses them since 4.4 and Notebook since 7.4.
    """
    kernel = sys.modules.get("ipykernel")
    if kernel is None or tuple(kernel.version_info[:2]) < (7, 1):
        return []
    return [f"{name} {major}.{minor}" for name, (major, minor) in _SUBSHELLS_SINCE.items()]


def clicks_interrupt(page: str = "") -> bool:
    """Tell whether clicks of a page are known to reach this kernel while a cell runs.

    `page` is how the page names itself, "JupyterLab 4.6.6". Of one that says nothing or is another one it is not known.
    """
    match = re.fullmatch(r"(JupyterLab|Jupyter Notebook) (\d{1,4})\.(\d{1,4})\b.*", page)
    if match is None or not pages_that_interrupt():
        return False
    name, *version = match.groups()
    return tuple(map(int, version)) >= _SUBSHELLS_SINCE[name]


def folder() -> Path:
    """The notebook's folder. The current folder where that is not known."""
    session = path() or ""
    if session.endswith(".ipynb") and os.path.isabs(session) and Path(session).parent.is_dir():
        return Path(session).parent
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise SettingsInvalid(
            "The folder that this kernel runs in was deleted.",
            charged="Nothing was sent, nothing was charged.",
            next_step="Restart the kernel, or change to a folder that is there: %cd ~",
        ) from None


def output_folder() -> Path | None:
    """The folder of the notebook that keeps what we display: links are relative to it. `None` where it is in none.

    That is the notebook's own, unless a batch run writes what it ran elsewhere: its command line tells, or the variable
    `PAPERMILL_OUTPUT_PATH`, which papermill can be asked to set.
    """
    if not is_batch() or path():
        return folder()
    started, here = launcher.find(), Path(shell().starting_dir)
    told = shell().user_ns.get("PAPERMILL_OUTPUT_PATH")
    if isinstance(told, str):
        return launcher.folder_of(told, started.folder or here)
    return launcher.output_folder(started.command, started.folder or here, here)


def path() -> str | None:
    """The notebook's own path, where the server or VS Code tells it.

    A program that was started from a cell, such as nbconvert, hands the name of that cell's notebook on to its kernels.
    """
    session = os.environ.get("JPY_SESSION_NAME", "")
    if session.endswith(".ipynb") and session != launcher.find().session_name:
        return session
    return _vscode_path() or getattr(_marimo_context(), "filename", None)


def clips_folder() -> Path:
    """Where clips are saved: `seedance_clips` beside the notebook."""
    return folder() / CLIPS


def files_url(path: Path) -> str | None:
    """The address of a file below the server's base URL, such as `files/x/a.mp4`; `None` where it cannot serve it.

    The server that started this kernel notes its root folder in a file of the runtime folder, named by its process.
    """
    parent = os.environ.get("JPY_PARENT_PID", "")
    if not parent.isdigit():
        return None
    import json
    from urllib.parse import quote

    from jupyter_core.paths import jupyter_runtime_dir

    try:
        server = json.loads((Path(jupyter_runtime_dir()) / f"jpserver-{parent}.json").read_text())
        inside = path.resolve().relative_to(Path(server["root_dir"]).resolve())
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if any(part.startswith(".") for part in inside.parts):
        return None  # the server hides such files
    return "files/" + quote(inside.as_posix())
