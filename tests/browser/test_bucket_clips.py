"""Clips that lie in a bucket and not here, in real JupyterLab: the Studio, a card, a grid and Compare get them."""

from __future__ import annotations

import pytest
from cells import STUDIO, SWEEP, load_with_clock
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import Locator, expect
from s3_server import BUCKET, Server, s3

__all__ = ["s3"]

LOAD = load_with_clock(300).replace(", now=lambda: began_at + ahead_s", "")
HEAVY, SOFT = "A paper boat in heavy rain", "A paper boat in soft rain"
JOBS = f"""{SWEEP}
jobs = [start("{HEAVY}", duration=5), start("{SOFT}", duration=4)]
for job in jobs:
    job.wait()
"""
AS_ON_ANOTHER_MACHINE = """
for job in jobs:
    clip = job.saved_clip
    for path in (clip.path, clip.poster_path, clip.path.with_suffix(".json")):
        path.unlink(missing_ok=True)
print([job.saved_clip.is_here for job in jobs])
"""
BUCKET_SET, LOADED, MADE, TAKEN, SHOWN, BESIDE = range(6)


@pytest.fixture
def notebook(open_notebook: OpenNotebook, s3: Server) -> NotebookPage:
    """Two clips in the bucket and none here; nothing is shown yet."""
    named = {**s3.environment, "SEEDANCE_CLIPS": f"s3://{BUCKET}/films"}
    notebook = open_notebook(f"import os\nos.environ.update({named!r})", LOAD, JOBS, "", "", "")
    notebook.page.set_viewport_size({"width": 1300, "height": 1300})
    for cell in (BUCKET_SET, LOADED, MADE):
        notebook.run(cell)
    assert notebook.tell(TAKEN, AS_ON_ANOTHER_MACHINE).strip() == "[False, False]"
    return notebook


def plays(video: Locator) -> None:
    """Pictures move when it is asked to."""
    expect(video).to_be_visible()
    video.evaluate("v => { v.muted = true; return v.play() }")
    video.page.wait_for_function("v => v.readyState >= 3 && v.currentTime > 0.2", arg=video.element_handle())
    assert video.evaluate("v => v.error") is None


def test_the_studio_shows_the_pictures_and_plays_a_clip(notebook: NotebookPage) -> None:
    notebook.rewrite(SHOWN, STUDIO)
    notebook.run(SHOWN)
    studio = notebook.studio(SHOWN)
    expect(studio.jobs.locator("img")).to_have_count(2)
    studio.job(HEAVY).get_by_role("button", name="Show: ").click()
    plays(studio.video)
    assert notebook.tell(BESIDE, "print([job.saved_clip.is_here for job in jobs])").strip() == "[True, False]"


def test_a_card_of_such_a_job_plays_it(notebook: NotebookPage) -> None:
    notebook.rewrite(SHOWN, "jobs[0]")
    notebook.run(SHOWN)
    plays(notebook.output(SHOWN).locator("video"))
    assert notebook.tell(BESIDE, "print(jobs[0].saved_clip.is_here)").strip() == "True"


def test_compare_plays_both(notebook: NotebookPage) -> None:
    notebook.rewrite(SHOWN, "sw.Compare(*jobs)")
    notebook.run(SHOWN)
    root = notebook.output(SHOWN).get_by_role("region", name="Seedance compare")
    expect(root.get_by_role("slider", name="Seek")).to_be_enabled()
    expect(root.locator("video")).to_have_count(2)
    assert notebook.tell(BESIDE, "print([job.saved_clip.is_here for job in jobs])").strip() == "[True, True]"
