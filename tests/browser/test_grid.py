"""The grid in real JupyterLab: it fills in live, plays together, opens clips large, exports, and leaves nothing."""

from __future__ import annotations

import os
from pathlib import Path

import left_behind
import pytest
from axe_findings import findings
from cells import END_JOBS, SWEEP, load_with_clock
from notebook_page import NotebookPage, OpenNotebook, Theme
from playwright.sync_api import Locator, expect

FOLDER = Path(os.environ.get("SEEDANCE_SCREENSHOTS", ""))
LOAD = load_with_clock(300).replace(", now=lambda: began_at + ahead_s", "")
JOBS = f"""{SWEEP}
jobs = [
    start(f"a {{animal}} in {{weather}}", animal=animal, weather=weather, outcome=outcome)
    for animal, weather, outcome in [
        ("fox", "rain", "succeeded"), ("fox", "snow", "succeeded"),
        ("owl", "rain", "succeeded"), ("owl", "snow", "failed"),
    ]
]
import time
while not all(job.settled for job in jobs): time.sleep(0.05)
"""
GRID = "grid = sw.Grid(jobs)\ngrid"


@pytest.fixture
def notebook(open_notebook: OpenNotebook) -> NotebookPage:
    """Three clips and a failure of two animals in two weathers, as `jobs` of the kernel."""
    notebook = open_notebook(LOAD, JOBS, GRID, "")
    notebook.page.set_viewport_size({"width": 1280, "height": 1300})
    for cell in (0, 1):
        notebook.run(cell)
    return notebook


def grid_of(notebook: NotebookPage, source: str = GRID) -> Locator:
    """The grid that a cell shows."""
    notebook.rewrite(2, source)
    notebook.run(2)
    root = notebook.output(2).get_by_role("region", name="Seedance grid")
    expect(root).to_be_visible()
    return root


def test_cells_fill_in_while_jobs_run(open_notebook: OpenNotebook) -> None:
    live = f"{SWEEP}\njobs = [start('a fox in ' + w, seconds=3000, weather=w) for w in ('rain', 'snow')]"
    notebook = open_notebook(load_with_clock(), live, GRID, END_JOBS)
    notebook.page.set_viewport_size({"width": 1280, "height": 1300})
    for cell in (0, 1):
        notebook.run(cell)
    root = grid_of(notebook)
    expect(root.get_by_text("Waiting in the queue")).to_have_count(2)
    expect(root.get_by_role("progressbar")).to_have_count(2)
    notebook.run(3)
    expect(root.get_by_role("button", name="Open rain")).to_be_visible()
    expect(root).to_contain_text("2 clips ready")
    expect(root.locator("img")).to_have_count(2)


def test_rows_and_columns_follow_the_axes_and_a_failure_says_why(notebook: NotebookPage) -> None:
    root = grid_of(notebook)
    table = root.get_by_role("table", name="animal / weather")
    assert table.get_by_role("columnheader").all_inner_texts() == ["rain", "snow"]
    assert table.get_by_role("rowheader").all_inner_texts() == ["fox", "owl"]
    failed = table.get_by_role("row", name="owl").get_by_role("cell").last
    expect(failed).to_contain_text("The simulator was asked to fail")


def test_a_job_that_is_added_appears(notebook: NotebookPage) -> None:
    root = grid_of(notebook)
    notebook.tell(3, "jobs[0].session; late = start('a bear in fog', animal='bear', weather='fog'); grid.add(late)")
    expect(root.get_by_role("button", name="Open bear · fog")).to_be_visible()


PLAYING = "root => [...root.querySelectorAll('video[data-sdw-job]')].filter(v => !v.paused && v.muted).length"
APART = """root => new Promise(done => {
    const videos = [...root.querySelectorAll('video[data-sdw-job]')], began = performance.now();
    let worst = 0;
    const look = now => {
        const times = videos.map(v => v.currentTime);
        if (videos.every(v => !v.paused)) worst = Math.max(worst, Math.max(...times) - Math.min(...times));
        if (now - began > 2500) done(worst); else requestAnimationFrame(look);
    };
    setTimeout(() => requestAnimationFrame(look), 600);
})"""


def test_all_clips_play_together_muted_and_in_step(notebook: NotebookPage) -> None:
    root = grid_of(notebook)
    root.get_by_role("button", name="Play all").click()
    notebook.page.wait_for_function(f"root => ({PLAYING})(root) === 3", arg=root.element_handle())
    apart = root.evaluate(APART)
    print(f"three clips of a grid: {apart:.3f} s apart at most")
    assert apart < 0.2
    root.get_by_role("button", name="Pause").click()
    notebook.page.wait_for_function(f"root => ({PLAYING})(root) === 0", arg=root.element_handle())


def test_a_clip_plays_under_the_pointer_and_with_the_focus(notebook: NotebookPage) -> None:
    notebook.page.emulate_media(reduced_motion="no-preference")
    root = grid_of(notebook)
    fox, owl = (root.get_by_role("button", name=f"Open {name}") for name in ("fox · rain", "owl · rain"))
    fox.hover()
    notebook.page.wait_for_function(f"root => ({PLAYING})(root) === 1", arg=root.element_handle())
    expect(fox.locator(".sdw-cell-words")).to_have_css("opacity", "1")
    notebook.page.mouse.move(0, 0)
    notebook.page.wait_for_function(f"root => ({PLAYING})(root) === 0", arg=root.element_handle())
    owl.focus()
    notebook.page.wait_for_function(f"root => ({PLAYING})(root) === 1", arg=root.element_handle())


def test_a_clip_opens_below_and_closes_again_by_keyboard(notebook: NotebookPage) -> None:
    root, keyboard = grid_of(notebook), notebook.page.keyboard
    for name in ("Export contact sheet", "Export side-by-side"):  # a disabled one is no stop on the way
        expect(root.get_by_role("button", name=name)).to_be_enabled()
    root.get_by_role("button", name="Play all").focus()
    for _ in range(3):
        keyboard.press("Tab")
    fox = root.get_by_role("button", name="Open fox · rain")
    expect(fox).to_be_focused()
    keyboard.press("Enter")
    stage = root.get_by_role("region", name="fox · rain")
    expect(stage.locator("video")).to_be_focused()
    keyboard.press("Space")
    notebook.page.wait_for_function("v => v.currentTime > 0", arg=stage.locator("video").element_handle())
    keyboard.press("Escape")
    expect(stage).to_have_count(0)
    expect(fox).to_be_focused()


def test_exports_are_saved_beside_the_notebook(notebook: NotebookPage) -> None:
    root = grid_of(notebook)
    root.get_by_role("button", name="Export contact sheet").click()
    expect(root.get_by_role("link", name="contact-sheet.png")).to_be_visible()
    root.get_by_role("button", name="Export side-by-side").click()
    expect(root.get_by_role("link", name="side-by-side.mp4")).to_be_visible()
    names = {path.name for path in (notebook.path.parent / "seedance_clips").iterdir()}
    assert {"contact-sheet.png", "side-by-side.mp4"} <= names


def test_only_cells_in_sight_load_their_clips(notebook: NotebookPage) -> None:
    root = grid_of(notebook, "sw.Grid(jobs[:3], axes={})")
    notebook.page.set_viewport_size({"width": 520, "height": 420})
    root.get_by_role("button", name="Play all").scroll_into_view_if_needed()
    root.get_by_role("button", name="Play all").click()
    notebook.page.wait_for_function(f"root => ({PLAYING})(root) >= 1", arg=root.element_handle())
    expect(root.get_by_role("button", name="Open")).to_have_count(3)
    assert root.locator("video").count() < 3


def test_a_clip_that_the_server_does_not_serve_comes_from_the_kernel(notebook: NotebookPage) -> None:
    notebook.tell(3, "from seedance_widgets.notebook import environment as place\nplace.files_url = lambda path: None")
    root = grid_of(notebook)
    root.get_by_role("button", name="Open fox · rain").click()
    video = root.get_by_role("region", name="fox · rain").locator("video")
    expect(video).to_be_visible()
    assert str(video.get_attribute("src")).startswith("blob:")
    assert video.evaluate("v => v.play().then(() => v.videoWidth)") == 854


@pytest.mark.own_page
def test_a_closed_view_leaves_nothing_behind(notebook: NotebookPage) -> None:
    left_behind.watch(notebook.page)
    notebook.save()
    notebook.reload()
    notebook.tell(3, "from seedance_widgets.notebook import environment as place\nplace.files_url = lambda path: None")
    root = grid_of(notebook)
    root.get_by_role("button", name="Play all").click()
    notebook.page.wait_for_function(f"root => ({PLAYING})(root) === 3", arg=root.element_handle())
    assert left_behind.made(notebook.page)["urls"] >= 6, "posters and clips"
    notebook.clear_output(2)
    left_behind.wait_until_nothing_is_held(notebook.page)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(notebook: NotebookPage, theme: Theme) -> None:
    notebook.use_theme(theme)
    root = grid_of(notebook)
    expect(root.locator("img")).to_have_count(3)
    assert findings(notebook) == []
    root.get_by_role("button", name="Open fox · rain").click()
    root.get_by_role("button", name="Export contact sheet").click()
    expect(root.get_by_role("link", name="contact-sheet.png")).to_be_visible()
    assert findings(notebook) == []


def test_the_saved_notebook_shows_the_pictures_without_a_kernel(notebook: NotebookPage) -> None:
    grid_of(notebook)
    notebook.wait_printed(2, "data:image/jpeg")
    notebook.save()
    notebook.shut_down_kernel()
    notebook.open()
    fallback = notebook.output(2).locator(".sdw-views-fallback")
    expect(fallback).to_be_visible()
    expect(fallback.locator("img")).to_have_count(3)
    expect(fallback.get_by_role("table")).to_contain_text("The simulator was asked to fail")
    expect(notebook.output(2).get_by_text("not found").filter(visible=True)).to_have_count(0)


PICTURED = f"""{SWEEP}
jobs = [
    start(f"a {{animal}} in {{weather}}, cinematic, shallow focus", animal=animal, weather=weather,
          outcome="failed" if (animal, weather) == ("owl", "snow") else "succeeded",
          seconds=3000 if (animal, weather) == ("fox", "fog at dawn") else 0)
    for animal in ("fox", "owl") for weather in ("rain", "snow", "fog at dawn")
]
import time
while sum(not job.settled for job in jobs) > 1: time.sleep(0.05)
jobs[1].mark(starred=True);
"""


@pytest.mark.pictures
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_pictures_can_be_taken(open_notebook: OpenNotebook, theme: str) -> None:
    notebook = open_notebook(LOAD, PICTURED, GRID, "")
    notebook.page.set_viewport_size({"width": 1280, "height": 1600})
    notebook.use_theme(f"JupyterLab {theme}")  # type: ignore[arg-type]
    for cell in (0, 1):
        notebook.run(cell)
    FOLDER.mkdir(parents=True, exist_ok=True)
    places = {"": GRID, "-wrapped": "sw.Grid(jobs, axes={})"}
    narrow = "import ipywidgets\nipywidgets.VBox([{}], layout=ipywidgets.Layout(width='320px'))"
    places |= {"-narrow": narrow.format("sw.Grid(jobs)"), "-narrow-wrapped": narrow.format("sw.Grid(jobs, axes={})")}
    for name, source in places.items():
        root = grid_of(notebook, source)
        notebook.page.wait_for_timeout(1500)
        notebook.page.wait_for_timeout(500)
        if not name:
            root.get_by_role("button", name="Open owl · rain").click()
            notebook.page.wait_for_timeout(500)
        root.screenshot(path=FOLDER / f"grid{name}-{theme.lower()}.png")
