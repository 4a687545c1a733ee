"""Real JupyterLab in real Chromium: one warm server for all, a fresh notebook and kernel for each test.

Environment: SEEDANCE_CHROMIUM names the browser, SEEDANCE_SERVER_PYTHON the Python of the server (to try another
JupyterLab), SEEDANCE_KERNEL_PYTHON the Python of the kernels (to try another ipykernel), SEEDANCE_SCREENSHOTS a folder
for pictures, SEEDANCE_COLLABORATION_PYTHON the Python of a server with jupyter-collaboration. With CI set, a missing
browser is a failure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_server import LabServer
from notebook_page import App, NotebookPage, OpenNotebook, write_notebook
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from shared_page import SharedPage, new_context

HERE = Path(__file__).parent
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT_MS = 60_000
NAMED_BY = {
    "pictures": "SEEDANCE_SCREENSHOTS",
    "collaboration": "SEEDANCE_COLLABORATION_PYTHON",
    "server_documents": "SEEDANCE_DOCUMENTS_PYTHON",
}
"""Tests with the marker are left out, not skipped, where the environment does not have the variable."""
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--mute-audio"),
    # A page in the background counts as seen, or its timers would slow down.
    *("--disable-background-timer-throttling", "--disable-renderer-backgrounding"),
    "--disable-backgrounding-occluded-windows",
]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Everything in this folder needs a browser; tests that need more are run where the environment names it."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
    for marker, variable in NAMED_BY.items():
        left_out = [item for item in items if item.get_closest_marker(marker)]
        if left_out and not os.environ.get(variable):
            items[:] = [item for item in items if item not in left_out]
            config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a Chromium; without one the test is skipped, and fails where `CI` is set."""
    named = os.environ.get("SEEDANCE_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if found is None:
        missing = f"{named} is no program" if named else f"none of {', '.join(CHROMIUMS)} is installed"
        give_up = pytest.fail if os.environ.get("CI") else pytest.skip
        give_up(f"no Chromium: {missing}; SEEDANCE_CHROMIUM can name one")
    return found


@pytest.fixture(scope="session")
def server(chromium: str) -> Iterator[LabServer]:
    """One server for all tests."""
    server = LabServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def ipykernel_major(server: LabServer) -> int:
    """The first number of the kernel's version: 6 handles clicks only when the running cell ends."""
    code = "import ipykernel; print(ipykernel.version_info[0])"
    return int(subprocess.check_output([server.kernel_python, "-c", code]))


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser a module: while Playwright is there its loop counts as running, and `asyncio.run` elsewhere fails."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def shared_page(browser: Browser) -> Iterator[SharedPage]:
    """The page that the tests of a module take turns with."""
    page = SharedPage(browser, TIMEOUT_MS)
    yield page
    page.close()


@pytest.fixture
def open_notebook(
    server: LabServer, browser: Browser, shared_page: SharedPage, request: pytest.FixtureRequest
) -> Iterator[OpenNotebook]:
    """Opens a notebook with the given cells, in a folder of its own. At the end no page may have complained.

    The first is opened in the page that the module shares, unless its test is marked `own_page`; more get new ones.
    """
    expect.set_options(timeout=TIMEOUT_MS)
    opened: list[NotebookPage] = []
    contexts: list[BrowserContext] = []
    shares = request.node.get_closest_marker("own_page") is None

    def open_notebook(*cells: str, app: App = "lab") -> NotebookPage:
        folder = f"{request.node.path.stem}-{request.node.name}-{len(opened)}"
        path = server.root / folder / "notebook.ipynb"
        write_notebook(path, cells)
        server.share_films(path.parent / "seedance-home")
        if shares and app == "lab" and not shared_page.is_out:
            page = shared_page.take()
        else:
            contexts.append(new_context(browser, TIMEOUT_MS))
            page = contexts[-1].new_page()
        notebook = NotebookPage(page, server, path)
        opened.append(notebook)
        notebook.open(app) if page.url == "about:blank" else notebook.open_here()
        return notebook

    yield open_notebook
    complaints = [complaint for notebook in opened for complaint in notebook.errors]
    for notebook in opened:
        notebook.hang_up()
    for context in contexts:
        context.close()
    shared_page.give_back(is_loaded_anew=any(notebook.is_loaded_anew for notebook in opened))
    server.end_kernels()
    assert complaints == []
