"""The page of an export, from the disk: it plays, it searches, it asks nobody, and hostile words do nothing."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

import seedance_widgets as sw

HOSTILE = "</p></script><script>window.pwned=1</script><img src=x onerror='window.pwned=1'><svg onload=window.pwned=1>"
SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p"}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("work"))
        session = sw.simulate(speed=math.inf, home=tmp_path_factory.mktemp("home"))
        jobs = [
            session.submit("A courier cycles through wet neon streets", **SMALL),
            session.submit("เรือกระดาษ 🚣 ในสายฝน " * 8, **SMALL, aspect_ratio="9:16"),
            session.submit(HOSTILE, **SMALL),
            session.submit("A boat that fails", **SMALL, metadata={"simulator": {"outcome": "failed"}}),
        ]
        for job in jobs:
            for _ in job.updates(timeout=60):
                pass
        jobs[0].mark(starred=True)
        path = session.export(tmp_path_factory.mktemp("out") / "my clips #1").page
        session.close()
    return path


@pytest.fixture(params=[("light", 1280), ("dark", 320)], ids=["light", "dark and narrow"])
def page(browser: Browser, bundle: Path, request: pytest.FixtureRequest) -> Iterator[Page]:
    scheme, width = request.param
    context = browser.new_context(color_scheme=scheme, viewport={"width": width, "height": 800})
    page = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(bundle.as_uri())
    yield page
    assert complaints == []
    assert [url for url in asked if not url.startswith("file:")] == []
    assert page.evaluate("window.pwned") is None
    context.close()


def test_every_clip_plays_from_the_disk(page: Page) -> None:
    videos = page.locator("video")
    expect(videos).to_have_count(3)
    for video in videos.all():
        video.evaluate("v => { v.muted = true; return v.play() }")
        page.wait_for_function("v => v.currentTime > 0.1", arg=video.element_handle())
        video.evaluate("v => v.pause()")


def test_hostile_words_are_read_as_they_were_written(page: Page) -> None:
    expect(page.locator(".prompt", has_text="window.pwned=1")).to_have_text(HOSTILE)
    page.locator("details", has_text="Show code").nth(1).locator("summary").click()
    assert page.evaluate("window.pwned") is None


def test_it_searches_sorts_and_shows_what_is_starred(page: Page) -> None:
    shown = page.locator("article:visible .prompt")
    expect(shown).to_have_count(4)
    page.get_by_role("searchbox", name="Search").fill("neon courier")
    expect(shown).to_have_text(["A courier cycles through wet neon streets"])
    expect(page.get_by_role("status")).to_have_text("1 of 4")
    page.get_by_role("searchbox", name="Search").fill("")
    page.get_by_role("checkbox", name="Starred only").check()
    expect(shown).to_have_count(1)
    page.get_by_role("checkbox", name="Starred only").uncheck()
    page.get_by_role("combobox", name="Order").select_option("old")
    expect(shown.first).to_have_text("A courier cycles through wet neon streets")


def test_nothing_stands_out_of_the_window(page: Page) -> None:
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_it_is_readable_without_scripts(browser: Browser, bundle: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(bundle.as_uri())
    expect(page.locator("article:visible")).to_have_count(4)
    expect(page.get_by_role("searchbox", name="Search")).to_be_hidden()
    context.close()


def test_it_is_accessible(page: Page) -> None:
    found = Axe().run(page)
    assert [violation["id"] for violation in found.response["violations"]] == []
