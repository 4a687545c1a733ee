"""The question before a sweep in real JupyterLab: one answer sends each job once, and nothing else sends any."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from axe_findings import findings
from cells import END_JOBS, load_with_clock
from notebook_page import NotebookPage, OpenNotebook, Theme
from playwright.sync_api import Locator, expect

FOLDER = Path(os.environ.get("SEEDANCE_SCREENSHOTS", ""))
LOAD = load_with_clock() + "%config SeedanceMagics.confirm_above_usd = 0.0\n"
SWEEP = """\
%%seedance --sweep animal=fox,owl --sweep weather=rain,snow --duration 4 --resolution 480p --name zoo --out zoo
a {animal} in {weather}"""
SENTENCE = "4 jobs, about $0.80 (estimate)."


@pytest.fixture
def notebook(open_notebook: OpenNotebook) -> NotebookPage:
    """A cell with a sweep of four jobs, not run yet."""
    notebook = open_notebook(LOAD, SWEEP, "", "")
    notebook.page.set_viewport_size({"width": 1280, "height": 1300})
    notebook.run(0)
    return notebook


def ask(notebook: NotebookPage) -> Locator:
    """Run the cell, which ends at once; its grid, which asks."""
    notebook.run(1)
    root = notebook.output(1).get_by_role("region", name="Seedance grid")
    expect(root.get_by_role("group", name=SENTENCE)).to_be_visible()
    return root


def button(root: Locator, name: str) -> Locator:
    """A button of the question."""
    return root.get_by_role("button", name=name, exact=True)


def creates(notebook: NotebookPage) -> int:
    """How many jobs the service has accepted."""
    return len(list((notebook.path.parent / "seedance-home/simulator/generations").glob("*.json")))


def test_a_doubled_click_sends_each_job_once_and_the_grid_fills_in(notebook: NotebookPage) -> None:
    root = ask(notebook)
    expect(notebook.output(1)).to_contain_text("Plan: 4 jobs (2 animal x 2 weather)")
    expect(root.get_by_text("Not sent", exact=True)).to_have_count(4)
    assert creates(notebook) == 0
    button(root, "Send 4 jobs").dblclick()
    expect(root.get_by_text("Waiting in the queue")).to_have_count(4)
    expect(root.get_by_role("group", name=SENTENCE)).to_have_count(0)
    notebook.tell(2, END_JOBS)
    expect(root.get_by_text("4 clips ready").first).to_be_visible()
    assert creates(notebook) == 4


def test_a_reloaded_page_sends_nothing_and_still_asks_and_another_view_asks_the_same(notebook: NotebookPage) -> None:
    ask(notebook)
    notebook.save()
    notebook.reload()
    root = notebook.output(1).get_by_role("region", name="Seedance grid")
    expect(root.get_by_role("group", name=SENTENCE)).to_be_visible()
    notebook.rewrite(2, "zoo")
    notebook.run(2)
    other = notebook.output(2).get_by_role("region", name="Seedance grid")
    expect(button(other, "Send 4 jobs")).to_be_visible()
    assert creates(notebook) == 0
    button(root, "Send 4 jobs").click()
    expect(root.get_by_text("Waiting in the queue")).to_have_count(4)
    expect(button(other, "Send 4 jobs")).to_have_count(0)
    assert creates(notebook) == 4


def test_a_no_and_a_later_yes_by_keyboard(notebook: NotebookPage) -> None:
    root, keyboard = ask(notebook), notebook.page.keyboard
    button(root, "Send 4 jobs").focus()
    keyboard.press("Tab")
    expect(button(root, "Not now")).to_be_focused()
    keyboard.press("Space")
    expect(root.get_by_text("Nothing was sent.").last).to_be_visible()
    expect(button(root, "Not now")).to_have_count(0)
    assert root.evaluate("e => e.contains(document.activeElement)"), "the focus stays in the grid"
    assert creates(notebook) == 0
    root = ask(notebook)
    button(root, "Send 4 jobs").focus()
    keyboard.press("Enter")
    expect(root.get_by_text("Waiting in the queue")).to_have_count(4)
    assert creates(notebook) == 4


def test_code_that_sends_it_takes_the_question_away(notebook: NotebookPage) -> None:
    root = ask(notebook)
    notebook.tell(2, "zoo.resume();")
    expect(button(root, "Send 4 jobs")).to_have_count(0)
    expect(root.get_by_text("Waiting in the queue")).to_have_count(4)


def test_what_is_saved_says_not_sent_and_has_no_buttons(notebook: NotebookPage) -> None:
    ask(notebook)
    notebook.wait_printed(1, "Not sent")
    notebook.save()
    notebook.shut_down_kernel()
    notebook.open()
    fallback = notebook.output(1).locator(".sdw-views-fallback")
    expect(fallback).to_be_visible()
    expect(fallback.get_by_text("Not sent", exact=True)).to_have_count(4)
    expect(notebook.output(1).get_by_role("button").filter(visible=True)).to_have_count(0)


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing(notebook: NotebookPage, theme: Theme) -> None:
    notebook.use_theme(theme)
    root = ask(notebook)
    assert findings(notebook) == []
    button(root, "Not now").click()
    expect(root.get_by_text("Nothing was sent.").last).to_be_visible()
    assert findings(notebook) == []


@pytest.mark.pictures
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_pictures_can_be_taken(notebook: NotebookPage, theme: str) -> None:
    notebook.use_theme(f"JupyterLab {theme}")  # type: ignore[arg-type]
    FOLDER.mkdir(parents=True, exist_ok=True)
    root = ask(notebook)
    notebook.output(1).screenshot(path=FOLDER / f"question-{theme.lower()}.png")
    button(root, "Send 4 jobs").focus()
    root.screenshot(path=FOLDER / f"question-focus-{theme.lower()}.png")
    button(root, "Not now").click()
    expect(root.get_by_text("Nothing was sent.").last).to_be_visible()
    root.screenshot(path=FOLDER / f"question-no-{theme.lower()}.png")
    narrow = "import ipywidgets\nzoo.asking.ask(zoo.unsent)\n"
    notebook.rewrite(2, narrow + "ipywidgets.VBox([sw.Grid(zoo)], layout=ipywidgets.Layout(width='320px'))")
    notebook.run(2)
    small = notebook.output(2).get_by_role("region", name="Seedance grid")
    expect(button(small, "Send 4 jobs")).to_be_visible()
    small.screenshot(path=FOLDER / f"question-narrow-{theme.lower()}.png")
    button(small, "Send 4 jobs").click()
    expect(root.get_by_text("Waiting in the queue")).to_have_count(4)
    root.screenshot(path=FOLDER / f"question-sent-{theme.lower()}.png")
