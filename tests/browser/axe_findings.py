"""What axe finds in the grid and in Compare."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from notebook_page import NotebookPage


def findings(notebook: NotebookPage) -> list[str]:
    """The rules that our views break, with the elements that break them."""
    found = Axe().run(notebook.page, context={"include": [[".sdw-views"]]})
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]
