"""The first notebook that anybody runs, and the commands that run it."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

import seedance_widgets as sw
from seedance_widgets.cli.demo import DemoResult, copy_quickstart, run_demo
from seedance_widgets.cli.main import main
from seedance_widgets.clips import video

pytestmark = pytest.mark.kernel

LONG_JOB = """
import seedance_widgets as sw
session = sw.default_session()
job = session.submit("a lighthouse", duration=4, resolution="480p", metadata={"simulator": {"seconds": 6}})
print(job.id)
"""
AFTER_RESTART = """
import seedance_widgets as sw
job = sw.default_session().job("{job_id}")
print(job.wait(timeout=60).path.name, job.request_id)
"""


@pytest.fixture
def demo_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for history and clips, and no key."""
    for name in ("SEEDANCE_API_KEY", "SEEDANCE_BASE_URL", "JPY_SESSION_NAME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SEEDANCE_HOME", str(tmp_path / "history"))
    return tmp_path


def client_for(cells: list[str], folder: Path) -> NotebookClient:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    return NotebookClient(
        notebook,
        timeout=90,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--IPKernelApp.log_level=40"],
    )


def printed(cell: nbformat.NotebookNode) -> str:
    return "".join(output.get("text", "") for output in cell.outputs if output.output_type == "stream")


@dataclass(frozen=True)
class Played:
    """What the command `seedance demo` answered and printed, and what it made."""

    status: int
    printed: str
    files: tuple[tuple[str, Path], ...]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """One run of the command, on a machine where a key is set that it must not use."""
    folder, made = tmp_path_factory.mktemp("demo"), []

    def run_and_keep(folder: Path, say: Callable[[str], None]) -> DemoResult:
        made.append(run_demo(folder, say))
        return made[-1]

    printed = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(printed):
        patch.setenv("SEEDANCE_API_KEY", "sd2_live_canary_must_not_be_used")
        patch.setenv("SEEDANCE_BASE_URL", "http://127.0.0.1:9")
        patch.setenv("COLUMNS", "200")
        patch.setattr("seedance_widgets.cli.demo.run_demo", run_and_keep)
        status = main(["demo", "--folder", str(folder)])
        assert os.environ["SEEDANCE_BASE_URL"] == "http://127.0.0.1:9", "the environment is given back"
    return Played(status, printed.getvalue(), made[0].files)


def test_the_demo_leaves_a_notebook_an_export_and_whole_clips_with_posters(demo: Played) -> None:
    assert {"executed notebook", "HTML export", "clip", "its poster"} <= set(dict(demo.files))
    clips = [path for label, path in demo.files if label == "clip"]
    assert len(clips) == 3
    for clip in clips:
        assert video.probe(clip)["codec"] == "h264"
        assert video.read_tags(clip)["request_id"].startswith("req_")
        assert clip.with_suffix(".jpg").read_bytes().startswith(b"\xff\xd8")


def test_the_executed_quickstart_needs_no_kernel_and_no_other_file(demo: Played) -> None:
    """A batch run embeds its clips, up to 2 MB each: its output is often moved away from them."""
    saved = dict(demo.files)["executed notebook"].read_text(encoding="utf-8")
    assert saved.count("data:video/mp4;base64,") == 3
    assert len(saved) < 3 * 1_500_000
    assert "application/vnd.jupyter.widget" not in saved


def test_the_exported_quickstart_plays_anywhere_without_a_network(demo: Played) -> None:
    html = dict(demo.files)["HTML export"].read_text(encoding="utf-8")
    assert len(re.findall(r'<video[^>]* src="data:video/mp4;base64,[^"]+"', html)) == 3
    links = re.findall(r'<a [^>]*href="(seedance_clips/[^"]+\.mp4)"', html)
    assert len(set(links)) == 3, "the table of jobs has them, too"
    assert all((dict(demo.files)["HTML export"].parent / link).is_file() for link in links)
    assert not re.findall(r'<(?:script|link|img|video)[^>]+(?:src|href)="https?:', html)


def test_the_demo_uses_no_key_even_where_one_is_set(demo: Played) -> None:
    for _, path in demo.files:
        assert b"sd2_live_canary" not in path.read_bytes()


def test_a_job_goes_on_after_its_kernel_was_killed(demo_home: Path) -> None:
    client = client_for([LONG_JOB, "will be replaced"], demo_home)
    with client.setup_kernel():
        client.execute_cell(client.nb.cells[0], 0)
        job_id = printed(client.nb.cells[0]).split()[-1]
        _restart(client)
        client.nb.cells[1].source = AFTER_RESTART.format(job_id=job_id)
        client.execute_cell(client.nb.cells[1], 1)
    name, request_id = printed(client.nb.cells[1]).split()
    assert name == f"a-lighthouse-{job_id}.mp4"
    assert request_id.startswith("req_")
    assert len(list((demo_home / "history" / "simulator" / "generations").glob("*.json"))) == 1, "created once"


def _restart(client: NotebookClient) -> None:
    """Kill the kernel and start another, as the restart button does."""
    from jupyter_core.utils import run_sync

    run_sync(client.km.restart_kernel)(now=True)  # type: ignore[union-attr]
    run_sync(client.kc.wait_for_ready)(timeout=60)  # type: ignore[union-attr]


def test_an_edited_copy_of_the_quickstart_is_not_overwritten(tmp_path: Path) -> None:
    path = copy_quickstart(tmp_path)
    path.write_text("mine")
    assert copy_quickstart(tmp_path) == path
    assert path.read_text() == "mine"


def test_the_demo_command_says_where_everything_is_and_that_nothing_was_charged(demo: Played) -> None:
    assert demo.status == 0
    assert "simulator, no key used, nothing charged" in demo.printed
    assert str(dict(demo.files)["HTML export"]) in demo.printed


def test_the_simulator_command_serves_the_api_that_it_prints(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "seedance_widgets.cli", "simulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        told = {}
        for line in process.stdout:
            name, _, value = line.strip().removeprefix("export ").partition("=")
            told[name] = value
            if line.startswith("Ctrl-C"):
                break
        try:
            with sw.Client(told["SEEDANCE_API_KEY"], told["SEEDANCE_BASE_URL"]) as client:
                assert "seedance-2.0" in [model.id for model in client.models()]
        finally:
            process.terminate()
        assert process.wait(20) == 0


def test_the_doctor_command_tells_what_works_without_a_key(demo_home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "seedance_widgets.cli", "doctor", "--network"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Simulator: no key used, nothing charged" in done.stdout
    assert "seedance-2.0-fast" in done.stdout
