"""Where the news of a job goes is never hidden: the address of its webhook stands on the card and in the plan."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

import seedance_widgets as sw
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.card.view import card_view

HOOK = "https://hooks.example/seedance"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


def test_the_card_shows_the_address_of_a_webhook_without_what_signs_it(session: Session) -> None:
    job = session.submit("A boat", webhook_url=f"{HOOK}?sig=secret&v=1")
    assert ("Webhook", f"webhook {HOOK}?v=1") in card_view(job, 1)["options"]


def test_the_plan_of_a_sweep_shows_every_webhook(session: Session) -> None:
    plan = session.plan_sweep("a {n}", n=[1, 2], webhook_url=f"{HOOK}?sig=secret")
    assert f"Webhook: {HOOK}." in repr(plan)
    assert HOOK in plan._repr_html_()
    assert "secret" not in repr(plan)


def test_the_plan_of_a_job_shows_it(session: Session) -> None:
    assert session.plan("A boat", webhook_url=HOOK).body["webhookUrl"] == HOOK


def test_the_price_of_media_is_said_to_be_counted_in_the_plan(session: Session) -> None:
    plan = session.plan_sweep("a {n}", n=[1, 2], media_urls="https://a.example/1.png")
    assert "names no price for media" in repr(plan)
    assert "names no price for media" in session.plan("A boat", media_urls="https://a.example/1.png").cost_note


def test_the_costs_of_sweeps_are_by_their_names(session: Session) -> None:
    session.sweep("a {n}", n=["fox", "owl"], name="animals").wait(timeout=40)
    unnamed = session.sweep("b {n}", n=["fox", "owl"]).wait(timeout=40)
    assert {line.name for line in session.costs("sweep")} == {"animals", unnamed.id}
