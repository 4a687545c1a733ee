"""JupyterLab or Notebook 7 with our extension in it, driven as a person does and by JupyterLab's commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from extension_server import ExtensionServer
from notebook_page import SAID_BY_JUPYTER
from playwright.sync_api import Locator, Page, expect

TIMEOUT_MS = 60_000


class ExtensionPage:
    """One page of a server."""

    def __init__(self, page: Page, server: ExtensionServer) -> None:
        self.page, self.server = page, server
        self.complaints: list[str] = []
        """Uncaught errors, and errors on its console."""
        page.on("pageerror", lambda error: self._complain(error.stack or str(error)))
        page.on("console", lambda message: message.type == "error" and self._complain(message.text))

    def open(self, path: str = "lab?reset") -> Self:
        """Go to a page of the server."""
        self.page.goto(self.server.url(path), wait_until="domcontentloaded")
        self.wait()
        return self

    def wait(self) -> None:
        """Until JupyterLab is there."""
        self.page.wait_for_function("() => window.jupyterapp?.restored")
        self.page.evaluate("() => window.jupyterapp.restored")

    def run(self, command: str, **args: Any) -> None:
        """One of JupyterLab's commands, not waited for."""
        self.page.evaluate("([id, args]) => void window.jupyterapp.commands.execute(id, args)", [command, args])

    @property
    def status(self) -> Locator:
        """What the status bar or the top bar says."""
        return self.page.get_by_role("status").filter(has_text="Seedance")

    @property
    def panel(self) -> Locator:
        """The panel of jobs."""
        return self.page.get_by_role("complementary", name="Seedance jobs")

    @property
    def rows(self) -> Locator:
        """Its rows."""
        return self.panel.get_by_role("list", name="Jobs").get_by_role("listitem")

    def row_of(self, job: str) -> Locator:
        """The row of a job."""
        return self.panel.locator(f"[data-sdw-job='{job}']")

    @property
    def large(self) -> Locator:
        """A job that was opened large."""
        return self.page.get_by_role("article", name="Seedance job")

    def notice(self, words: str) -> Locator:
        """A notice with these words, while it is shown."""
        return self.page.locator(".Toastify__toast").filter(has_text=words)

    def show_panel(self) -> None:
        """Click the status."""
        self.status.get_by_role("button").click()
        expect(self.rows.first).to_be_visible()

    def pick(self, label: str) -> None:
        """Choose in an open menu by the keys: an item that opens below a pointer that rests takes no click."""
        item = self.page.locator(".lm-Menu-item", has_text=label)
        item.wait_for()
        for _ in range(60):
            self.page.keyboard.press("ArrowDown")
            if "lm-mod-active" in (item.get_attribute("class") or ""):
                break
        expect(item).to_have_class(re.compile("lm-mod-active"))
        self.page.keyboard.press("Enter")

    def use_theme(self, theme: str) -> None:
        """Change the colours, and wait until they are there."""
        # JupyterLab takes its splash away twice, and complains, where another one comes while the first one fades.
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")
        self.page.evaluate("(theme) => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme)
        self.page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")

    def _complain(self, words: str) -> None:
        # A hidden panel of Notebook 7 is not ours.
        if not any(known in words for known in (*SAID_BY_JUPYTER, "undefined or null to object")):
            self.complaints.append(words)


@contextmanager
def opened_pages(server: ExtensionServer) -> Iterator[list[Any]]:
    """The pages of a server that a test opens. At its end they are closed, and none of them may have complained."""
    expect.set_options(timeout=TIMEOUT_MS)
    opened: list[ExtensionPage] = []
    yield opened
    complaints = [each for page in opened for each in page.complaints]
    for page in opened:
        page.page.context.close()
    server.end_kernels()
    assert complaints == []
