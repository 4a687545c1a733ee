"""Text from outside is text, wherever it is shown."""

from __future__ import annotations

from cells import END_JOBS, HOURS_S, load_with_clock, seedance
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import expect

HOSTILE = """<img src=x onerror="document.title='owned'"><script>document.title='owned'</script> $x^2$ **b** `c` &lt;"""
REASON = "import seedance_widgets.simulator.records as records\nrecords.ASKED_TO_FAIL['message'] = '''{}'''"


def test_a_hostile_prompt_is_text_in_the_card_and_beside_the_video(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), seedance(HOSTILE, seconds=HOURS_S), END_JOBS)
    notebook.run(0)
    notebook.run(1)
    expect(notebook.card(1).get_by_text(HOSTILE, exact=True)).to_be_visible()
    expect_harmless(notebook)
    notebook.run(2)
    expect(notebook.output(1).locator("figcaption").get_by_text(HOSTILE, exact=True)).to_be_visible()
    expect(notebook.video(1)).to_have_attribute("aria-label", HOSTILE)
    expect_harmless(notebook)


def test_a_hostile_answer_of_the_server_is_text(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), REASON.format(HOSTILE), seedance(outcome="failed"))
    for cell in (0, 1, 2):
        notebook.run(cell)
    expect(notebook.output(2).locator(".sdw-durable")).to_contain_text(HOSTILE)
    expect_harmless(notebook)


def expect_harmless(notebook: NotebookPage) -> None:
    """Nothing of it became an element, ran, or was typeset as a formula."""
    assert notebook.page.title() != "owned"
    expect(
        notebook.page.locator(".jp-OutputArea img[src=x], .jp-OutputArea script, .jp-OutputArea mjx-container")
    ).to_have_count(0)
