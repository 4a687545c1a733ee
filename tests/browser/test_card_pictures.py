"""Pictures of the card and of what stays: for the README, and to see what a change does to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from cells import END_JOBS, load_with_clock
from notebook_page import NotebookPage, OpenNotebook, Theme
from playwright.sync_api import Page, expect

FOLDER = Path(os.environ.get("SEEDANCE_SCREENSHOTS", ""))
THEMES: dict[str, Theme] = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
WIDTHS = {"": 880, "-wide": 1280, "-narrow": 480}
BOAT = "%seedance a paper boat in heavy rain"
LIGHTHOUSE = '%seedance a lighthouse at dusk --metadata {"simulator": {"seconds": 0, "outcome": "OUTCOME"}}'
LEAVE_QUEUE = "ahead_s = 9.0"


@pytest.mark.pictures
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_pictures_can_be_taken(open_notebook: OpenNotebook, theme: str, width: str) -> None:
    ends = [LIGHTHOUSE.replace("OUTCOME", outcome) for outcome in ("failed", "cancelled")]
    notebook = open_notebook(load_with_clock(speed=3), BOAT, LEAVE_QUEUE, END_JOBS, *ends, "")
    notebook.resize(WIDTHS[width])
    notebook.use_theme(THEMES[theme])
    notebook.run(0)
    notebook.run(1)
    expect(notebook.card(1).get_by_role("status")).to_have_text("Waiting in the queue")
    take(notebook, 1, f"card-queued{width}-{theme}")
    notebook.run(2)
    notebook.page.wait_for_function("document.querySelector('.sdw-bar')?.ariaValueNow >= 35")
    take(notebook, 1, f"card-running{width}-{theme}")
    notebook.run(3)
    notebook.video(1).evaluate("v => { v.currentTime = 2 }")
    take(notebook, 1, f"clip-finished{width}-{theme}")
    for cell, name in ((4, "job-failed"), (5, "job-cancelled")):
        notebook.run(cell)
        expect(notebook.output(cell).locator(".sdw-durable")).to_be_visible()
        take(notebook, cell, f"{name}{width}-{theme}")


def take(notebook: NotebookPage, cell: int, name: str) -> None:
    """A picture of a cell and one of the page."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    notebook.select(6)
    notebook.cell(cell).scroll_into_view_if_needed()
    wait_for_stillness(notebook.page)
    notebook.cell(cell).screenshot(path=FOLDER / f"{name}.png")
    notebook.page.screenshot(path=FOLDER / f"page-{name}.png")


def wait_for_stillness(page: Page) -> None:
    """Until the spinner over a video that loads has faded; only the clock of a card may move on meanwhile."""
    before = b""
    while page.locator("video").count() and before != (before := page.screenshot()):
        page.wait_for_timeout(200)
