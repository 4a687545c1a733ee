"""marimo, for real: the card becomes the video, and a cell that runs again by itself pays for nothing twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

import pytest
from cells import SIZE
from lab_server import free_port
from playwright.sync_api import Browser, expect
from shared_page import new_context
from video import expect_plays

TIMEOUT_MS = 60_000
PROMPT = "a boat for $5 or $6"
APP = f"""\
import marimo

app = marimo.App()


@app.cell
def _():
    import marimo as mo
    import seedance_widgets as sw

    session = sw.simulate()
    sw.use_session(session)
    return mo, session, sw


@app.cell
def _(mo):
    box = mo.ui.checkbox(label="Run below again")
    box
    return (box,)


@app.cell
def _(box, session):
    box.value
    job = session.submit("{PROMPT}", duration=4, resolution="480p")
    job
    return (job,)


@app.cell
def _(job, sw):
    form = sw.Studio(prompt=job.request.prompt)
    form
    return


if __name__ == "__main__":
    app.run()
"""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """The address of an app that marimo serves."""
    app, home, port = tmp_path / "app.py", tmp_path / "home", free_port()
    app.write_text(APP, encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEEDANCE_")}
    command = [sys.executable, "-m", "marimo", "run", app.name, "--headless", "--port", str(port), "--no-token"]
    process = subprocess.Popen(
        [*command, "--host", "127.0.0.1"],
        cwd=tmp_path,
        env={**kept, "SEEDANCE_HOME": str(home)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address, end = f"http://127.0.0.1:{port}", monotonic() + 60
    while monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=5):
            break
        sleep(0.2)
    yield address
    process.terminate()
    process.wait(30)


def test_in_marimo_the_card_becomes_the_video_and_a_rerun_reuses_the_job(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    expect.set_options(timeout=TIMEOUT_MS)
    context = new_context(browser, TIMEOUT_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address, wait_until="commit")
    card = page.locator("article.sdw-card")
    expect(card).to_contain_text(PROMPT)
    expect(card.locator("video")).to_be_visible()
    expect_plays(card.locator("video"), label=PROMPT, size=SIZE)
    page.get_by_text("Run below again").click()
    expect(card).to_contain_text("Reused: this cell has sent the same request before")
    expect(page.get_by_role("textbox", name="Prompt")).to_have_value(PROMPT)
    if folder := os.environ.get("SEEDANCE_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / "marimo.png", full_page=True)
    paid = list((tmp_path / "home").rglob("generations/*.json"))
    assert [json.loads(each.read_text())["prompt"] for each in paid] == [PROMPT]
    assert complaints == []
    context.close()
