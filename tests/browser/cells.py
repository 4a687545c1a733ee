"""What the tests type into cells."""

from __future__ import annotations

import json

PROMPT = "a paper boat in heavy rain"
SIZE = 854, 480
"""Of the clips that `seedance` asks for, in pixels."""

LOAD = "%load_ext seedance_widgets"

LOAD_WITH_CLOCK = """\
import time
from pathlib import Path
import seedance_widgets as sw
%load_ext seedance_widgets

began_at, ahead_s = time.time(), 0.0
home = Path("seedance-home").absolute()
settings = sw.SimulatorSettings(home=home / "simulator", speed=SPEED)
simulator = sw.Simulator(settings, now=lambda: began_at + ahead_s)
sw.use_session(sw.Session(None, home=home, simulator=simulator))
"""
"""A session whose simulator has a clock that stands still until the test moves it: no job is too quick or too slow."""

HOURS_S = 3000
"""Of a job that ends when its test wants it to; it stays in the queue for an eighth of that."""
END_QUEUE = "ahead_s = 600.0"
END_JOBS = "ahead_s = 3600.0"

BUSY = """\
import time
from pathlib import Path
while not Path("release").exists():
    time.sleep(0.1)
print("released")
"""
"""Keeps the kernel's main thread until the test makes the file."""


def load_with_clock(speed: float = 30.0) -> str:
    """The first cell of tests that end their jobs by `END_JOBS`. The speed is what estimates go by."""
    return LOAD_WITH_CLOCK.replace("SPEED", str(speed))


STUDIO = "studio = sw.Studio(duration=4, resolution='480p')\nstudio"
"""A Studio whose clips are soon there."""


def seedance(prompt: str = PROMPT, *, seconds: float = 0, outcome: str = "succeeded") -> str:
    """A line that starts a small clip which takes so many seconds, and keeps it as `job`."""
    wishes = json.dumps({"simulator": {"seconds": seconds, "outcome": outcome}})
    return f"job = %seedance {prompt} --duration 4 --resolution 480p --metadata {wishes}"


FILL = """\
import shutil, tempfile, time
from dataclasses import replace
from pathlib import Path
session = sw.default_session()
outside = tempfile.TemporaryDirectory()

def fill(many):
    job = session.submit("a fox in fresh snow, seen from far above", duration=4, resolution="480p")
    job.wait()
    paths = {name: shutil.copy(getattr(job.row, name), outside.name) for name in ("clip_path", "poster_path")}
    rows = [replace(job.row, id=f"row{n:05}", created_at=time.time() - 60 * n, **paths) for n in range(1, many)]
    session.store.add_all(rows)
"""
"""Makes `fill`, which writes a history of so many clips: a real one, and copies of it straight into the store.

The film of the copies lies where the server serves nothing, so that the page gets it in pieces.
"""

SWEEP = """\
from dataclasses import replace

def start(prompt, seconds=0, outcome="succeeded", duration=4, resolution="480p", aspect_ratio="16:9", **values):
    session = sw.default_session()
    wishes = {"simulator": {"seconds": seconds, "outcome": outcome}}
    asked = dict(duration=duration, resolution=resolution, aspect_ratio=aspect_ratio)
    add = session.store.add
    session.store.add = lambda row, **more: add(replace(row, sweep_values=values or None), **more)
    try:
        job = session.start(prompt, metadata=wishes, **asked).wait_accepted()
    finally:
        del session.store.add
    job._row = replace(job.row, sweep_values=values or None)
    return job
"""
"""Makes `start`, which starts a job with a place in a sweep."""
