"""A page with JupyterLab in it that the tests of a module take turns with: loading it takes longer than most tests."""

from __future__ import annotations

from playwright.sync_api import Browser, BrowserContext, Page
from playwright.sync_api import Error as BrowserError

WINDOW = {"width": 1280, "height": 900}
THEME = "JupyterLab Light"

_TIDY = """async theme => {
    const { shell, commands } = window.jupyterapp;
    for (const widget of [...shell.widgets('main')]) widget.dispose();
    if (shell.leftCollapsed) await commands.execute('application:toggle-left-area');
    if (document.body.dataset.jpThemeName !== theme) await commands.execute('apputils:change-theme', { theme });
    sessionStorage.clear();
    return document.querySelector('.jp-Dialog') === null;
}"""
"""Closes what a test has opened; false when a dialog is left."""


def new_context(browser: Browser, timeout_ms: int) -> BrowserContext:
    """A profile without a past. Reduced motion: what is drawn depends on the state only."""
    context = browser.new_context(viewport=WINDOW, reduced_motion="reduce", service_workers="block")
    context.set_default_timeout(timeout_ms)
    return context


class SharedPage:
    """Hands the page to one test at a time, and makes another when one was left in a state that cannot be mended."""

    def __init__(self, browser: Browser, timeout_ms: int) -> None:
        self._browser = browser
        self._timeout_ms = timeout_ms
        self._page: Page | None = None
        self._is_out = False

    @property
    def is_out(self) -> bool:
        """Whether a test has it."""
        return self._is_out

    def take(self) -> Page:
        """Empty, or with JupyterLab and nothing open in it."""
        if self._page is None:
            self._page = new_context(self._browser, self._timeout_ms).new_page()
        self._is_out = True
        return self._page

    def give_back(self, *, is_loaded_anew: bool) -> None:
        """Tidy it up for the next test."""
        if not self._is_out or self._page is None:
            return
        self._is_out = False
        if is_loaded_anew:  # JupyterLab has restored what it remembered, and does strange things later
            self.close()
            return
        try:
            self._page.unroute_all(behavior="ignoreErrors")
            self._page.mouse.move(0, 0)
            self._page.set_viewport_size(WINDOW)
            self._page.emulate_media(reduced_motion="reduce")
            is_tidy = bool(self._page.evaluate(_TIDY, THEME))
        except BrowserError:
            is_tidy = False
        if not is_tidy:
            self.close()

    def close(self) -> None:
        """Close it, with its profile."""
        if self._page is not None:
            self._page.context.close()
            self._page = None
