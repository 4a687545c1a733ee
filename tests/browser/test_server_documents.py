"""Beside jupyter-server-documents, where the server runs the cells and keeps their outputs.

SEEDANCE_DOCUMENTS_PYTHON names the Python of an environment with this tree and jupyter-server-documents; without it
nothing here is run.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from two_pages import SharingServer, expect_clip_and_entry, take_picture, two_pages

pytestmark = pytest.mark.server_documents


class DocumentsServer(SharingServer):
    """A server that runs the cells itself."""

    named_by = "SEEDANCE_DOCUMENTS_PYTHON"
    beside = ("jupyter_server_documents", "jupyter_server_fileid")


@pytest.fixture
def server(chromium: str) -> Iterator[DocumentsServer]:
    server = DocumentsServer()
    yield server
    server.stop()


def test_a_cell_waits_for_its_clip_which_both_pages_then_play_and_the_panel_knows_it(
    server: DocumentsServer, browser: Browser
) -> None:
    """What a kernel says after its cell has ended is not heard there, so no live card could ever become the clip."""
    with two_pages(server, browser, seconds=5) as (mine, theirs):
        mine.fire(0)
        mine.fire(1)
        for notebook, name in ((mine, "mine"), (theirs, "theirs")):
            expect_clip_and_entry(notebook)
            expect(notebook.output(1).locator(".sdw-durable:visible")).to_contain_text("a fox")
            expect(notebook.card(1)).to_have_count(0)
            take_picture(notebook, f"documents-{name}")
