"""A notebook that two tabs have open by jupyter-collaboration or jupyter-server-documents: a live card in both.

SEEDANCE_COLLABORATION_PYTHON names the Python of an environment that has both packages; without it nothing is run.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator

import pytest
from extension_server import WholeServer
from notebook_page import write_notebook
from playwright.sync_api import Browser, Page, expect
from shared_page import new_context

pytestmark = pytest.mark.collaboration

TIMEOUT_MS = 60_000
ASKS = """\
import seedance_widgets as sw
from seedance_widgets.life import schedule
schedule.next_look_at = lambda row, prior, **_: max(row.looked_at or 0.0, row.look_failed_at or 0.0) + 0.2
session = sw.simulate(speed=1)
def ask(prompt, seconds):
    return session.submit(
        prompt, duration=4, resolution="480p", model="seedance-2.0-fast", metadata={"simulator": {"seconds": seconds}}
    )
"""
SHOWN = "ask('a paper boat in heavy rain', 12)"
UNSHOWN = "other = ask('a quiet lighthouse', 1)"
LAB_EXTENSIONS = {
    "jupyter_server_ydoc": ("@jupyter-ai-contrib/server-documents",),
    "jupyter_server_documents": ("@jupyter/collaboration-extension", "@jupyter/docprovider-extension"),
}
"""What shares the notebooks of a server, and the lab extensions of the other one, which would get in its way."""


COUNTS_NOTICES = """
window.told = new Set();
new MutationObserver(() => {
    for (const toast of document.querySelectorAll('.Toastify__toast'))
        if (toast.textContent.includes('Ready: “a quiet lighthouse”')) window.told.add(toast);
}).observe(document, { childList: true, subtree: true });
"""


class SharingServer(WholeServer):
    """Both halves of the extension, and documents that pages share."""

    sharing = ""

    def _command(self) -> list[str]:
        more = f"{{'{self.sharing}': True, 'jupyter_server_fileid': True, "
        return [each.replace("jpserver_extensions={", f"jpserver_extensions={more}") for each in super()._command()]

    def _write_settings(self) -> None:
        super()._write_settings()
        self.server_python = os.environ["SEEDANCE_COLLABORATION_PYTHON"]
        file = self.folder / "config" / "labconfig" / "page_config.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"disabledExtensions": dict.fromkeys(LAB_EXTENSIONS[self.sharing], True)}))


@pytest.fixture(params=LAB_EXTENSIONS)
def server(request: pytest.FixtureRequest, chromium: str) -> Iterator[SharingServer]:
    kind = type("Server", (SharingServer,), {"sharing": request.param})
    server = kind()
    yield server
    server.stop()


def run(page: Page, cell: int) -> None:
    page.evaluate(
        """async (cell) => {
            const { shell, commands } = window.jupyterapp;
            const panel = [...shell.widgets('main')].find(w => w.content?.activeCellIndex !== undefined);
            await panel.sessionContext.ready;
            panel.content.activeCellIndex = cell;
            await commands.execute('notebook:run-cell');
        }""",
        cell,
    )


def test_a_live_card_is_in_both_tabs_and_a_notice_comes_once(server: SharingServer, browser: Browser) -> None:
    expect.set_options(timeout=TIMEOUT_MS)
    write_notebook(server.root / "shared.ipynb", [ASKS, SHOWN, UNSHOWN])
    context = new_context(browser, TIMEOUT_MS)
    try:
        context.add_init_script(COUNTS_NOTICES)
        pages = [context.new_page(), context.new_page()]
        for page in pages:
            page.goto(server.url("lab/tree/shared.ipynb?reset"), wait_until="domcontentloaded")
            expect(page.locator(".jp-Notebook .jp-Cell")).to_have_count(3)
        first, other = pages
        for cell in range(3):
            run(first, cell)
        for page in pages:
            expect(page.get_by_role("article", name="Seedance job")).to_have_count(1)
            expect(page.get_by_role("article", name="Seedance job").get_by_role("status").first).to_be_visible()
        if folder := os.environ.get("SEEDANCE_SCREENSHOTS"):
            other.screenshot(path=f"{folder}/shared-{server.sharing}.png")
        told = "() => window.told?.size ?? 0"
        until = time.monotonic() + TIMEOUT_MS / 1000
        while not sum(page.evaluate(told) for page in pages) and time.monotonic() < until:
            first.wait_for_timeout(200)
        expect(first.locator("video")).to_have_count(1)
        expect(other.locator("video")).to_have_count(1)
        assert sum(page.evaluate(told) for page in pages) == 1
    finally:
        context.close()
