"""Axe, a narrow place, Notebook 7, and pictures of the Studio."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_findings import findings
from cells import END_JOBS, PROMPT, SIZE, STUDIO, load_with_clock
from notebook_page import NotebookPage, OpenNotebook, StudioPage, Theme
from playwright.sync_api import expect
from video import expect_plays

FOLDER = Path(os.environ.get("SEEDANCE_SCREENSHOTS", ""))
THEMES: dict[str, Theme] = {
    "light": "JupyterLab Light",
    "dark": "JupyterLab Dark",
    "high-contrast": "JupyterLab Dark High Contrast",
}
LOAD_QUICK = load_with_clock(300).replace(", now=lambda: began_at + ahead_s", "")
"""A clock that goes by itself."""
NARROW = """\
import ipywidgets
studio = sw.Studio(duration=4, resolution="480p")
ipywidgets.VBox([studio], layout=ipywidgets.Layout(width="320px"))"""
OVERFLOWING = """studio => {
    const { left, right, width } = studio.getBoundingClientRect();
    const seen = e => e.getClientRects().length && !e.closest('.sdw-unseen') && !e.closest('svg');
    const out = [...studio.querySelectorAll('*')].filter(e => seen(e) && !e.closest('video *')).filter(e => {
        const box = e.getBoundingClientRect();
        return box.width > 1 && (box.right > right + 1 || box.left < left - 1);
    });
    const names = out.map(e => `${e.tagName}.${e.className}`);
    if (studio.scrollWidth > studio.clientWidth) names.push(`it scrolls: ${studio.scrollWidth}`);
    if (width > 321) names.push(`it is ${width} px wide`);
    return names;
}"""
"""What of a Studio stands out at its sides."""
LONG = "https://example.invalid/a/" + "very-long-name-without-any-break-" * 8 + "{}.mp3"
JOBS = """\
%seedance --quiet a lighthouse at dusk --duration 4 --resolution 480p
%seedance --quiet --metadata {"simulator": {"outcome": "failed"}} a city that never was --duration 4 --resolution 480p
%seedance --quiet --metadata {"simulator": {"seconds": 3000}} a glacier calving into the sea --duration 4
%seedance --quiet a paper boat in heavy rain, macro, shallow focus --duration 5 --resolution 720p"""


def filled(notebook: NotebookPage, cell: int) -> StudioPage:
    """A Studio with a clip on its stage, jobs of several kinds, media, and a field that is wrong."""
    studio = notebook.studio(cell)
    notebook.tell(cell + 1, JOBS)
    expect(studio.jobs.filter(has_text="Succeeded")).to_have_count(2)
    expect(studio.job("The simulator was asked to fail")).to_have_count(1)
    studio.root.get_by_role("button", name="Show: a paper boat").click()
    expect(studio.video).to_be_visible()
    studio.add_media(LONG.format(1), "http://example.com/a.png")
    expect(studio.root.get_by_text("It takes a public https URL").first).to_be_visible()
    studio.generate.click()
    expect(studio.prompt).to_have_attribute("aria-invalid", "true")
    return studio


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_axe_finds_nothing(open_notebook: OpenNotebook, theme: Theme) -> None:
    notebook = open_notebook(LOAD_QUICK, STUDIO, "")
    notebook.use_theme(theme)
    notebook.run(0)
    notebook.run(1)
    expect(notebook.studio(1).generate).to_have_attribute("aria-disabled", "false")
    assert findings(notebook, ".sdw-studio") == []
    filled(notebook, 1)
    assert findings(notebook, ".sdw-studio") == []


def test_a_card_in_the_page_takes_nothing_from_the_looks_of_a_studio(open_notebook: OpenNotebook) -> None:
    """Both bring a sheet with the same rules for a button, and that of a card may come last."""
    notebook = open_notebook(load_with_clock(), STUDIO, "%seedance a glacier --duration 4 --resolution 480p")
    notebook.run(0)
    notebook.run(1)
    generate = notebook.studio(1).generate
    expect(generate).to_have_attribute("aria-disabled", "false")
    looks = "e => { const s = getComputedStyle(e); return [s.backgroundColor, s.color, s.fontWeight, s.minHeight] }"
    before = generate.evaluate(looks)
    notebook.run(2)
    expect(notebook.card(2)).to_be_visible()
    assert generate.evaluate(looks) == before


def test_nothing_overflows_in_320_pixels(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(LOAD_QUICK, NARROW, "")
    notebook.run(0)
    notebook.run(1)
    filled(notebook, 1)
    too_wide = notebook.output(1).locator(".sdw-studio").evaluate(OVERFLOWING)
    assert too_wide == []


def test_notebook_7_makes_a_clip_in_the_studio(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), STUDIO, END_JOBS, app="notebook")
    studio = notebook.studio(1)
    notebook.run(0)
    notebook.run(1)
    studio.prompt.fill(PROMPT)
    studio.generate.click()
    expect(studio.job(PROMPT)).to_contain_text("Waiting in the queue")
    notebook.run(2)
    expect_plays(studio.video, label=PROMPT, size=SIZE)


@pytest.mark.pictures
@pytest.mark.parametrize("theme", THEMES)
def test_pictures_of_the_studio_can_be_taken(open_notebook: OpenNotebook, theme: str) -> None:
    notebook = open_notebook(LOAD_QUICK, "studio = sw.Studio()\nstudio", JOBS, "")
    notebook.resize(1280)
    notebook.use_theme(THEMES[theme])
    for cell in (0, 1, 2):
        notebook.run(cell)
    studio = notebook.studio(1)
    expect(studio.jobs.filter(has_text="Succeeded")).to_have_count(2)
    studio.prompt.fill("A lantern drifts across a still lake at night; the camera follows just above the water.")
    studio.job("a lighthouse").get_by_role("button", name="Star", exact=True).click()
    studio.root.get_by_role("button", name="Show: a paper boat").click()
    expect(studio.video).to_be_visible()
    studio.video.evaluate("v => new Promise(done => { v.onseeked = done; v.currentTime = 2 })")
    notebook.select(3)
    FOLDER.mkdir(parents=True, exist_ok=True)
    height = studio.root.evaluate("e => Math.ceil(e.getBoundingClientRect().height)")
    notebook.page.set_viewport_size({"width": 1280, "height": height + 400})
    expect(studio.jobs.filter(has_text="Succeeded").locator("img")).to_have_count(2)
    before = b""
    while before != (before := studio.video.screenshot()):  # until the spinner of a video that loads has faded
        notebook.page.wait_for_timeout(200)
    notebook.output(1).screenshot(path=FOLDER / f"studio-{theme}.png")
