"""Both halves of the extension together: a job of a process that was killed is saved, told, shown and seen."""

from __future__ import annotations

import re

from extension_page import ExtensionPage
from extension_server import WholeServer
from notebook_page import NotebookPage, write_notebook
from playwright.sync_api import Browser, expect
from shared_page import new_context

TIMEOUT_MS = 60_000
CUT = ("net::ERR_", "WebSocket connection to", "Failed to fetch", "NetworkError")
"""What Chromium and JupyterLab write to the console while there is no server."""


def test_a_clip_whose_kernel_was_killed_is_saved_told_shown_and_seen(chromium: str, browser: Browser) -> None:
    expect.set_options(timeout=TIMEOUT_MS)
    server = WholeServer()
    context = new_context(browser, TIMEOUT_MS)
    try:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(server.url("lab?reset"), wait_until="domcontentloaded")
        page.locator(".jp-LauncherCard", has_text="Seedance Studio").wait_for()
        status = page.get_by_role("status").filter(has_text="Seedance")
        expect(status).to_have_count(0)
        job = server.start_and_die()
        expect(status).to_have_text("Seedance: 1 generating")  # by push: nothing is asked for meanwhile
        notice = page.get_by_text("Ready: “a paper boat in heavy rain”").first
        expect(notice).to_be_visible()
        expect(page).to_have_title(re.compile(r"^\(1\) "))
        told_at = page.evaluate("Date.now() / 1000")
        saved_at = next((server.root / "seedance_clips").glob(f"*{job}*.mp4")).stat().st_mtime
        assert told_at - saved_at < 10  # a bound for a busy machine; docs/jupyterlab.md has what was measured
        page.get_by_role("button", name="Show", exact=True).click()
        video = page.get_by_role("article", name="Seedance job").locator("video")
        expect(video).to_be_visible()
        page.wait_for_function("() => document.querySelector('.sdw-lab-large video').videoWidth > 0")
        expect(page).not_to_have_title(re.compile(r"^\(1\) "))
        expect(status).to_have_text("Seedance")
        status.get_by_role("button").click()
        panel = page.get_by_role("complementary", name="Seedance jobs")
        expect(panel.locator(f"[data-sdw-job='{job}'] img")).to_be_visible()
        panel.locator(f"[data-sdw-job='{job}']").get_by_role("button").click()
        panel.get_by_role("button", name="Star", exact=True).click()
        assert server.ask(f"seedance/jobs/{job}")["job"]["seen_at"] is not None
        page.wait_for_timeout(1500)
        assert server.ask(f"seedance/jobs/{job}")["job"]["starred"] is True
        assert complaints == []
        print(f"saved to told: {told_at - saved_at:.2f} s")
    finally:
        context.close()
        server.stop()


SWEEP = """
import seedance_widgets as sw
session = sw.simulate(speed=20)
sweep = session.sweep("a {animal} in {weather}", animal=["fox", "owl"], weather=["rain", "snow"], duration=[4],
                      resolution="480p", at_once=4)
sweep"""
FOLDED = """
import pathlib, time
while not pathlib.Path("folded").exists(): time.sleep(0.05)
session.submit("a boat in a folded output", duration=4, resolution="480p")"""


def test_the_clips_of_a_grid_in_sight_are_seen_and_no_notice_tells_of_them(chromium: str, browser: Browser) -> None:
    expect.set_options(timeout=TIMEOUT_MS)
    server = WholeServer()
    context = new_context(browser, TIMEOUT_MS)
    try:
        path = server.root / "sweep.ipynb"
        write_notebook(path, [SWEEP, 'print(*(job.id for job in sweep.jobs), sep="\\n")', FOLDED])
        notebook = NotebookPage(context.new_page(), server, path)
        page = notebook.page
        page.set_viewport_size({"width": 1280, "height": 1300})
        notebook.open()
        notebook.run(0)
        grid = notebook.output(0).get_by_role("region", name="Seedance grid")
        expect(grid).to_contain_text("4 clips ready")
        status = page.get_by_role("status").filter(has_text="Seedance")
        expect(status).to_have_text("Seedance")  # nothing is generating, and nothing is new
        notebook.run(1)
        jobs = notebook.printed(1).split()
        assert len(jobs) == 4
        notebook.fire(2)
        notebook.fold(2)
        (server.root / "folded").touch()
        told = page.get_by_text("Ready: “a boat in a folded output”")
        expect(told.first).to_be_visible()  # of what is in no sight there is a notice, and it is the first one
        expect(page.locator(".jp-Notification-Status")).to_have_text("1")
        assert [job for job in jobs if server.ask(f"seedance/jobs/{job}")["job"]["seen_at"] is None] == []
        assert notebook.errors == []
    finally:
        context.close()
        server.stop()


def test_a_server_that_is_killed_and_started_again_under_an_open_page_tells_each_clip_once(
    chromium: str, browser: Browser
) -> None:
    """The page said for up to a minute that the server did not answer, and heard as late of what was saved."""
    expect.set_options(timeout=TIMEOUT_MS)
    server = WholeServer()
    lab = ExtensionPage(new_context(browser, TIMEOUT_MS).new_page(), server)
    try:
        lab.open()
        server.start_and_die("a fox in fresh snow", seconds=1)
        expect(lab.notice("Ready: “a fox in fresh snow”")).to_be_visible()
        server.start_and_die("a quiet lighthouse", seconds=15)
        expect(lab.status).to_have_text("Seedance: 1 generating · 1 new")
        lab.show_panel()
        server.kill()
        expect(lab.panel).to_contain_text("The Jupyter server does not answer.")
        expect(lab.rows).to_have_count(2)
        server.start()
        expect(lab.panel).not_to_contain_text("does not answer", timeout=15_000)
        expect(lab.notice("Ready: “a quiet lighthouse”")).to_be_visible()
        server.start_and_die("tea being poured", seconds=1)
        expect(lab.notice("Ready: “tea being poured”")).to_be_visible()
        lab.run("apputils:display-notifications")
        listed = lab.page.locator(".jp-Notification-List-Item")
        expect(listed.filter(has_text="tea being poured")).to_be_visible()
        names = [re.findall("“(.+)”", words) for words in listed.all_inner_texts()]
        assert names == [["tea being poured"], ["a quiet lighthouse"], ["a fox in fresh snow"]]
        assert [each for each in lab.complaints if not any(known in each for known in CUT)] == []
    finally:
        lab.page.context.close()
        server.stop()
