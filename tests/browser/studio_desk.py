"""A Studio in a notebook that many tests share: one page and one kernel, a Studio and a history for each test."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cells import STUDIO, load_with_clock
from lab_server import LabServer
from notebook_page import NotebookPage, write_notebook
from playwright.sync_api import Browser, Locator, expect
from shared_page import new_context

SETUP, FIRST, CODE, SECOND = range(4)
"""The cells: session, Studio, what a test wants to run, room for another view."""
QUICK = 300.0

_numbers = itertools.count(1)


class Desk:
    """A Studio in the shared notebook, and what its simulator was asked for."""

    def __init__(self, notebook: NotebookPage, home: Path) -> None:
        self.notebook = notebook
        self.home = home
        self.studio = notebook.studio(FIRST)
        self.page = notebook.page

    def tell(self, source: str) -> str:
        """Run code beside the Studio; the answer is what it printed."""
        return self.notebook.tell(CODE, source).strip()

    @property
    def created(self) -> int:
        """How many generations the service has accepted."""
        return len(list((self.home / "simulator" / "generations").glob("*.json")))


OpenStudio = Callable[..., Desk]


@pytest.fixture(scope="module")
def notebook(server: LabServer, browser: Browser) -> Iterator[NotebookPage]:
    """The notebook that the tests share."""
    expect.set_options(timeout=60_000)
    context = new_context(browser, timeout_ms=60_000)
    path = server.root / "studio-at-work" / "notebook.ipynb"
    write_notebook(path, [""] * 4)
    notebook = NotebookPage(context.new_page(), server, path)
    notebook.open()
    yield notebook
    context.close()
    server.end_kernels()


@pytest.fixture
def open_studio(notebook: NotebookPage) -> Iterator[OpenStudio]:
    """Opens a Studio over a history of its own. At the end the page may not have complained."""
    notebook.errors.clear()

    def open_studio(code: str = STUDIO, *, standing: bool = False) -> Desk:
        home = notebook.path.parent / f"home-{next(_numbers)}"
        notebook.server.share_films(home)
        for cell in (CODE, SECOND):
            notebook.tell(cell, "")
        clock = load_with_clock(QUICK).replace('"seedance-home"', f"{home.name!r}")
        clock += "session = sw.default_session()"
        notebook.tell(SETUP, clock if standing else clock.replace(", now=lambda: began_at + ahead_s", ""))
        notebook.tell(FIRST, code)
        desk = Desk(notebook, home)
        expect(desk.studio.generate).to_have_attribute("aria-disabled", "false")
        return desk

    yield open_studio
    notebook.tell(CODE, "studio.close()\nstudio.session.close()")
    assert notebook.errors == []


def expect_told(desk: Desk, source: str, answer: str) -> None:
    """The page writes a moment after the last key: ask until the kernel knows."""
    deadline = time.monotonic() + 10
    while (told := desk.tell(source)) != answer and time.monotonic() < deadline:
        pass
    assert told == answer


def is_playing(video: Locator) -> None:
    """Wait until pictures move."""
    video.page.wait_for_function("v => !v.paused && v.currentTime > 0.2", arg=video.element_handle())
