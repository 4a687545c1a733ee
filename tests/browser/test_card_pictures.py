"""Pictures of the card and the clip: for the README, and for whoever wants to see what a change does to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cells import END_JOBS, END_QUEUE, HOURS_S, load_with_clock
from conftest import OpenNotebook
from notebook_page import NotebookPage, Theme
from playwright.sync_api import expect

FOLDER = os.environ.get("SEEDANCE_SCREENSHOTS")
RUNNING = '%seedance a paper boat in heavy rain --metadata {"simulator": {"seconds": SECONDS}}'
FAILED = '%seedance a lighthouse at dusk --metadata {"simulator": {"seconds": 0, "outcome": "failed"}}'
CANCELLED = '%seedance a lighthouse at dusk --metadata {"simulator": {"seconds": 0, "outcome": "cancelled"}}'
THEMES: dict[str, Theme] = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDTHS = {"": 1280, "-narrow": 480}


@pytest.mark.skipif(not FOLDER, reason="SEEDANCE_SCREENSHOTS names no folder for the pictures")
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures(open_notebook: OpenNotebook, theme: str, width: str) -> None:
    running = RUNNING.replace("SECONDS", str(HOURS_S))
    notebook = open_notebook(load_with_clock(speed=4), running, END_QUEUE, END_JOBS, FAILED, CANCELLED)
    notebook.page.set_viewport_size({"width": WIDTHS[width], "height": 900})
    notebook.use_theme(THEMES[theme])
    notebook.hide_sidebar()
    notebook.run(0)
    notebook.run(1)
    ending = f"{width}-{theme}.png"
    expect(notebook.card(1).get_by_role("status")).to_have_text("Waiting in the queue")
    take(notebook, 1, f"card-queued{ending}")
    notebook.run(2)
    expect(notebook.card(1).get_by_role("status")).to_have_text("Generating")
    bar = notebook.card(1).get_by_role("progressbar").element_handle()
    notebook.page.wait_for_function("bar => bar.ariaValueNow >= 30", arg=bar)
    take(notebook, 1, f"card-running{ending}")
    notebook.run(3)
    video = notebook.video(1)
    video.evaluate("v => { v.currentTime = 2 }")
    notebook.page.wait_for_function("v => v.readyState >= 2 && !v.seeking", arg=video.element_handle())
    take(notebook, 1, f"clip-finished{ending}")
    for cell, name in ((4, "job-failed"), (5, "job-cancelled")):
        notebook.run(cell)
        expect(notebook.output(cell).locator(".sdw-durable")).to_be_visible()
        take(notebook, cell, f"{name}{ending}")


def take(notebook: NotebookPage, cell: int, name: str) -> None:
    """A picture of a cell's output."""
    folder = Path(FOLDER or "")
    folder.mkdir(parents=True, exist_ok=True)
    notebook.output(cell).scroll_into_view_if_needed()
    notebook.output(cell).screenshot(path=folder / name)
    notebook.page.screenshot(path=folder / f"page-{name}")
