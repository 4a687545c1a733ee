"""Both magics through a real kernel, as a page and as a batch run see them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from traitlets.config import Config

from seedance_widgets.magic.reading.prompt import FLAGS

pytestmark = pytest.mark.kernel

SETUP = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
%load_ext seedance_widgets
from fake_session import install
session = install()
"""
DEADLINE_S = 30


def own_sockets(folder: str) -> Config:
    """Sockets that are files of ours: two kernels that start at once can be given the same TCP port."""
    return Config({} if os.name == "nt" else {"KernelManager": {"transport": "ipc", "ip": f"{folder}/k"}})


class Page:
    """A front end: it runs cells and keeps what they show."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    def run(self, code: str) -> SimpleNamespace:
        sent = self.client.execute(code, allow_stdin=True, store_history=True)
        shown: list[Any] = []
        while not shown or shown[-1]["content"].get("execution_state") != "idle":
            message = self.client.get_iopub_msg(timeout=DEADLINE_S)
            if message["parent_header"].get("msg_id") == sent:
                shown.append(message)
        reply = self.reply(sent)
        texts = [m["content"]["data"]["text/plain"] for m in shown if "data" in m["content"]]
        return SimpleNamespace(
            reply=reply,
            status=reply["status"],
            cards=[text for text in texts if text.startswith("card of")],
            values=[m["content"]["data"]["text/plain"] for m in shown if m["msg_type"] == "execute_result"],
            printed="".join(m["content"]["text"] for m in shown if m["msg_type"] == "stream"),
        )

    def reply(self, sent: str) -> dict[str, Any]:
        """The answer to one request; those to others are dropped."""
        while (message := self.client.get_shell_msg(timeout=DEADLINE_S))["parent_header"]["msg_id"] != sent:
            pass
        return dict(message["content"])

    def value(self, expression: str) -> str:
        return str(self.run(expression).values[0])


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    with TemporaryDirectory() as folder:  # its path is short, as those of sockets must be
        manager = KernelManager(config=own_sockets(folder))
        manager.start_kernel()
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=DEADLINE_S)
        yield client
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()


@pytest.fixture
def page(kernel: BlockingKernelClient) -> Page:
    page = Page(kernel)
    assert page.run(SETUP).status == "ok"
    return page


@pytest.mark.parametrize(
    "cell",
    [
        "%seedance can a dog's cat fly?",
        "job = %seedance can a dog's cat fly?",
        "for i in range(1):\n    %seedance can a dog's cat fly?",
        "%%seedance --duration 9\ncan a dog's cat fly?",
        "%seedance can a dog's cat fly? --duration 9",
    ],
)
def test_a_prompt_reaches_the_session_whole_and_is_shown_once(page: Page, cell: str) -> None:
    done = page.run(cell)
    assert done.status == "ok"
    assert len(done.cards) == 1
    assert done.values == []
    assert page.value("session.prompts") == '["can a dog\'s cat fly?"]'
    assert page.value("session.started[0].calls") == "['wait_accepted']"


def test_the_value_of_the_cell_is_the_job(page: Page) -> None:
    page.run("%seedance a boat")
    assert page.value("_.id") == "'job1'"
    page.run("%%seedance --out hero\na cat")
    assert page.value("hero is session.started[1]") == "True"


def test_quiet_shows_nothing(page: Page) -> None:
    done = page.run("%seedance a boat --quiet")
    assert (done.cards, done.values, done.printed) == ([], [], "")


@pytest.mark.parametrize("cell", ["%seedance?", "%seedance ?", "%seedance??"])
def test_a_question_mark_alone_opens_the_help(page: Page, cell: str) -> None:
    (help_page,) = page.run(cell).reply["payload"]
    assert all(flag in help_page["data"]["text/plain"] for flag in FLAGS)
    assert page.value("session.prompts") == "[]"


def test_a_bad_option_is_an_error_of_one_line_and_sends_nothing(page: Page) -> None:
    done = page.run("%seedance a boat --durration 5")
    assert (done.status, done.reply["ename"]) == ("error", "UsageError")
    assert "Did you mean --duration?" in done.reply["evalue"]
    assert "\n" not in done.reply["evalue"]
    assert page.value("session.prompts") == "[]"


def test_a_refusal_is_an_error_with_its_own_name_and_one_line_of_traceback(page: Page) -> None:
    page.run("session.end = 'refused'")
    done = page.run("%seedance a boat")
    assert (done.status, done.reply["ename"]) == ("error", "InsufficientCredits")
    assert len(done.reply["traceback"]) == 1
    assert len(done.cards) == 1


def test_an_error_stops_the_cells_that_wait_behind_it(page: Page) -> None:
    """JupyterLab's Run All sends every cell at once; the kernel aborts those behind an error."""
    until_both_are_there = "import time; time.sleep(1)\n"
    first = page.client.execute(until_both_are_there + "%seedance a boat --fast", stop_on_error=True)
    second = page.client.execute("%seedance a cat", stop_on_error=True)
    assert (page.reply(first)["status"], page.reply(second)["status"]) == ("error", "aborted")
    assert page.value("session.prompts") == "[]"


def test_tab_completes_options_in_the_protocol(page: Page) -> None:
    reply = page.reply(page.client.complete("job = %seedance a boat --aspect-ratio 1", 39))
    assert sorted(reply["matches"]) == ["16:9", "1:1"]
    assert (reply["cursor_start"], reply["cursor_end"]) == (38, 39)


def run_notebook(*cells: str) -> tuple[nbformat.NotebookNode, CellExecutionError | None]:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (SETUP, *cells)])
    with TemporaryDirectory() as folder:
        client = NotebookClient(notebook, timeout=DEADLINE_S, kernel_name="python3", config=own_sockets(folder))
        try:
            client.execute()
        except CellExecutionError as error:
            return notebook, error
    return notebook, None


def test_a_batch_run_waits_prints_each_change_and_keeps_the_durable_output() -> None:
    notebook, error = run_notebook("%seedance can a cat fly?", "print(session.prompts)")
    assert error is None
    *printed, card = notebook.cells[1].outputs
    assert "".join(o.text for o in printed) == "queued, in words\nprocessing, in words\nsucceeded, in words\n"
    assert card.data["text/plain"] == "card of 'can a cat fly?', succeeded"
    assert notebook.cells[2].outputs[0].text == "['can a cat fly?']\n"


@pytest.mark.parametrize(
    ("cell", "ename"),
    [
        ("%seedance a boat --durration 5", "UsageError"),
        ("session.end = 'failed'\n%seedance a boat", "GenerationFailed"),
        ("session.end = 'refused'\n%seedance a boat", "InsufficientCredits"),
    ],
)
def test_a_batch_run_stops_where_a_job_does_not_come_out(cell: str, ename: str) -> None:
    notebook, error = run_notebook(cell, "print('went on')")
    assert error is not None
    assert error.ename == ename
    assert notebook.cells[2].execution_count is None
