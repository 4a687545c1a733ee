"""What stays in the notebook when a job has ended."""

from __future__ import annotations

import json

import pytest
from cells import LOAD, PROMPT, SIZE, seedance
from nbconvert import HTMLExporter
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import expect
from video import expect_plays

MAX_OUTPUT_BYTES = 100_000
WIDGET = "application/vnd.jupyter.widget-view+json"


@pytest.fixture
def finished(open_notebook: OpenNotebook) -> NotebookPage:
    """A notebook whose job has ended well, in cell 1."""
    notebook = open_notebook(LOAD, seedance())
    notebook.run(0)
    notebook.run(1)
    expect(notebook.output(1).locator("figure video")).to_be_visible()
    return notebook


def test_the_video_takes_the_place_of_the_card_and_plays(finished: NotebookPage) -> None:
    expect(finished.card(1)).to_have_count(0)
    expect_plays(finished.video(1), label=PROMPT, size=SIZE)
    for words in (PROMPT, "seedance-2.0", "4 s", "480p", "(estimate)", "request req_", "Simulator"):
        expect(finished.output(1)).to_contain_text(words)


def test_a_saved_clip_is_small_and_needs_no_widget(finished: NotebookPage) -> None:
    saved = finished.save()
    output, fallback = saved["cells"][1]["outputs"]
    assert not any(fallback["data"].values()), "what stood beside the live card has gone with it"
    assert sorted(output["data"]) == ["image/jpeg", "text/html", "text/plain"]
    assert len(json.dumps(output)) < MAX_OUTPUT_BYTES
    assert "widgets" not in saved["metadata"]
    assert PROMPT in "".join(output["data"]["text/plain"])
    assert WIDGET not in json.dumps(saved)


def test_a_reopened_notebook_plays_without_trust_and_without_a_kernel(finished: NotebookPage) -> None:
    saved = finished.save()
    finished.shut_down_kernel()
    saved["cells"][0]["source"] = "# written by somebody else: the signature of a notebook is of what is in it"
    saved["metadata"].pop("kernelspec")
    stranger = finished.path.with_name("stranger.ipynb")
    stranger.write_text(json.dumps(saved))
    finished.open_without_kernel(stranger)
    assert not finished.is_trusted(1)
    expect_plays(finished.video(1), label=None, size=SIZE)  # JupyterLab takes aria-label away from what it distrusts
    expect(finished.output(1).get_by_role("figure")).to_contain_text(PROMPT)


def test_an_html_export_plays_beside_its_clips(finished: NotebookPage) -> None:
    finished.save()
    html, _ = HTMLExporter().from_filename(str(finished.path))
    exported = finished.path.with_suffix(".html")
    exported.write_text(html)
    page = finished.page.context.new_page()  # one that may complain: nbconvert's template asks for scripts of a CDN
    page.goto(exported.as_uri())
    expect_plays(page.locator("figure video"), label=PROMPT, size=SIZE)


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        (
            "failed",
            [
                "The generation failed",
                "The simulator was asked to fail",
                "The API does not say whether credits come back",
            ],
        ),
        ("cancelled", ["Cancelled", "The API does not say whether credits come back"]),
    ],
)
def test_a_job_without_a_clip_says_what_happened(open_notebook: OpenNotebook, outcome: str, words: list[str]) -> None:
    notebook = open_notebook(LOAD, seedance(outcome=outcome))
    notebook.run(0)
    notebook.run(1)
    durable = notebook.output(1).locator(".sdw-durable")
    for said in (PROMPT, *words):
        expect(durable).to_contain_text(said)
    output, _ = notebook.save()["cells"][1]["outputs"]
    assert sorted(output["data"]) == ["text/html", "text/plain"]
