"""A sweep's grid in real JupyterLab: it is stopped, marked, chosen from and learned from."""

from __future__ import annotations

import pytest
from axe_findings import findings
from cells import SWEEP, load_with_clock
from notebook_page import NotebookPage, OpenNotebook, Theme
from playwright.sync_api import Locator, expect

LOAD = load_with_clock(300).replace(", now=lambda: began_at + ahead_s", "")
QUICK = "import seedance_widgets as sw\nsession = sw.simulate(speed=300)\nsw.use_session(session)"
SLOW = """
sweep = session.sweep("a {animal} in {weather}", animal=["fox", "owl", "hare"], weather=["rain", "snow"], duration=[4],
                      resolution="480p", at_once=2, metadata={"simulator": {"seconds": 3000}})
sweep"""
DONE = SLOW.replace(', metadata={"simulator": {"seconds": 3000}}', "").replace("at_once=2", "at_once=6")
TAKES = 100
MANY = f"""{SWEEP}
from dataclasses import replace
first = start("a fox in rain", animal="fox", weather="rain")
first.wait()
rows = [replace(first.row, id=f"take{{n:04}}", sweep_values={{"take": n}}) for n in range(1, {TAKES} + 1)]
first.engine.store.add_all(rows)
jobs = [first.session.job(row.id) for row in rows]"""


@pytest.fixture
def done(open_notebook: OpenNotebook) -> NotebookPage:
    """Six clips of three animals in two weathers, as the grid of `sweep`."""
    notebook = open_notebook(QUICK, DONE, "")
    notebook.page.set_viewport_size({"width": 1280, "height": 1300})
    for cell in (0, 1):
        notebook.run(cell)
    expect(grid_of(notebook)).to_contain_text("6 clips ready")
    return notebook


def grid_of(notebook: NotebookPage) -> Locator:
    return notebook.output(1).get_by_role("region", name="Seedance grid")


def tile_of(notebook: NotebookPage, name: str) -> Locator:
    return grid_of(notebook).locator(".sdw-cell").filter(has=notebook.page.get_by_role("button", name=name))


def test_a_running_sweep_is_stopped_and_then_cancelled_from_its_grid(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(QUICK, SLOW, "")
    notebook.page.set_viewport_size({"width": 1280, "height": 1300})
    for cell in (0, 1):
        notebook.run(cell)
    root = grid_of(notebook)
    expect(root.get_by_text("Waiting to be sent", exact=True)).to_have_count(4)
    expect(root).to_contain_text("4 waiting to be sent")
    assert findings(notebook) == []
    root.get_by_role("button", name="Stop sending").click()
    expect(root.get_by_text("Not sent", exact=True)).to_have_count(4)
    expect(root).to_contain_text("4 not sent")
    expect(root.get_by_role("button", name="Stop sending")).to_have_count(0)
    expect(root.get_by_role("button", name="Cancel fox")).to_have_count(2)
    root.get_by_role("button", name="Cancel fox · rain").click()
    expect(root.get_by_text("Cancelled", exact=True)).to_have_count(1)
    root.get_by_role("button", name="Cancel all").click()
    expect(root).to_contain_text("2 cancelled · 4 not sent")
    expect(root.get_by_role("button", name="Cancel all")).to_have_count(0)
    root.get_by_role("button", name="Send the rest…").click()
    expect(root.get_by_role("button", name="Send 4 jobs")).to_be_visible()
    assert "cancelled" in notebook.tell(2, "print(sweep.status)")


def test_a_one_value_axis_makes_no_groups_and_units_stand_in_words(done: NotebookPage) -> None:
    root = grid_of(done)
    table = root.get_by_role("table", name="animal / weather")
    assert table.get_by_role("columnheader").all_inner_texts() == ["rain", "snow"]
    expect(root.locator(".sdw-group-title")).to_have_count(0)
    expect(root).to_contain_text("6 clips ready · 4 s")


CUT = """tile => {
    const box = tile.getBoundingClientRect(), edge = tile.closest('.sdw-scroll').getBoundingClientRect();
    return edge.right - box.right;
}"""


def test_the_border_of_the_last_column_is_not_cut(done: NotebookPage) -> None:
    root = grid_of(done)
    tile = root.get_by_role("button", name="Open fox · snow")
    tile.click()
    assert tile.evaluate(CUT) >= 4, "an outline of two pixels, two away"


def test_a_tile_is_starred_rated_and_compared_from_its_bar_and_by_keys(done: NotebookPage) -> None:
    root, keyboard = grid_of(done), done.page.keyboard
    fox = root.get_by_role("button", name="Open fox · rain")
    fox.hover()
    tile = tile_of(done, "Open fox · rain")
    bar = tile.get_by_role("toolbar", name="Clip actions")
    for name in ("Again", "Reuse", "Continue", "Download", "Compare", "Star", "More"):
        expect(bar.get_by_role("button", name=name)).to_be_visible()
    bar.get_by_role("button", name="Star").click()
    expect(root.get_by_role("button", name="Open fox · rain, starred")).to_be_visible()
    owl = root.get_by_role("button", name="Open owl · rain")
    owl.focus()
    keyboard.press("4")
    keyboard.press("x")
    expect(root.get_by_role("button", name="Open owl · rain, rated 4, rejected")).to_be_visible()
    code = (  # the page shows a mark at once, and the history has it a moment later
        "import time\njob = sweep['owl', 'rain']\nend = time.monotonic() + 20\n"
        "while not job.rejected and time.monotonic() < end: time.sleep(0.05)\n"
        "print(job.rating, job.rejected, sweep['fox', 'rain'].starred)"
    )
    assert "4 True True" in done.tell(2, code)
    bar.get_by_role("button", name="Compare").click()
    snow = tile_of(done, "Open fox · snow")
    snow.hover()
    snow.get_by_role("toolbar").get_by_role("button", name="Compare").click()
    root.get_by_role("button", name="Compare 2").click()
    compare = root.get_by_role("region", name="Seedance compare")
    expect(compare).to_be_focused()
    expect(compare.get_by_role("button", name="Pick A")).to_have_attribute("aria-pressed", "false")
    keyboard.press("Escape")
    expect(compare).to_have_count(0)
    expect(fox).to_be_visible()


def test_what_the_marks_say_stands_below_and_in_python(done: NotebookPage) -> None:
    root = grid_of(done)
    done.tell(2, "for job in sweep.jobs: job.rate(5 if job.row.sweep_values['animal'] == 'fox' else 2)")
    table = root.get_by_role("table", name="Marks by animal")
    expect(table.get_by_role("row", name="fox")).to_contain_text("5.0 of 2")
    expect(table.get_by_role("row", name="fox")).to_contain_text("best")
    assert "'animal': 'fox'" in done.tell(2, "print(sweep.by_axis().best)")


def test_the_clip_opens_large_with_all_that_can_be_done_with_it(done: NotebookPage) -> None:
    root, keyboard = grid_of(done), done.page.keyboard
    root.get_by_role("button", name="Open fox · rain").click()
    stage = root.get_by_role("region", name="fox · rain")
    bar = stage.get_by_role("toolbar", name="Clip actions")
    bar.get_by_role("button", name="More").click()
    more = stage.get_by_role("group", name="More")
    more.get_by_label("5 of 5").check(force=True)
    more.get_by_label("Tags").fill("best")
    keyboard.press("Enter")
    expect(stage).to_contain_text("rated 5 of 5 · best")
    expect(more.get_by_role("button", name="Copy as magic")).to_be_visible()
    assert findings(done) == []
    more.get_by_role("button", name="Delete").click()
    root.get_by_role("button", name="Undo").click()
    expect(root.get_by_role("button", name="Open fox · rain")).to_be_focused()
    assert "5 ('best',)" in done.tell(2, "job = sweep['fox', 'rain']; print(job.rating, job.tags)")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_where_a_person_chooses(done: NotebookPage, theme: Theme) -> None:
    done.use_theme(theme)
    root = grid_of(done)
    root.get_by_role("button", name="Choose").click()
    region = root.get_by_role("region", name="Choose")
    expect(region).to_be_focused()
    for key in ("4", "ArrowRight", "x", "ArrowRight", "s"):
        done.page.keyboard.press(key)
    expect(region).to_contain_text("3 marked · 1 starred · 1 rejected")
    assert findings(done) == []


def test_a_hundred_takes_are_chosen_by_keyboard_alone(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(LOAD, MANY, "sw.Choose(jobs)", "")
    notebook.page.set_viewport_size({"width": 1280, "height": 1300})
    for cell in (0, 1, 2):
        notebook.run(cell)
    region, keyboard = notebook.output(2).get_by_role("region", name="Choose"), notebook.page.keyboard
    expect(region).to_contain_text(f"1 of {TAKES}")
    region.focus()
    for take in range(TAKES):
        if take == 22:
            expect(region).to_contain_text(f"23 of {TAKES}")
        keyboard.press("x" if take % 3 else str(1 + take % 5))
        if take % 10 == 0:
            keyboard.press("s")
        keyboard.press("ArrowRight")
    expect(region).to_contain_text(f"{TAKES} of {TAKES}")
    expect(region).to_contain_text(f"{TAKES} marked")
    said = "sum(job.rejected for job in jobs), sum(job.starred for job in jobs), sum(job.rating or 0 for job in jobs)"
    rated = sum(1 + take % 5 for take in range(TAKES) if take % 3 == 0)
    rejects = sum(take % 3 > 0 and take % 10 > 0 for take in range(TAKES))
    marked = "sum(bool(job.rejected or job.rating or job.starred) for job in jobs)"
    line = f"import time\nwhile {marked} < {TAKES}: time.sleep(0.1)\nprint({said})"
    assert f"{rejects} 10 {rated}" in notebook.tell(3, line)
    region.get_by_role("combobox", name="Show").select_option(label="Starred")
    expect(region).to_contain_text("of 10")


WIDE = "e => e.getBoundingClientRect().width / e.closest('.sdw-views-root').getBoundingClientRect().width"


def test_choosing_takes_the_whole_width_and_the_next_clip_comes_at_once(done: NotebookPage) -> None:
    root = grid_of(done)
    root.get_by_role("button", name="Choose").click()
    region = root.get_by_role("region", name="Choose")
    expect(region).to_be_focused()
    assert region.locator(".sdw-choose-stage").evaluate(WIDE) > 0.9
    waiting = region.locator("video[hidden]").first
    done.page.wait_for_function("v => v.readyState >= 3", arg=waiting.element_handle())
    before = region.locator("video:not([hidden])").get_attribute("data-sdw-job")
    done.page.keyboard.press("ArrowRight")
    after = region.locator("video:not([hidden])")
    assert after.get_attribute("data-sdw-job") != before
    assert after.evaluate("v => v.readyState") >= 3
    done.page.keyboard.press("Escape")
    expect(region).to_have_count(0)
    expect(root.get_by_role("button", name="Play all")).to_be_visible()
