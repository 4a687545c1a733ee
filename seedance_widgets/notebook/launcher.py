"""The program that started this kernel, as far as the system tells, and where it writes the notebook.

papermill, nbconvert and jupytext run a notebook in one place and may write it to another, and tell the kernel neither.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path, PurePath
from typing import NamedTuple

TAKES = {
    "papermill": {
        **dict.fromkeys(("--parameters", "-p", "--parameters_raw", "-r"), 2),
        **dict.fromkeys(("--parameters_file", "-f", "--parameters_yaml", "-y", "--parameters_base64", "-b"), 1),
        **dict.fromkeys(("--engine", "--autosave-cell-every", "--kernel", "-k", "--language", "-l", "--cwd"), 1),
        **dict.fromkeys(("--stdout-file", "--stderr-file", "--log-level"), 1),
        **dict.fromkeys(("--start-timeout", "--start_timeout", "--execution-timeout"), 1),
    },
    "nbconvert": dict.fromkeys(
        ("--output-dir", "--output", "--FilesWriter.build_directory", "--NbConvertApp.output_base"), 1
    ),
    "jupytext": {
        **dict.fromkeys(("--from", "--to", "-o", "--output", "--set-formats", "--format-options", "--opt"), 1),
        **dict.fromkeys(("--update-metadata", "--pipe", "--pipe-fmt", "--diff-format", "--check"), 1),
        **dict.fromkeys(("--set-kernel", "-k", "--run-path"), 1),
    },
}
"""How many values an option takes; of nbconvert only those that say where it writes."""


class Launcher(NamedTuple):
    """A program that runs: what it was started with."""

    command: tuple[str, ...] = ()
    folder: Path | None = None
    """Its current folder."""
    session_name: str = ""
    """Its own JPY_SESSION_NAME: it runs in a kernel itself, and its kernels inherit the name."""


def find() -> Launcher:
    """The program that started this kernel; an empty one where the system does not tell."""
    told = os.environ.get("JPY_PARENT_PID", "")  # of the kernel, in a process that was forked from it, too
    if not told.isdigit():
        return Launcher()
    return _running(os.getppid() if os.name == "nt" else int(told))  # there the variable is a handle


@lru_cache(maxsize=4)
def _running(process_id: int) -> Launcher:
    import psutil

    try:
        process = psutil.Process(process_id)
        session = process.environ().get("JPY_SESSION_NAME", "")
        return Launcher(tuple(process.cmdline()), Path(process.cwd()), session)
    except (psutil.Error, OSError):  # it has ended, or belongs to somebody else
        return Launcher()


def output_folder(command: Sequence[str], folder: Path, kernel_folder: Path) -> Path | None:
    """Where a program writes the notebook that it runs; `None` where it writes to no folder.

    Args:
        command: How the program was started.
        folder: Its current folder.
        kernel_folder: Where the kernel was started, which any other program is taken to write to.
    """
    name, words = _program(command)
    places, options = _parsed(words, TAKES.get(name, {}))
    if name == "papermill":
        return folder_of(places[1] if len(places) > 1 else "-", folder)
    if name == "nbconvert":
        if "--stdout" in options:
            return None
        into = options.get("--output-dir") or options.get("--FilesWriter.build_directory")
        output = options.get("--output") or options.get("--NbConvertApp.output_base") or "notebook"
        return folder_of(output, folder / into if into else kernel_folder)
    if name == "jupytext" and "--run-path" in options:
        output = options.get("--output") or options.get("-o") or (places[0] if places else "-")
        return folder_of(output, folder)
    return kernel_folder


def _program(command: Sequence[str]) -> tuple[str, Sequence[str]]:
    """The name of one that we know, and what it was told: `python /bin/papermill ...`, `python -m nbconvert ...`."""
    for index, word in enumerate(command[:4]):
        name = PurePath(word).stem.removeprefix("jupyter-")
        if name in TAKES:
            return name, command[index + 1 :]
    return "", ()


def _parsed(words: Sequence[str], takes: dict[str, int]) -> tuple[list[str], dict[str, str]]:
    """The words that are no options, and the options, each with its first value."""
    places: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, has_value, value = word.partition("=")
        if word == "-" or not word.startswith("-"):
            places.append(word)
        elif has_value:
            options[name] = value
        else:
            options[name] = next(iter([next(rest, "") for _ in range(takes.get(name, 0))]), "")
    return places, options


def folder_of(output: str, folder: Path) -> Path | None:
    """The folder of a file that is named relative to another one; `None` for standard output, a bucket, an address."""
    return None if output == "-" or "://" in output else (folder / output).parent
