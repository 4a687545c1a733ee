"""A history whose writer was killed in the middle of a step: pages are in the file, and its journal beside it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

_WRITER = """
import os, sqlite3, sys
file = sqlite3.connect(sys.argv[1], isolation_level=None)
file.execute("PRAGMA cache_size = 2")  # pages reach the file before the end of the step
file.execute("BEGIN IMMEDIATE")
file.execute("UPDATE jobs SET status = 'failed', session_id = session_id || hex(zeroblob(4000))")
os.kill(os.getpid(), 9)
"""


def leave_half_step(path: Path) -> None:
    """Kill a process that is writing into the file."""
    done = subprocess.run([sys.executable, "-c", _WRITER, str(path)])
    assert done.returncode == -signal.SIGKILL
    assert os.path.getsize(f"{path}-journal") > 512
