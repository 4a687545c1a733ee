"""Sweeps that are asked for again: by the same cell, another kernel, a killed one. Never paid twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from samples import until
from scripted import error
from sweep_service import ANIMALS, FOUR, KEY, TEMPLATE, Connect, api, connect, session
from sweeping import SweepApi

import seedance_widgets as sw
from seedance_widgets.session.session import Session

__all__ = ["api", "connect", "session"]


@pytest.mark.parametrize("name", [None, "hero"])
def test_the_same_call_again_is_the_same_sweep_and_sends_nothing(session: Session, api: SweepApi, name: Any) -> None:
    sweep = session.sweep(TEMPLATE, name=name, **ANIMALS).wait(30)
    again = session.sweep(TEMPLATE, name=name, weather=["snow", "rain"], animal=["owl", "fox"])
    assert again is sweep if name is None else again.wait(30) is sweep
    assert len(api.prompts) == 4


def test_another_name_makes_it_anew(session: Session, api: SweepApi) -> None:
    session.sweep("{n}", n=[1]).wait(30)
    session.sweep("{n}", n=[1], name="again").wait(30)
    assert len(api.prompts) == 2


def test_two_sweeps_with_one_name_are_refused_and_nothing_is_sent(session: Session, api: SweepApi) -> None:
    session.sweep("{n}", n=[1], name="hero").wait(30)
    with pytest.raises(
        sw.RequestInvalid, match=r"sweep named 'hero' of .* asks for something else \(1 jobs\)\. Nothing"
    ):
        session.sweep("{n}", n=[1, 2], name="hero")
    assert len(api.prompts) == 1


@pytest.mark.parametrize("name", ["", " ", "x" * 81, "a\nb"])
def test_a_name_is_a_word_or_some(session: Session, name: str) -> None:
    with pytest.raises(sw.RequestInvalid, match="The name of a sweep"):
        session.sweep("{n}", n=[1], name=name)


def test_a_session_closed_midway_goes_on_in_a_new_one_and_pays_nothing_twice(connect: Connect, api: SweepApi) -> None:
    api.at_once = False
    first = connect()
    sweep = first.sweep("shot {n}", n=range(8), name="long", at_once=2)
    until(lambda: api.open == 2)
    api.end()
    until(lambda: len(api.prompts) == 4 and sweep.status.get("processing", 0) + sweep.status.get("queued", 0) == 2)
    first.close()
    second = connect()
    found = second.sweep_of("long")
    assert len(found.unsent) == 4
    api.end()
    found.wait(30)  # what ran is looked after; what was not sent is not sent by itself
    assert found.status == {"succeeded": 4, "not sent": 4}
    assert len(api.prompts) == 4
    assert "4 were not sent" in str(found)
    api.at_once = True
    assert found.resume().wait(30).status == {"succeeded": 8}
    assert api.charged == {f"shot {n}": 1 for n in range(8)}
    assert len(api.prompts) == 8


def test_running_the_cell_again_after_a_restart_goes_on(connect: Connect, api: SweepApi) -> None:
    first = connect()
    api.answers = {2: error(402, "insufficient_credits")}
    with pytest.raises(sw.InsufficientCredits):
        first.sweep(TEMPLATE, **ANIMALS, at_once=1).wait(30)
    first.close()
    assert connect().sweep(TEMPLATE, **ANIMALS).wait(30).status == {"succeeded": 4}
    assert api.charged == dict.fromkeys(FOUR, 1)


def test_a_sweep_survives_the_loss_of_the_database(connect: Connect, api: SweepApi, tmp_path: Path) -> None:
    first = connect()
    api.answers = {3: error(402, "insufficient_credits")}
    with pytest.raises(sw.InsufficientCredits):
        first.sweep(TEMPLATE, **ANIMALS, at_once=1).wait(30)
    first.close()
    os.unlink(tmp_path / "home" / "history.db")
    second = connect()
    with pytest.warns(sw.HistoryWarning):
        second.jobs()
    assert second.sweep(TEMPLATE, **ANIMALS).wait(30).status == {"succeeded": 4}
    assert api.charged == dict.fromkeys(FOUR, 1)


def test_two_kernels_that_send_one_sweep_send_each_combination_once(connect: Connect, api: SweepApi) -> None:
    sessions = [connect(), connect()]
    sweeps = [session.sweep("shot {n}", n=range(12), at_once=3) for session in sessions]
    for sweep in sweeps:
        sweep.wait(60)
    assert api.charged == {f"shot {n}": 1 for n in range(12)}
    assert [sweep.refresh().wait(30).status for sweep in sweeps] == [{"succeeded": 12}] * 2


KILLED = """
import sys, seedance_widgets as sw
session = sw.connect(sys.argv[1], sys.argv[2], sys.argv[3], requests_per_minute=60_000)
session.sweep("shot {n}", n=range(12), name="killed", at_once=3)
print(flush=True)
sys.stdin.read()
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("after", [1, 4])
def test_a_kernel_that_is_killed_midway_loses_nothing_and_pays_nothing_twice(
    connect: Connect, api: SweepApi, tmp_path: Path, after: int
) -> None:
    command = [sys.executable, "-c", KILLED, KEY, api.server.url, str(tmp_path / "home")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=tmp_path) as kernel:
        until(lambda: len(api.prompts) >= after, 30)
        kernel.send_signal(signal.SIGKILL)
    session = connect()
    sweep = session.sweep_of("killed")
    sent = len(api.prompts)
    sweep.resume().wait(60)
    assert sent < 12
    assert sweep.status.get("succeeded", 0) + sweep.status.get("unconfirmed", 0) == 12
    assert max(Counter(api.prompts).values()) == 1, "one was sent twice"
    unconfirmed = {job.request.prompt for job in sweep.jobs if job.status == "unconfirmed"}
    assert {f"shot {n}" for n in range(12)} - set(api.prompts) <= unconfirmed, (
        "one was neither sent nor said to be lost"
    )
