"""What axe says of everything we show, in both themes. Its rules come with the package; nothing is fetched."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from cells import END_JOBS, HOURS_S, load_with_clock, seedance
from notebook_page import NotebookPage, OpenNotebook, Theme
from playwright.sync_api import expect

OURS = ".sdw-card, .sdw-durable"
GRAVE = ("serious", "critical")


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_serious(open_notebook: OpenNotebook, theme: Theme) -> None:
    notebook = open_notebook(load_with_clock(), seedance(seconds=HOURS_S), seedance(outcome="failed"), END_JOBS)
    notebook.use_theme(theme)
    for cell in (0, 1, 2):
        notebook.run(cell)
    expect(notebook.card(1).get_by_role("button", name="Cancel", exact=True)).to_be_enabled()
    expect(notebook.output(2)).to_contain_text("The generation failed")
    assert grave_findings(notebook, of=2) == []
    notebook.run(3)
    expect(notebook.video(1)).to_be_visible()
    assert grave_findings(notebook, of=2) == []


def grave_findings(notebook: NotebookPage, *, of: int) -> list[str]:
    """The rules that so many of our outputs break, with the elements that break them."""
    expect(notebook.page.locator(OURS)).to_have_count(of)
    found = Axe().run(notebook.page, context={"include": [[part] for part in OURS.split(", ")]})
    return [
        f"{rule['id']}: {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
        if rule["impact"] in GRAVE
    ]
