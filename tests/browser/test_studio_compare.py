"""Compare on the Studio's stage, in real JupyterLab: chosen in the list, picked there, closed again."""

from __future__ import annotations

import left_behind
import pytest
from axe_findings import findings
from cells import STUDIO, SWEEP, load_with_clock
from notebook_page import NotebookPage, OpenNotebook, StudioPage, Theme
from playwright.sync_api import Locator, expect

LOAD = load_with_clock(300).replace(", now=lambda: began_at + ahead_s", "")
HEAVY, SOFT = "A paper boat in heavy rain", "A paper boat in soft rain"
JOBS = f"""{SWEEP}
jobs = [start("{HEAVY}", duration=5), start("{SOFT}", duration=4), start("it failed", outcome="failed")]
for job in jobs[:2]:
    job.wait()
"""
LOADED, MADE, SHOWN, BESIDE = range(4)
NARROW = "import ipywidgets\nstudio = sw.Studio()\nipywidgets.VBox([studio], layout=ipywidgets.Layout(width='320px'))"
OVERFLOWING = """root => [...root.querySelectorAll('*')].filter(e => {
    const box = e.getBoundingClientRect(), edge = root.getBoundingClientRect();
    const seen = box.width > 1 && !e.closest('.sdw-scroll, .sdw-unseen, svg');
    return seen && (box.right > edge.right + 1 || box.left < edge.left - 1);
}).map(e => `${e.tagName}.${e.className}`)"""


@pytest.fixture
def notebook(open_notebook: OpenNotebook) -> NotebookPage:
    """Two clips and a failed job in the history; the Studio is not shown yet."""
    notebook = open_notebook(LOAD, JOBS, STUDIO, "")
    notebook.page.set_viewport_size({"width": 1280, "height": 1300})
    for cell in (LOADED, MADE):
        notebook.run(cell)
    return notebook


def shown(notebook: NotebookPage, source: str = STUDIO) -> StudioPage:
    """The Studio with its jobs."""
    notebook.rewrite(SHOWN, source)
    notebook.run(SHOWN)
    studio = notebook.studio(SHOWN)
    expect(studio.jobs.locator("img")).to_have_count(2)
    return studio


def toggle(studio: StudioPage, job: str) -> Locator:
    return studio.job(job).get_by_role("button", name="Compare", exact=True)


def compared(studio: StudioPage) -> Locator:
    """Compare on the stage, opened by mouse and ready to play."""
    for job in (HEAVY, SOFT):
        toggle(studio, job).click()
    studio.button("Compare 2 clips").click()
    return ready(studio)


def ready(studio: StudioPage) -> Locator:
    root = studio.clip.get_by_role("region", name="Seedance compare")
    expect(root.get_by_role("slider", name="Seek")).to_be_enabled()
    return root


def test_two_clips_are_chosen_compared_and_one_is_picked(notebook: NotebookPage) -> None:
    studio = shown(notebook)
    studio.job(HEAVY).get_by_role("button", name="Show: ").click()
    expect(studio.video).to_have_count(1)
    expect(toggle(studio, "it failed")).to_be_disabled()
    root = compared(studio)
    expect(toggle(studio, SOFT)).to_have_attribute("aria-pressed", "true")
    expect(root.locator("video")).to_have_count(2)
    root.get_by_role("button", name="Pick B").click()
    expect(studio.job(SOFT).get_by_role("button", name="Star", exact=True)).to_have_attribute("aria-pressed", "true")
    studio.button("Close Compare").click()
    expect(studio.video).to_have_count(1)
    assert notebook.tell(BESIDE, "print(jobs[1].row.starred, studio.compare)").strip() == "True None"
    studio.button("Clear").click()
    expect(toggle(studio, SOFT)).to_have_attribute("aria-pressed", "false")


def test_it_all_goes_by_keyboard(notebook: NotebookPage) -> None:
    studio, keyboard = shown(notebook), notebook.page.keyboard
    studio.search.focus()
    for job, key in ((HEAVY, "Enter"), (SOFT, "Space")):
        go_to(studio, job, toggle(studio, job))
        keyboard.press(key)
        expect(toggle(studio, job)).to_have_attribute("aria-pressed", "true")
    open_it = studio.button("Compare 2 clips")
    back_to(studio, open_it)
    keyboard.press("Enter")
    root = ready(studio)
    expect(root).to_be_focused()
    keyboard.press("Space")
    expect(root.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    keyboard.press("1")
    expect(studio.job(HEAVY).get_by_role("button", name="Star", exact=True)).to_have_attribute("aria-pressed", "true")
    back_to(studio, studio.button("Close Compare"))
    keyboard.press("Enter")
    expect(root).to_have_count(0)
    expect(studio.clip).to_contain_text("Choose a job below")
    assert studio.root.evaluate("e => e.contains(document.activeElement)"), "the focus stays in the Studio"


def go_to(studio: StudioPage, job: str, target: Locator) -> None:
    """Press Tab, or Shift+Tab where it stands above, until the row of a job has the focus, and then the right arrow."""
    within, row = "e => e.contains(document.activeElement)", studio.job(job)
    is_above = row.evaluate(
        "e => e.compareDocumentPosition(document.activeElement) === Node.DOCUMENT_POSITION_FOLLOWING"
    )
    tab = "Shift+Tab" if is_above else "Tab"
    for key, there in ((tab, lambda: row.evaluate(within)), ("ArrowRight", lambda: target.evaluate(within))):
        for _ in range(40):
            if there():
                break
            studio.page.keyboard.press(key)
    expect(target).to_be_focused()


def back_to(studio: StudioPage, target: Locator) -> None:
    """Press Shift+Tab until the target has the focus."""
    for _ in range(40):
        if target.evaluate("e => e === document.activeElement"):
            return
        studio.page.keyboard.press("Shift+Tab")
    raise AssertionError(f"Shift+Tab does not reach {target}")


def test_both_views_of_a_studio_show_it_and_lose_it_together(notebook: NotebookPage) -> None:
    studio = shown(notebook)
    notebook.rewrite(BESIDE, "studio")
    notebook.run(BESIDE)
    other = notebook.studio(BESIDE)
    compared(studio)
    expect(other.clip.locator("video")).to_have_count(2)
    other.button("Close Compare").click()
    for view in (studio, other):
        expect(view.clip.get_by_role("region", name="Seedance compare")).to_have_count(0)


def test_another_job_takes_the_stage_back(notebook: NotebookPage) -> None:
    studio = shown(notebook)
    root = compared(studio)
    studio.job(HEAVY).get_by_role("button", name="Show: ").click()
    expect(root).to_have_count(0)
    expect(studio.video).to_have_count(1)


def test_it_is_there_again_after_a_reload_of_the_page(notebook: NotebookPage) -> None:
    studio = shown(notebook)
    compared(studio)
    notebook.save()
    notebook.reload()
    expect(ready(studio).locator("video")).to_have_count(2)


@pytest.mark.own_page
def test_closed_it_leaves_nothing_in_the_page_or_the_kernel(notebook: NotebookPage) -> None:
    left_behind.watch(notebook.page)
    notebook.save()
    notebook.reload()
    studio = shown(notebook)
    count = "print(len(session.registry.viewers), sum(isinstance(w, sw.Compare) for w in widgets._instances.values()))"
    notebook.tell(BESIDE, "from ipywidgets.widgets import widget as widgets\nsession = sw.default_session()")
    before = notebook.tell(BESIDE, count)
    root = compared(studio)
    root.get_by_role("button", name="Play", exact=True).click()
    expect(root.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    assert notebook.tell(BESIDE, count) != before
    studio.button("Close Compare").click()
    expect(root).to_have_count(0)
    assert notebook.tell(BESIDE, count) == before
    compared_again = studio.button("Compare 2 clips")
    compared_again.click()
    ready(studio)
    notebook.clear_output(SHOWN)
    left_behind.wait_until_nothing_is_held(notebook.page)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_and_nothing_overflows_in_320_pixels(notebook: NotebookPage, theme: Theme) -> None:
    notebook.use_theme(theme)
    studio = shown(notebook, NARROW)
    compared(studio)
    assert findings(notebook, ".sdw-studio") == []
    assert studio.root.locator(".sdw-studio").evaluate(OVERFLOWING) == []
