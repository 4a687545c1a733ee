"""Several takes in a Studio: one click, one sweep, at the price that the page showed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from samples import until
from studio_page import MakeStudio, Page

import seedance_widgets as sw
from seedance_widgets.session.session import Session


@pytest.fixture
def page(connect: Callable[..., Session], studio_of: MakeStudio) -> Page:
    page = studio_of(connect(), prompt="A boat")
    until(lambda: page.studio.view.get("state") == "ready")
    return page


def takes(page: Page, many: Any, shown_usd: float | None = 1.0, **changes: Any) -> dict[str, Any]:
    """The outcome of a click on Generate with so many takes."""
    force = bool(changes.pop("force", False))
    request = page.request(**changes)
    return page.outcome(page.post("submit", request=request, takes=many, shown_usd=shown_usd, force=force))


def test_one_click_is_one_sweep_of_the_same_request_braces_and_all(page: Page, service: Any) -> None:
    outcome = takes(page, 3, 1.5, prompt="A {boat}", duration=5)
    assert (outcome["job_id"], outcome["problem"]) == (None, None)
    sweep = page.studio.session.sweep_of(outcome["sweep_id"])
    until(lambda: len(service.creates) == 3)
    until(lambda: all(job.request_id for job in sweep.jobs))
    assert {(job.request.prompt, job.request.duration) for job in sweep.jobs} == {("A {boat}", 5)}
    assert sweep.axes == {"take": [1, 2, 3]}


def test_another_click_makes_other_takes(page: Page, service: Any) -> None:
    first = takes(page, 2)
    second = takes(page, 2, force=True)
    assert first["sweep_id"] != second["sweep_id"]
    until(lambda: len(service.creates) == 4)


def test_the_same_soon_after_is_asked_about(page: Page, service: Any) -> None:
    takes(page, 2)
    until(lambda: len(service.creates) == 2)
    assert "Send it again?" in takes(page, 2)["ask"]
    assert len(service.creates) == 2


def test_takes_that_cost_more_than_was_shown_are_not_sent(page: Page, service: Any) -> None:
    outcome = takes(page, 2, 0.1, duration=5)  # they cost $1.00
    assert outcome["problem"]["title"] == "The price has changed"
    assert service.creates == []


def test_takes_that_together_pass_a_cap_are_not_sent_although_one_alone_would_be(page: Page, service: Any) -> None:
    page.studio.session.caps = sw.Caps(per_job_usd=0.6, per_day_usd=1.2)
    outcome = takes(page, 3, 1.5, duration=5)
    assert outcome["problem"]["title"] == "Over the cap"
    assert service.creates == []
    takes(page, 2, 1.0, duration=5)
    until(lambda: len(service.creates) == 2)


@pytest.mark.parametrize("many", [0, -1, 5, 10**9, True, "3", None, 2.0])
def test_a_number_that_no_page_sends_is_one_job(page: Page, many: Any) -> None:
    outcome = takes(page, many)
    assert outcome["job_id"]
    assert outcome["sweep_id"] is None


def test_the_page_gets_their_grid_for_its_stage_until_another_job_is_chosen(page: Page) -> None:
    outcome = takes(page, 2)
    page.post("takes", sweep_id=outcome["sweep_id"])
    grid = until(lambda: page.studio.takes)
    assert page.studio.get_state("takes") == {"takes": f"IPY_MODEL_{grid.model_id}"}
    sweep = page.studio.session.sweep_of(outcome["sweep_id"])
    until(lambda: [job.id for job in grid.jobs] == [job.id for job in sweep.jobs] != [])
    page.write(selected=sweep.jobs[0].id)
    until(lambda: page.studio.takes is None and grid.comm is None)


def test_takes_of_no_sweep_are_said_to_be_none(page: Page) -> None:
    outcome = page.outcome(page.post("takes", sweep_id="nothing"))
    assert outcome["problem"]["what"] == "There is no sweep 'nothing'."
    assert page.studio.takes is None
