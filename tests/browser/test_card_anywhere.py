"""Wherever a card is displayed, its clip takes its place: the video is there, once, and nothing is seen twice."""

from __future__ import annotations

from cells import END_JOBS, HOURS_S, PROMPT, SIZE, load_with_clock
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import Locator, expect
from video import expect_plays

SEEN = ".sdw-card:visible, .sdw-durable:visible, .sdw-saved-card:visible"
"""All that can stand for a job, as far as it is seen."""

START = f"""\
import ipywidgets as widgets
from IPython.display import display

def start(prompt={PROMPT!r}):
    wishes = {{"simulator": {{"seconds": {HOURS_S}}}}}
    return sw.default_session().submit(prompt, duration=4, resolution="480p", metadata=wishes)
"""
PLACES = {
    "a normal cell": "start()",
    "an Output": "out = widgets.Output()\ndisplay(out)\nwith out:\n    display(start())",
    "a callback": (
        "button, seen = widgets.Button(description='Go'), widgets.Output()\n"
        "button.on_click(seen.capture()(lambda _: display(start())))\ndisplay(button, seen)\nbutton.click()"
    ),
    "interact": "widgets.interact(lambda prompt: display(start(prompt)), prompt=widgets.fixed('from interact'));",
    "an Output shown twice": "display(out)",
}


def expect_one(output: Locator, kind: str) -> None:
    """One thing stands for the job here: "card" or "video"."""
    expect(output.locator(".sdw-card:visible" if kind == "card" else "video:visible")).to_have_count(1)
    expect(output.locator(SEEN)).to_have_count(1)


def test_the_video_takes_the_place_of_the_card_wherever_it_is(open_notebook: OpenNotebook) -> None:
    """An update of an output reaches a normal cell only; the card is closed there and shows the clip elsewhere."""
    notebook = open_notebook(load_with_clock(), START, *PLACES.values(), END_JOBS)
    for cell in range(2 + len(PLACES)):
        notebook.run(cell)
    places = [notebook.output(2 + place) for place in range(len(PLACES))]
    for output in places:
        expect_one(output, "card")
    notebook.run(2 + len(PLACES))
    for output in places:
        expect_one(output, "video")
        expect_plays(output.locator("video"), label=output.locator("video").get_attribute("aria-label"), size=SIZE)
    expect(places[0].locator("figure.sdw-durable")).to_be_visible()
    wait_for_cards(notebook, "an Output", "a callback", "interact")
    for output in places:
        expect_one(output, "video")


def wait_for_cards(notebook: NotebookPage, *places: str) -> None:
    """Until the kernel has closed all cards but those in these places."""
    count = "from ipywidgets.widgets.widget import _instances\nprint([type(w).__name__ for w in _instances.values()])"
    cell = notebook.page.locator(".jp-Notebook .jp-Cell").count() - 1
    for _ in range(100):
        if notebook.tell(cell, count).count("CardWidget") == len(places):
            return
        notebook.page.wait_for_timeout(100)
    raise AssertionError(f"open are {notebook.printed(cell)}")


def test_a_card_that_a_cell_has_captured_is_shown_as_often_as_one_likes(open_notebook: OpenNotebook) -> None:
    capture = "%%capture kept\ndisplay(start())"
    notebook = open_notebook(load_with_clock(), START, capture, "kept.show()", END_JOBS, "kept.show()")
    for cell in range(4):
        notebook.run(cell)
    expect_one(notebook.output(3), "card")
    notebook.run(4)
    expect_one(notebook.output(3), "video")
    notebook.run(5)
    expect_one(notebook.output(5), "video")
    expect_one(notebook.output(3), "video")
