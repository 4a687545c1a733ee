"""A person without the repository: from `pip install` of the wheel to a clip that plays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from .figures import Figure, figure

ROOT = Path(__file__).parents[1]
ROUNDS = 3
FIRST_CLIP = """
import seedance_widgets as sw
session = sw.simulate()
clip = session.submit("a paper boat in heavy rain").wait(quiet=True)
assert clip.width and clip.path.is_file(), "it plays"
session.close()
"""


def measure() -> list[Figure]:
    """Install the wheel into a new environment and make a first clip, with the simulator's own durations."""
    with TemporaryDirectory() as place:
        wheel = _built(Path(place))
        rounds = [_first_clip(wheel, Path(place) / str(number)) for number in range(ROUNDS)]
    install, clip, busy = zip(*rounds, strict=True)
    whole = [sum(parts) for parts in zip(install, clip, strict=True)]
    return [
        figure("from `pip install` of the wheel to a clip that plays", whole, "s", digits=0, at_most=60),
        figure("of it: pip install", install, "s", digits=0),
        figure("of it: Python, import, a job at the simulator, its clip", clip, "s", digits=0),
        figure("of it: processor time", busy, "s", digits=0),
    ]


def _run(*command: str | Path, cwd: Path, **more: str) -> float:
    """Run a command that knows nothing of this repository; returns the seconds that it took."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHONPATH", "SEEDANCE_"))}
    began = time.perf_counter()
    subprocess.run(list(map(str, command)), cwd=cwd, env={**kept, **more}, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _python(venv: Path) -> Path:
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def _built(place: Path) -> Path:
    _run(sys.executable, "-m", "venv", place / "builder", cwd=place)
    _run(_python(place / "builder"), "-m", "pip", "install", "-q", "hatchling>=1.27", cwd=place)
    _run(_python(place / "builder"), "-m", "hatchling", "build", "-t", "wheel", "-d", place / "dist", cwd=ROOT)
    (wheel,) = (place / "dist").glob("*.whl")
    return wheel


def _first_clip(wheel: Path, folder: Path) -> tuple[float, float, float]:
    """The seconds of the installation, of the first clip after it, and those in which a processor worked for both."""
    folder.mkdir()
    _run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    python = _python(folder / "venv")
    before = os.times()
    install_s = _run(python, "-m", "pip", "install", "-q", wheel, cwd=folder)
    clip_s = _run(python, "-c", FIRST_CLIP, cwd=folder, SEEDANCE_HOME=str(folder / "home"))
    after = os.times()
    busy_s = after.children_user + after.children_system - before.children_user - before.children_system
    return install_s, clip_s, busy_s
