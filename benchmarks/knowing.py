"""How long after the server's "succeeded" the card says so, in a real kernel with the simulator at demo speed."""

from __future__ import annotations

import time
from pathlib import Path

from seedance_widgets.simulator.film import ClipSpec
from seedance_widgets.simulator.records import Record

from .figures import Figure, figure
from .kernels import Kernel, Message, fresh_kernel

JOBS = 20
APART_S = 1.5
LAST_S = 30.0

WATCH = """\
%load_ext seedance_widgets
import time
import seedance_widgets as sw
session = sw.simulate(speed=30)
sw.use_session(session)

class Watch:
    known = {}
    def on_job(self, job):
        if job.status == "succeeded":
            self.known.setdefault(job.request_id, time.time())
    def on_tick(self):
        pass

session.subscribe(Watch())
"""


def measure() -> list[Figure]:
    """From a record's last instant to the `Job` that knows it, and to the arrival of the card's message."""
    on_cards: dict[str, float] = {}

    def listen(message: Message) -> None:
        view = message["content"].get("data", {}).get("state", {}).get("view", {})
        if message["msg_type"] == "comm_msg" and view.get("status") == "succeeded":
            on_cards.setdefault(view["request_id"], time.time())

    with fresh_kernel() as kernel:
        kernel.run(WATCH)
        for number in range(JOBS):
            prompt = f"a fox in fresh snow, take {number}"
            kernel.run(f"%seedance {prompt} --duration 4 --resolution 480p --no-wait", on_message=listen)
            kernel.listen(APART_S, listen)
        deadline = time.monotonic() + LAST_S
        while len(on_cards) < JOBS and time.monotonic() < deadline:
            kernel.listen(0.5, listen)
        in_jobs = kernel.value("Watch.known")
        said = _said(kernel)
    shown = [1000 * (at - said[request_id]) for request_id, at in on_cards.items()]
    known = [1000 * (at - said[request_id]) for request_id, at in in_jobs.items()]
    return [
        figure("succeeded: jobs whose card never said so", [JOBS - len(shown)], digits=0, at_most=0),
        figure("succeeded: from the server to the Job", known, "ms", digits=0),
        figure("succeeded: from the server to the card", shown, "ms", digits=0, at_most=1500, worst_counts=True),
    ]


def _said(kernel: Kernel) -> dict[str, float]:
    """When the simulator began to say "succeeded", by request id: at the drawn instant, or once the film was there."""
    home = kernel.folder / "home" / "simulator"
    records = [Record.from_json(path.read_text("utf-8")) for path in (home / "generations").glob("*.json")]
    return {record.request_id: max(record.final_at, _film(home, record).stat().st_mtime) for record in records}


def _film(home: Path, record: Record) -> Path:
    spec = ClipSpec(
        prompt=record.prompt,
        model=record.model,
        aspect_ratio=record.aspect_ratio,
        resolution=record.resolution,
        seconds=record.duration,
        seed=record.clip_seed,
    )
    return home / "clips" / f"{spec.key}.mp4"
