"""A canary key in a real kernel: it is in no message, no saved notebook, no export and no history."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import nbformat
import pytest
from canary import CANARY, in_files, sightings
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from traitlets.config import Config

import seedance_widgets as sw

pytestmark = pytest.mark.kernel

DEADLINE_S = 60
TRACE_ALL = """\
import logging
logging.basicConfig(level=logging.DEBUG, force=True)
for name in ("httpx", "httpcore", "anyio", "asyncio", "sqlalchemy.engine"):
    logging.getLogger(name).setLevel(logging.DEBUG)
%xmode Verbose
%load_ext seedance_widgets
import seedance_widgets as sw
"""
JOBS = """\
job = %seedance a paper boat --duration 4 --resolution 480p --model seedance-2.0-fast --wait
"""
FAILED = """\
%seedance a boat --wait --metadata {"simulator": {"outcome": "failed"}}
"""
SHOWN = (
    "%seedance_jobs",
    "%seedance_models",
    "%seedance_doctor --network",
    "sw.Studio()",
    "sw.default_session().start('A boat', duration=4, resolution='480p')",
    "[sw.default_session(), sw.default_session().settings, vars(sw.default_session()), job, vars(job), job.row]",
    "from seedance_widgets.request.code import as_magic, as_python",
    "print(as_magic(job.request), as_python(job.request))",
    "%seedance a boat --dry-run",
)
FAULTS = (
    FAILED,
    "job.adopt('req_x')",
    "sw.connect(base_url='http://api.example')",
    "sw.connect(home=__file__) if 0 else sw.default_session().job('nothing')",
    "sw.default_session().submit('A boat', duration=3)",
    "sw.default_session().handle_webhook(b'{}', 'x')",
    "from rich.traceback import install\ninstall(show_locals=True)\nsw.connect(base_url='http://api.example')",
    "sw.default_session().start('A boat').session.engine.worker.call(None)",
)
HISTORY = ("%history -g", "print(In, Out, _ih, _oh)")


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[sw.Simulator]:
    settings = sw.SimulatorSettings(home=tmp_path / "service", api_key=CANARY, speed=1e6)
    with sw.Simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def place(simulator: sw.Simulator, tmp_path: Path) -> Path:
    """The folder of the notebook."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def environment(simulator: sw.Simulator, tmp_path: Path) -> dict[str, str]:
    """Of a kernel that speaks to the simulator, with folders of its own and without a key."""
    ours = {"SEEDANCE_BASE_URL": simulator.base_url, "SEEDANCE_HOME": str(tmp_path / "home")}
    return {**os.environ, **ours, "IPYTHONDIR": str(tmp_path / "ipython")}


def own_sockets(folder: str) -> Config:
    return Config({} if os.name == "nt" else {"KernelManager": {"transport": "ipc", "ip": f"{folder}/k"}})


class Listener(NotebookClient):
    """Runs a notebook and keeps every message of the kernel, those of widgets too."""

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        self.__dict__.setdefault("heard", []).append(json.dumps(msg, default=repr))
        return super().process_message(msg, cell, cell_index)


def test_a_notebook_that_shows_and_breaks_everything_does_not_hold_the_key(
    place: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    cells = [TRACE_ALL, JOBS, *SHOWN, *FAULTS, *HISTORY]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with TemporaryDirectory() as folder:
        client = Listener(
            notebook,
            timeout=DEADLINE_S,
            kernel_name="python3",
            config=own_sockets(folder),
            allow_errors=True,
            resources={"metadata": {"path": str(place)}},
        )
        client.execute(env={**environment, "SEEDANCE_API_KEY": CANARY})
    errors = [output.ename for cell in notebook.cells for output in cell.outputs if output.output_type == "error"]
    assert {"GenerationFailed", "SeedanceError", "SettingsInvalid", "JobNotFound", "WebhookInvalid"} <= set(errors)
    assert notebook.cells[1].outputs[-1].output_type != "error"
    assert '"msg_type": "comm_open"' in "".join(client.heard)
    assert sightings("".join(client.heard)) == []
    assert "widgets" in notebook.metadata
    assert sightings(nbformat.writes(notebook)) == []
    assert sightings(HTMLExporter().from_notebook_node(notebook)[0]) == []
    del notebook.metadata["widgets"]
    assert sightings(nbformat.writes(notebook)) == []
    assert in_files(tmp_path) == []


def test_a_key_that_is_typed_is_in_no_message_and_no_history(
    place: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    heard: list[dict[str, Any]] = []
    asked: list[dict[str, Any]] = []
    with TemporaryDirectory() as folder:
        manager = KernelManager(config=own_sockets(folder))
        manager.start_kernel(env=environment, cwd=str(place))
        client = manager.blocking_client()
        client.start_channels()

        def answer(message: dict[str, Any]) -> None:
            asked.append(message["content"])
            client.input(CANARY)

        def run(code: str) -> str:
            reply = client.execute_interactive(
                code,
                store_history=True,
                allow_stdin=True,
                timeout=DEADLINE_S,
                stdin_hook=answer,
                output_hook=heard.append,
            )
            return str(reply["content"]["status"])

        try:
            client.wait_for_ready(timeout=DEADLINE_S)
            codes = [TRACE_ALL, "print(sw.default_session().label)", "%seedance_key", *JOBS.splitlines(), *SHOWN]
            statuses = [run(code) for code in codes]
            run(f"job.clip.path.exists(), {HISTORY[1]}")
            run(HISTORY[0])
        finally:
            client.stop_channels()
            manager.shutdown_kernel()
            manager.cleanup_resources()
    said = json.dumps(heard, default=repr)
    assert statuses == ["ok"] * len(statuses)
    assert asked == [{"prompt": "Seedance API key (it is not shown): ", "password": True}]
    for words in ("Until now this was the simulator", "the next call uses the API", "found in %seedance_key"):
        assert words in said
    assert sightings(said) == []
    assert in_files(tmp_path) == []
