"""How soon the first card is on the page, against the first form of plain ipywidgets."""

from __future__ import annotations

from .figures import Figure, figure, interleaved
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
    card, form = interleaved(ROUNDS, lambda: _first_display(CARD), lambda: _first_display(FORM))
    return [
        figure("first card on the page", [1000 * s for s in card], "ms", digits=0),
        figure("first ipywidgets form on the page", [1000 * s for s in form], "ms", digits=0),
        figure("first card / first form", [a / b for a, b in zip(card, form, strict=True)], "x", at_most=1.0),
    ]


def _first_display(cell: str) -> float:
    with fresh_kernel() as kernel:
        return kernel.time_to(cell, is_display)
