"""A long history in the page: how much of it is there, and what is left of it afterwards."""

from __future__ import annotations

import re

import left_behind
import pytest
from cells import FILL, STUDIO, load_with_clock
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import Locator, expect

LOAD = load_with_clock(speed=300).replace(", now=lambda: began_at + ahead_s", "")
PAGE = 12
SHOWN = 200
BEATS = 3
"""So many more redraws than another time may come while a Studio opens: signs of life go by the clock."""


def open_with(open_notebook: OpenNotebook, many: int) -> NotebookPage:
    """A notebook whose Studio in cell 2 shows a history of so many jobs; its messages are counted from before it."""
    notebook = open_notebook(LOAD, FILL + f"fill({many})", STUDIO)
    notebook.run(0)
    notebook.run(1)
    notebook.count_comm_messages()
    notebook.run(2)
    studio = notebook.studio(2)
    expect(studio.generate).to_have_attribute("aria-disabled", "false")
    expect(studio.jobs.locator("img")).to_have_count(min(many, PAGE))
    return notebook


def test_ten_thousand_jobs_open_with_one_page_of_rows_and_as_few_messages_as_ten(open_notebook: OpenNotebook) -> None:
    few = open_with(open_notebook, 10).comm_messages()
    notebook = open_with(open_notebook, 10_000)
    many = notebook.comm_messages()
    studio = notebook.studio(2)
    expect(studio.jobs).to_have_count(PAGE)
    expect(studio.root.get_by_text("10,000")).to_be_visible()
    assert many["sent"] <= few["sent"] + (PAGE - 10), "a poster more for each row more"
    assert many["received"] <= few["received"] + (PAGE - 10) + BEATS
    studio.button("Older").click()
    expect(studio.root.get_by_text("Page 2 of 834")).to_be_visible()
    expect(studio.jobs).to_have_count(PAGE)


@pytest.mark.own_page
def test_after_two_hundred_jobs_a_cleared_output_leaves_nothing_in_the_page(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(LOAD, FILL + f"fill({SHOWN})", STUDIO)
    left_behind.watch(notebook.page)
    notebook.reload()
    for cell in (0, 1, 2):
        notebook.run(cell)
    studio = notebook.studio(2)
    show_all(notebook)
    studio.prompt.fill("not sent")
    made = left_behind.made(notebook.page)
    assert made["urls"] > SHOWN, "posters, and clips that came in pieces"
    assert {"timers", "listeners", "observers"} <= set(made)
    assert left_behind.held(notebook.page) != left_behind.NOTHING
    notebook.clear_output(2)
    expect(notebook.page.locator(".sdw-studio")).to_have_count(0)
    left_behind.wait_until_nothing_is_held(notebook.page)
    assert left_behind.held(notebook.page) == left_behind.NOTHING


def show_all(notebook: NotebookPage) -> None:
    """Turn the pages to the end of the history, wait for each poster, and choose a job of each page."""
    studio = notebook.studio(2)
    pages = -(-SHOWN // PAGE)
    for page in range(1, pages + 1):
        expect(studio.root.get_by_text(f"Page {page} of {pages}")).to_be_visible()
        expect(studio.jobs.locator("img")).to_have_count(PAGE if page < pages else SHOWN - PAGE * (pages - 1))
        studio.jobs.last.get_by_role("button", name="Show: ").click()
        expect(studio.video).to_have_attribute("src", re.compile("^blob:"))
        is_loaded(studio.video)
        if page < pages:
            studio.button("Older").click()


def is_loaded(video: Locator) -> None:
    """Wait until the player has taken the clip."""
    video.page.wait_for_function("v => v.readyState > 0", arg=video.element_handle())
