"""Cards and the Studio in other languages: chosen from the page, whole at 320 pixels, and kept in the saved output."""

from __future__ import annotations

import pytest
from cells import END_JOBS, HOURS_S, load_with_clock, seedance
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import Locator, expect

GENERATE = {"th": "สร้าง", "zh": "生成"}
CANCEL = {"th": "ยกเลิก", "zh": "取消"}
STATUS = {"th": "รอคิวอยู่", "zh": "排队中"}
NARROW = """\
import ipywidgets
narrow = lambda widget: ipywidgets.VBox([widget], layout=ipywidgets.Layout(width="320px"))
narrow({})"""
CUT = """root => [...root.querySelectorAll('*')].filter(e => {
    if (!e.getClientRects().length || e.closest('.sdw-unseen, svg, video, [translate=no], input, textarea, select'))
        return false;
    const own = [...e.childNodes].some(node => node.nodeType === 3 && node.data.trim());
    const wide = e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline';
    const { left, right } = e.getBoundingClientRect(), around = root.getBoundingClientRect();
    return own && (wide || right > around.right + 1 || left < around.left - 1);
}).map(e => `${e.className}: ${e.textContent}`)"""
"""Text of which something is cut off, or stands out at the sides; prompts and names may be cut."""


def open_in(open_notebook: OpenNotebook, language: str, *cells: str) -> NotebookPage:
    notebook = open_notebook(load_with_clock(), *cells)
    notebook.page.evaluate("language => { document.documentElement.lang = language }", language)
    notebook.run(0)
    return notebook


def cut_off(root: Locator) -> list[str]:
    found: list[str] = root.evaluate(CUT)
    return found


@pytest.mark.parametrize("language", ["th", "zh"])
def test_a_card_is_in_the_language_of_the_page_and_so_is_what_stays(open_notebook: OpenNotebook, language: str) -> None:
    notebook = open_in(
        open_notebook, {"th": "th-TH", "zh": "zh-CN"}[language], seedance("Cancel", seconds=HOURS_S), END_JOBS
    )
    notebook.run(1)
    card = notebook.output(1).locator(".sdw-card")
    expect(card.get_by_role("status")).to_have_text(STATUS[language])
    expect(card.get_by_role("button", name=CANCEL[language], exact=True)).to_be_enabled()
    expect(card.locator(".sdw-prompt-text")).to_have_text("Cancel")
    expect(card.locator(".sdw-prompt-text")).to_have_attribute("translate", "no")
    notebook.run(2)
    durable = notebook.output(1).locator("figure.sdw-durable")
    expect(durable).to_contain_text({"th": "(ประมาณ)", "zh": "（预估）"}[language])
    expect(durable.locator("figcaption p")).to_have_text("Cancel")


@pytest.mark.parametrize("language", ["th", "zh", "en"])
def test_nothing_of_a_card_or_a_studio_is_cut_at_320_pixels(open_notebook: OpenNotebook, language: str) -> None:
    studio = NARROW.format('sw.Studio(prompt="a fox", duration=4, resolution="480p")')
    card = seedance("a lighthouse", seconds=HOURS_S) + " --quiet\n" + NARROW.format("job.widget")
    notebook = open_in(open_notebook, language, card, studio, END_JOBS)
    notebook.run(1)
    expect(notebook.output(1).locator(".sdw-status")).to_contain_text(STATUS.get(language, "Waiting in the queue"))
    assert cut_off(notebook.output(1).locator(".sdw-card")) == []
    notebook.run(2)
    place = notebook.output(2).locator(".sdw-studio")
    expect(place.locator(".sdw-generate")).to_have_text(GENERATE.get(language, "Generate"))
    notebook.run(3)
    expect(place.locator(".sdw-tick")).to_have_count(1)
    place.locator(".sdw-pick").click()
    expect(place.locator("video")).to_be_visible()
    place.locator(".sdw-tick").click()
    place.locator(".sdw-field-head .sdw-link").click()
    place.locator(".sdw-below [aria-expanded]").last.click()
    expect(place.locator(".sdw-prompts")).to_be_visible()
    assert cut_off(place) == []
