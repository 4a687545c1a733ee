"""Compare in real JupyterLab: clips in step, everything by keyboard, a winner that is kept."""

from __future__ import annotations

import os
from pathlib import Path

import left_behind
import pytest
from axe_findings import findings
from cells import SWEEP, load_with_clock
from notebook_page import NotebookPage, OpenNotebook, Theme
from playwright.sync_api import Locator, expect

FOLDER = Path(os.environ.get("SEEDANCE_SCREENSHOTS", ""))
LOAD = load_with_clock(300).replace(", now=lambda: began_at + ahead_s", "")
JOBS = f"""{SWEEP}
a = start("A paper boat crosses a puddle in heavy rain, macro", duration=5)
b = start("A paper boat crosses a pond in soft rain, wide shot", duration=4)
jobs = [a, b]
"""
WAIT = "print([job.wait().path.name for job in jobs])"
MORE = """
c = start("A paper boat sinks", duration=4, aspect_ratio="9:16")
d = start("A paper boat burns", duration=4)
jobs += [c, d]
"""
TRIES = 3
"""Plays of which one must be in step in every frame: where the machine stops a decoder, no page can act in time."""
PLAYED_S = 3.2
"""Of real playback, in which the clips are measured against each other."""
MEASURE = """(root, seconds) => new Promise(done => {
    const videos = [...root.querySelectorAll('video')];
    const began = performance.now();
    let worst = 0, frames = 0, played = 0, before = null;
    const look = now => {
        const times = videos.map(v => v.currentTime);
        const lead = Math.max(...times);
        // A clip that is over holds its last frame.
        const apart = Math.max(...videos.map((v, i) => Math.abs(Math.min(lead, v.duration) - times[i])));
        worst = Math.max(worst, apart);
        frames += 1;
        if (before !== null && lead > before) played += lead - before;
        before = lead;
        if (played < seconds && now - began < 30_000) return requestAnimationFrame(look);
        done({ worst, frames, played, wall: (now - began) / 1000 });
    };
    requestAnimationFrame(look);
})"""
"""How far apart the clips ever are, in seconds, in each frame of the page."""


@pytest.fixture
def notebook(open_notebook: OpenNotebook, request: pytest.FixtureRequest) -> NotebookPage:
    """Two clips, as the jobs `a` and `b` of the kernel; where a test is about four, `c` and `d` too."""
    four = "jobs" in request.fixturenames and "c" in request.getfixturevalue("jobs")
    notebook = open_notebook(LOAD, JOBS + (MORE if four else "") + WAIT, "", "")
    notebook.page.set_viewport_size({"width": 1280, "height": 1300})
    for cell in (0, 1):
        notebook.run(cell)
    return notebook


def compared(notebook: NotebookPage, source: str = "compare = sw.Compare(a, b)\ncompare") -> Locator:
    """The comparison that a cell shows, ready to play."""
    notebook.rewrite(2, source)
    notebook.run(2)
    root = notebook.output(2).get_by_role("region", name="Seedance compare")
    expect(root.get_by_role("slider", name="Seek")).to_be_enabled()
    return root


@pytest.mark.alone
@pytest.mark.parametrize("jobs", ["a, b", "a, b, c, d"], ids=["two", "four of two lengths"])
@pytest.mark.parametrize("rate", ["1", "2"])
def test_clips_are_never_further_apart_than_fifty_milliseconds(notebook: NotebookPage, jobs: str, rate: str) -> None:
    root = compared(notebook, f"sw.Compare({jobs})")
    root.get_by_role("combobox", name="Speed").select_option(rate)
    for _ in range(TRIES):
        root.get_by_role("slider", name="Seek").press("Home")
        root.get_by_role("button", name="Play", exact=True).click()
        notebook.page.wait_for_function("v => v.currentTime > 0", arg=root.locator("video").first.element_handle())
        found = root.evaluate(f"(root) => ({MEASURE})(root, {PLAYED_S})")
        print(f"{jobs} at {rate}: {found}")
        assert found["played"] >= PLAYED_S, "it really played"
        if found["worst"] <= 0.050:
            return
        root.get_by_role("button", name="Pause", exact=True).click()
    assert found["worst"] <= 0.050


def test_a_clip_that_falls_out_of_step_is_brought_back(notebook: NotebookPage) -> None:
    """Shows too that the measure above can tell."""
    root = compared(notebook)
    root.get_by_role("button", name="Play", exact=True).click()
    notebook.page.wait_for_function("v => v.currentTime > 0.2", arg=root.locator("video").first.element_handle())
    apart = "r => { const [a, b] = [...r.querySelectorAll('video')]; return Math.abs(a.currentTime - b.currentTime) }"
    pushed = root.evaluate(f"r => {{ r.querySelectorAll('video')[1].currentTime += 0.7; return ({apart})(r) }}")
    assert pushed > 0.5
    notebook.page.wait_for_function(
        f"r => {{ const [a] = r.querySelectorAll('video'); return !a.paused && ({apart})(r) < 0.05 }}",
        arg=root.element_handle(),
    )


def test_everything_works_by_keyboard(notebook: NotebookPage) -> None:
    root, keyboard = compared(notebook), notebook.page.keyboard
    play = root.get_by_role("button", name="Play", exact=True)
    seek = root.get_by_role("slider", name="Seek")
    play.focus()
    keyboard.press("k")
    expect(root.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    keyboard.press("Space")
    expect(play).to_be_focused()
    keyboard.press("Home")
    expect(seek).to_have_attribute("aria-valuetext", "0.00 s of 5.00 s")
    keyboard.press("ArrowRight")
    expect(seek).to_have_attribute("aria-valuetext", "0.50 s of 5.00 s")
    keyboard.press("Home")
    for _ in range(3):
        keyboard.press(".")
    expect(root).to_contain_text("frame 3")
    keyboard.press(",")
    expect(root).to_contain_text("frame 2")
    assert root.locator("video").evaluate_all("vs => new Set(vs.map(v => v.currentTime)).size") == 1
    keyboard.press(">")
    expect(root.get_by_role("combobox", name="Speed")).to_have_value("1.25")
    keyboard.press("l")
    expect(root.get_by_role("button", name="Loop")).to_have_attribute("aria-pressed", "false")
    keyboard.press("f")
    expect(root.get_by_role("button", name="Fit")).to_have_attribute("aria-pressed", "false")
    keyboard.press("w")
    edge = root.get_by_role("slider", name="Wipe between A and B")
    edge.focus()
    keyboard.press("ArrowRight")
    expect(edge).to_have_attribute("aria-valuenow", "52")
    expect(seek).to_have_attribute("aria-valuetext", "0.10 s of 5.00 s")
    keyboard.press("2")
    expect(root.get_by_role("button", name="B wins")).to_have_attribute("aria-pressed", "true")


def test_the_wipe_follows_the_pointer(notebook: NotebookPage) -> None:
    root, mouse = compared(notebook), notebook.page.mouse
    root.get_by_role("button", name="Wipe").click()
    box = root.locator(".sdw-wipe").bounding_box()
    assert box is not None
    mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 4, box["y"] + 30)
    mouse.up()
    expect(root.get_by_role("slider", name="Wipe between A and B")).to_have_attribute("aria-valuenow", "25")
    cut = root.locator("[data-letter=B]").evaluate("e => e.style.clipPath")
    assert "25" in cut


def test_a_picked_winner_gets_a_star_that_the_history_keeps(notebook: NotebookPage) -> None:
    root = compared(notebook)
    root.get_by_role("button", name="Pick B").click()
    expect(root.get_by_role("button", name="B wins")).to_be_visible()
    assert "True b" in notebook.tell(
        3,
        "print(session.store.get(b.id).starred, 'b' if compare.winner is b else '')".replace(
            "session.", "sw.default_session()."
        ),
    )
    root.get_by_role("button", name="Pick A").click()
    expect(root.get_by_role("button", name="A wins")).to_be_visible()
    assert "True False" in notebook.tell(3, "print(a.row.starred, b.row.starred)")


def test_the_words_and_options_that_differ_are_shown(notebook: NotebookPage) -> None:
    root = compared(notebook)
    marks = root.locator("mark").all_inner_texts()
    assert marks == ["puddle", "heavy", "macro", "pond", "soft", "wide shot"]
    expect(root.get_by_role("table", name="Options that differ")).to_contain_text("Duration")


def test_the_magic_opens_it_and_says_what_it_takes(notebook: NotebookPage) -> None:
    notebook.tell(3, "get_ipython().run_line_magic('seedance_compare', f'{a.id} {b.id}')")
    expect(notebook.output(3).get_by_role("region", name="Seedance compare")).to_be_visible()
    notebook.rewrite(3, "%seedance_compare one")
    notebook.fire(3)
    notebook.wait_printed(3, "takes the ids of two to four jobs")


@pytest.mark.own_page
def test_a_closed_view_leaves_nothing_behind(notebook: NotebookPage) -> None:
    left_behind.watch(notebook.page)
    notebook.save()
    notebook.reload()
    root = compared(notebook)
    root.get_by_role("button", name="Play", exact=True).click()
    expect(root.get_by_role("button", name="Pause", exact=True)).to_be_visible()
    assert left_behind.made(notebook.page)["timers"] > 0
    notebook.clear_output(2)
    left_behind.wait_until_nothing_is_held(notebook.page)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(notebook: NotebookPage, theme: Theme) -> None:
    notebook.use_theme(theme)
    root = compared(notebook)
    root.get_by_role("button", name="Pick B").click()
    expect(root.get_by_role("button", name="B wins")).to_be_visible()
    assert findings(notebook) == []
    root.get_by_role("button", name="Wipe").click()
    assert findings(notebook) == []


OVERFLOWING = """root => [...root.querySelectorAll('*')].filter(e => {
    const box = e.getBoundingClientRect(), edge = root.getBoundingClientRect();
    const seen = box.width > 1 && !e.closest('.sdw-scroll, .sdw-unseen, svg');
    return seen && (box.right > edge.right + 1 || box.left < edge.left - 1);
}).map(e => `${e.tagName}.${e.className}`)"""


def test_nothing_overflows_in_320_pixels(notebook: NotebookPage) -> None:
    narrow = "import ipywidgets\nipywidgets.VBox([sw.Compare(a, b)], layout=ipywidgets.Layout(width='320px'))"
    root = compared(notebook, narrow)
    assert root.evaluate(OVERFLOWING) == []
    assert root.evaluate("e => e.getBoundingClientRect().width") <= 321


def test_the_saved_notebook_shows_the_pictures_without_a_kernel(notebook: NotebookPage) -> None:
    root = compared(notebook)
    root.get_by_role("button", name="Pick A").click()
    notebook.wait_printed(2, "★ winner")
    notebook.save()
    notebook.shut_down_kernel()
    notebook.open()
    fallback = notebook.output(2).locator(".sdw-views-fallback")
    expect(fallback).to_be_visible()
    expect(fallback.locator("img")).to_have_count(2)
    expect(fallback).to_contain_text("winner")
    expect(notebook.output(2).get_by_text("not found").filter(visible=True)).to_have_count(0)


@pytest.mark.pictures
@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("jobs", ["a, b", "a, b, c, d"], ids=["two", "four"])
def test_pictures_can_be_taken(notebook: NotebookPage, theme: str, jobs: str) -> None:
    notebook.use_theme(f"JupyterLab {theme}")  # type: ignore[arg-type]
    FOLDER.mkdir(parents=True, exist_ok=True)
    many = jobs.count(",") + 1
    root = compared(notebook, f"sw.Compare({jobs})")
    for _ in range(4):
        root.press("ArrowRight")
    root.get_by_role("button", name="Pick B").click()
    expect(root.get_by_role("button", name="B wins")).to_be_visible()
    notebook.page.wait_for_timeout(700)
    root.screenshot(path=FOLDER / f"compare-{many}-{theme.lower()}.png")
    if many == 2:
        root.get_by_role("button", name="Wipe").click()
        notebook.page.wait_for_timeout(300)
        root.screenshot(path=FOLDER / f"compare-wipe-{theme.lower()}.png")
    root = compared(
        notebook,
        f"import ipywidgets\nipywidgets.VBox([sw.Compare({jobs})], layout=ipywidgets.Layout(width='320px'))",
    )
    notebook.page.wait_for_timeout(700)
    root.screenshot(path=FOLDER / f"compare-{many}-narrow-{theme.lower()}.png")
