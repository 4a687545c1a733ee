"""The live card, while its job runs."""

from __future__ import annotations

import pytest
from cells import BUSY, END_JOBS, END_QUEUE, HOURS_S, PROMPT, SIZE, load_with_clock, seedance
from notebook_page import OpenNotebook
from playwright.sync_api import Locator, expect
from video import expect_plays

SILENT_AFTER_MS = 16_000  # a card takes 15 s without a heartbeat for a kernel that is gone


def test_a_card_says_what_runs_and_how_far_it_is(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), seedance(seconds=HOURS_S))
    notebook.run(0)
    notebook.run(1)
    card = notebook.card(1)
    expect(card).to_have_count(1)
    expect(card.get_by_role("status")).to_have_text("Waiting in the queue")
    expect(card.get_by_role("progressbar", name="Generation progress")).to_be_visible()
    expect(card.get_by_role("button", name="Cancel", exact=True)).to_be_enabled()
    for words in (PROMPT, "480p", "4 s", "(estimate)", "Simulator: no key used, nothing charged"):
        expect(card).to_contain_text(words)


def test_a_card_lives_while_another_cell_runs(open_notebook: OpenNotebook) -> None:
    """News of the kernel arrives, and the bar moves, though the kernel's main thread is taken."""
    notebook = open_notebook(load_with_clock(speed=10), seedance(seconds=HOURS_S), f"{END_QUEUE}\n{BUSY}")
    card = notebook.card(1)
    notebook.run(0)
    notebook.run(1)
    expect(card.get_by_role("status")).to_have_text("Waiting in the queue")
    notebook.fire(2)
    expect(card.get_by_role("status")).to_have_text("Generating")
    progress = card.get_by_role("progressbar", name="Generation progress")
    began = int(progress.get_attribute("aria-valuenow") or "100")
    expect_value_above(progress, began)
    assert "released" not in notebook.printed(2)
    (notebook.path.parent / "release").touch()
    notebook.wait_printed(2, "released")


def expect_value_above(progress: Locator, value: int) -> None:
    """The bar moves on, and is never full."""
    progress.page.wait_for_function(
        "([bar, value]) => bar.ariaValueNow > value && bar.ariaValueNow < 100", arg=[progress.element_handle(), value]
    )


def test_cancel_works_while_another_cell_runs(open_notebook: OpenNotebook, ipykernel_major: int) -> None:
    """The page sends the click at once, but ipykernel 7.4 by itself would keep it until the cell ends."""
    notebook = open_notebook(load_with_clock(), seedance(seconds=HOURS_S), BUSY)
    release = notebook.path.parent / "release"
    notebook.run(0)
    notebook.run(1)
    cancel = notebook.card(1).get_by_role("button", name="Cancel", exact=True)
    expect(cancel).to_be_enabled()
    notebook.fire(2)
    if ipykernel_major < 7:
        expect(notebook.card(1)).to_contain_text("Takes effect when the running cell ends")
        release.touch()
    else:
        expect(notebook.card(1)).not_to_contain_text("Takes effect when")
    cancel.click()
    expect(notebook.output(1)).to_contain_text("Cancelled")
    assert release.exists() or "released" not in notebook.printed(2), "the click waited for the end of the cell"
    release.touch()
    notebook.wait_printed(2, "released")


def test_two_cards_go_their_own_ways(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), seedance("a lighthouse", seconds=HOURS_S), seedance(), END_JOBS)
    for cell in (0, 1, 2):
        notebook.run(cell)
    expect_plays(notebook.video(2), label=PROMPT, size=SIZE)
    expect(notebook.card(1)).to_contain_text("a lighthouse")
    expect(notebook.card(2)).to_have_count(0)
    notebook.run(3)
    expect_plays(notebook.video(1), label="a lighthouse", size=SIZE)


def test_a_reloaded_page_shows_the_card_again_and_the_video_at_the_end(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), seedance(seconds=HOURS_S), END_JOBS)
    notebook.run(0)
    notebook.run(1)
    expect(notebook.card(1).get_by_role("status")).to_have_text("Waiting in the queue")
    notebook.save()
    notebook.reload()
    card = notebook.card(1)
    expect(card.get_by_role("status")).to_have_text("Waiting in the queue")
    expect(card.get_by_role("button", name="Cancel", exact=True)).to_be_enabled()
    notebook.run(2)
    expect(card.get_by_role("status")).to_have_text("Succeeded")
    expect_plays(card.locator("video"), label=PROMPT, size=SIZE)


@pytest.mark.own_page
def test_a_restarted_kernel_goes_on_with_the_job(open_notebook: OpenNotebook) -> None:
    notebook = open_notebook(load_with_clock(), seedance(seconds=HOURS_S), "", END_JOBS)
    notebook.page.clock.install()
    notebook.run(0)
    notebook.run(1)
    card = notebook.card(1)
    expect(card.get_by_role("status")).to_have_text("Waiting in the queue")
    notebook.restart_kernel()
    notebook.page.clock.fast_forward(SILENT_AFTER_MS)
    expect(card).to_contain_text("No word from the kernel")
    expect(card).to_contain_text("The job goes on at the server")
    way_back = card.locator("code", has_text="%seedance_show").inner_text()
    notebook.rewrite(2, way_back)
    notebook.run(0)
    notebook.run(2)
    expect(notebook.card(2).get_by_role("status")).to_have_text("Waiting in the queue")
    expect(notebook.card(2)).to_contain_text(way_back.split()[-1])
    notebook.run(3)
    expect_plays(notebook.video(2), label=PROMPT, size=SIZE)
