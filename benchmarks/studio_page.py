"""What a Studio leaves in the page's memory after 200 jobs with posters were shown and its output was cleared."""

from __future__ import annotations

import os
import shutil
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from .figures import Figure, figure

ROUNDS = 3
SHOWN = 200
PAGE = 12

SETUP = """\
import seedance_widgets as sw
sw.use_session(sw.simulate(speed=300))
"""


def measure() -> list[Figure]:
    """One JupyterLab page: the JavaScript heap after a forced collection, before and after each round."""
    sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
    from cells import FILL
    from lab_server import LabServer
    from notebook_page import NotebookPage, write_notebook
    from playwright.sync_api import expect, sync_playwright

    browser_path = os.environ.get("SEEDANCE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    server = LabServer()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
            path = server.root / "benchmark" / "notebook.ipynb"
            write_notebook(path, [SETUP, f"{FILL}fill({SHOWN})", "studio = sw.Studio()\nstudio", "studio.close()"])
            notebook = NotebookPage(page, server, path)
            notebook.open()
            expect.set_options(timeout=30_000)
            for cell in (0, 1):
                notebook.run(cell)
            cdp = page.context.new_cdp_session(page)
            all_pages, sizes = -(-SHOWN // PAGE), []
            # The first one loads what every later one finds there; the last ones show one page of the history only.
            for pages in [all_pages] * (ROUNDS + 1) + [1] * ROUNDS:
                _show_and_clear(notebook, expect, pages)
                sizes.append(_heap_bytes(cdp) / 1e6)
            browser.close()
    finally:
        server.stop()
    grown = [after - before for before, after in pairwise(sizes)]
    return [
        figure(f"page: JavaScript heap after {SHOWN} jobs shown and cleared once", sizes[:1], "MB", digits=1),
        figure("page: growth of it by each round more", grown[:ROUNDS], "MB"),
        figure(f"page: growth of it by each round with {PAGE} jobs", grown[ROUNDS:], "MB"),
    ]


def _show_and_clear(notebook: Any, expect: Any, turned: int) -> None:
    notebook.run(2)
    studio, pages = notebook.studio(2), -(-SHOWN // PAGE)
    for number in range(1, turned + 1):
        expect(studio.root.get_by_text(f"Page {number} of {pages}")).to_be_visible()
        expect(studio.jobs.locator("img")).to_have_count(min(PAGE, SHOWN - PAGE * (number - 1)))
        if number < turned:
            studio.button("Older").click()
    notebook.run(3)
    notebook.clear_output(2)
    expect(notebook.page.locator(".sdw-studio")).to_have_count(0)


def _heap_bytes(cdp: Any) -> float:
    cdp.send("HeapProfiler.collectGarbage")
    cdp.send("Performance.enable")
    metrics = cdp.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "JSHeapUsedSize"))
