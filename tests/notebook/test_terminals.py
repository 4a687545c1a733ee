"""What a page would show, in IPython on a terminal: it is said once, in words, and nothing is written over a prompt."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from pseudo_terminal import IPYTHON, SCRIPT

pytestmark = pytest.mark.kernel

MORE = """
import time
done = [session.submit(f'boat {name}', **small) for name in 'ab']
for job in done:
    job.wait(quiet=True)
late = dict(metadata={'simulator': {'seconds': 3}}, **small)

def later():
    '''Until all has ended, and the Studio, which hears what other widgets do, was drawn twice more.'''
    sweep.settle()
    job.wait(quiet=True)
    rev = studio.view['rev']
    while studio.view['rev'] < rev + 3:
        job.mark(note=str(time.monotonic()))
        time.sleep(0.05)
"""
SHOWN = {
    "studio = sw.Studio(); studio": ("Seedance Studio (", "%seedance_jobs"),
    "grid = sw.Grid([job]); grid": ("0 of 1 ready", "grid.contact_sheet()"),
    "sw.Compare(*done)": ("Compared: 2 clips", "compare.pick(job)"),
    "sw.Choose(done)": ("2 clips, 0 marked", "job.reject()"),
    "sweep": ("Sweep two: ", "sweep.wait()"),
    "sw.Grid(sweep)": ("Sweep two: ", "sweep.wait()"),
    "sweep.choose()": ("0 clips, 0 marked", "job.reject()"),
    "job": ("Seedance job ", "job.wait()"),
}
"""What is typed, what it is, and what can be done instead."""
PROMPT = re.compile(r"In \[\d+\]: ")


def test_what_a_page_would_show_live_is_said_once_and_no_prompt_is_written_over(terminal: Any, tmp_path: Path) -> None:
    """The bug was that the Studio's fallback was printed over the next prompt when a job ended."""
    (tmp_path / "setup.py").write_text(SCRIPT + MORE)
    shown = terminal(*IPYTHON, "-i", "setup.py")
    shown.until(lambda written: PROMPT.search(written))
    code = "job = session.submit('late', **late); sweep = session.sweep('{n}', n=['1', '2'], name='two', **late)"
    said = {line: answer(shown, line) for line in [code, *SHOWN]}
    assert answer(shown, "later()") == ""
    for line, (what, instead) in SHOWN.items():
        assert what in said[line]
        assert instead in said[line]
        assert len(said[line]) < 800
    assert shown.written.count("Seedance Studio (") == 1
    shown.type("exit")
    shown.rest()
    assert shown.screen[-1] == f"In [{len(SHOWN) + 3}]: exit"


def answer(shown: Any, line: str) -> str:
    """What stands between a line that is typed and the next prompt."""
    begin, prompts = len(shown.written), len(PROMPT.findall(shown.written))
    shown.type(line)
    shown.until(lambda written: len(PROMPT.findall(written)) > prompts)
    said = shown.written[begin:].replace("\r\n", "\n")
    assert said.startswith(f"{line}\n"), said
    assert PROMPT.search(said).end() == len(said), "nothing is written behind a prompt"  # type: ignore[union-attr]
    return PROMPT.split(said.removeprefix(f"{line}\n"))[0].strip()


def test_a_script_prints_a_sweep_as_a_table_and_no_bundle(terminal: Any) -> None:
    """The bug was a dict of MIME types."""
    code = SCRIPT + "sweep = session.sweep('{n}', n=['1', '2'], name='two', **small).wait(quiet=True)\nsweep.show()"
    shown = terminal(IPYTHON[0], "-c", code)
    shown.rest()
    assert shown.screen[0] == "Sweep two: 2 succeeded"
    assert "text/html" not in shown.written
