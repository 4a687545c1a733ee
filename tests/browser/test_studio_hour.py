"""An hour in the Studio: takes, the filmstrip, the bar of actions, and that nothing jumps."""

from __future__ import annotations

import re

from cells import END_JOBS, PROMPT, seedance
from playwright.sync_api import Locator, expect
from studio_desk import Desk, OpenStudio, expect_told, is_playing, notebook, open_studio

__all__ = ["notebook", "open_studio"]

MAKE = """\
for words, ratio in {clips!r}:
    session.submit(words, duration=4, resolution="480p", aspect_ratio=ratio).wait()"""
CLIPS = [("a lighthouse at dusk", "16:9"), ("a fox in fresh snow", "9:16"), ("a tram in fog", "1:1")]
MOST_PRESSES = 5
MOST_PX = 2.0


def with_clips(open_studio: OpenStudio) -> Desk:
    """A Studio with clips of three shapes in its filmstrip."""
    desk = open_studio()
    desk.tell(MAKE.format(clips=CLIPS))
    expect(film(desk).get_by_role("button")).to_have_count(len(CLIPS))
    return desk


def film(desk: Desk) -> Locator:
    return desk.studio.root.get_by_role("list", name="Filmstrip", exact=True)


def bar(within: Locator) -> Locator:
    return within.get_by_role("toolbar", name="Clip actions", exact=True)


# --- takes ------------------------------------------------------------------------------------------------------------
def test_one_click_makes_three_takes_at_one_price_and_shows_them_side_by_side(open_studio: OpenStudio) -> None:
    desk = open_studio(standing=True)
    studio = desk.studio
    studio.prompt.fill(PROMPT)
    studio.choose(studio.root.get_by_role("radiogroup", name="Takes", exact=True), "3")
    expect(studio.root.get_by_role("group", name="Request")).to_contain_text("$0.60 (estimate) for 3 takes")
    studio.generate.click()
    expect(studio.jobs.filter(has_text=PROMPT)).to_have_count(3)
    grid = studio.clip.get_by_role("region", name="Seedance grid", exact=True)
    expect(grid).to_contain_text("3 under way")
    expect_told(desk, "print(len(session.sweeps()), len(session.sweeps()[0].jobs))", "1 3")
    studio.button("Close takes").click()
    expect(grid).to_have_count(0)
    desk.tell(END_JOBS)
    expect(studio.jobs.filter(has_text="Succeeded")).to_have_count(3)
    assert desk.created == 3


# --- the filmstrip and the stage --------------------------------------------------------------------------------------
def test_the_filmstrip_is_gone_through_by_arrows_and_enter_opens_a_clip_that_loops(open_studio: OpenStudio) -> None:
    desk = with_clips(open_studio)
    desk.page.emulate_media(reduced_motion="no-preference")
    frames, keyboard = film(desk).get_by_role("button"), desk.page.keyboard
    expect(frames.first).to_have_accessible_name("a tram in fog")
    frames.first.focus()
    is_playing(frames.first.locator("video"))
    keyboard.press("ArrowDown")
    expect(frames.nth(1)).to_be_focused()
    is_playing(frames.nth(1).locator("video"))
    assert film(desk).locator("video").count() == 1, "one at a time"
    assert frames.nth(1).locator("video").evaluate("v => v.muted")
    desk.page.emulate_media(reduced_motion="reduce")
    keyboard.press("Enter")
    expect(desk.studio.video).to_have_attribute("aria-label", "a fox in fresh snow")
    assert desk.studio.video.evaluate("v => v.loop")
    expect(frames.nth(1)).to_be_focused()


WATCHED = "textarea, .sdw-generate, .sdw-film, .sdw-jobs, .sdw-side .sdw-stage, .sdw-job"
PLACES = """(studio, watched) => [...studio.querySelectorAll(watched)].map(e => {
    const { x, y, width, height } = e.getBoundingClientRect();
    const top = studio.getBoundingClientRect().y;
    return [e.className, x, y - top, width, height];
})"""


def test_nothing_moves_when_a_clip_of_another_shape_is_chosen(open_studio: OpenStudio) -> None:
    desk = with_clips(open_studio)
    frames = film(desk).get_by_role("button")
    for width in (1300, 700):
        desk.page.set_viewport_size({"width": width, "height": 1500})
        frames.first.click()
        expect(desk.studio.video).to_be_visible()
        before = desk.studio.root.evaluate(PLACES, WATCHED)
        for number in range(len(CLIPS)):
            frames.nth(number).click()
            expect(desk.studio.video).to_have_attribute("aria-label", CLIPS[-1 - number][0])
            desk.page.wait_for_function("v => v.readyState > 0", arg=desk.studio.video.element_handle())
            for was, now in zip(before, desk.studio.root.evaluate(PLACES, WATCHED), strict=True):
                far = max(abs(a - b) for a, b in zip(was[1:], now[1:], strict=True))
                assert far <= MOST_PX, f"{was[0]} moved by {far} px at {width} px"
    desk.page.set_viewport_size({"width": 1280, "height": 900})


def test_a_long_prompt_leaves_generate_where_it_was(open_studio: OpenStudio) -> None:
    desk = open_studio()
    y = "e => e.getBoundingClientRect().y"
    desk.studio.prompt.fill("eight words\n" * 9)
    before = desk.studio.generate.evaluate(y) - desk.studio.prompt.evaluate(y)
    desk.studio.prompt.fill("A paper boat crosses a puddle in heavy rain. " * 24)
    assert desk.studio.generate.evaluate(y) - desk.studio.prompt.evaluate(y) == before


def test_a_running_job_shows_its_progress_large(open_studio: OpenStudio) -> None:
    desk = open_studio(standing=True)
    desk.tell(seedance(seconds=3000).replace("%seedance", "%seedance --quiet"))
    desk.studio.root.get_by_role("button", name=f"Show: {PROMPT}").click()
    clock = desk.studio.clip.locator(".sdw-elapsed")
    expect(clock).to_be_visible()
    assert clock.evaluate("e => e.getBoundingClientRect().height") > 30
    expect(desk.studio.clip).to_contain_text("Waiting in the queue")


# --- the bar of actions -----------------------------------------------------------------------------------------------
def test_from_a_finished_clip_to_the_next_one_are_five_presses_at_most(open_studio: OpenStudio) -> None:
    """Star it, focus the prompt with its last word selected, type another, Generate."""
    desk = with_clips(open_studio)
    studio, keyboard = desk.studio, desk.page.keyboard
    film(desk).get_by_role("button").nth(1).click()
    expect(studio.video).to_be_visible()
    presses = 0

    def press(where: Locator) -> None:
        nonlocal presses
        presses += 1
        where.click()

    press(bar(studio.clip).get_by_role("button", name="Star", exact=True))
    press(bar(studio.clip).get_by_role("button", name="Reuse", exact=True))
    expect(studio.prompt).to_be_focused()
    selected = studio.prompt.evaluate("e => e.value.slice(e.selectionStart, e.selectionEnd)")
    assert selected == "snow"
    keyboard.type("grass")
    presses += 1
    keyboard.press("Control+Enter")
    expect(studio.jobs.first).to_contain_text("a fox in fresh grass")
    assert presses <= MOST_PRESSES
    expect_told(desk, "print([job.request.prompt for job in session.jobs(starred=True)])", "['a fox in fresh snow']")
    assert desk.created == len(CLIPS) + 1


def test_again_makes_the_same_once_more(open_studio: OpenStudio) -> None:
    desk = with_clips(open_studio)
    desk.studio.prompt.fill("words that stay")
    bar(desk.studio.job("a fox")).get_by_role("button", name="Again", exact=True).click()
    expect(desk.studio.job("a fox")).to_have_count(2)
    expect(desk.studio.prompt).to_have_value("words that stay")
    told = "print(session.jobs()[0].request.aspect_ratio, session.jobs()[0].parent.request.prompt)"
    expect_told(desk, told, "9:16 a fox in fresh snow")


def test_a_row_is_one_stop_of_the_tab_key_and_the_arrows_go_on_from_there(open_studio: OpenStudio) -> None:
    desk = with_clips(open_studio)
    keyboard = desk.page.keyboard
    rows = desk.studio.jobs
    rows.first.get_by_role("button", name="Show: ").focus()
    keyboard.press("Tab")
    expect(rows.nth(1).get_by_role("button", name="Show: ")).to_be_focused()
    keyboard.press("ArrowRight")
    expect(bar(rows.nth(1)).get_by_role("button", name="Again", exact=True)).to_be_focused()
    keyboard.press("ArrowDown")
    expect(bar(rows.nth(2)).get_by_role("button", name="Again", exact=True)).to_be_focused()


def test_a_clip_is_downloaded_from_its_bar(open_studio: OpenStudio) -> None:
    desk = with_clips(open_studio)
    with desk.page.expect_download() as download:
        bar(desk.studio.job("a tram")).get_by_role("button", name="Download", exact=True).click()
    assert re.fullmatch(r"a-tram-in-fog-\w+\.mp4", download.value.suggested_filename)
