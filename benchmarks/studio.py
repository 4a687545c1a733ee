"""What it takes to show a Studio, against the same form of plain ipywidgets, and to keep it up to date."""

from __future__ import annotations

import json

from .figures import Figure, figure, interleaved, ratio
from .kernels import Message, fresh_kernel

ROUNDS = 5
REDRAWS = 60
SHOWN = 200

STUDIO = """\
import seedance_widgets as sw
studio = sw.Studio(prompt="a fox in fresh snow", duration=4)
studio
"""
FORM = """\
import ipywidgets as w
form = w.VBox([
    w.Textarea(description="Prompt"), w.Dropdown(options=["a", "b", "c"], description="Model"),
    w.ToggleButtons(options=["16:9", "9:16", "1:1"], description="Aspect ratio"),
    w.IntSlider(5, 4, 15, description="Duration"),
    w.ToggleButtons(options=["480p", "720p", "1080p"], description="Resolution"),
    w.Text(description="Media URL"), w.Button(description="Add media"), w.VBox([]),
    w.Label("≈ $0.50"), w.Button(description="Generate"), w.Label("today $0.00"),
    w.Text(description="Search jobs"), w.Dropdown(options=["any"], description="Status"), w.VBox([]), w.HTML("No clip"),
])
form
"""
"""The same controls, with empty places for media, jobs and the clip: without any of what they do."""

_ROWS = """\
import json, time
from dataclasses import replace
import sqlalchemy as sa
from seedance_widgets import life, store
import seedance_widgets as sw
session = sw.simulate(speed=30)
def fill(many):
    request = session.plan("a fox in fresh snow, seen from far above " * 4, duration=4).request
    row = life.Row(id="", service=session.service, request=request, created_at=0.0, status="failed", final_at=0.0)
    session.store.add_all(replace(row, id=f"row{n:05}", created_at=time.time() - n) for n in range(many))
"""
_REDRAW = (
    _ROWS
    + f"""
fill(12)
studio = sw.Studio(session, prompt="a fox in fresh snow")
while studio.view.get("state") != "ready" or studio._desk._drawing:
    time.sleep(0.05)
session.unsubscribe(studio._desk)
sent = []
send = studio.comm.send
def counted(data=None, *rest, **more):
    sent.append(len(json.dumps(data)))
    return send(data, *rest, **more)
studio.comm.send = counted
draws = []
for _ in range({REDRAWS}):
    began = time.thread_time()
    studio._desk._draw()
    draws.append(1000 * (time.thread_time() - began))
    time.sleep(0.01)
result = dict(draws=draws, bytes=sum(sent) / {REDRAWS}, messages=len(sent) / {REDRAWS})
"""
)
_MEMORY = (
    _ROWS
    + f"""
import gc, psutil
def resident():
    gc.collect()
    return psutil.Process().memory_info().rss
def show_and_close():
    studio = sw.Studio(session, prompt="a fox in fresh snow")
    while studio.view.get("state") != "ready":
        time.sleep(0.01)
    for page in range({SHOWN} // 12 + 1):
        studio._desk._search = dict(page=page)
        studio._desk._draw()
    studio.close()
    del studio
    time.sleep(0.3)
fill({SHOWN})
show_and_close()
before, grown = resident(), []
for _ in range(5):
    show_and_close()
    grown.append((resident() - before) / 1e6)
left = sum(isinstance(each, sw.Studio) for each in gc.get_objects())
"""
)


def measure() -> list[Figure]:
    """Fresh kernels in turn for what is shown; one kernel each for redraws and for memory."""
    studio, form = interleaved(ROUNDS, lambda: _shown(STUDIO), lambda: _shown(FORM))
    names = ("until the first message for the page", "comm messages to show it", "bytes of them")
    figures = []
    for column, (name, unit, scale) in enumerate(zip(names, ("ms", "", "kB"), (1000, 1, 0.001), strict=True)):
        ours = [scale * run[column] for run in studio]
        theirs = [scale * run[column] for run in form]
        figures += [
            figure(f"Studio: {name}", ours, unit, digits=0),
            figure(f"form of plain ipywidgets: {name}", theirs, unit, digits=0),
            ratio(f"Studio / form: {name}", ours, theirs),
        ]
    with fresh_kernel() as kernel:
        kernel.run(_REDRAW)
        redraw = kernel.value("result")
    with fresh_kernel() as kernel:
        kernel.run(_MEMORY)
        grown, left = kernel.value("grown"), kernel.value("left")
    return [
        *figures,
        figure("one redraw with a page of 12 jobs, CPU time", redraw["draws"], "ms", digits=1),
        figure("one redraw with a page of 12 jobs, messages", [redraw["messages"]], digits=0),
        figure("one redraw with a page of 12 jobs, bytes", [redraw["bytes"] / 1000], "kB", digits=1),
        figure(f"kernel memory after {SHOWN} jobs shown and closed, each of 5 times", grown, "MB", digits=1),
        figure("Studios that are left after they were closed", [left], digits=0, at_most=0),
    ]


def _shown(cell: str) -> tuple[float, float, float]:
    """Seconds until the first message that puts something on the page, comm messages of the cell, and their bytes."""
    seen: list[int] = []

    def count(message: Message) -> None:
        if message["msg_type"].startswith("comm_"):
            buffers = sum(len(buffer) for buffer in message.get("buffers", ()))
            seen.append(len(json.dumps(message["content"]).encode()) + buffers)

    with fresh_kernel() as kernel:
        first_s = kernel.time_to(cell, lambda m: m["msg_type"] in ("comm_open", "display_data"), on_message=count)
        kernel.listen(1.5, count)  # what the Studio has to say of models and jobs comes after its cell
        return first_s, float(len(seen)), float(sum(seen))
