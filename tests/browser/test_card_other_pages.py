"""Pages that take no update of an output, or no click while a cell runs: Voila, and the classic Notebook."""

from __future__ import annotations

import importlib.util
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cells import SIZE
from lab_server import LabServer
from notebook_page import write_notebook
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout
from shared_page import new_context
from video import expect_plays

TIMEOUT_MS = 60_000
DOLLARS = "a boat for $5 or $6"
SEEN = ".sdw-card:visible, .sdw-durable:visible, .sdw-saved-card:visible"
LOAD = f"""\
import time
from pathlib import Path
import ipywidgets as widgets
import seedance_widgets as sw
from IPython.display import display

began_at, end, home = time.time(), Path("end").absolute(), Path("seedance-home").absolute()
settings = sw.SimulatorSettings(home=home / "simulator", speed=30)
simulator = sw.Simulator(settings, now=lambda: began_at + 3600 * end.exists())
sw.use_session(sw.Session(None, home=home, simulator=simulator))

def start():
    wishes = {{"simulator": {{"seconds": 3000}}}}
    return sw.default_session().submit("{DOLLARS}", duration=4, resolution="480p", metadata=wishes)
"""
"""A session whose jobs end when a file is there: pages without cells can run none to end them."""
IN_OUTPUT = "out = widgets.Output()\ndisplay(out)\nwith out:\n    display(start())"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of its own; it may complain, since neither host is without errors of its own."""
    context = new_context(browser, TIMEOUT_MS)
    yield context.new_page()
    context.close()


def write(server: LabServer, name: str, *cells: str) -> Path:
    """A notebook in a folder of its own."""
    missing = [each for each in ("voila", "nbclassic") if importlib.util.find_spec(each) is None]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{missing[0]} is not installed")
    path = server.root / name / "notebook.ipynb"
    write_notebook(path, [LOAD, *cells])
    server.share_films(path.parent / "seedance-home")
    return path


def open_in_voila(page: Page, server: LabServer, path: str) -> None:
    """Open a notebook in Voila once all of its cells have run there.

    Now and then, on a busy machine, Voila waits for ever for a cell whose kernel is at rest again: the page is loaded
    anew then, as a person would.
    """
    for tries_left in (2, 1, 0):
        try:
            page.goto(server.url(path), wait_until="load", timeout=30_000)
            return
        except PlaywrightTimeout:
            if not tries_left:
                raise
            server.end_kernels()


def test_in_voila_the_card_becomes_the_video(server: LabServer, page: Page) -> None:
    path = write(server, "voila", "display(start())", IN_OUTPUT)
    open_in_voila(page, server, "voila/render/voila/notebook.ipynb")
    expect(page.locator(".sdw-card:visible")).to_have_count(2, timeout=TIMEOUT_MS)
    expect(page.locator(SEEN)).to_have_count(2)
    (path.parent / "end").touch()
    expect(page.locator("video:visible")).to_have_count(2, timeout=TIMEOUT_MS)
    expect(page.locator(SEEN)).to_have_count(2)
    expect_plays(page.locator("video").first, label=DOLLARS, size=SIZE)
    server.end_kernels()


def open_in_nbclassic(page: Page, server: LabServer, name: str) -> None:
    """Open a notebook in nbclassic, with what widgets need."""
    page.goto(server.url(f"nbclassic/notebooks/{name}/notebook.ipynb"))
    page.wait_for_function("window.Jupyter?.notebook?.kernel?.is_connected()")
    widgets = "['jupyter-js-widgets/extension', 'anywidget/extension'].map(e => u.load_extensions(e))"
    page.evaluate(f"() => new Promise(done => require(['base/js/utils'], u => done(Promise.all({widgets}))))")


def test_in_nbclassic_what_a_console_is_told_is_not_seen(server: LabServer, page: Page) -> None:
    """It tells no ids of cells, so the kernel takes it for a console until it says hello."""
    sweep = (
        "from seedance_widgets.life import schedule\n"
        "schedule.next_look_at = lambda row, prior, **_: max(row.looked_at or 0, row.look_failed_at or 0) + 0.2\n"
        "options = dict(duration=4, resolution='480p', metadata={'simulator': {'seconds': 8}})\n"
        "sweep = sw.simulate(speed=60, home='quick-home').sweep('a {n}', n=['1', '2'], **options)\nsweep"
    )
    write(server, "unheard", "sw.Studio()", sweep, "sweep.wait()\ntime.sleep(4)\nprint('waited')")
    open_in_nbclassic(page, server, "unheard")
    page.evaluate("Jupyter.notebook.execute_cells([0, 1, 2])")
    expect(page.locator(".sdw-studio:visible")).to_have_count(1, timeout=TIMEOUT_MS)
    said = "Jupyter.notebook.get_cell({}).output_area.outputs.map(o => o.data['text/plain'] ?? '').join('\\n')"
    assert "here it is text" in page.evaluate(said.format(1)), "else nothing is tried here"
    page.evaluate("Jupyter.notebook.execute_cells([3])")
    expect(page.locator(".output_stdout")).to_have_text("waited\n", timeout=TIMEOUT_MS)
    words = re.compile("here it is text|sweep.wait\\(\\)|of 2 ended")
    expect(page.locator(".output_area").filter(has_text=words)).to_have_count(0)
    server.end_kernels()


def test_in_nbclassic_a_cancel_that_waits_says_so_and_dollars_are_dollars(server: LabServer, page: Page) -> None:
    busy = "display(start())\nwhile not Path('release').exists():\n    time.sleep(0.1)\nprint('released')"
    seen = "print('it was', sw.default_session().jobs(status='cancelled')[0].status)"
    path = write(server, "classic", busy, seen, "sw.Studio(prompt=start().request.prompt)")
    open_in_nbclassic(page, server, "classic")
    page.evaluate("Jupyter.notebook.execute_cells([0, 1])")
    card = page.locator(".sdw-card")
    expect(card).to_contain_text("Takes effect when the running cell ends", timeout=TIMEOUT_MS)
    expect(card.get_by_role("button", name="Cancel", exact=True)).to_be_enabled(timeout=TIMEOUT_MS)
    expect(card).to_contain_text(DOLLARS)
    card.get_by_role("button", name="Cancel", exact=True).click()
    expect(card.get_by_role("button", name="Waiting…", exact=True)).to_be_visible()
    take_picture(page, "nbclassic-cancel-waits")
    (path.parent / "release").touch()
    expect(page.locator(".output_stdout")).to_contain_text("released", timeout=TIMEOUT_MS)
    page.wait_for_timeout(2000)  # the click comes after the cell, and takes an answer of the server
    page.evaluate("Jupyter.notebook.execute_cells([2, 3])")
    expect(page.locator(".output_stdout").nth(1)).to_have_text("it was cancelled\n", timeout=TIMEOUT_MS)
    expect(page.locator(".sdw-studio")).to_contain_text(DOLLARS, timeout=TIMEOUT_MS)
    expect(page.locator(".MathJax, mjx-container, .sdw-fallback:visible")).to_have_count(0)
    server.end_kernels()


ENDS = (
    "from seedance_widgets.life import schedule\n"
    "schedule.next_look_at = lambda row, prior, **_: max(row.looked_at or 0, row.look_failed_at or 0) + 0.2\n"
    "session = sw.simulate(speed=60, home='quick-home')\n"
    "options = dict(duration=4, resolution='480p', metadata={'simulator': {'seconds': 8}})\n"
)
"""Makes a session whose jobs end soon by themselves, and the options of such jobs."""


def test_in_nbclassic_outputs_that_are_drawn_anew_show_their_widgets_and_are_saved_as_clips(
    server: LabServer, page: Page
) -> None:
    """Of a cell that ran before the page knew the kernel's widgets nothing was left but an empty place."""
    sweep = f"{ENDS}sweep = session.sweep('a {{n}}', n=['1', '2'], **options)\nsweep"
    path = write(server, "anew", sweep, "job = session.submit('a kite', **options)\njob", "sweep.wait(), job.wait()")
    open_in_nbclassic(page, server, "anew")
    page.evaluate("Jupyter.notebook.execute_cells([0, 1, 2])")
    grid, card = page.locator(".sdw-grid:visible"), page.locator(".sdw-card:visible")
    expect(grid).to_have_count(1, timeout=TIMEOUT_MS)
    expect(card).to_have_count(1, timeout=TIMEOUT_MS)
    for number in (1, 2):  # as the page itself does when it has heard of the kernel's widgets
        page.evaluate(f"Jupyter.notebook.render_cell_output(Jupyter.notebook.get_cell({number}))")
    expect(grid).to_have_count(1, timeout=TIMEOUT_MS)
    expect(card).to_have_count(1, timeout=TIMEOUT_MS)
    page.evaluate("Jupyter.notebook.execute_cells([3])")
    expect(grid).to_contain_text("2 clips ready", timeout=TIMEOUT_MS)
    expect(page.locator(".sdw-durable:visible video")).to_have_count(1, timeout=TIMEOUT_MS)
    expect(page.locator(".sdw-views-fallback img")).to_have_count(2, timeout=TIMEOUT_MS)
    expect(page.locator(".sdw-views-fallback:visible, .sdw-card:visible")).to_have_count(0)
    page.evaluate("Jupyter.notebook.save_notebook()")
    page.wait_for_function("!Jupyter.notebook.dirty")
    assert path.read_text(encoding="utf-8").count("sdw-views-fallback") > 1
    server.end_kernels()
    expect_only_the_fallbacks(page, server, "anew")


def expect_only_the_fallbacks(page: Page, server: LabServer, name: str) -> None:
    """A notebook that is opened again, without the kernel that made it, shows plain clips and no words of widgets."""
    open_in_nbclassic(page, server, name)
    expect(page.locator(".sdw-views-fallback:visible img")).to_have_count(2, timeout=TIMEOUT_MS)
    expect(page.locator(".sdw-durable:visible video")).to_have_count(1)
    expect(page.locator(".sdw-root")).to_have_count(0)
    expect(page.get_by_text("Jupyter widget could not be displayed").locator("visible=true")).to_have_count(0)
    server.end_kernels()


def take_picture(page: Page, name: str) -> None:
    """For those who want to see it: where SEEDANCE_SCREENSHOTS names a folder."""
    if folder := os.environ.get("SEEDANCE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")
