"""A batch run saves what its jobs became, and clips that play wherever the notebook goes."""

from __future__ import annotations

import re
from typing import cast

import nbformat
import pytest
from nbclient import NotebookClient

pytestmark = pytest.mark.kernel

SETUP = """\
import seedance_widgets as sw
from seedance_widgets.life import schedule
schedule.next_look_at = lambda row, prior, **_: max(row.looked_at or 0.0, row.look_failed_at or 0.0) + 0.05
session = sw.simulate(speed=200, home="home")
small = dict(duration=4, resolution="480p", model="seedance-2.0-fast")
"""
CELLS = [
    SETUP,
    "job = session.submit('a boat', **small)\njob",
    "sweep = session.sweep('a {animal}', animal=['fox', 'owl'], **small)\nsweep",
    "silent = [session.submit(prompt, **small) for prompt in ('one', 'two')]",
    "print([each.status for each in (job, *sweep.jobs, *silent)])",
    "job.wait()",
    "session.submit('a boat that fails', metadata={'simulator': {'outcome': 'failed'}}, **small)",
    "%load_ext seedance_widgets\n%config SeedanceMagics.embed_mb = 0\njob.clip",
    "%config SeedanceMagics.wait = False\nsession.submit('slow', metadata={'simulator': {'seconds': 9e3}}, **small).id",
]


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> list[nbformat.NotebookNode]:
    """The cells as nbclient saves them."""
    folder = tmp_path_factory.mktemp("batch")
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("JPY_SESSION_NAME", raising=False)
        NotebookClient(
            notebook,
            timeout=90,
            kernel_name="python3",
            resources={"metadata": {"path": str(folder)}},
            extra_arguments=["--IPKernelApp.log_level=40"],
        ).execute()
    return cast(list[nbformat.NotebookNode], notebook.cells)


def html_of(cell: nbformat.NotebookNode) -> str:
    return "".join(output.data.get("text/html", "") for output in cell.outputs if "data" in output)


def test_a_job_that_a_batch_run_submits_is_saved_with_its_video(cells: list[nbformat.NotebookNode]) -> None:
    """The bug was that it was saved as it stood when its cell ended: waiting."""
    html = html_of(cells[1])
    assert html.count("<video") == 1
    assert 'src="data:video/mp4;base64,' in html, "it plays wherever the output goes"


def test_a_sweep_of_a_batch_run_is_saved_with_what_became_of_it(cells: list[nbformat.NotebookNode]) -> None:
    html = html_of(cells[2])
    assert html.count("succeeded") >= 2
    assert "queued" not in html


def test_what_is_shown_nowhere_is_waited_for_too(cells: list[nbformat.NotebookNode]) -> None:
    assert cells[4].outputs[0].text.strip() == str(["succeeded"] * 5)


def test_a_wait_at_the_end_of_a_cell_plays(cells: list[nbformat.NotebookNode]) -> None:
    (output,) = cells[5].outputs
    assert output.output_type == "execute_result"
    assert "<video" in output.data["text/html"]


def test_a_job_that_fails_says_so_and_the_run_goes_on(cells: list[nbformat.NotebookNode]) -> None:
    assert "failed" in html_of(cells[6]).lower()


def test_clips_are_linked_where_the_person_says_so(cells: list[nbformat.NotebookNode]) -> None:
    assert re.search(r'<video[^>]* src="seedance_clips/a-boat-\w+\.mp4"', html_of(cells[7]))


def test_a_batch_run_waits_for_nothing_where_the_person_says_so(cells: list[nbformat.NotebookNode]) -> None:
    assert cells[8].execution_count is not None, "it ended, though its job takes hours"
