"""Voila by itself, without a token: what visitors see and do. One page for all, since each load runs the notebook."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator

import pytest
from cells import SIZE
from playwright.sync_api import Browser, Page, expect
from shared_page import new_context
from test_card_other_pages import DOLLARS, LOAD, TIMEOUT_MS
from video import expect_plays
from voila_server import VoilaServer

ENDED, LARGE, MADE = "a kite", "a train", "a lighthouse"
QUICK = """\
quick = sw.simulate(speed=60, home='quick-home')

def ended(prompt):
    job = quick.submit(prompt, duration=4, resolution='480p', metadata={'simulator': {'seconds': 8}})
    job.wait()
    return job
"""
CELLS = (
    LOAD,
    QUICK,
    f"display(ended({ENDED!r}))",
    "display(start())",
    "sw.Studio(quick, duration=4, resolution='480p')",
    f"%load_ext seedance_widgets\n%config SeedanceMagics.embed_mb = 0\ndisplay(ended({LARGE!r}))",
)


@pytest.fixture(scope="module")
def voila() -> Iterator[VoilaServer]:
    """The server."""
    if importlib.util.find_spec("voila") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("voila is not installed")
    server = VoilaServer(*CELLS)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def page(browser: Browser, voila: VoilaServer) -> Iterator[Page]:
    """The page, when all cells have run."""
    context = new_context(browser, TIMEOUT_MS)
    page = context.new_page()
    page.goto(voila.url(""))
    expect(page.locator(".sdw-studio")).to_be_visible(timeout=TIMEOUT_MS)
    yield page
    context.close()


def test_the_clip_of_a_job_that_has_ended_plays_though_voila_serves_no_clips(page: Page) -> None:
    video = page.locator(f".sdw-durable video[aria-label='{ENDED}']")
    assert str(video.get_attribute("src")).startswith("data:video/mp4;base64,")
    expect_plays(video, label=ENDED, size=SIZE)


def test_a_link_to_a_clip_opens_where_voila_is_told_to_serve_it(page: Page) -> None:
    link = page.locator(".sdw-durable a[download]").first
    answer = page.request.get(link.evaluate("a => a.href"))
    assert (answer.status, answer.headers["content-type"]) == (200, "video/mp4")


def test_a_clip_that_is_too_large_to_embed_plays_from_the_kernel(page: Page) -> None:
    video = page.locator(f"video[aria-label='{LARGE}']:visible")
    assert str(video.get_attribute("src")).startswith("blob:")
    expect_plays(video, label=LARGE, size=SIZE)


def test_a_click_cancels_a_job_while_it_runs(page: Page) -> None:
    card = page.locator(".sdw-card").filter(has_text=DOLLARS)
    card.get_by_role("button", name="Cancel", exact=True).click()
    expect(card.get_by_role("status")).to_have_text("Cancelled", timeout=TIMEOUT_MS)


def test_the_studio_submits_and_shows_the_video(page: Page) -> None:
    studio = page.locator(".sdw-studio")
    studio.get_by_role("textbox", name="Prompt").fill(MADE)
    studio.get_by_role("button", name="Generate").click()
    expect(studio.get_by_role("list", name="Jobs", exact=True)).to_contain_text(MADE, timeout=TIMEOUT_MS)
    video = studio.get_by_role("region", name="Clip", exact=True).locator("video")
    expect(video).to_be_visible(timeout=TIMEOUT_MS)
    expect_plays(video, label=MADE, size=SIZE)
