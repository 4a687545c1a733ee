"""The price that was shown is the price that is sent: what rose since is asked about anew."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import until
from sweeping import SweepApi, api

import seedance_widgets as sw
from seedance_widgets.life.plan import has_risen
from seedance_widgets.session.session import Session

__all__ = ["api"]

KEY = "sd2_live_do_not_show_me_4711"
ANIMALS = ["fox", "owl", "cat"]


@pytest.fixture
def session(api: SweepApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.connect(KEY, api.server.url, tmp_path / "home", requests_per_minute=60_000)
    session.models()
    yield session
    session.close()


# --- one job ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("price", "now_usd"), [(20, 100.0), (None, None), (-1, None), ("abc", None), (True, None)])
def test_a_plan_that_costs_more_by_now_is_not_sent(
    session: Session, api: SweepApi, price: Any, now_usd: float | None
) -> None:
    """Asked for $1.50, sent for $300."""
    plan = session.plan("A boat", duration=5)
    api.price = price
    with pytest.raises(sw.PriceChanged, match=r"Nothing was sent, nothing was charged") as caught:
        session.submit(plan)
    assert (caught.value.shown_usd, caught.value.now_usd) == (0.5, now_usd)
    assert api.prompts == []
    assert session.count() == 0


def test_the_plan_of_the_error_is_sent_at_the_price_of_now(session: Session, api: SweepApi) -> None:
    plan = session.plan("A boat", duration=5)
    api.price = 0.2
    with pytest.raises(sw.PriceChanged) as caught:
        session.submit(plan)
    assert isinstance(caught.value.plan, sw.Plan)
    assert session.submit(caught.value.plan).cost == 1.0


@pytest.mark.parametrize("price", [0.1, 0.05])
def test_a_price_that_fell_or_stayed_is_sent(session: Session, api: SweepApi, price: float) -> None:
    plan = session.plan("A boat", duration=5)
    api.price = price
    assert session.submit(plan).cost == price * 5


def test_a_plain_submit_showed_no_price(session: Session, api: SweepApi) -> None:
    session.plan("A boat", duration=5)
    api.price = 20
    session.submit("A boat", duration=5)
    assert api.prompts == ["A boat"]


def test_a_plan_whose_price_was_unknown_when_it_was_shown_is_sent(session: Session, api: SweepApi) -> None:
    plan = session.plan("A boat", model="seedance-2.0-fast")
    assert plan.cost_usd is None
    session.submit(plan)
    assert api.prompts == ["A boat"]


def test_a_plan_takes_no_options_beside_it(session: Session, api: SweepApi) -> None:
    with pytest.raises(sw.RequestInvalid, match="A plan has its options; duration cannot be added"):
        session.submit(session.plan("A boat"), duration=10)
    assert api.prompts == []


def test_what_a_page_rounds_otherwise_has_not_risen() -> None:
    assert not has_risen(0.1234, 0.1235)
    assert has_risen(0.1234, 0.1236)
    assert not has_risen(None, 300.0)


# --- a sweep ----------------------------------------------------------------------------------------------------------
def test_a_plan_of_a_sweep_that_costs_more_by_now_sends_nothing(session: Session, api: SweepApi) -> None:
    plan = session.plan_sweep("a {animal}", animal=ANIMALS)
    api.price = 20
    with pytest.raises(sw.PriceChanged) as caught:
        session.sweep(plan)
    assert (caught.value.shown_usd, caught.value.now_usd) == (1.5, 300.0)
    assert api.prompts == []
    assert session.sweeps() == []
    again = caught.value.plan
    assert isinstance(again, sw.SweepPlan)
    session.sweep(again).wait(timeout=30)
    assert len(api.prompts) == 3


def test_a_plan_of_a_sweep_that_costs_less_by_now_is_sent(session: Session, api: SweepApi) -> None:
    plan = session.plan_sweep("a {animal}", animal=ANIMALS)
    api.price = 0.05
    assert session.sweep(plan).wait(timeout=30).cost == 0.75


def test_a_yes_in_the_grid_is_a_yes_to_the_price_that_was_asked_about(session: Session, api: SweepApi) -> None:
    from seedance_widgets.sweep import keep

    plan = session.plan_sweep("a {animal}", animal=ANIMALS)
    sweep = keep(session.registry, plan)
    sweep.asking.ask(plan.places)
    question = sweep.asking.question
    assert question is not None
    api.price = 20
    with pytest.raises(sw.PriceChanged):
        sweep.asking.send(question.id)
    assert api.prompts == []
    anew = sweep.asking.question
    assert anew is not None
    assert anew.id != question.id
    assert "$300.00" in anew.text
    sweep.asking.send(anew.id)
    sweep.wait(timeout=30)
    assert len(api.prompts) == 3


def test_a_price_that_rises_while_a_sweep_is_sent_stops_the_rest(session: Session, api: SweepApi) -> None:
    """The list is asked for anew after an hour."""
    plan = session.plan_sweep("a {animal}", animal=ANIMALS)
    api.at_once = False
    sweep = session.sweep(plan, at_once=1)
    until(lambda: len(api.prompts) == 1)
    api.price = 20
    session.models(refresh=True)
    api.end()
    with pytest.raises(sw.PriceChanged, match="2 of 3 combinations"):
        sweep.wait(timeout=30)
    assert len(api.prompts) == 1
    api.at_once = True
    sweep.resume().wait(timeout=30)  # which shows no price
    assert len(api.prompts) == 3
