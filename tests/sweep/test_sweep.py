"""Sweeps as people use them: planned, sent, watched, stopped, gone on with, and never paid twice."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from samples import until
from scripted import CUT, error
from sweep_service import ANIMALS, FOUR, TEMPLATE, Connect, api, connect, session
from sweeping import SweepApi

import seedance_widgets as sw
from seedance_widgets.life import schedule
from seedance_widgets.notebook import presenters
from seedance_widgets.session.session import Session

__all__ = ["api", "connect", "session"]


# --- the plan ---------------------------------------------------------------------------------------------------------
def test_a_plan_names_every_combination_and_the_price_and_sends_nothing(session: Session, api: SweepApi) -> None:
    plan = session.plan_sweep(TEMPLATE, **ANIMALS, duration=[5, 10])
    assert len(plan) == 8
    assert plan.cost_usd == 6.0
    assert plan.title == "Plan: 8 jobs (2 animal x 2 weather x 2 duration), about $6.00 (estimate)"
    assert [place.request.prompt for place in plan.places][::2] == FOUR
    assert {place.request.duration for place in plan.places} == {5, 10}
    assert plan.places[0].values == {"animal": "fox", "weather": "rain", "duration": 5}
    text = repr(plan)
    assert text.splitlines()[1].split() == ["#", "animal", "weather", "duration", "prompt", "cost", "(est.)"]
    assert "a owl in snow" in text
    assert "All with model seedance-2.0, aspect ratio 16:9, resolution 720p." in text
    assert session.label in text
    assert api.prompts == []


def test_a_plan_names_options_as_people_read_them(session: Session) -> None:
    plan = session.plan_sweep("a fox, {camera_move}", aspect_ratio=["16:9", "9:16"], camera_move=["pan", "tilt"])
    assert "(2 aspect ratio x 2 camera move)" in plan.title
    assert "aspect_ratio" not in repr(plan)


def test_unknown_prices_are_said(session: Session) -> None:
    plan = session.plan_sweep("a fox", model=["seedance-2.0", "seedance-2.0-fast"])
    assert plan.cost_usd is None
    assert "about $0.50 (estimate) and 1 of them at an unknown price" in plan.title
    assert "at an unknown price" in session.plan_sweep("{a}", a=["x"], model="seedance-2.0-fast").title


def test_a_long_plan_shows_its_ends_and_says_how_many_it_leaves_out(session: Session) -> None:
    plan = session.plan_sweep("shot {n}", n=range(500))
    text, html = repr(plan), plan._repr_html_()
    assert len(text.splitlines()) < 25
    assert "… 485 more …" in text
    assert "… 485 more …" in html
    assert "shot 499" in text


def test_what_stands_in_a_plan_is_text_in_a_notebook(session: Session) -> None:
    html = session.plan_sweep("{a}", a=["<b>bold</b>", "$x$"])._repr_html_()
    assert "<b>" not in html
    assert "&lt;b&gt;bold" in html


def test_a_list_of_prompts_is_sent_as_it_is_braces_and_all(session: Session) -> None:
    plan = session.plan_sweep(['{"shot": 1}', "a } b"], duration=5)
    assert [place.request.prompt for place in plan.places] == ['{"shot": 1}', "a } b"]
    assert list(plan.axes) == ["prompt"]


def test_prompts_of_a_list_are_templates_when_there_are_variables(session: Session) -> None:
    plan = session.plan_sweep(["a {animal}", "two {animal}s"], animal=["fox", "owl"])
    assert [place.request.prompt for place in plan.places] == ["a fox", "a owl", "two foxs", "two owls"]


def test_zip_pairs_prompts_with_options(session: Session) -> None:
    plan = session.plan_sweep(["one", "two"], duration=[5, 10], zip=True)
    assert [(p.request.prompt, p.request.duration) for p in plan.places] == [("one", 5), ("two", 10)]
    assert plan.title.startswith("Plan: 2 jobs (2 prompt with 2 duration)")


def test_one_value_fills_its_brace_and_is_no_axis(session: Session) -> None:
    plan = session.plan_sweep("{style}: a {animal}, {duration} s", style="noir", animal=["fox", "owl"], duration=5)
    assert [place.request.prompt for place in plan.places] == ["noir: a fox, 5 s", "noir: a owl, 5 s"]
    assert list(plan.axes) == ["animal"]


def test_media_is_one_value_unless_it_is_a_list_of_lists(session: Session) -> None:
    one, two = "https://a.example/1.png", "https://a.example/2.png"
    assert len(session.plan_sweep("{a}", a=["x"], media_urls=[one, two])) == 1
    assert len(session.plan_sweep("a fox", media_urls=[[one], [one, two]])) == 2


def test_takes_ask_for_the_same_thing_again_on_purpose(session: Session) -> None:
    plan = session.plan_sweep("a fox", take=[1, 2, 3])
    assert [place.request.prompt for place in plan.places] == ["a fox"] * 3


def test_a_number_of_takes_asks_for_the_same_so_many_times(session: Session) -> None:
    plan = session.plan_sweep("a fox", take=3)
    assert plan.axes == {"take": [1, 2, 3]}
    assert [place.request.prompt for place in plan.places] == ["a fox"] * 3
    assert plan.digest == session.plan_sweep("a fox", take=[1, 2, 3]).digest


def test_takes_go_with_other_axes(session: Session) -> None:
    plan = session.plan_sweep("a {animal}", animal=["fox", "owl"], take=2)
    assert [place.request.prompt for place in plan.places] == ["a fox", "a fox", "a owl", "a owl"]


@pytest.mark.parametrize("many", [0, -1, 1001, 10**40])
def test_so_many_takes_are_refused_in_a_sentence(session: Session, many: int) -> None:
    with pytest.raises(sw.RequestInvalid, match="take is a number of takes from 1 to 1,000"):
        session.plan_sweep("a fox", take=many)


REFUSED: list[tuple[tuple[Any, ...], dict[str, Any], str]] = [
    (("a {anmal}",), {"animal": ["fox"]}, r"no variable \{anmal\}; there is \{animal\}"),
    (("a fox",), {"animal": ["fox"]}, "animal is given but not used"),
    (("a {animal}",), {"animal": []}, "animal is empty"),
    (([],), {}, "prompt is empty"),
    (("a fox",), {}, "needs something that differs"),
    ((["a", None],), {}, "no value at place 2 of 2"),
    ((["a", 5],), {}, "Prompt 2 is not text"),
    ((5,), {}, "The prompt is text or a list of texts, not int"),
    (("a {x}",), {"x": range(100), "duration": range(100)}, "10,000 combinations"),
    (("a {x}",), {"x": ["b", "b"]}, "are the same"),
    (("a {x} {y}",), {"x": ["b"], "y": [1, 2], "zip": True}, "x has 1, y has 2"),
    (("a {x}",), {"x": None, "duration": [5, 10]}, "x is None"),
    (("a",), {"axes": {"prompt": ["x"]}}, "prompt is the text itself"),
    (("a",), {"axes": {"no name": ["x"]}}, "is no name of a variable"),
]


@pytest.mark.parametrize(("texts", "given", "said"), REFUSED)
def test_what_cannot_be_a_sweep_is_refused_before_anything_is_sent(
    session: Session, api: SweepApi, texts: tuple[Any, ...], given: dict[str, Any], said: str
) -> None:
    with pytest.raises(sw.RequestInvalid, match=f"{said}.*Nothing was sent"):
        session.plan_sweep(*texts, **given)
    assert api.prompts == []


def test_a_combination_that_a_model_does_not_take_is_named_and_nothing_is_sent(session: Session, api: SweepApi) -> None:
    models = ["seedance-2.0", "seedance-2.0-fast"]
    assert len(session.plan_sweep("a fox", model=models, duration=[5, 10]).misfits) == 1
    with pytest.raises(
        sw.RequestInvalid,
        match=r"1 of 4 combinations does not fit: model=seedance-2.0-fast, duration=10: seedance-2.0-fast does not "
        r"take duration 10 s\. Nothing was sent.*skip_invalid=True",
    ):
        session.sweep("a fox", model=models, duration=[5, 10])
    assert api.prompts == []
    assert session.sweeps() == []


def test_skip_invalid_drops_what_does_not_fit_and_says_which(session: Session, api: SweepApi) -> None:
    models = ["seedance-2.0", "seedance-2.0-fast"]
    plan = session.plan_sweep("a fox", model=models, duration=[5, 10], skip_invalid=True)
    assert len(plan) == 3
    assert "Left out: model=seedance-2.0-fast, duration=10: seedance-2.0-fast does not take duration 10 s." in repr(
        plan
    )
    assert len(session.sweep(plan).wait(30).jobs) == 3
    assert len(api.prompts) == 3


def test_a_sweep_of_nothing_that_fits_is_refused(session: Session) -> None:
    with pytest.raises(sw.RequestInvalid, match="2 of 2 combinations do not fit"):
        session.sweep("a {x}", x=["b", "c"], duration=99, skip_invalid=True)


# --- sending ----------------------------------------------------------------------------------------------------------
def test_every_combination_is_sent_once_and_has_its_clip(session: Session, api: SweepApi) -> None:
    sweep = session.sweep(TEMPLATE, **ANIMALS)
    assert sweep.wait(timeout=30) is sweep
    assert sorted(api.prompts) == sorted(FOUR)
    assert [job.request.prompt for job in sweep.jobs] == FOUR
    assert all(job.clip is not None for job in sweep.jobs)
    assert sweep.status == {"succeeded": 4}
    assert (sweep.cost, sweep.unpriced) == (2.0, 0)
    assert len(sweep) == 4
    rows = session.store.sweeps.rows(sweep.id)
    assert {tuple(row.sweep_values.values()) for row in rows if row.sweep_values} == {
        ("fox", "rain"),
        ("fox", "snow"),
        ("owl", "rain"),
        ("owl", "snow"),
    }


def test_the_jobs_of_takes_know_that_they_are_takes_and_those_of_other_axes_do_not(session: Session) -> None:
    takes = session.sweep("a fox", take=3).wait(timeout=30)
    mixed = session.sweep("a {animal}", animal=["fox", "owl"], take=2).wait(timeout=30)
    once = session.sweep("a {animal}", animal=["hen", "owl"], take=1).wait(timeout=30)
    relations = [{job.relation for job in sweep.jobs} for sweep in (takes, mixed, once)]
    assert relations == [{"take"}, {"take"}, {"variation"}]
    assert {row.relation for row in session.store.sweeps.rows(takes.id)} == {"take"}


def test_a_row_of_a_table_with_takes_is_a_take(session: Session) -> None:
    sweep = session.sweep([{"prompt": "a fox", "take": 1}, {"prompt": "a fox", "take": 2}]).wait(timeout=30)
    assert {job.relation for job in sweep.jobs} == {"take"}


def test_a_tree_tells_takes_apart(session: Session) -> None:
    sweep = session.sweep("a fox", take=2).wait(timeout=30)
    tree = repr(session.tree(sweep.jobs[0]))
    assert "a fox; take 1" in tree
    assert "a fox; take 2" in tree


DIGEST_OF_TAKES = "57da1586bcaa97515ce2ce7730011f5758e9355614d746f3628aa56d2473a55a"
"""As it was before jobs knew that they are takes: a sweep that was begun goes on and is not begun anew."""


def test_the_digest_of_takes_is_what_it_was(session: Session) -> None:
    assert session.plan_sweep("a fox", take=2).digest == DIGEST_OF_TAKES


def test_the_whole_plan_is_on_the_disk_before_the_first_create(session: Session, api: SweepApi, tmp_path: Path) -> None:
    found: list[str] = []

    def look_first() -> Any:
        found.append((tmp_path / "home" / "submissions.jsonl").read_text())
        return error(400, "invalid_request")

    api.answers = dict.fromkeys(range(1, 5), look_first)
    session.sweep(TEMPLATE, **ANIMALS).wait(30)
    assert all(f'"{prompt}"' in found[0] for prompt in FOUR)
    assert '"event": "planned"' in found[0].splitlines()[0]


def test_no_more_than_at_once_run_at_the_server(session: Session, api: SweepApi) -> None:
    api.at_once = False
    sweep = session.sweep("shot {n}", n=range(7), at_once=3)
    while not sweep.settled:
        until(lambda: api.open == 3 or len(api.prompts) == 7)
        api.end()
        time.sleep(0.02)
    assert api.most_open == 3
    assert len(api.prompts) == 7


@pytest.mark.parametrize("at_once", [0, -1, 1.5, True, "4", 101])
def test_at_once_is_a_number_of_jobs(session: Session, at_once: Any) -> None:
    with pytest.raises(sw.RequestInvalid, match="at_once is a whole number from 1 to 100"):
        session.sweep("{n}", n=[1], at_once=at_once)


def test_a_job_that_fails_or_is_refused_ends_no_other(session: Session, api: SweepApi) -> None:
    api.answers = {1: error(400, "invalid_request", "not this one"), 2: CUT}
    sweep = session.sweep(TEMPLATE, **ANIMALS, at_once=1)
    sweep.wait(30)
    assert sweep.status == {"succeeded": 2, "refused": 1, "unconfirmed": 1}
    assert isinstance(sweep["fox", "rain"].error, sw.RequestRefused)
    assert isinstance(sweep["fox", "snow"].error, sw.SubmissionUncertain)


def test_no_credits_in_the_middle_stops_the_rest_and_says_so(session: Session, api: SweepApi) -> None:
    api.answers = {2: error(402, "insufficient_credits", "need 40")}
    sweep = session.sweep(TEMPLATE, **ANIMALS, at_once=1)
    with pytest.raises(sw.InsufficientCredits, match=r"need 40.*sweep.resume\(\).*sends the 3 of 4 combinations"):
        sweep.wait(30)
    assert len(api.prompts) == 2
    assert sweep.status == {"not sent": 2, "succeeded": 1, "refused": 1}
    assert "Stopped: The server refused" in str(sweep)
    sweep.resume().wait(30)
    assert sweep.status == {"succeeded": 4}
    assert api.charged == dict.fromkeys(FOUR, 1)


def test_answers_lost_one_after_the_other_stop_the_rest(session: Session, api: SweepApi) -> None:
    api.answers = dict.fromkeys(range(1, 10), CUT)
    sweep = session.sweep("shot {n}", n=range(8), at_once=1)
    with pytest.raises(sw.SubmissionUncertain, match="5 of 8 combinations"):
        sweep.wait(30)
    assert sweep.status == {"not sent": 5, "unconfirmed": 3}


def test_cancel_stops_the_rest_and_what_runs(session: Session, api: SweepApi) -> None:
    api.at_once = False
    sweep = session.sweep("shot {n}", n=range(6), at_once=2)
    until(lambda: api.open == 2)
    assert sweep.cancel() is sweep
    assert sweep.wait(30) is sweep
    assert sweep.status == {"not sent": 4, "cancelled": 2}
    assert len(api.prompts) == 2
    api.at_once = True
    assert sweep.resume().wait(30).status == {"succeeded": 4, "cancelled": 2}


def test_what_waits_for_the_rate_limit_is_not_sent_after_a_cancel(
    connect: Connect, api: SweepApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.at_once = False
    monkeypatch.setattr(schedule, "next_look_at", lambda row, *_, **__: row.created_at + 3600.0)  # looks take no turns
    sweep = connect(requests_per_minute=60).sweep("shot {n}", n=range(40), at_once=40)
    until(lambda: len(api.prompts) >= 12 and len(sweep.jobs) == 40, 30)
    until(lambda: sweep.cancel().settled, 60)
    assert set(sweep.status) == {"cancelled", "not sent"}
    assert sweep.status["cancelled"] == len(api.prompts) < 40


def test_jobs_come_as_they_end(session: Session, api: SweepApi) -> None:
    api.at_once = False
    sweep = session.sweep("shot {n}", n=range(3), at_once=1)
    seen = []
    until(lambda: api.open == 1)
    api.end()
    for job in sweep:
        seen.append(job.request.prompt)
        if len(seen) < 3:
            until(lambda: api.open == 1)
            api.end()
    assert seen == ["shot 0", "shot 1", "shot 2"]
    assert [job.request.prompt for job in sweep] == seen


def test_a_sweep_can_be_awaited_and_iterated_in_async_code(session: Session) -> None:
    async def main() -> tuple[Any, list[str]]:
        sweep = session.sweep(TEMPLATE, **ANIMALS)
        ended = [job.status async for job in sweep]
        return await sweep, ended

    sweep, ended = asyncio.run(main())
    assert sweep.status == {"succeeded": 4}
    assert ended == ["succeeded"] * 4


def test_waiting_for_everything_waits_for_what_a_sweep_has_not_sent_yet(session: Session, api: SweepApi) -> None:
    sweep = session.sweep("shot {n}", n=range(6), at_once=1)
    sw.wait_all(timeout=30, sessions=[session])
    assert sweep.status == {"succeeded": 6}


def test_a_wait_ends_at_its_deadline_and_the_sweep_goes_on(session: Session, api: SweepApi) -> None:
    api.at_once = False
    sweep = session.sweep("shot {n}", n=range(2))
    with pytest.raises(sw.WaitTimeout, match="It goes on"):
        sweep.wait(timeout=0.3)
    until(lambda: api.open == 2)
    api.end()
    assert sweep.wait(30).status == {"succeeded": 2}


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_an_interrupt_ends_the_waiting_and_not_the_sweep(session: Session, api: SweepApi) -> None:
    api.at_once = False
    sweep = session.sweep("shot {n}", n=range(4), at_once=2)
    main = threading.get_ident()
    threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        sweep.wait()
    api.at_once = True
    api.end()
    assert sweep.wait(30).status == {"succeeded": 4}


# --- finding ----------------------------------------------------------------------------------------------------------
def test_a_job_is_found_by_its_values(session: Session) -> None:
    sweep = session.sweep(TEMPLATE, **ANIMALS, duration=[5]).wait(30)
    job = sweep.job(animal="owl", weather="rain")
    assert job.request.prompt == "a owl in rain"
    assert sweep["owl", "rain"] is sweep["owl", "rain", 5] is sweep["owl", "rain", "5"] is job
    for found, said in [
        (lambda: sweep["owl"], "2 combinations have animal=owl"),
        (lambda: sweep["cat", "rain"], "No animal is 'cat'; there is fox, owl"),
        (lambda: sweep.job(colour="red"), "no axis 'colour'; it has animal, weather, duration"),
        (lambda: sweep["a", "b", "c", "d"], "The sweep has 3 axes"),
    ]:
        with pytest.raises(sw.JobNotFound, match=said):
            found()


def test_sweeps_are_found_by_name_by_id_and_listed(session: Session) -> None:
    first = session.sweep("{n}", n=[1], name="hero shots").wait(30)
    second = session.sweep("{n}", n=[2]).wait(30)
    assert session.sweep_of("hero shots") is session.sweep_of(first.id) is first
    assert session.sweep_of(second.id[:6]) is second
    assert session.sweeps() == [second, first]
    with pytest.raises(sw.JobNotFound, match="no sweep 'x'"):
        session.sweep_of("x")


# --- showing ----------------------------------------------------------------------------------------------------------
def test_a_sweep_shows_how_each_combination_stands(session: Session) -> None:
    sweep = session.sweep(TEMPLATE, **ANIMALS, name="<i>it</i>").wait(30)
    text, html = str(sweep), sweep._repr_html_()
    assert text.startswith("Sweep <i>it</i>: 4 succeeded")
    assert "Sent so far: $2.00 (estimate)." in text
    assert sweep["owl", "rain"].id in text
    assert "<i>" not in html
    assert repr(sweep) == "<Sweep <i>it</i>: 4 jobs, 4 succeeded>"


def test_a_grid_shows_it_where_there_is_one(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[object] = []
    monkeypatch.setattr(presenters, "present_sweep", shown.append)
    monkeypatch.setattr("seedance_widgets.notebook.environment.is_watched", lambda: True)
    sweep = session.sweep("{n}", n=[1]).wait(30)
    sweep._ipython_display_()
    assert shown == [sweep]


def test_without_pandas_a_frame_says_what_to_do(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(sw.PackageMissing, match=r"pandas is not installed.*sweep\.jobs"):
        session.sweep("{n}", n=[1]).to_frame()


def test_the_rows_of_a_frame_hold_every_combination(session: Session, api: SweepApi) -> None:
    from seedance_widgets.sweep.dataframe import records_of

    api.answers = {2: error(402, "insufficient_credits")}
    sweep = session.sweep("a {animal}", animal=["fox", "owl", "cat"], duration=[5], at_once=1)
    with pytest.raises(sw.InsufficientCredits):
        sweep.wait(30)
    rows = records_of(sweep)
    assert [row["animal"] for row in rows] == ["fox", "owl", "cat"]
    assert [row["status"] for row in rows] == ["succeeded", "refused", "not sent"]
    assert [row["duration"] for row in rows] == [5, 5, 5]
    assert rows[0]["credits"] == 40
    assert rows[2]["job"] is None
    assert "InsufficientCredits" not in str(rows[1]["error"])


def test_a_frame_has_types_that_make_sense(session: Session) -> None:
    pd = pytest.importorskip("pandas")
    frame = session.sweep("a {animal}", animal=["fox", "owl"], duration=[5, 10]).wait(30).to_frame()
    assert frame.shape[0] == 4
    assert str(frame["duration"].dtype) == "Int64"
    assert str(frame["credits"].dtype) == "Int64"
    assert str(frame["cost_usd"].dtype) == "float64"
    assert isinstance(frame["created_at"].dtype, pd.DatetimeTZDtype)


def test_a_column_of_pandas_is_a_list_of_prompts(session: Session) -> None:
    pd = pytest.importorskip("pandas")
    assert len(session.plan_sweep(pd.Series(["a", "b"]), duration=pd.Series([5, 10]))) == 4


def test_a_column_of_polars_is_a_list_of_prompts(session: Session) -> None:
    pl = pytest.importorskip("polars")
    assert len(session.plan_sweep(pl.Series(["a", "b"]), duration=pl.Series([5, 10]))) == 4


# --- with the simulator -----------------------------------------------------------------------------------------------
def test_the_simulator_makes_a_sweep_of_real_clips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    try:
        sweep = session.sweep(
            "a {animal}", animal=["fox", "owl"], duration=4, resolution="480p", model="seedance-2.0-fast"
        ).wait(60)
        assert sweep.status == {"succeeded": 2}
        assert all(job.clip is not None and job.clip.path.exists() for job in sweep.jobs)
    finally:
        session.close()
