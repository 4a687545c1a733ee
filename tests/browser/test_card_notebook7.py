"""The same in Notebook 7, which has another shell around the same cells."""

from __future__ import annotations

from cells import END_JOBS, HOURS_S, PROMPT, SIZE, load_with_clock, seedance
from notebook_page import OpenNotebook
from playwright.sync_api import expect
from video import expect_plays


def test_notebook_7_shows_the_card_and_then_the_video(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), seedance(seconds=HOURS_S), END_JOBS, app="notebook")
    notebook.run(0)
    notebook.run(1)
    expect(notebook.card(1).get_by_role("status")).to_have_text("Waiting in the queue")
    notebook.run(2)
    expect_plays(notebook.video(1), label=PROMPT, size=SIZE)
