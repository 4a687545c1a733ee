"""Saved and earlier prompts in the form, undo of the form, and what is done with several jobs of the list at once."""

from __future__ import annotations

import re

from axe_findings import findings
from playwright.sync_api import expect
from studio_desk import Desk, OpenStudio, expect_told, notebook, open_studio

__all__ = ["notebook", "open_studio"]

MAKE = """\
for words, tags in {clips!r}:
    made = session.submit(words, duration=4, resolution="480p")
    made.wait()
    made.mark(tags=tags)"""
CLIPS = [("a lighthouse at dusk", ["sea"]), ("a fox in fresh snow", ["animal"]), ("a tram in fog", [])]
SAVE = 'session.save_template("boat", "a paper boat in rain", duration=9, aspect_ratio="9:16", replace=True)'
NAMES = "print(sorted(session.templates))"


def with_clips(open_studio: OpenStudio) -> Desk:
    """A Studio over three clips, two of which have a tag."""
    desk = open_studio()
    desk.tell(MAKE.format(clips=CLIPS))
    expect(desk.studio.jobs).to_have_count(len(CLIPS))
    return desk


def test_a_saved_prompt_is_chosen_taken_back_saved_and_deleted_by_keyboard(open_studio: OpenStudio) -> None:
    desk = with_clips(open_studio)
    desk.tell(SAVE)
    studio, keyboard = desk.studio, desk.page.keyboard
    nine = studio.root.get_by_role("radio", name="9:16", exact=True)
    opener, saved = studio.button("Saved prompts"), studio.root.get_by_role("group", name="Saved prompts")
    studio.prompt.fill("my own words")
    opener.focus()
    keyboard.press("Enter")
    expect(saved.get_by_role("button", name=re.compile("^boat"))).to_be_focused()
    assert findings(desk.notebook, ".sdw-studio") == []
    keyboard.press("Enter")
    expect(studio.prompt).to_have_value("a paper boat in rain")
    expect(studio.prompt).to_be_focused()
    expect(nine).to_be_checked()
    keyboard.press("Control+z")
    expect(studio.prompt).to_have_value("my own words")
    expect(nine).not_to_be_checked()
    keyboard.press("Control+End")
    keyboard.type(", typed")
    for _ in range(len(", typed")):  # the browser's own, of some letters at a time
        if studio.prompt.input_value() != "my own words":
            keyboard.press("Control+z")
    expect(studio.prompt).to_have_value("my own words")

    keyboard.press("Control+Home")
    for words in ("a tram in fog", "a fox in fresh snow"):
        keyboard.press("ArrowUp")
        expect(studio.prompt).to_have_value(words)
    keyboard.press("ArrowDown")
    keyboard.press("ArrowDown")
    expect(studio.prompt).to_have_value("my own words")

    opener.click()
    saved.get_by_role("textbox", name="Name").fill("mine")
    keyboard.press("Enter")
    expect(saved).to_contain_text("Saved as “mine”.")
    expect_told(desk, NAMES, "['boat', 'mine']")
    saved.get_by_role("button", name="Delete mine").click()
    keyboard.press("Enter")  # Undo has the focus
    expect(saved.get_by_role("button", name="Delete mine")).to_be_focused()
    saved.get_by_role("button", name="Delete boat").click()
    keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(studio.root.get_by_text("Deleting “boat”")).to_have_count(0, timeout=30_000)
    expect_told(desk, NAMES, "['mine']")
    desk.tell("session.templates.path.unlink()")


def test_several_jobs_are_chosen_marked_exported_and_deleted_together(open_studio: OpenStudio) -> None:
    desk = with_clips(open_studio)
    studio, keyboard = desk.studio, desk.page.keyboard
    bar = studio.root.get_by_role("group", name="Selected jobs")
    tag = studio.root.get_by_role("combobox", name="Tag", exact=True)
    tag.select_option("animal")
    expect(studio.jobs).to_have_count(1)
    tag.select_option("")
    expect(studio.jobs).to_have_count(3)

    for row in studio.jobs.all():
        assert row.locator('button:not([tabindex="-1"])').count() == 1, "a row is one focus stop"
    studio.root.get_by_role("button", name="Show: a tram in fog").focus()
    keyboard.press("Shift+ArrowDown")
    expect(bar).to_contain_text("2 selected")
    expect(studio.root.get_by_role("checkbox", name="Select: a fox in fresh snow")).to_be_checked()
    studio.job("a lighthouse at dusk").locator(".sdw-job-prompt").click(modifiers=["Shift"])
    expect(bar).to_contain_text("3 selected")
    assert findings(desk.notebook, ".sdw-studio") == []

    bar.get_by_role("button", name="Star", exact=True).click()
    bar.get_by_role("button", name="Tag", exact=True).click()
    keyboard.type("best")
    keyboard.press("Enter")
    expect(studio.jobs.get_by_text("best")).to_have_count(3)
    expect_told(desk, "print(session.count(starred=True, tag='best'))", "3")
    bar.get_by_role("button", name="Export", exact=True).click()
    bar.get_by_role("button", name="Export for others").click()
    expect(bar.get_by_role("link", name=re.compile("Exported 3 jobs to seedance-.*zip"))).to_be_visible()

    studio.root.get_by_role("checkbox", name="Select: a tram in fog").click()
    bar.get_by_role("button", name="Delete", exact=True).click()
    expect(bar).to_contain_text("Deleting 2 jobs and their files in")
    bar.get_by_role("button", name="Undo").click()
    expect(studio.root.get_by_text("Deleting")).to_have_count(0)
    bar.get_by_role("button", name="Delete", exact=True).click()
    expect(studio.jobs).to_have_count(1, timeout=30_000)
    expect_told(desk, "print([job.request.prompt for job in session.jobs()])", "['a tram in fog']")
