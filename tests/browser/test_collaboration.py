"""Beside jupyter-collaboration: a notebook that two people have open, and the card, clip and panel in both pages.

SEEDANCE_COLLABORATION_PYTHON names the Python of an environment with this tree and jupyter-collaboration; without it
nothing here is run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from cells import seedance
from extension_server import WholeServer
from notebook_page import NotebookPage, write_notebook
from playwright.sync_api import Browser, expect
from shared_page import new_context

pytestmark = pytest.mark.collaboration

TIMEOUT_MS = 60_000
SIMULATED = "%load_ext seedance_widgets\nimport seedance_widgets as sw\nsw.use_session(sw.simulate(speed=1))"
SAID_BY_IPYWIDGETS = "Comm not found for comm id"
"""Heard on the first page once there is a second. We think, and have not shown, that the second one asks the kernel
which widgets there are, and that the answer comes to both."""
IS_SHARED = """() => [...window.jupyterapp.shell.widgets('main')]
    .find(w => w.content?.activeCellIndex !== undefined).context.model.collaborative"""


class CollaborationServer(WholeServer):
    """Both halves of our extension, in a server whose documents are shared as people type."""

    def _write_settings(self) -> None:
        super()._write_settings()
        self.server_python = os.environ["SEEDANCE_COLLABORATION_PYTHON"]

    def _command(self) -> list[str]:
        # The server reads no settings of the machine, so what is enabled by installing has to be named.
        more = "{'jupyter_server_ydoc': True, 'jupyter_server_fileid': True, "
        command = [each.replace("jpserver_extensions={", f"jpserver_extensions={more}") for each in super()._command()]
        # Else it lies in the folder where the server was started.
        return [*command, f"--SQLiteYStore.db_path={self.folder / 'ystore.db'}"]


@pytest.fixture
def server(chromium: str) -> Iterator[CollaborationServer]:
    server = CollaborationServer()
    yield server
    server.stop()


@pytest.fixture
def pages(server: CollaborationServer, browser: Browser) -> Iterator[tuple[NotebookPage, NotebookPage]]:
    """Two pages with one notebook, whose second cell makes a film of a fox in 20 seconds."""
    expect.set_options(timeout=TIMEOUT_MS)
    path = server.root / "shared.ipynb"
    write_notebook(path, [SIMULATED, seedance("a fox", seconds=20)])
    contexts = [new_context(browser, TIMEOUT_MS) for _ in range(2)]
    mine, theirs = (NotebookPage(context.new_page(), server, path) for context in contexts)
    for notebook in (mine, theirs):
        notebook.open()
        assert notebook.page.evaluate(IS_SHARED)
    mine.run(0)
    yield mine, theirs
    complaints = [*mine.errors, *theirs.errors]
    for context in contexts:
        context.close()
    assert [each for each in complaints if SAID_BY_IPYWIDGETS not in each] == []


def take_picture(notebook: NotebookPage, name: str) -> None:
    if folder := os.environ.get("SEEDANCE_SCREENSHOTS"):
        notebook.page.screenshot(path=f"{folder}/collaboration-{name}.png")


def test_the_card_is_live_where_the_cell_was_run_and_both_pages_show_the_job_then_its_clip(
    pages: tuple[NotebookPage, NotebookPage],
) -> None:
    mine, theirs = pages
    mine.fire(1)
    expect(mine.card(1)).to_be_visible()
    # JupyterLab shows no widget of a cell that this page has not run, whoever made it, before its person trusts it.
    expect(theirs.output(1).locator(".sdw-durable:visible")).to_contain_text("a fox")
    expect(theirs.card(1)).to_have_count(0)
    statuses = [page.page.get_by_role("status").filter(has_text="Seedance") for page in (mine, theirs)]
    for notebook, status in zip((mine, theirs), statuses, strict=True):
        expect(notebook.video(1)).to_have_count(1)
        notebook.page.wait_for_function("() => document.querySelector('.jp-Notebook video').videoWidth > 0")
        status.get_by_role("button").click()
        panel = notebook.page.get_by_role("complementary", name="Seedance jobs")
        expect(panel.locator("[data-sdw-job]")).to_have_count(1)
    take_picture(mine, "mine")
    take_picture(theirs, "theirs")


def test_after_trust_on_another_page_the_cell_says_when_that_was_so_and_how_to_see_it_now(
    pages: tuple[NotebookPage, NotebookPage],
) -> None:
    """JupyterLab then puts the outputs of the cell into another order on the first page, and forgets whose they are."""
    mine, theirs = pages
    mine.fire(1)
    expect(mine.card(1)).to_be_visible()
    expect(theirs.output(1).locator(".sdw-card-fallback:visible")).to_contain_text("a fox")
    theirs.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:trust')")
    theirs.page.get_by_role("dialog").get_by_role("button", name="Trust").click()
    expect(mine.card(1)).to_have_count(0)
    told = mine.output(1).locator(".sdw-card-fallback:visible").first
    expect(told).to_contain_text("So it stood when this was written")
    take_picture(mine, "trusted-mine")
    job_id = mine.tell(0, "job.wait()\nprint(job.id)").strip()
    expect(told).to_contain_text(f"%seedance_show {job_id}")
    mine.rewrite(0, f"%seedance_show {job_id}")
    mine.run(0)
    for notebook in (mine, theirs):
        expect(notebook.video(0)).to_have_count(1)
    take_picture(mine, "trusted-mine-end")
    take_picture(theirs, "trusted-theirs-end")
