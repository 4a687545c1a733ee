"""A program on a pseudo terminal, and what a person sees there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from quick_session import quick_session

SCRIPT = quick_session()
IPYTHON = (sys.executable, "-m", "IPython", "--no-banner", "--simple-prompt", "--colors=NoColor")
SHELL = (*IPYTHON, "-c")
DEADLINE_S = 90.0
ESCAPES = re.compile(r"\x1b\[\??([\d;]*)([A-Za-z])|\x1b\].*?\x07")


class Terminal:
    """A program with a pseudo terminal, and what a person sees on it.

    Args:
        columns: How wide it is. It breaks lines there only when it is told to, by `wraps`.
        environment: What the program has beside ours, of which nothing is for Seedance or Jupyter.
        streams: What is not the terminal of `stdin`, `stdout` and `stderr`.
    """

    def __init__(
        self,
        folder: Path,
        *command: str,
        columns: int = 100,
        wraps: bool = False,
        environment: Mapping[str, str] | None = None,
        **streams: Any,
    ) -> None:
        self._columns = columns if wraps else None
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        drops = ("SEEDANCE_", "JPY_", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "TTY_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(drops)}
        told = {"TERM": "xterm", "IPYTHONDIR": str(folder / "ipython"), "PYTHON_HISTORY": "/dev/null"}
        ends = dict.fromkeys(("stdin", "stdout", "stderr"), slave) | streams
        own = {**kept, **told, **(environment or {})}
        self.process = subprocess.Popen(command, cwd=folder, env=own, start_new_session=True, **ends)
        os.close(slave)
        self.written = ""

    def type(self, line: str) -> None:
        """Type a line, as a person does, and Return."""
        os.write(self.master, f"{line}\n".encode())

    def until(self, enough: Callable[[str], bool]) -> None:
        """Take in what is written until it is enough."""
        end = time.monotonic() + DEADLINE_S
        while not enough(self.written):
            assert time.monotonic() < end, self.written
            if not self._read():
                raise AssertionError(f"It ended:\n{self.written}")

    def rest(self) -> None:
        """Take in what is written until the program has ended."""
        while self._read():
            pass
        self.process.wait(DEADLINE_S)

    def close(self) -> None:
        """End the program, if it has not ended."""
        self.process.kill()
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()
        os.close(self.master)

    def _read(self) -> bool:
        try:
            more = os.read(self.master, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.written += more.decode()
        return bool(more)

    @property
    def screen(self) -> list[str]:
        """The lines that stand there, none of them empty. Knows as much of a terminal as `rich` needs."""
        lines, row, column, place = [""], 0, 0, 0
        while place < len(self.written):
            escape = ESCAPES.match(self.written, place)
            letter, place = self.written[place], escape.end() if escape else place + 1
            if escape and escape[2] == "A":
                row -= int(escape[1] or 1)
            elif escape and escape[2] == "K":
                lines[row] = ""
            elif escape is None and letter == "\r":
                column = 0
            elif escape is None and letter == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            elif escape is None:
                if column == self._columns:
                    row, column = row + 1, 0
                    lines += [""] * (row + 1 - len(lines))
                lines[row] = lines[row].ljust(column)[:column] + letter + lines[row][column + 1 :]
                column += 1
        return [line.rstrip() for line in lines if line.strip()]
