"""How soon the first card is on the page, against the first form of plain ipywidgets."""

from __future__ import annotations

from .figures import Figure, figure, interleaved, ratio
from .kernels import fresh_kernel, is_display

ROUNDS = 9

CARD = """\
%load_ext seedance_widgets
%seedance a fox in fresh snow --duration 4 --resolution 480p --no-wait
"""
FORM = """\
import ipywidgets as w
from IPython.display import display
display(w.VBox([
    w.Textarea(description="Prompt"), w.Dropdown(options=["a", "b"], description="Model"),
    w.IntSlider(5, 4, 12, description="Duration"), w.ToggleButtons(options=["16:9", "9:16", "1:1"]),
    w.Dropdown(options=["480p", "720p", "1080p"]), w.Text(description="Media"), w.Text(description="Webhook"),
    w.Checkbox(description="Wait"), w.FloatProgress(description="Progress"), w.Label("Queued"),
    w.Button(description="Cancel"), w.Button(description="Send"),
]))
"""
"""Twelve controls, as many as a form for the same request takes."""


def measure() -> list[Figure]:
    """From sending the first cell of a fresh kernel to the arrival of its first display, each in fresh kernels."""
    samples = interleaved(ROUNDS, lambda: _first_display(CARD), lambda: _first_display(FORM))
    card, form = ([wall for wall, _ in runs] for runs in samples)
    card_cpu, form_cpu = ([cpu for _, cpu in runs] for runs in samples)
    return [
        figure("first card on the page", card, "ms", digits=0),
        figure("first ipywidgets form on the page", form, "ms", digits=0),
        ratio("first card / first form", card, form, at_most=1.0),
        ratio("first card / first form, CPU time of the main thread", card_cpu, form_cpu),
    ]


def _first_display(cell: str) -> tuple[float, float]:
    """Milliseconds until the display, and of CPU time that the kernel's main thread took for the whole cell."""
    with fresh_kernel() as kernel:
        kernel.run("import time; used = time.thread_time()")
        wall_s = kernel.time_to(cell + "used = time.thread_time() - used", is_display)
        return 1000 * wall_s, 1000 * kernel.value("used")
