"""A wait on a terminal, tried with a pseudo terminal: one line meanwhile, the path at its end, nothing on a pipe."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from pseudo_terminal import DEADLINE_S, SCRIPT, SHELL

from seedance_widgets.jobs.live_line import clock, standing_of
from seedance_widgets.life import Row
from seedance_widgets.life.estimate import Estimate
from seedance_widgets.notebook import environment
from seedance_widgets.types import GenerationRequest

JOB = "job = session.submit('a boat', metadata={'simulator': {'seconds': %d}}, **small)\n"


def the_clip(folder: Path) -> str:
    return next((folder / "seedance_clips").glob("a-boat-*.mp4")).name


@pytest.mark.kernel
def test_a_script_on_a_terminal_shows_one_line_and_then_the_path(terminal: Any, tmp_path: Path) -> None:
    code = SCRIPT + JOB % 12 + "clip = job.wait()\nprint('done')"
    shown = terminal(sys.executable, "-c", code)
    shown.until(lambda written: "Generating" in written and "usually" in written)
    [line] = shown.screen
    assert re.search(r"Generating .* 0:\d\d, usually \d+:\d\d \(a first guess, no earlier jobs\)$", line)
    shown.rest()
    saved, done = shown.screen
    assert saved.startswith("Saved: ")
    assert the_clip(tmp_path) in saved
    assert done == "done"


@pytest.mark.kernel
def test_nothing_of_it_comes_to_a_pipe(tmp_path: Path) -> None:
    code = SCRIPT + JOB % 8 + "job.wait()\nimport sys; print('seedance_widgets.jobs.live_line' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=DEADLINE_S)
    assert (ran.stdout, ran.stderr) == ("False\n", "")


@pytest.mark.kernel
def test_what_a_script_prints_goes_through_its_pipe_clean_while_the_terminal_shows_the_line(terminal: Any) -> None:
    code = SCRIPT + JOB % 8 + "job.wait()\nprint('done')"
    shown = terminal(sys.executable, "-c", code, stdout=subprocess.PIPE)
    shown.rest()
    assert shown.process.stdout.read() == b"done\n"
    assert [line.partition(":")[0] for line in shown.screen] == ["Saved"]


@pytest.mark.kernel
def test_ctrl_c_ends_the_wait_and_says_that_the_job_goes_on(terminal: Any) -> None:
    code = SCRIPT + JOB % 60 + "try:\n    job.wait()\nfinally:\n    print(job.status)"
    shown = terminal(sys.executable, "-c", code)
    shown.until(lambda written: "Generating" in written)
    shown.process.send_signal(signal.SIGINT)
    shown.rest()
    assert "processing" in shown.screen
    assert re.fullmatch(
        r"Job (\w+) goes on\. session\.job\('\1'\)\.wait\(\) waits again, also after a restart\.", shown.screen[-1]
    )
    assert not any("Generating" in line for line in shown.screen)
    assert shown.written.rstrip().count("\x1b[?25l") == shown.written.count("\x1b[?25h"), "the cursor is back"


@pytest.mark.kernel
@pytest.mark.parametrize("options", ["", "--quiet"])
def test_the_magic_in_ipython_shows_the_line_and_then_the_path(terminal: Any, tmp_path: Path, options: str) -> None:
    lines = [*SCRIPT.strip().splitlines(), "get_ipython().run_line_magic('load_ext', 'seedance_widgets')"]
    seconds = json.dumps({"simulator": {"seconds": 4 if options else 12}})
    line = f"a boat --duration 4 --resolution 480p --model seedance-2.0-fast --metadata {seconds} {options}"
    shown = terminal(*SHELL, "\n".join([*lines, f"j = get_ipython().run_line_magic('seedance', {line!r})"]))
    shown.rest()
    if options:
        assert shown.screen == []
        return
    assert "Generating" in shown.written
    [saved] = shown.screen
    assert the_clip(tmp_path) in saved


@pytest.mark.kernel
def test_a_sweep_on_a_terminal_counts(terminal: Any) -> None:
    code = SCRIPT + "sweep = session.sweep('a {animal}', animal=['cat', 'dog'], name='two', **small)\nsweep.wait()"
    shown = terminal(sys.executable, "-c", code)
    shown.rest()
    assert "of 2 ended" in shown.written
    assert shown.screen == ["Sweep two: 2 succeeded"]


def test_a_terminal_is_none_in_a_kernel_in_another_thread_and_where_there_is_no_output(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    screen = SimpleNamespace(closed=False, isatty=lambda: True, write=lambda _: None, flush=lambda: None)
    monkeypatch.setattr(sys, "stderr", screen)
    assert environment.is_terminal()
    with ThreadPoolExecutor() as pool:
        assert not pool.submit(environment.is_terminal).result()
    monkeypatch.setattr(environment, "in_kernel", lambda: True)
    assert not environment.is_terminal()
    monkeypatch.setattr(environment, "in_kernel", lambda: False)
    for gone in (None, SimpleNamespace(closed=True)):
        monkeypatch.setattr(sys, "stderr", gone)
        assert not environment.is_terminal()


def standing(status: str, estimate: Estimate | None = None, received: tuple[int, int | None] | None = None) -> Any:
    request = GenerationRequest(prompt="a boat", model="m")
    row = Row(id="a", service="s", request=request, created_at=time.time() - 42, status=status, request_id="r")
    return standing_of(row, estimate, received)


@pytest.mark.parametrize(
    ("elapsed_s", "share"), [(22.5, 0.25), (90.0, None), (300.0, None)], ids=["early", "late", "later"]
)
def test_it_tells_how_long_it_takes_usually_and_no_share_once_it_takes_longer(elapsed_s: float, share: Any) -> None:
    now = standing("processing", Estimate(elapsed_s, 90.0, 180.0, "from 3 earlier jobs like this"))
    assert (now.words, now.share) == ("Generating", share)
    assert now.note == "0:42, usually 1:30 (from 3 earlier jobs like this)"


@pytest.mark.parametrize(
    ("received", "note", "share"),
    [((500_000, 2_000_000), "0:42, 500 kB of 2.0 MB", 0.25), ((500_000, None), "0:42, 500 kB", None)],
)
def test_while_the_clip_is_saved_it_tells_how_much_is_here(received: Any, note: str, share: Any) -> None:
    now = standing("succeeded", received=received)
    assert (now.note, now.share) == (note, share)


def test_before_it_runs_it_tells_only_the_time() -> None:
    now = standing("queued")
    assert (now.words, now.note, now.share) == ("Waiting in the queue", "0:42", None)


@pytest.mark.parametrize(("seconds", "text"), [(-1, "0:00"), (42.4, "0:42"), (3723, "1:02:03")])
def test_times_are_those_of_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text
