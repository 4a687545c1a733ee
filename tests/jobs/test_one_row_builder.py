"""A request becomes a checked, priced row in one place, whoever sends it: a call, a sweep or the Studio."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import seedance_widgets as sw
from seedance_widgets.request.check import checked_usd, make_request
from seedance_widgets.request.models import BUNDLED_MODELS

PACKAGE = Path(sw.__file__).parent


def calls_of(name: str) -> set[str]:
    """The files in which a function or class of this name is called, however it is reached."""
    return {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == name
    }


@pytest.mark.parametrize(
    ("options", "usd"),
    [({"duration": 5}, True), ({"duration": 10, "resolution": "1080p"}, True), ({"model": "seedance-1.5-pro"}, None)],
)
def test_a_checked_request_has_the_price_of_the_same_models(options: Mapping[str, Any], usd: bool | None) -> None:
    cost_usd = checked_usd(make_request("A boat", options), BUNDLED_MODELS)
    assert cost_usd is None if usd is None else cost_usd is not None and cost_usd > 0


def test_what_its_model_does_not_take_has_no_price() -> None:
    with pytest.raises(sw.RequestInvalid) as refused:
        checked_usd(make_request("A boat", {"duration": 7_000}), BUNDLED_MODELS)
    assert refused.value.field == "duration"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sw.Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(home=tmp_path / "home", speed=1_000_000)
    yield session
    session.close()


def test_a_call_a_sweep_and_a_plan_make_rows_that_differ_only_in_where_they_come_from(session: sw.Session) -> None:
    called = session.submit("A boat", duration=10).row
    planned = session.submit(session.plan("A boat", duration=10)).row
    sweep = session.sweep("A {what}", what=["boat"], duration=10)
    sweep.wait(timeout=30)
    swept = sweep.jobs[0].row
    for name in ("service", "request", "cost_usd", "folder", "notebook", "session_id"):
        assert getattr(called, name) == getattr(planned, name) == getattr(swept, name), name
    assert called.cost_usd == checked_usd(called.request, session.known_models())
    assert (called.sweep_id, swept.sweep_id) == (None, sweep.id)


def test_a_new_row_has_the_price_that_was_shown_until_it_is_priced_again(session: sw.Session) -> None:
    plan = session.plan("A boat", duration=10)
    row = session.engine.new_row(plan.request, plan.cost_usd)
    assert plan.cost_usd is not None
    assert (row.status, row.cost_usd, row.session_id) == ("submitting", plan.cost_usd, session.id)


def test_prices_and_new_rows_are_made_in_one_place_each() -> None:
    assert calls_of("price_usd") == {
        "request/check.py",
        "simulator/prices.py",  # the pretended API charges by the same list
        "sweep/plan.py",  # a plan that was checked, at the prices of today
    }
    assert {path for path in calls_of("Row") if not path.startswith("widgets/")} == {
        "jobs/engine.py",
        "life/changes.py",  # a second acceptance, which is a job that nobody asked for
        "store/schema.py",
        "store/trail.py",
    }
