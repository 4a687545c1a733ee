"""The engine in a plain process: no kernel, no IPython, no widget."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PAGE = ("IPython", "ipykernel", "ipywidgets", "anywidget", "traitlets", "comm")

RUN = """
import json, sys, time
from pathlib import Path

from seedance_widgets.api.client import AsyncClient
from seedance_widgets.api.files import Files
from seedance_widgets.jobs.engine import Engine, Quiet
from seedance_widgets.life import Row, new_job_id
from seedance_widgets.secret import Secret
from seedance_widgets.simulator import Simulator, SimulatorSettings
from seedance_widgets.store import Store
from seedance_widgets.worker import Needs, Terms

home = Path(sys.argv[1])
simulator = Simulator(SimulatorSettings(speed=float("inf"), home=home))
key = Secret(simulator.settings.api_key)
engine = Engine(
    Needs(
        store=lambda: Store(home / "history.db"),
        client=lambda: AsyncClient(key, simulator.start().base_url),
        files=lambda: Files(simulator.start().base_url),
        service="simulator",
        requests_per_minute=6000,
        floor_s=0.01,
        owners=home / "owners",
    ),
    home=home,
    subscriber=Quiet(),
)
engine.start()
plan = engine.plan("a paper boat", {"duration": 4, "resolution": "480p"})
engine.check_caps(plan)
row = Row(
    id=new_job_id(), service=engine.service, request=plan.request, created_at=time.time(), cost_usd=plan.cost_usd,
    folder=str(home / "clips"), session_id=engine.id,
)
accepted = engine.submit(row, Terms()).result(timeout=30)
deadline = time.monotonic() + 60
while not (found := engine.store.get(row.id)).settled and time.monotonic() < deadline:
    time.sleep(0.05)
spent = engine.charged_usd()
engine.close()
print(json.dumps({
    "status": found.status,
    "clip": found.clip_path,
    "request_id": accepted.request_id,
    "closed": engine.is_closed,
    "loaded": sorted({name.partition(".")[0] for name in sys.modules}),
}))
"""


def test_a_plain_process_sends_a_request_and_saves_its_clip(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", RUN, str(tmp_path)], capture_output=True, text=True, timeout=150)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["status"], told["closed"]) == ("succeeded", True)
    assert told["request_id"]
    assert Path(told["clip"]).is_file()
    assert not set(PAGE) & set(told["loaded"])
