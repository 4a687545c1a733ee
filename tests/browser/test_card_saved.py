"""A running card that is saved: without its kernel a plain fallback stands in its place, with one it is never seen."""

from __future__ import annotations

import json

import pytest
from cells import HOURS_S, PROMPT, load_with_clock, seedance
from nbconvert import HTMLExporter
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import Locator, expect

SEEN = ".sdw-card:visible, .sdw-saved-card:visible"
MODEL_NOT_FOUND = "model not found"


def expect_fallback(output: Locator, job_id: str) -> None:
    """The fallback, alone: prompt, id and how to get the job."""
    expect(output.locator(SEEN)).to_have_count(1)
    fallback = output.locator(".sdw-saved-card")
    for words in (PROMPT, f"job {job_id}", f"%seedance_show {job_id}"):
        expect(fallback).to_contain_text(words)
    expect(output.get_by_text(MODEL_NOT_FOUND).locator("visible=true")).to_have_count(0)


@pytest.mark.own_page
def test_a_running_card_that_is_saved_says_what_it_was_and_how_to_get_it(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), seedance(seconds=HOURS_S))
    notebook.run(0)
    notebook.run(1)
    notebook.wait_printed(1, "%seedance_show")
    expect(notebook.card(1)).to_have_count(1)
    expect(notebook.output(1).locator(SEEN)).to_have_count(1)
    job_id = notebook.card(1).locator(".sdw-names code").first.inner_text()
    saved = notebook.save()

    html, _ = HTMLExporter().from_filename(str(notebook.path))
    exported = notebook.path.with_suffix(".html")
    exported.write_text(html)
    page = notebook.page.context.new_page()  # may complain: nbconvert's template asks for scripts of a CDN
    page.goto(exported.as_uri())
    expect_fallback(page.locator("body"), job_id)
    page.close()

    notebook.reload()
    expect(notebook.card(1)).to_be_visible()
    expect(notebook.output(1).locator(SEEN)).to_have_count(1)

    notebook.restart_kernel()
    notebook.reload()
    assert notebook.is_trusted(1)
    expect_fallback(notebook.output(1), job_id)

    expect_fallback_of_a_stranger(notebook, saved, job_id)
    notebook.errors[:] = [error for error in notebook.errors if MODEL_NOT_FOUND not in error]  # JupyterLab's own words


def expect_fallback_of_a_stranger(notebook: NotebookPage, saved: dict[str, object], job_id: str) -> None:
    """Somebody else's notebook is not trusted: no widget, no style, and the fallback all the same."""
    notebook.shut_down_kernel()
    saved["metadata"] = {}
    stranger = notebook.path.with_name("stranger.ipynb")
    stranger.write_text(json.dumps(saved))
    notebook.open_without_kernel(stranger)
    assert not notebook.is_trusted(1)
    expect(notebook.output(1)).to_contain_text(f"%seedance_show {job_id}")
    assert notebook.output(1).inner_text().count(PROMPT) == 1
