"""In marimo cells run again by themselves: none pays twice by that. A stand-in for its context, as of marimo 0.25."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from widget_fixtures import clips, place, quick, simulated

from seedance_widgets.jobs.job import Job
from seedance_widgets.jobs.reactive import Cells
from seedance_widgets.notebook import environment
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.card.card import REUSED

__all__ = ["clips", "place", "quick", "simulated"]

REQUEST: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}


class Marimo:
    """The part of `marimo._runtime.context` that tells which cell runs."""

    class ContextNotInitializedError(Exception):
        """No notebook runs in this thread."""

    def __init__(self) -> None:
        self.context: Any = None

    def get_context(self) -> Any:
        if self.context is None:
            raise self.ContextNotInitializedError
        return self.context

    def runs(self, cell_id: str, *, click: bool = False) -> None:
        run = SimpleNamespace(cell_id=cell_id, setting_element_value=click)
        self.context = SimpleNamespace(execution_context=run, filename="/films/try.py")


@pytest.fixture
def marimo(monkeypatch: pytest.MonkeyPatch) -> Marimo:
    stand_in = Marimo()
    monkeypatch.setitem(sys.modules, "marimo._runtime.context", stand_in)  # type: ignore[arg-type]
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    return stand_in


def test_a_cell_that_runs_again_is_given_its_job(simulated: Session, marimo: Marimo) -> None:
    marimo.runs("Hbol")
    first = simulated.submit("a boat that is sent once", **REQUEST)
    assert not first.reused
    marimo.runs("Hbol")
    second = simulated.submit("a boat that is sent once", **REQUEST)
    assert second is first
    assert simulated.count(text="boat that is sent once") == 1
    assert REUSED in second.widget.view["notice"]


def test_another_request_another_cell_and_again_are_sent(simulated: Session, marimo: Marimo) -> None:
    marimo.runs("Hbol")
    first = simulated.submit("a boat for several cells", **REQUEST)
    marimo.runs("Hbol")
    sent = simulated.submit("a boat for several cells", again=True, **REQUEST)
    marimo.runs("MJUe")
    elsewhere = simulated.submit("a boat for several cells", **REQUEST)
    assert len({first.id, sent.id, elsewhere.id}) == 3
    marimo.runs("Hbol")
    assert simulated.submit("a boat for several cells", **REQUEST) is sent


def test_several_takes_of_one_cell_are_several_jobs_and_stay_so(simulated: Session, marimo: Marimo) -> None:
    takes: list[list[Job]] = []
    for _ in range(2):
        marimo.runs("Hbol")
        takes.append([simulated.submit("a boat in two takes", **REQUEST) for _ in range(2)])
    assert takes[0] == takes[1]
    assert takes[0][0] is not takes[0][1]


def test_a_click_and_a_script_always_send(simulated: Session, marimo: Marimo) -> None:
    marimo.runs("Hbol", click=True)
    assert environment.reactive_cell() is None
    marimo.context = None
    assert environment.reactive_cell() is None


def test_after_a_restart_the_history_of_the_notebook_is_asked(
    simulated: Session, marimo: Marimo, clips: list[Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel is new and runs every cell: what the notebook has is not paid for again."""
    marimo.runs("Hbol")
    first = simulated.submit("a boat before the restart", **REQUEST)
    first.wait(timeout=60)
    monkeypatch.setattr(simulated, "cells", Cells())
    marimo.runs("Hbol")
    assert simulated.submit("a boat before the restart", **REQUEST).id == first.id
    monkeypatch.setattr(simulated, "cells", Cells())
    marimo.context = SimpleNamespace(
        execution_context=replace_run(marimo.context.execution_context), filename=str(Path("/films/other.py"))
    )
    assert simulated.submit("a boat before the restart", **REQUEST).id != first.id


def replace_run(run: Any) -> Any:
    return SimpleNamespace(**vars(run))
