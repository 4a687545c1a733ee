"""A cell that is run again: the page forgets all that it showed, so none of that is drawn any more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.grid.grid import Grid
from seedance_widgets.widgets.shared import live, saved

JobOf = Callable[..., Job]


@pytest.fixture
def cells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The cell that runs, and the number of its run; a test changes it."""
    running = [("a-cell", 1)]
    for module in (live, saved):
        monkeypatch.setattr(module, "display", lambda *_, **__: None)
    monkeypatch.setattr(saved.DisplayHandle, "update", lambda *_, **__: None)
    monkeypatch.setattr(live.environment, "in_kernel", lambda: True)
    monkeypatch.setattr(live.environment, "is_watched", lambda: True)
    monkeypatch.setattr(live.environment, "cell", lambda: running[0])
    return running


def show(job: Job) -> Grid:
    grid = Grid([job])
    grid._ipython_display_()
    return grid


def test_every_view_of_the_run_before_rests_not_only_the_last(
    session: Session, job_of: JobOf, cells: list[tuple[str, int]]
) -> None:
    job = job_of()
    before = [show(job), show(job)]
    assert all(grid in session.registry.viewers for grid in before), "two in one run stand beside each other"
    cells[0] = ("a-cell", 2)
    after = show(job)
    assert [grid in session.registry.viewers for grid in (*before, after)] == [False, False, True]
    for grid in (*before, after):
        grid.close()


def test_a_view_that_was_shown_again_elsewhere_goes_on(
    session: Session, job_of: JobOf, cells: list[tuple[str, int]]
) -> None:
    grid = show(job_of())
    cells[0] = ("another-cell", 2)
    grid._ipython_display_()
    cells[0] = ("a-cell", 3)
    other = show(job_of())
    assert grid in session.registry.viewers
    grid.close()
    other.close()
