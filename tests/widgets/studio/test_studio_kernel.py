"""The Studio in a real kernel: the notebook that shows it."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from traitlets.config import Config

pytestmark = pytest.mark.kernel

NOTEBOOK = Path(__file__).parents[3] / "notebooks" / "02_studio.ipynb"


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The notebook after a run from top to bottom, as nbclient saves it."""
    home = tmp_path_factory.mktemp("notebook")
    book = nbformat.read(NOTEBOOK, as_version=4)
    with TemporaryDirectory() as sockets:
        config = Config({} if os.name == "nt" else {"KernelManager": {"transport": "ipc", "ip": f"{sockets}/k"}})
        client = NotebookClient(book, timeout=60, config=config, resources={"metadata": {"path": str(home)}})
        client.execute(env={**os.environ, "SEEDANCE_HOME": str(home / "data")})
    return book


def outputs(book: Any, cell_id: str) -> list[Any]:
    (cell,) = (cell for cell in book.cells if cell.id == cell_id)
    return list(cell.outputs)


def test_the_notebook_runs_from_top_to_bottom(ran: Any) -> None:
    kinds = {output.output_type for cell in ran.cells if cell.cell_type == "code" for output in cell.outputs}
    assert kinds <= {"display_data", "execute_result"}


def test_the_studio_is_shown_with_its_fallback(ran: Any) -> None:
    widget, fallback = outputs(ran, "open")
    assert "application/vnd.jupyter.widget-view+json" in widget.data
    assert "Seedance Studio" in fallback.data["text/html"]


def test_the_fallback_has_the_clip_that_the_notebook_made(ran: Any) -> None:
    _, fallback = outputs(ran, "open")
    assert "a paper boat in heavy rain" in fallback.data["text/html"]
    assert "data:image/jpeg;base64," in fallback.data["text/html"]


def test_the_notebook_gets_its_clip(ran: Any) -> None:
    (shown,) = outputs(ran, "submit")
    assert shown.data["text/plain"].startswith("(True, ")
