"""The waiting loop of jobs and sweeps, alone."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from seedance_widgets.errors import SessionClosed, WaitTimeout
from seedance_widgets.jobs.waiting import Waiting


class Looked:
    """An engine as far as a wait knows it."""

    def __init__(self, *, closed: bool = False, own_thread: bool = False) -> None:
        self.closed = closed
        self.own_thread = own_thread
        self.hurried = 0

    def check_open(self, name: str) -> None:
        if self.closed:
            raise SessionClosed(f"The session was closed while {name} was waited for.")

    def refuse_own_thread(self) -> None:
        if self.own_thread:
            raise RuntimeError("the worker would wait for itself")

    def hurry(self) -> None:
        self.hurried += 1


def waiting(engine: Any, *, settled: bool = False, naps: list[float] | None = None) -> Waiting:
    took = [] if naps is None else naps
    return Waiting(engine, "job x", lambda: settled, lambda: WaitTimeout("late", job=None), took.append)  # type: ignore[arg-type]


def test_what_is_reached_is_not_waited_for() -> None:
    naps: list[float] = []
    waiting(Looked(), naps=naps).until(lambda: True, 0.0)
    assert naps == []


def test_each_step_is_short_and_hurries_the_worker() -> None:
    naps: list[float] = []
    engine = Looked()
    waiting(engine, naps=naps).until(lambda: len(naps) == 3, None)
    assert max(naps) <= 0.1
    assert engine.hurried == 3


def test_the_time_that_passes_ends_the_wait() -> None:
    with pytest.raises(WaitTimeout):
        waiting(Looked()).until(lambda: False, -1.0)
    with pytest.raises(WaitTimeout):
        asyncio.run(waiting(Looked()).until_async(lambda: False, -1.0))


def test_a_closed_session_ends_it_where_nothing_would_come_any_more() -> None:
    with pytest.raises(SessionClosed, match="job x"):
        waiting(Looked(closed=True)).until(lambda: False, None)
    with pytest.raises(SessionClosed, match="job x"):
        asyncio.run(waiting(Looked(closed=True)).until_async(lambda: False, None))


def test_the_worker_never_waits_for_itself() -> None:
    with pytest.raises(RuntimeError, match="wait for itself"):
        waiting(Looked(own_thread=True)).until(lambda: False, None)
