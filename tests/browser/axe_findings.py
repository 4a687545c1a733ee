"""What axe finds in our views."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from notebook_page import NotebookPage


def findings(notebook: NotebookPage, part: str = ".sdw-views") -> list[str]:
    """The rules that a part of the page breaks with what stands in it, and the elements that break them."""
    found = Axe().run(notebook.page, context={"include": [[part]]})
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
