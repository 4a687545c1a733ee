"""Looking at a `<video>` in the page."""

from __future__ import annotations

from playwright.sync_api import Locator, expect


def expect_plays(video: Locator, *, label: str | None, size: tuple[int, int]) -> None:
    """It is labelled, has the right size, plays when asked and not before, and seeks."""
    expect(video).to_be_visible()
    assert video.get_attribute("aria-label") == label
    assert video.evaluate("v => v.paused && !v.autoplay"), "nothing plays by itself"
    video.evaluate("v => { v.muted = true; return v.play() }")
    _wait(video, "v.readyState >= 3 && v.currentTime > 0.2")
    assert tuple(video.evaluate("v => [v.videoWidth, v.videoHeight]")) == size
    video.evaluate("v => { v.pause(); v.currentTime = 3 }")
    _wait(video, "!v.seeking && v.readyState >= 2")
    assert video.evaluate("v => v.currentTime") == 3
    assert video.evaluate("v => v.error") is None


def _wait(video: Locator, condition: str) -> None:
    video.page.wait_for_function(f"v => {condition}", arg=video.element_handle())
