"""Both halves of the extension together: a job of a process that was killed is saved, told, shown and seen."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from extension_server import ProxiedServer, WholeServer, has_nginx
from playwright.sync_api import Browser, expect
from shared_page import new_context

TIMEOUT_MS = 60_000
KILLED = """
import os, signal
import seedance_widgets as sw
job = sw.simulate().submit(
    "a paper boat in heavy rain", duration=4, resolution="480p", metadata={"simulator": {"seconds": 12}}
)
print(job.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def start_and_die(server: WholeServer) -> str:
    """A process that sends a request to the simulator and is killed right after it was accepted: the job's id."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SEEDANCE_")}
    environment = {**kept, "SEEDANCE_HOME": str(server.home)}
    ran = subprocess.run(
        [sys.executable, "-c", KILLED], env=environment, cwd=server.root, capture_output=True, text=True
    )
    return ran.stdout.strip()


@pytest.mark.parametrize("kind", [WholeServer, ProxiedServer])
def test_a_clip_whose_kernel_was_killed_is_saved_told_shown_and_seen(
    chromium: str, browser: Browser, kind: type[WholeServer]
) -> None:
    expect.set_options(timeout=TIMEOUT_MS)
    if kind is ProxiedServer and not has_nginx():
        pytest.skip("there is no nginx here")
    server = kind()
    context = new_context(browser, TIMEOUT_MS)
    try:
        page = context.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(server.url("lab?reset"), wait_until="domcontentloaded")
        page.locator(".jp-LauncherCard", has_text="Seedance Studio").wait_for()
        status = page.get_by_role("status").filter(has_text="Seedance")
        expect(status).to_have_count(0)
        job = start_and_die(server)
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
