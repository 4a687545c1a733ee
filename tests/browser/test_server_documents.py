"""Beside jupyter-server-documents, where the server runs the cells and keeps their outputs.

SEEDANCE_DOCUMENTS_PYTHON names the Python of an environment with this tree and jupyter-server-documents; without it
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

pytestmark = pytest.mark.server_documents

TIMEOUT_MS = 60_000
SIMULATED = "%load_ext seedance_widgets\nimport seedance_widgets as sw\nsw.use_session(sw.simulate(speed=1))"


class DocumentsServer(WholeServer):
    """Both halves of our extension, in a server that runs the cells itself."""

    def _write_settings(self) -> None:
        super()._write_settings()
        self.server_python = os.environ["SEEDANCE_DOCUMENTS_PYTHON"]

    def _command(self) -> list[str]:
        # The server reads no settings of the machine, so what is enabled by installing has to be named.
        more = "{'jupyter_server_documents': True, 'jupyter_server_fileid': True, "
        return [each.replace("jpserver_extensions={", f"jpserver_extensions={more}") for each in super()._command()]


@pytest.fixture
def server(chromium: str) -> Iterator[DocumentsServer]:
    server = DocumentsServer()
    yield server
    server.stop()


def test_a_cell_waits_for_its_clip_which_both_pages_then_play_and_the_panel_knows_it(
    server: DocumentsServer, browser: Browser
) -> None:
    """What a kernel says after its cell has ended is not heard there, so no live card could ever become the clip."""
    expect.set_options(timeout=TIMEOUT_MS)
    path = server.root / "shared.ipynb"
    write_notebook(path, [SIMULATED, seedance("a fox", seconds=5)])
    contexts = [new_context(browser, TIMEOUT_MS) for _ in range(2)]
    try:
        mine, theirs = (NotebookPage(context.new_page(), server, path) for context in contexts)
        for notebook in (mine, theirs):
            notebook.open()
        mine.fire(0)
        mine.fire(1)
        for notebook in (mine, theirs):
            expect(notebook.video(1)).to_have_count(1)
            notebook.page.wait_for_function("() => document.querySelector('.jp-Notebook video').videoWidth > 0")
            notebook.page.get_by_role("status").filter(has_text="Seedance").get_by_role("button").click()
            panel = notebook.page.get_by_role("complementary", name="Seedance jobs")
            expect(panel.locator("[data-sdw-job]")).to_have_count(1)
        if folder := os.environ.get("SEEDANCE_SCREENSHOTS"):
            mine.page.screenshot(path=f"{folder}/documents-mine.png")
            theirs.page.screenshot(path=f"{folder}/documents-theirs.png")
    finally:
        for context in contexts:
            context.close()
