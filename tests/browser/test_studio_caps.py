"""Caps in the Studio: set by keyboard, shown, kept to."""

from __future__ import annotations

import pytest
from axe_findings import findings
from cells import PROMPT, STUDIO, load_with_clock
from notebook_page import NotebookPage, OpenNotebook, Theme
from playwright.sync_api import Locator, expect
from test_studio_looks import LOAD_QUICK, NARROW, OVERFLOWING

SETUP, SHOWN, CODE = range(3)
MONEY = "print(session.caps == sw.Caps({}), session.count())"


def field(notebook: NotebookPage, each: str) -> Locator:
    return notebook.studio(SHOWN).root.get_by_role("textbox", name=f"Cap per {each} in dollars", exact=True)


def opened(open_notebook: OpenNotebook, studio: str = STUDIO, setup: str = LOAD_QUICK) -> NotebookPage:
    notebook = open_notebook(setup, studio, "")
    notebook.run(SETUP)
    notebook.run(SHOWN)
    expect(notebook.studio(SHOWN).generate).to_have_attribute("aria-disabled", "false")
    return notebook


def test_a_cap_is_set_by_keyboard_shown_kept_to_and_taken_away(open_notebook: OpenNotebook) -> None:
    notebook = opened(open_notebook, setup=load_with_clock(1))
    studio, keyboard = notebook.studio(SHOWN), notebook.page.keyboard
    studio.prompt.fill(PROMPT)
    studio.tab_to(studio.button("Caps"))
    keyboard.press("Enter")
    expect(field(notebook, "job")).to_be_focused()
    studio.tab_to(field(notebook, "day"))
    keyboard.type("much")
    keyboard.press("Enter")
    expect(field(notebook, "day")).to_have_accessible_description("Per-day cap must be a dollar amount above 0.")
    expect(field(notebook, "day")).to_have_attribute("aria-invalid", "true")
    assert notebook.tell(CODE, "session = sw.default_session()\n" + MONEY.format("")).strip() == "True 0"

    field(notebook, "day").press("Control+a")
    keyboard.type("0.05")
    keyboard.press("Enter")
    caps = studio.button("Caps: $0.05 a day")
    expect(caps).to_be_focused()
    expect(studio.root).to_contain_text("$0.05 left of the cap")
    expect(studio.root).to_contain_text("More than what is left of the cap.")
    studio.generate.click()
    expect(studio.root).to_contain_text("Over the cap")
    expect(studio.root).to_contain_text("Nothing was sent")
    expect(studio.prompt).to_have_value(PROMPT)
    expect(studio.clip).to_have_text("Your clip will play here.")
    assert notebook.tell(CODE, MONEY.format("per_day_usd=0.05")).strip() == "True 0"

    notebook.tell(CODE, "%config SeedanceMagics.cap_per_job_usd = 7")
    studio.tab_to(studio.button("Caps: $7.00 a job · $0.05 a day"))
    keyboard.press("Enter")
    expect(field(notebook, "job")).to_have_value("7")
    keyboard.press("Escape")
    expect(studio.button("Caps: $7.00 a job · $0.05 a day")).to_be_focused()
    keyboard.press("Enter")
    studio.tab_to(field(notebook, "day"))
    keyboard.press("Control+a")
    keyboard.press("Delete")
    keyboard.press("Enter")
    expect(studio.button("Caps: $7.00 a job")).to_be_focused()
    studio.button("Dismiss").click()
    studio.generate.click()
    expect(studio.jobs).to_have_count(1)
    assert notebook.tell(CODE, MONEY.format("per_job_usd=7")).strip() == "True 1"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_in_the_caps_and_nothing_overflows_in_320_pixels(
    open_notebook: OpenNotebook, theme: Theme
) -> None:
    notebook = opened(open_notebook, NARROW)
    notebook.use_theme(theme)
    notebook.tell(
        CODE, "session = sw.default_session()\nsession.caps = sw.Caps(per_job_usd=1000, per_session_usd=5000)"
    )
    studio = notebook.studio(SHOWN)
    studio.button("Caps: $1000.00 a job · $5000.00 a session").click()
    for each in ("job", "session", "day"):
        field(notebook, each).fill("a very long word indeed, of no dollars at all")
    studio.button("Set caps").click()
    expect(field(notebook, "day")).to_have_attribute("aria-invalid", "true")
    assert findings(notebook, ".sdw-studio") == []
    assert notebook.output(SHOWN).locator(".sdw-studio").evaluate(OVERFLOWING) == []
