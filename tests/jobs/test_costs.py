"""What was spent, by day, model, sweep and notebook; what failed and was cancelled stands apart."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import seedance_widgets as sw
from seedance_widgets.errors import SeedanceError
from seedance_widgets.jobs.costs import off_text
from seedance_widgets.life import Removed, Row
from seedance_widgets.session.session import Session

DAY = time.mktime((2026, 11, 20, 12, 0, 0, 0, 0, -1))


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


@pytest.fixture
def spend(session: Session, row_of: Callable[..., Row], request_of: Any) -> Callable[..., None]:
    """Accepted jobs of half a dollar and 40 credits."""
    numbers = iter(range(1000))

    def put(many: int = 1, **changes: Any) -> None:
        asked = {name: changes.pop(name) for name in ("model", "prompt") if name in changes}
        plain = {"status": "succeeded", "request_id": "r", "clip_path": "/c.mp4", "created_at": DAY, "cost_usd": 0.5}
        rows = [
            row_of(id=f"job{next(numbers)}", request=request_of(**asked), **({"credits_charged": 40} | plain | changes))
            for _ in range(many)
        ]
        session.store.add_all(rows)

    return put


def test_days_come_in_order_with_everything_added_up(session: Session, spend: Callable[..., None]) -> None:
    spend(2)
    spend(created_at=DAY - 86400, cost_usd=0.25, credits_charged=None)
    spend(status="processing", created_at=DAY + 60)
    first, second = session.costs()
    assert (first.name, first.jobs, first.estimated_usd, first.credits_charged) == ("2026-11-19", 1, 0.25, 0)
    assert (second.name, second.jobs, second.estimated_usd, second.credits_charged) == ("2026-11-20", 3, 1.5, 120)


def test_a_day_is_a_day_where_the_kernel_runs(session: Session, spend: Callable[..., None]) -> None:
    midnight = time.mktime((2026, 11, 20, 0, 0, 0, 0, 0, -1))
    spend(created_at=midnight - 1)
    spend(created_at=midnight)
    assert [line.name for line in session.costs()] == ["2026-11-19", "2026-11-20"]


def test_failed_and_cancelled_jobs_stand_apart_and_refused_ones_cost_nothing(
    session: Session, spend: Callable[..., None]
) -> None:
    spend()
    spend(2, status="failed")
    spend(status="cancelled", credits_charged=0)
    spend(3, status="failed", request_id=None, credits_charged=None)
    spend(status="unconfirmed", request_id=None, credits_charged=None, clip_path=None)
    (line,) = session.costs()
    assert (line.jobs, line.estimated_usd) == (2, 1.0)
    assert (line.failed, line.failed_usd, line.failed_credits) == (2, 1.0, 80)
    assert (line.cancelled, line.cancelled_usd) == (1, 0.5)
    assert line.not_charged == 3
    assert line.total_usd == 2.5
    assert session.costs().total.total_usd == 2.5


def test_a_price_that_is_not_known_is_counted_and_is_not_nothing(session: Session, spend: Callable[..., None]) -> None:
    spend(2, cost_usd=None, credits_charged=None)
    (line,) = session.costs()
    assert (line.jobs, line.unknown, line.estimated_usd) == (2, 2, 0.0)
    assert "price unknown" in repr(session.costs())


def test_jobs_are_added_up_by_model_sweep_and_notebook(session: Session, spend: Callable[..., None]) -> None:
    spend(3, sweep_id="foxes", notebook="/films/me/film/one.ipynb")
    spend(model="seedance-2.0-fast", cost_usd=None, notebook=None)
    assert [line.name for line in session.costs("model")] == ["seedance-2.0", "seedance-2.0-fast"]
    assert [line.name for line in session.costs("sweep")] == ["foxes", "no sweep"]
    assert [line.name for line in session.costs("notebook")] == ["film/one.ipynb", "no notebook"]


def test_only_the_time_that_was_asked_for_counts(session: Session, spend: Callable[..., None]) -> None:
    for days in range(4):
        spend(created_at=DAY - days * 86400)
    found = session.costs(since="2026-11-18", until="2026-11-19")
    assert [line.name for line in found] == ["2026-11-18", "2026-11-19"]


def test_a_deleted_job_still_counts(session: Session, spend: Callable[..., None]) -> None:
    spend()
    session.store.apply("job0", Removed(DAY))
    assert session.costs().total.estimated_usd == 0.5


@pytest.mark.parametrize("by", ["week", "", None, "day; DROP TABLE jobs"])
def test_another_group_is_one_sentence(session: Session, by: Any) -> None:
    with pytest.raises(SeedanceError, match="by=day, model, sweep, notebook"):
        session.costs(by)


def test_when_credits_are_known_the_estimate_says_how_far_it_was_off(
    session: Session, spend: Callable[..., None]
) -> None:
    spend(9)
    spend(2, model="seedance-1.5-pro", cost_usd=0.52)
    spend(2, model="seedance-2.0-fast", credits_charged=64)
    costs = session.costs("model")
    assert costs.usd_per_credit == pytest.approx(0.0125)
    said = {line.name: off_text(line.off) for line in costs}
    assert said == {
        "seedance-2.0": "as charged",
        "seedance-1.5-pro": "usually 4 % above",
        "seedance-2.0-fast": "usually 38 % below",
    }
    assert "A credit has cost about $0.0125 in most of 13 jobs." in repr(costs)
    fast = next(line for line in costs if line.name == "seedance-2.0-fast")
    assert fast.charged_usd == pytest.approx(1.6)


def test_too_few_jobs_tell_nothing_about_the_price_of_a_credit(session: Session, spend: Callable[..., None]) -> None:
    spend(2)
    costs = session.costs()
    assert costs.usd_per_credit is None
    assert costs[0].off is None
    assert "estimate was" not in repr(costs)


def test_it_shows_as_a_table_with_bars_in_text_and_a_labelled_chart_in_html(
    session: Session, spend: Callable[..., None]
) -> None:
    spend(4)
    spend(created_at=DAY - 86400)
    spend(created_at=DAY - 86400, status="failed")
    text, html = repr(session.costs()), session.costs()._repr_html_()
    lines = text.splitlines()
    assert lines[3].count("█") == 20
    assert lines[2].count("█") == 10
    assert "In all $3.00 (estimate) and 240 credits charged." in text
    assert 'role="img"' in html
    assert 'aria-label="Estimated cost by day: 3.00 US dollars in all."' in html
    assert html.count("<rect") == 4
    assert "grey: failed or cancelled" in html
    assert "var(--jp-brand-color1" in html
    assert "$" not in re.sub(r"<(span|tspan)>\$</\1>", "", html)  # a page would make LaTeX of two of them


def test_without_any_jobs_it_says_so(session: Session) -> None:
    assert repr(session.costs()) == "Nothing was spent here."
    assert "<svg" not in session.costs()._repr_html_()


def test_hostile_names_are_text_in_table_and_chart(session: Session, spend: Callable[..., None]) -> None:
    spend(notebook="/n/<img src=x onerror=alert(1)>\x1b[31m.ipynb", sweep_id="</svg><script>$a$")
    for by in ("notebook", "sweep"):
        html, text = session.costs(by)._repr_html_(), repr(session.costs(by))
        assert "<img" not in html
        assert "<script" not in html
        assert html.count("</svg>") == 1
        assert "\x1b" not in html + text


def test_a_frame_of_costs_has_numbers(session: Session, spend: Callable[..., None]) -> None:
    pytest.importorskip("pandas")
    spend(3)
    frame = session.costs("model").to_frame()
    assert str(frame.dtypes["estimated_usd"]) == "Float64"
    assert str(frame.dtypes["jobs"]) == "Int64"
    assert frame["estimated_usd"].sum() == 1.5
    assert frame["name"].tolist() == ["seedance-2.0"]


def test_the_simulator_charges_as_it_estimates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, session: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for number in range(3):
        session.submit(f"Boat {number}", duration=5, resolution="720p", model="seedance-2.0")
    (line,) = session.costs("model")
    assert (line.jobs, line.estimated_usd, line.credits_charged) == (3, 1.5, 120)
    assert off_text(line.off) == "as charged"
