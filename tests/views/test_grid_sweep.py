"""The grid of a sweep: every combination has its place from the start, and says how it stands before it has a job."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import ScriptedServer, error
from sweeping import SweepApi

import seedance_widgets as sw
from seedance_widgets.session import Session
from seedance_widgets.sweep import Sweep
from seedance_widgets.widgets import grid as grid_module
from seedance_widgets.widgets.grid import Grid, present_sweep


@pytest.fixture
def api(clip: Path) -> Iterator[SweepApi]:
    with ScriptedServer() as server:
        api = SweepApi(server, clip)
        api.at_once = False
        yield api


@pytest.fixture
def session(api: SweepApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.connect("sd2_live_x", api.server.url, tmp_path / "home", requests_per_minute=60_000)
    yield session
    session.close()


@pytest.fixture
def sweep(session: Session) -> Sweep:
    """Six combinations, of which one runs and never ends."""
    sweep = session.sweep("a {animal} in {weather}", animal=["fox", "owl", "hare"], weather=["rain", "snow"], at_once=1)
    while not sweep.jobs:
        sweep._pause(None)
    sweep.jobs[0].wait_accepted()
    return sweep


def words(view: Any) -> list[str]:
    (group,) = view["groups"]
    ids = [id for row in group["rows"] for cell in row["cells"] for id in cell]
    return [view["cells"][id]["status_text"] for id in ids]


def test_every_combination_has_its_place_before_it_has_a_job(sweep: Sweep) -> None:
    view = Grid(sweep).view
    (group,) = view["groups"]
    assert (group["columns"], [row["heading"] for row in group["rows"]]) == (["rain", "snow"], ["fox", "owl", "hare"])
    assert view["summary"] == "0 of 6 ready · 1 under way · 5 not sent"
    assert words(view)[1:] == ["Waits for its turn"] * 5
    assert not view["final"]


def test_what_a_sweep_that_stopped_did_not_send_says_so(sweep: Sweep) -> None:
    sweep.cancel().settle(20)
    view = Grid(sweep).view
    assert words(view)[1:] == ["Not sent"] * 5
    assert view["summary"] == "0 of 6 ready · 1 cancelled · 5 not sent"


def test_an_export_takes_the_jobs_only(sweep: Sweep) -> None:
    assert Grid(sweep).jobs == sweep.jobs
    with pytest.raises(sw.MediaError):
        Grid(sweep).contact_sheet()


def test_what_is_saved_names_every_combination(sweep: Sweep) -> None:
    html = Grid(sweep)._bundle()["text/html"]
    assert html.count("Waits for its turn") == 5


def test_a_combination_that_was_left_out_has_no_place(session: Session) -> None:
    asked = {"model": ["seedance-2.0", "seedance-2.0-fast"], "duration": [4, 10], "skip_invalid": True}
    view = Grid(session.sweep("a fox", at_once=1, **asked).hold()).view
    (group,) = view["groups"]
    assert [len(cell) for row in group["rows"] for cell in row["cells"]] == [1, 1, 1, 0]


def test_a_refused_combination_is_a_job_and_not_unsent(session: Session, api: SweepApi) -> None:
    api.answers = {1: error(402, "insufficient_credits")}
    sweep = session.sweep("a {animal}", animal=["fox", "owl"], at_once=1)
    sweep.settle(20)
    assert Grid(sweep).view["summary"] == "0 of 2 ready · 1 failed · 1 not sent"


def test_a_sweep_is_presented_with_its_own_axes(sweep: Sweep, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Grid] = []
    monkeypatch.setattr(grid_module, "display", shown.append)
    present_sweep(sweep)
    assert shown[0].axes == {"animal": ["fox", "owl", "hare"], "weather": ["rain", "snow"]}
