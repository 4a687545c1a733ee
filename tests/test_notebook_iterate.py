"""The notebook that tells how one prompt becomes a chosen clip runs from top to bottom, and twice."""

from __future__ import annotations

import zipfile
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import seedance_widgets as sw

pytestmark = pytest.mark.kernel

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "03_iterate.ipynb"


def text_of(notebook: nbformat.NotebookNode, cell_id: str) -> str:
    """What a cell says in plain text."""
    (cell,) = [cell for cell in notebook.cells if cell.id == cell_id]
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    """The notebook after a second run on the same history."""
    for name in ("SEEDANCE_API_KEY", "SEEDANCE_BASE_URL", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEEDANCE_HOME", str(tmp_path / "history"))
    for _ in range(2):
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        client = NotebookClient(
            notebook,
            timeout=90,
            kernel_name="python3",
            resources={"metadata": {"path": str(tmp_path)}},
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
        client.execute()
    return notebook


@pytest.mark.timeout(170)
def test_it_goes_from_one_prompt_to_a_chosen_clip_that_is_handed_on(run: nbformat.NotebookNode, tmp_path: Path) -> None:
    assert "[-heavy rain-]" in text_of(run, "diff") or "[+falling+]" in text_of(run, "diff")
    tree = text_of(run, "tree")
    assert len(tree.splitlines()) == 4
    assert "Aspect ratio: 16:9 → 9:16" in tree.splitlines()[2]
    assert "--aspect-ratio 9:16" in text_of(run, "open")
    archives = sorted(tmp_path.glob("best-*.zip"))
    assert len(archives) == 2, "a second run makes a second one"
    with zipfile.ZipFile(archives[0]) as archive:
        archive.extractall(tmp_path / "elsewhere")
    clip = next((tmp_path / "elsewhere").rglob("*.mp4"))
    assert "snow" in sw.open(clip).request.prompt


def test_it_is_kept_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not [cell for cell in notebook.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)]
