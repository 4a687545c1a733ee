"""The grid of a sweep: every combination has its place from the start, and says how it stands before it has a job."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import until
from scripted import ScriptedServer, error
from sweeping import SweepApi

import seedance_widgets as sw
from seedance_widgets.session.session import Session
from seedance_widgets.sweep import Sweep, keep
from seedance_widgets.widgets.grid import grid as grid_module
from seedance_widgets.widgets.grid.grid import Grid, present_sweep


@pytest.fixture
def api(clip: Path) -> Iterator[SweepApi]:
    with ScriptedServer() as server:
        api = SweepApi(server, clip)
        api.at_once = False
        yield api


@pytest.fixture
def session(api: SweepApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.connect("sd2_live_x", api.server.url, tmp_path / "home", requests_per_minute=60_000)
    yield session
    session.close()


@pytest.fixture
def sweep(session: Session) -> Sweep:
    """Six combinations, of which one runs and never ends."""
    sweep = session.sweep("a {animal} in {weather}", animal=["fox", "owl", "hare"], weather=["rain", "snow"], at_once=1)
    while not sweep.jobs:
        time.sleep(0.02)
    sweep.jobs[0].wait_accepted()
    return sweep


class Page:
    """A page with one view of the grid of a sweep: each post is a click of its own, unless told otherwise."""

    def __init__(self, sweep: Sweep) -> None:
        self.grid = Grid(sweep)
        self._clicks = 0

    def post(self, type_: str, question: str, click_id: str | None = None) -> None:
        self._clicks += 1
        click_id = click_id or f"click-{self._clicks}"
        self.grid._on_message(self.grid, {"type": type_, "click_id": click_id, "question": question}, [])

    def post_about(self, type_: str, job_id: str, **content: Any) -> None:
        """The same about a job."""
        self._clicks += 1
        click = {"type": type_, "click_id": f"click-{self._clicks}", "job_id": job_id, **content}
        self.grid._on_message(self.grid, click, [])

    def heard(self) -> None:
        """Wait until the kernel has taken up every post."""
        for thread in threading.enumerate():
            if thread.name == "seedance-live":
                thread.join()

    @property
    def question(self) -> Any:
        return self.grid.view["question"]


def words(view: Any) -> list[str]:
    (group,) = view["groups"]
    ids = [id for row in group["rows"] for cell in row["cells"] for id in cell]
    return [view["cells"][id]["status_text"] for id in ids]


def test_every_combination_has_its_place_before_it_has_a_job(sweep: Sweep) -> None:
    view = Grid(sweep).view
    (group,) = view["groups"]
    assert (group["columns"], [row["heading"] for row in group["rows"]]) == (["rain", "snow"], ["fox", "owl", "hare"])
    assert view["summary"] == "0 of 6 ready · 1 under way · 5 waiting to be sent"
    assert words(view)[1:] == ["Waiting to be sent"] * 5
    assert view["sweep"] == {"sending": True, "running": 1, "unsent": 5}
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
    assert html.count("Waiting to be sent") == 5


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


# --- stopping ---------------------------------------------------------------------------------------------------------
def test_stop_sending_sends_nothing_more_and_lets_what_runs_go_on(sweep: Sweep, api: SweepApi) -> None:
    page = Page(sweep)
    page.post("hold", "")
    until(lambda: not page.grid.view["sweep"]["sending"])
    assert words(page.grid.view)[1:] == ["Not sent"] * 5
    assert page.grid.view["summary"] == "0 of 6 ready · 1 under way · 5 not sent"
    api.end()
    sweep.wait(20)
    assert api.prompts == ["a fox in rain"]
    until(lambda: page.grid.view["summary"] == "1 of 6 ready · 5 not sent")


def test_the_heading_and_the_places_never_disagree_about_what_is_not_sent(sweep: Sweep) -> None:
    """The heading said "5 not sent" beside five places that waited for their turn."""
    for doing in (lambda: None, sweep.hold, sweep.cancel):
        doing()
        view = Grid(sweep).view
        waiting = "Waiting to be sent" in words(view)
        assert waiting == ("5 waiting to be sent" in view["summary"])
        assert waiting != ("5 not sent" in view["summary"])


def test_cancel_all_cancels_what_runs_and_the_rest_is_not_sent(sweep: Sweep, api: SweepApi) -> None:
    page = Page(sweep)
    page.post("cancel_all", "")
    until(lambda: page.grid.view["summary"] == "0 of 6 ready · 1 cancelled · 5 not sent")
    assert page.grid.view["sweep"] == {"sending": False, "running": 0, "unsent": 5}
    assert page.grid.view["note"] is None
    assert api.prompts == ["a fox in rain"]


def test_a_job_is_cancelled_from_its_place_and_the_next_is_sent(sweep: Sweep, api: SweepApi) -> None:
    page = Page(sweep)
    page.post_about("cancel", sweep.jobs[0].id)
    until(lambda: len(api.prompts) == 2)
    until(lambda: "Cancelled" in words(page.grid.view))


def test_the_rest_is_asked_about_at_its_price_before_it_is_sent(sweep: Sweep, api: SweepApi) -> None:
    page = Page(sweep)
    sweep.hold()
    page.post("ask", "")
    until(lambda: page.question is not None)
    assert page.question["text"] == "5 jobs, about $2.50 (estimate)."
    assert api.prompts == ["a fox in rain"]
    api.at_once = True
    api.end()
    page.post("send", page.question["id"])
    until(lambda: page.grid.view["summary"] == "6 clips ready")


def test_what_stopped_the_sending_is_said_above_the_grid_without_code(session: Session, api: SweepApi) -> None:
    api.answers = {1: error(402, "insufficient_credits")}
    sweep = session.sweep("a {animal}", animal=["fox", "owl"], at_once=1)
    sweep.settle(20)
    note = Grid(sweep).view["note"]
    assert note.startswith(sweep.problem.what if sweep.problem else "-")
    assert "resume" not in note


# --- asking -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def asked(session: Session) -> Sweep:
    """Two combinations that wait for a yes."""
    plan = session.plan_sweep("a {animal}", animal=["fox", "owl"])
    sweep = keep(session.registry, plan)
    sweep.asking.ask(sweep.unsent)
    return sweep


def test_the_grid_asks_and_nothing_is_sent_while_nobody_answers(asked: Sweep, api: SweepApi) -> None:
    page = Page(asked)
    assert page.question == {
        "id": page.question["id"],
        "text": "2 jobs, about $1.00 (estimate).",
        "send": "Send 2 jobs",
    }
    assert words(page.grid.view) == ["Not sent"] * 2
    for click in ("a", "b"):
        page.post("hello", "", click)
    page.grid._draw(99)
    Grid(asked)
    assert (api.prompts, asked.jobs) == ([], [])


def test_a_yes_sends_all_once_and_takes_the_question_away(asked: Sweep, api: SweepApi) -> None:
    page, other = Page(asked), Page(asked)
    question = page.question["id"]
    page.post("send", question, "a")
    page.post("send", question, "a")  # a page that reconnects
    page.post("send", question, "b")  # a doubled click
    other.post("send", question, "c")  # another view
    page.heard()
    until(lambda: page.question is None)
    until(lambda: api.open == 2)
    api.end()
    asked.wait(20)
    assert sorted(api.prompts) == ["a fox", "a owl"]
    until(lambda: page.grid.view["summary"] == "2 clips ready")


def test_a_doubled_yes_does_not_try_again_what_was_refused(session: Session, asked: Sweep, api: SweepApi) -> None:
    api.answers = {number: error(402, "insufficient_credits") for number in (1, 2)}
    page = Page(asked)
    question = page.question["id"]
    page.post("send", question)
    until(lambda: asked.problem is not None)
    tried = len(api.prompts)
    page.post("send", question)
    page.post("send", question)
    page.heard()
    asked.settle(20)
    assert len(api.prompts) == tried


def test_a_no_sends_nothing_and_it_can_be_sent_later(asked: Sweep, api: SweepApi) -> None:
    page = Page(asked)
    question = page.question["id"]
    page.post("decline", question)
    until(lambda: page.question is None)
    assert page.grid.view["note"] == "Nothing was sent."
    page.post("send", question)
    page.heard()
    asked.settle(20)
    assert api.prompts == []
    api.at_once = True
    assert asked.resume().wait(20).status == {"succeeded": 2}
    until(lambda: page.grid.view["note"] is None)


def test_code_that_sends_it_takes_the_question_away(asked: Sweep, api: SweepApi) -> None:
    api.at_once = True
    page = Page(asked)
    asked.resume().wait(20)
    until(lambda: page.grid.view["summary"] == "2 clips ready")
    assert page.question is None


def test_an_answer_to_another_question_is_none(asked: Sweep, api: SweepApi) -> None:
    page = Page(asked)
    before = page.question["id"]
    asked.asking.ask(asked.unsent)
    page.post("send", before)
    page.post("decline", before)
    page.heard()
    page.grid._draw(99)
    assert page.question is not None
    assert api.prompts == []


def test_a_history_that_cannot_be_read_is_said_and_the_question_stays(
    asked: Sweep, api: SweepApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Page(asked)
    before = page.question["id"]
    with monkeypatch.context() as broken:

        def refuse(_: str) -> None:
            raise sw.StoreError("The history is locked.")

        broken.setattr(asked.session.store.sweeps, "rows", refuse)
        page.post("send", before)
        until(lambda: page.grid.view["note"] is not None)
        assert page.grid.view["note"].startswith("The history is locked.")
    assert page.question["id"] not in (None, before), "it can be answered again"
    assert api.prompts == []
    api.at_once = True
    page.post("send", page.question["id"])
    until(lambda: asked.status == {"succeeded": 2})


def test_a_yes_never_sends_more_than_it_was_asked_for(asked: Sweep, api: SweepApi) -> None:
    asked.asking.ask(asked.unsent[:1])  # the other was unconfirmed then, and was discarded since
    page = Page(asked)
    before = page.question["id"]
    page.post("send", before)
    until(lambda: page.question["id"] != before)
    assert page.question["text"] == "2 jobs, about $1.00 (estimate)."
    assert api.prompts == []


@pytest.mark.parametrize("wait", ["wait", "await", "iterate"])
def test_waiting_for_a_sweep_that_waits_for_a_yes_says_so(asked: Sweep, wait: str) -> None:
    async def main() -> None:
        await asked

    doing = {"wait": asked.wait, "await": lambda: asyncio.run(main()), "iterate": lambda: list(asked)}
    with pytest.raises(sw.SeedanceError, match=r"waits for a yes: 2 jobs.* Nothing was sent\. .*sweep\.resume\(\)"):
        doing[wait]()
    assert asked.settled
    sw.wait_all(timeout=60, sessions=[asked.session])


def test_who_holds_or_cancels_it_is_asked_no_more(asked: Sweep, api: SweepApi) -> None:
    page = Page(asked)
    question = page.question["id"]
    asked.cancel()
    page.post("send", question)
    page.heard()
    until(lambda: page.question is None)
    assert asked.wait(5).status == {"not sent": 2}
    assert api.prompts == []


def test_what_is_saved_has_no_buttons_and_says_not_sent(asked: Sweep) -> None:
    said = Grid(asked)._bundle()
    assert said["text/html"].count(">Not sent<") == 2
    assert "button" not in said["text/html"]
    assert "2 not sent · sweep.resume() sends them" in said["text/plain"]
