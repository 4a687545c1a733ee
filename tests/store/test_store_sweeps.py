"""Sweeps in the history: a plan is kept whole, and each of its places is taken once."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from samples import NOW, Clock

from seedance_widgets.errors import SentBefore
from seedance_widgets.life import (
    Acknowledged,
    Discarded,
    Looked,
    NotSent,
    Refused,
    Removed,
    Row,
    Uncertain,
    kept_values_of,
)
from seedance_widgets.store import Store, Trail
from seedance_widgets.store.schema import jobs
from seedance_widgets.types import Generation, Problem, SweepRow

MakeRow = Callable[..., Row]

NO = Problem(code="no", message="no")
SWEEP = SweepRow(
    id="s1",
    service="simulator",
    name="weather",
    digest="d1",
    created_at=NOW,
    plan={"axes": {"animal": ["fox", "猫"]}, "n": 1},
    notebook="/a.ipynb",
)


@pytest.fixture
def store(place: Path | str, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = Store(place, trail=tmp_path / "submissions.jsonl", clock=clock)
    yield store
    store.close()


def combination(row_of: MakeRow, job_id: str, animal: str = "fox", sweep_id: str = "s1") -> Row:
    return row_of(id=job_id, sweep_id=sweep_id, sweep_values={"animal": animal})


def test_a_plan_comes_back_as_it_was_kept(store: Store) -> None:
    assert store.sweeps.add(SWEEP) == SWEEP
    assert store.sweeps.get("s1") == SWEEP
    assert store.sweeps.get("s2") is None
    assert [*store.sweeps.find("simulator", "weather"), *store.sweeps.find("simulator", "s")] == [SWEEP, SWEEP]
    assert store.sweeps.find("https://elsewhere", "weather") == []
    assert store.sweeps.all("simulator", 10) == [SWEEP]


def test_a_plan_is_forced_to_the_paper_trail_before_the_database(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.count()
    seen: list[tuple[str, SweepRow | None]] = []

    def watched(file: int) -> None:
        seen.append((json.loads((tmp_path / "submissions.jsonl").read_text())["event"], store.sweeps.get("s1")))

    monkeypatch.setattr("seedance_widgets.store.trail.os.fsync", watched)
    store.sweeps.add(SWEEP)
    assert seen == [("planned", None)]


def test_the_first_plan_of_an_id_stays(store: Store, place: Path | str) -> None:
    store.sweeps.add(SWEEP)
    other = Store(place)
    assert (
        other.sweeps.add(SweepRow(id="s1", service="simulator", name="x", digest="d2", created_at=1, plan={})) == SWEEP
    )
    other.close()


def test_a_rebuilt_history_has_plans_and_places(row_of: MakeRow, tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    store.sweeps.add(SWEEP)
    store.add(combination(row_of, "aaaa2345"))
    store.close()
    os.unlink(tmp_path / "history.db")
    assert store.sweeps.get("s1") == SWEEP
    assert [row.sweep_values for row in store.sweeps.rows("s1")] == [{"animal": "fox"}]
    assert Trail(tmp_path / "submissions.jsonl").sweeps() == [SWEEP]
    store.close()


@pytest.mark.parametrize(
    "events", [[], [Acknowledged(NOW, "req_1")], [Uncertain(NOW, NO)]], ids=["being sent", "accepted", "unconfirmed"]
)
def test_a_place_that_is_taken_is_not_taken_again(
    store: Store, row_of: MakeRow, events: list[Acknowledged | Uncertain]
) -> None:
    store.sweeps.add(SWEEP)
    store.add(combination(row_of, "aaaa2345"))
    for event in events:
        store.apply("aaaa2345", event)
    with pytest.raises(SentBefore, match=r"as job aaaa2345\. Nothing was sent"):
        store.add(combination(row_of, "bbbb2345"))
    assert store.get("bbbb2345") is None
    store.add(combination(row_of, "cccc2345", "猫"))
    store.add(combination(row_of, "dddd2345", sweep_id="s2"))
    assert [row.id for row in store.sweeps.rows("s1")] == ["aaaa2345", "cccc2345"]


@pytest.mark.parametrize(
    "events",
    [[Refused(NOW, NO)], [NotSent(NOW, NO)], [Uncertain(NOW, NO), Discarded(NOW)]],
    ids=["refused", "not sent", "discarded"],
)
def test_a_row_that_the_server_never_accepted_takes_no_place(
    store: Store, row_of: MakeRow, events: list[Refused | NotSent | Uncertain | Discarded]
) -> None:
    store.sweeps.add(SWEEP)
    store.add(combination(row_of, "aaaa2345"))
    for event in events:
        store.apply("aaaa2345", event)
    store.add(combination(row_of, "bbbb2345"))
    assert len(store.sweeps.rows("s1")) == 2


# --- what 0.1.0 wrote -------------------------------------------------------------------------------------------------
LINK = "https://bucket.example/fox.png"
SIGNED = f"{LINK}?X-Amz-Signature=s1gn4tur3"


def written_raw(store: Store, job_id: str, values: dict[str, Any]) -> None:
    """0.1.0 kept what signs a link, and all values of a deleted job."""
    told = json.dumps(values, ensure_ascii=False)
    store._write(
        lambda connection: connection.execute(sa.update(jobs).values(sweep_values=told).where(jobs.c.id == job_id))
    )


@pytest.mark.parametrize(
    "values",
    [{"media_urls": [SIGNED]}, {"picture": SIGNED}, {"metadata": {"from": SIGNED}}, {"n": 5, "path": "/fox.png?sig=1"}],
    ids=["option", "variable", "metadata", "path"],
)
@pytest.mark.parametrize("deleted", [False, True])
def test_a_place_whose_values_hold_a_signature_is_not_taken_again(
    store: Store, row_of: MakeRow, values: dict[str, Any], deleted: bool
) -> None:
    """The values were compared letter by letter: the place was sent, and paid for, once more."""
    store.sweeps.add(SWEEP)
    store.add(row_of(id="aaaa2345", sweep_id="s1", sweep_values=values))
    store.apply("aaaa2345", Acknowledged(NOW, "req_1"))
    if deleted:
        store.apply("aaaa2345", Looked(NOW, Generation(request_id="req_1", status="cancelled")))
        store.apply("aaaa2345", Removed(NOW))
    written_raw(store, "aaaa2345", values)
    (row,) = store.sweeps.rows("s1")
    assert row.stands_in(kept_values_of(values))
    for anew in (values, kept_values_of(values), json.loads(json.dumps(values).replace("s1gn4tur3", "other"))):
        with pytest.raises(SentBefore, match="as job aaaa2345"):
            store.add(row_of(id="bbbb2345", sweep_id="s1", sweep_values=anew))
    other = json.loads(json.dumps(values).replace("fox", "owl"))
    assert store.add(row_of(id="cccc2345", sweep_id="s1", sweep_values=other)).id == "cccc2345"
