"""Two pages that have one notebook open, in a server with another package that shares documents."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from cells import seedance
from extension_server import WholeServer
from notebook_page import NotebookPage, write_notebook
from playwright.sync_api import Browser, expect
from shared_page import new_context

TIMEOUT_MS = 60_000
SIMULATED = "%load_ext seedance_widgets\nimport seedance_widgets as sw\nsw.use_session(sw.simulate(speed=1))"

Pages = tuple[NotebookPage, NotebookPage]


class SharingServer(WholeServer):
    """Both halves of our extension, in the environment that a variable names, beside other extensions."""

    named_by = ""
    """The variable with the Python of the environment."""

    def _write_settings(self) -> None:
        super()._write_settings()
        self.server_python = os.environ[self.named_by]


@contextmanager
def two_pages(server: SharingServer, browser: Browser, *, seconds: float) -> Iterator[Pages]:
    """Both open one notebook; its second cell makes a film of a fox in so many seconds."""
    expect.set_options(timeout=TIMEOUT_MS)
    path = server.root / "shared.ipynb"
    write_notebook(path, [SIMULATED, seedance("a fox", seconds=seconds)])
    contexts = [new_context(browser, TIMEOUT_MS) for _ in range(2)]
    try:
        mine, theirs = (NotebookPage(context.new_page(), server, path) for context in contexts)
        for notebook in (mine, theirs):
            notebook.open()
        yield mine, theirs
    finally:
        for context in contexts:
            context.close()


def expect_clip_and_entry(notebook: NotebookPage) -> None:
    """The second cell plays its clip, and the panel, opened from the status bar, lists its job."""
    expect(notebook.video(1)).to_have_count(1)
    notebook.page.wait_for_function("() => document.querySelector('.jp-Notebook video').videoWidth > 0")
    notebook.page.get_by_role("status").filter(has_text="Seedance").get_by_role("button").click()
    panel = notebook.page.get_by_role("complementary", name="Seedance jobs")
    expect(panel.locator("[data-sdw-job]")).to_have_count(1)


def take_picture(notebook: NotebookPage, name: str) -> None:
    """A screenshot, where SEEDANCE_SCREENSHOTS names a folder."""
    if folder := os.environ.get("SEEDANCE_SCREENSHOTS"):
        notebook.page.screenshot(path=f"{folder}/{name}.png")
