"""What axe finds in our views."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from notebook_page import NotebookPage
from playwright.sync_api import Page


def findings(notebook: NotebookPage, part: str = ".sdw-views") -> list[str]:
    """The rules that a part of a notebook's page breaks with what stands in it, and the elements that break them."""
    return findings_in(notebook.page, part)


def findings_in(page: Page, *parts: str) -> list[str]:
    """The same of parts of any page."""
    found = Axe().run(page, context={"include": [[part] for part in parts]})
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
