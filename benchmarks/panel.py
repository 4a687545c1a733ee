"""How the panel of jobs opens with a history of 10,000 jobs, beside one of 10.

A Jupyter server over each history, and pages of both in turn in one Chromium. Every answer that the panel asks for is
asked for by itself, too: with ten rows, since the short history has no more. A page draws as many rows as fit, so one
with 60 jobs stands beside them: what it takes more than one of 10 is the rows in sight.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .figures import Figure, figure, interleaved, ratio
from .histories import fill

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.browser.extension_server import WholeServer

FEW, FULL, MANY = 10, 60, 10_000
UNSEEN = 5
"""Jobs that are new: the status has something to say."""
ANSWERS, PAGES = 40, 7
DEADLINE_MS = 60_000
AT_MOST = 1.1
"""Long beside short: as fast, within what a busy machine lets us tell."""
ASKED = (
    ("what is new", "new", AT_MOST),
    ("the first ten rows", "jobs?limit=10", AT_MOST),
    ("costs, for which no row waits", "costs?by=day", None),
)
"""The answers, with their targets: costs add up every job that there ever was."""
OPEN = """button => new Promise(done => {
    const began = performance.now();
    const look = () => {
        if (!document.querySelector('[data-sdw-job]')) return;
        observer.disconnect();
        requestAnimationFrame(() => setTimeout(() => done(performance.now() - began), 0));
    };
    const observer = new MutationObserver(look);
    observer.observe(document.body, { childList: true, subtree: true });
    button.click();
})"""
"""Milliseconds from the click until the first row has been drawn."""


def measure() -> list[Figure]:
    """Every answer in turn, and then pages in turn."""
    sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
    from extension_server import WholeServer
    from playwright.sync_api import sync_playwright

    servers: list[WholeServer] = []
    try:
        for jobs in (FEW, FULL, MANY):
            servers.append(WholeServer())
            fill(servers[-1].home, jobs, _ended)
        figures = []
        for name, path, at_most in ASKED:
            few, many = interleaved(
                ANSWERS, partial(_answer_ms, servers[0], path), partial(_answer_ms, servers[-1], path)
            )
            figures += _compared(f"panel: {name}", few, many, digits=1, at_most=at_most)
        with sync_playwright() as playwright:
            path = os.environ.get("SEEDANCE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
            few, full, many = interleaved(PAGES, *(partial(_open_ms, browser, server) for server in servers))
            browser.close()
        name = "panel: from the click to the first row"
        figures += _compared(name, few, many, digits=0, at_most=AT_MOST)
        return [*figures, ratio(f"with {MANY:,} jobs, beside {FULL}", many, full, at_most=AT_MOST)]
    finally:
        for server in servers:
            server.stop()


def _compared(
    name: str, few: tuple[float, ...], many: tuple[float, ...], *, digits: int, at_most: float | None
) -> list[Figure]:
    return [
        figure(f"{name}, {FEW} jobs", few, "ms", digits=digits),
        ratio(f"with {MANY:,} jobs, beside it", many, few, at_most=at_most),
    ]


def _answer_ms(server: WholeServer, path: str) -> float:
    began = time.perf_counter()
    server.ask(f"seedance/{path}")
    return 1e3 * (time.perf_counter() - began)


def _open_ms(browser: Browser, server: WholeServer) -> float:
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    try:
        page = context.new_page()
        page.set_default_timeout(DEADLINE_MS)
        page.goto(server.url("lab?reset"), wait_until="domcontentloaded")
        page.wait_for_function("() => window.jupyterapp?.restored")
        page.evaluate("() => window.jupyterapp.restored")
        status = page.get_by_role("status").filter(has_text="Seedance").get_by_role("button")
        status.wait_for()
        page.wait_for_load_state("networkidle")
        return float(status.evaluate(OPEN))
    finally:
        context.close()


def _ended(number: int, made_at: float) -> dict[str, Any]:
    """How a job ended: the newest while nobody looked."""
    now = made_at + number
    is_new = number < UNSEEN
    return {
        "status": "succeeded",
        "accepted_at": made_at,
        "final_at": now + 60.0 if is_new else made_at,
        "seen_at": None if is_new else now,
        "cost_usd": 0.5,
        "credits_charged": 40,
        "clip_path": f"/clips/{number}.mp4",
    }
