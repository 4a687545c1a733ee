"""Builds the site, once for all tests of a run that ask for it; `SEEDANCE_SITE` names one that was built before."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

DOCS = Path(__file__).parents[1] / "docs"
CAN_BUILD = bool(os.environ.get("SEEDANCE_SITE") or (find_spec("sphinx") and find_spec("furo")))
"""Where one was built before, or it can be: `.ci/run site` installs what that needs."""


def build(folder: Path) -> Path:
    """The folder with the pages, built without a warning."""
    if built := os.environ.get("SEEDANCE_SITE"):
        return Path(built)
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html", str(DOCS), str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=800, env={**os.environ})
    assert done.returncode == 0, done.stderr[-4000:]
    return folder
