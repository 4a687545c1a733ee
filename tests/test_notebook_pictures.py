"""The notebook that goes from a drawing to three continued shots runs from top to bottom, and twice."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.kernel

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "04_pictures.ipynb"


def text_of(notebook: nbformat.NotebookNode, cell_id: str) -> str:
    """What a cell says in plain text."""
    (cell,) = [cell for cell in notebook.cells if cell.id == cell_id]
    return "".join(output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    """The notebook after a second run on the same history."""
    for name in ("SEEDANCE_API_KEY", "SEEDANCE_BASE_URL", "SEEDANCE_MEDIA", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEEDANCE_HOME", str(tmp_path / "history"))
    for _ in range(2):
        notebook = nbformat.read(NOTEBOOK, as_version=4)
        client = NotebookClient(
            notebook,
            timeout=120,
            kernel_name="python3",
            resources={"metadata": {"path": str(tmp_path)}},
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
        client.execute()
    return notebook


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_it_goes_from_a_drawing_to_three_shots_without_a_seam(run: nbformat.NotebookNode, tmp_path: Path) -> None:
    assert "last frame alone" in text_of(run, "refused")
    assert text_of(run, "kept").startswith("('media:")
    assert text_of(run, "tree").count("continues it:") == 2
    seams = [float(line.rpartition(" ")[2]) for line in text_of(run, "seam").splitlines()]
    assert len(seams) == 2
    assert max(seams) <= 2
    generations = (tmp_path / "history" / "simulator" / "generations").glob("*.json")
    sent = [json.loads(path.read_text())["prompt"] for path in generations]
    assert sum("over the lake" in prompt for prompt in sent) == 4  # the second run found the same pictures
    assert "signature=" not in json.dumps(run)


def test_it_is_kept_without_outputs() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert not [cell for cell in notebook.cells if cell.cell_type == "code" and (cell.outputs or cell.execution_count)]
