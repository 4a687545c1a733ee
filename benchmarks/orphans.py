"""Jobs whose kernels are killed right after acceptance: `seedance worker` saves every clip, with no kernel alive.

SEEDANCE_ORPHANS says how many jobs there are; 2,000 unless it does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from seedance_widgets.simulator import Simulator, SimulatorSettings
from seedance_widgets.store import Store

from .figures import Figure
from .kernels import environment

EACH = 100
"""Jobs of one kernel."""
KEY = "sd2_live_simulator"
KERNEL = """
import os, sys
import seedance_widgets as sw
session = sw.connect(requests_per_minute=60_000, clips=sys.argv[2])
asked = {"model": "seedance-2.0-fast", "duration": 4, "resolution": "480p"}
jobs = [session.start(f"boat {number % 7}", **asked) for number in range(int(sys.argv[1]))]
for job in jobs:
    job.wait_accepted()
os.kill(os.getpid(), 9)
"""


def measure() -> list[Figure]:
    """How many clips there are when no job is open any more, and how long that took."""
    many = int(os.environ.get("SEEDANCE_ORPHANS", "2000"))
    with tempfile.TemporaryDirectory(prefix="seedance-benchmark-") as name:
        folder = Path(name)
        settings = SimulatorSettings(home=folder / "server", speed=float("inf"), credits=10**9, api_key=KEY)
        with Simulator(settings) as server:
            own = {"SEEDANCE_API_KEY": KEY, "SEEDANCE_BASE_URL": server.base_url}
            values = {**environment(folder), **own}
            for begin in range(0, many, EACH):
                arguments = [str(min(EACH, many - begin)), str(folder / "clips")]
                subprocess.run([sys.executable, "-c", KERNEL, *arguments], env=values, check=False)
            charged = len(list((folder / "server" / "generations").glob("*.json")))
            began = time.monotonic()
            options = ["worker", "--until-idle", "--requests-per-minute", "60000"]
            command = [sys.executable, "-m", "seedance_widgets.cli", *options]
            subprocess.run(command, env=values, check=True, stdout=subprocess.DEVNULL)
            took_s = time.monotonic() - began
        store = Store(folder / "home" / "history.db")
        saved = [row for row in store.rows(limit=10 * many) if row.clip_path and Path(row.clip_path).is_file()]
        store.close()
        found = [json.loads(Path(row.clip_path or "").with_suffix(".json").read_text("utf-8")) for row in saved]
    return [
        Figure(
            f"of {charged:,} paid jobs without a kernel: not saved", (float(charged - len(found)),), "clips", 0, 0.0
        ),
        Figure("the same: saved a second, by one worker", (len(found) / took_s,), "clips", 1),
    ]
