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
from playwright.sync_api import Browser, Page, expect
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
OF_SWEEPS = (
    APP[: APP.index("@app.cell\ndef _(mo):")]
    + """\
@app.cell
def _(session):
    sweep = session.sweep("a {animal} in rain", animal=["fox", "owl"], duration=4, resolution="480p")
    sweep
    return (sweep,)


@app.cell
def _(sweep, sw):
    clips = [job.wait() for job in sweep.jobs] and sweep.jobs
    sw.Grid(clips, axes=sweep.axes)
    return (clips,)


@app.cell
def _(clips, sw):
    sw.Compare(*clips)
    return


@app.cell
def _(clips):
    clips[0].clip
    return


if __name__ == "__main__":
    app.run()
"""
)


@pytest.fixture
def address(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an app that marimo serves: that of a job, or of another source that the test names."""
    app, home, port = tmp_path / "app.py", tmp_path / "home", free_port()
    app.write_text(getattr(request, "param", APP), encoding="utf-8")
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


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """The app, opened. At the end it may not have complained."""
    expect.set_options(timeout=TIMEOUT_MS)
    context = new_context(browser, TIMEOUT_MS)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address, wait_until="commit")
    yield page
    context.close()
    assert complaints == []


def test_in_marimo_the_card_becomes_the_video_and_a_rerun_reuses_the_job(page: Page, tmp_path: Path) -> None:
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


@pytest.mark.parametrize("address", [OF_SWEEPS], indirect=True, ids=["sweeps"])
def test_in_marimo_a_sweep_a_grid_and_compare_are_live_and_a_clip_can_be_had(page: Page) -> None:
    grids = page.get_by_role("region", name="Seedance grid")
    expect(grids).to_have_count(2)  # that of the sweep, and one of its jobs
    for number in (0, 1):
        expect(grids.nth(number).get_by_role("button", name="Open fox")).to_be_visible()
    grids.last.get_by_role("button", name="Open owl").click()
    expect(grids.last.locator("video")).to_be_visible()
    expect(page.locator(".sdw-compare video")).to_have_count(2)
    video = page.locator(".sdw-clip video")
    expect_plays(video, label=str(video.get_attribute("aria-label")), size=SIZE)
    with page.expect_download() as download:
        page.locator(".sdw-clip a").click()
    assert download.value.suggested_filename == video.get_attribute("aria-label")
    assert b"ftyp" in download.value.path().read_bytes()[:12]
