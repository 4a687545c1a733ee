"""What outlives a page, a kernel and a notebook that is closed."""

from __future__ import annotations

import json

import pytest
from cells import BUSY, END_JOBS, PROMPT, STUDIO, load_with_clock, seedance
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import expect

SILENT_AFTER_MS = 16_000


def test_a_reloaded_page_has_the_draft_the_form_and_the_running_job_again(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), STUDIO, END_JOBS)
    studio = notebook.studio(1)
    notebook.run(0)
    notebook.run(1)
    studio.prompt.fill(PROMPT)
    studio.generate.click()
    expect(studio.job(PROMPT)).to_contain_text("Waiting in the queue")
    notebook.save()
    studio.choose(studio.aspect_ratio, "9:16")
    studio.prompt.fill("a draft of the next one")
    notebook.reload()
    expect(studio.prompt).to_have_value("a draft of the next one")
    expect(studio.aspect_ratio.get_by_role("radio", name="9:16")).to_be_checked()
    expect(studio.resolution.get_by_role("radio", name="480p")).to_be_checked()
    expect(studio.job(PROMPT)).to_contain_text("Waiting in the queue")
    expect(studio.clip).to_contain_text(PROMPT)
    notebook.run(2)
    expect(studio.video).to_be_visible()


def test_what_was_typed_while_a_cell_blocks_survives_a_reload(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), STUDIO, BUSY, "print(studio.prompt)")
    studio = notebook.studio(1)
    for cell in (0, 1):
        notebook.run(cell)
    expect(studio.prompt).to_be_visible()
    notebook.save()
    notebook.fire(2)
    expect(notebook.cell(2)).to_contain_text("[*]")
    studio.prompt.fill(PROMPT)
    notebook.page.reload(wait_until="domcontentloaded")
    (notebook.path.parent / "release").touch()
    expect(studio.prompt).to_have_value(PROMPT)


@pytest.mark.own_page
def test_a_studio_run_again_after_a_restart_goes_on_with_the_job(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), STUDIO, seedance("a glacier"), END_JOBS)
    studio = notebook.studio(1)
    notebook.page.clock.install()
    for cell in (0, 1, 2):
        notebook.run(cell)
    studio.prompt.fill(PROMPT)
    studio.generate.click()
    expect(studio.job(PROMPT)).to_contain_text("Waiting in the queue")
    notebook.restart_kernel()
    notebook.page.clock.fast_forward(SILENT_AFTER_MS)
    expect(studio.root).to_contain_text("No word from the kernel")
    for cell in (0, 1):
        notebook.run(cell)
    expect(studio.jobs).to_contain_text([PROMPT, "a glacier"])
    expect(studio.job(PROMPT)).to_contain_text("Waiting in the queue")
    notebook.run(3)
    expect(studio.job(PROMPT)).to_contain_text("Succeeded")


@pytest.fixture
def saved(open_notebook: OpenNotebook) -> NotebookPage:
    """A saved notebook with a Studio of one job in cell 1; its kernel is gone."""
    notebook = open_notebook(load_with_clock(speed=300), STUDIO, "")
    notebook.run(0)
    notebook.run(1)
    notebook.tell(2, seedance("a glacier").replace("%seedance", "%seedance --quiet"))
    wait_for_fallback(notebook, "data:image/jpeg")
    expect(notebook.studio(1).job("a glacier")).to_contain_text("Succeeded")
    expect(notebook.output(1).locator(".sdw-fallback")).to_be_hidden()
    notebook.save()
    notebook.shut_down_kernel()
    return notebook


def test_a_reopened_studio_shows_its_last_jobs_and_nothing_else(saved: NotebookPage) -> None:
    saved.open()  # with another kernel, which has never heard of it
    assert saved.is_trusted(1)
    expect_last_jobs(saved)
    expect(saved.output(1).locator(".jp-OutputArea-child").filter(visible=True)).to_have_count(1)


@pytest.mark.own_page
def test_a_strangers_studio_shows_its_last_jobs_without_a_kernel(saved: NotebookPage) -> None:
    content = json.loads(saved.path.read_text())
    content["cells"][0]["source"] = "# written by somebody else: the signature of a notebook is of what is in it"
    content["metadata"].pop("kernelspec")
    stranger = saved.path.with_name("stranger.ipynb")
    stranger.write_text(json.dumps(content))
    saved.open_without_kernel(stranger)
    assert not saved.is_trusted(1)
    expect_last_jobs(saved)
    expect(saved.output(1).get_by_text("run the cell to open it again")).to_have_count(1)


def expect_last_jobs(notebook: NotebookPage) -> None:
    """The job with its poster, and no word of an error."""
    output = notebook.output(1)
    expect(output.get_by_role("listitem").get_by_text("a glacier")).to_be_visible()
    expect(output.locator("img").first).to_be_visible()
    assert output.locator("img").first.evaluate("i => i.decode().then(() => i.naturalWidth)") > 0
    expect(output).to_contain_text("run the cell to open it again")
    for words in ("Error", "not found", "Loading widget"):
        expect(output.get_by_text(words).filter(visible=True)).to_have_count(0)


def wait_for_fallback(notebook: NotebookPage, text: str) -> None:
    """Until what would be saved holds a text."""
    notebook.wait_printed(1, text)


def test_what_is_saved_is_small(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(speed=300), STUDIO, "")
    notebook.run(0)
    notebook.run(1)
    notebook.tell(2, seedance().replace("%seedance", "%seedance --quiet"))
    wait_for_fallback(notebook, "data:image/jpeg")
    saved = notebook.save()
    assert len(json.dumps(saved["cells"][1]["outputs"])) < 100_000
    assert "widgets" not in saved["metadata"]
