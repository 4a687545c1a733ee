"""A team's history in PostgreSQL: two people with folders of their own, one set of jobs, one cap of the day."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import team_database
from accepting import HALF, KEY, Api
from samples import Clock
from scripted import ScriptedServer

import seedance_widgets as sw
from seedance_widgets.life import Row
from seedance_widgets.store import LEASE_S, Store

MakeRow = Callable[..., Row]


@pytest.fixture
def api() -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server)


@pytest.fixture
def person(
    api: Api, team_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., sw.Session]]:
    """A session of someone of the team."""
    monkeypatch.setenv("SEEDANCE_DATABASE_URL", team_address.replace("postgresql+psycopg", "postgresql"))
    monkeypatch.chdir(tmp_path)
    sessions: list[sw.Session] = []

    def make(name: str, **caps: float) -> sw.Session:
        sessions.append(sw.connect(api_key=KEY, base_url=api.server.url, home=tmp_path / name, **caps))
        return sessions[-1]

    yield make
    for session in sessions:
        session.close()


def test_a_job_of_one_person_is_a_job_of_all(person: Callable[..., sw.Session]) -> None:
    ann, bob = person("ann"), person("bob")
    job = ann.submit("A paper boat", **HALF)
    assert [seen.id for seen in bob.jobs(text="paper")] == [job.id]
    bob.job(job.id[:6]).mark(starred=True, tags=["hero"])
    assert [seen.id for seen in ann.jobs(starred=True, tag="HERO")] == [job.id]
    assert bob.count() == 1


def test_a_cap_of_the_day_holds_for_all(person: Callable[..., sw.Session], api: Api) -> None:
    ann, bob = person("ann", cap_per_day_usd=1.2), person("bob", cap_per_day_usd=1.2)
    ann.submit("one", **HALF)
    bob.submit("two", **HALF)
    with pytest.raises(sw.CapExceeded):
        ann.submit("three", **HALF)
    assert api.creates == 2


@pytest.mark.parametrize("by", ["day", "model", "sweep", "notebook"])
def test_costs_are_added_up_in_every_way(person: Callable[..., sw.Session], by: str) -> None:
    ann = person("ann")
    ann.submit("one", **HALF)
    ann.submit("two", **HALF)
    (line,) = ann.costs(by)
    assert (line.jobs, line.estimated_usd) == (2, 1.0)


def test_a_sweep_of_one_person_is_found_by_another_and_not_sent_again(
    person: Callable[..., sw.Session], api: Api
) -> None:
    ann, bob = person("ann"), person("bob")
    sweep = ann.sweep("a {animal}", animal=["fox", "owl"], name="animals", **HALF)
    for job in sweep.jobs:
        job.wait_accepted()
    theirs = bob.sweep_of("animals").resume()
    assert sorted(job.request.prompt for job in theirs.jobs) == ["a fox", "a owl"]
    assert api.creates == 2


def test_a_job_whose_kernel_died_is_looked_after_by_another_person(
    team_address: str, row_of: MakeRow, clock: Clock
) -> None:
    ann, bob = (Store(team_address, clock=clock, awake=clock) for _ in range(2))
    ann.add(row_of(status="queued", request_id="req_1"), owner="ann")
    for _ in range(3):
        assert bob.take_over("simulator", "bob") == []
        clock.pass_s(LEASE_S / 3)
    assert [row.id for row in bob.take_over("simulator", "bob")] == ["abcd2345"]
    for store in (ann, bob):
        store.close()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_forked_child_never_speaks_on_the_connection_of_its_parent(team_address: str, row_of: MakeRow) -> None:
    """Two processes on one connection mix up each other's answers."""
    store = Store(team_address)
    store.add(row_of())
    with store._engine.connect() as mine:
        pid_at_server = mine.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    ends_r, ends_w = os.pipe()
    child = os.fork()
    if child == 0:
        with store._engine.connect() as theirs:
            os.write(ends_w, str(theirs.exec_driver_sql("SELECT pg_backend_pid()").scalar()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert int(os.read(ends_r, 20)) != pid_at_server
    os.close(ends_r)
    os.close(ends_w)
    assert store.get("abcd2345") is not None
    store.close()


def test_a_database_that_goes_away_loses_no_end_of_a_job(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing new is sent meanwhile, and what the server said is written once the database is back."""
    monkeypatch.chdir(tmp_path)
    with team_database.running() as server:
        monkeypatch.setenv("SEEDANCE_DATABASE_URL", server.address)
        session = sw.connect(api_key=KEY, base_url=api.server.url, home=tmp_path / "home", requests_per_minute=60_000)
        job = session.submit("A paper boat", **HALF)
        server.stop()
        with pytest.raises(sw.StoreError):
            session.submit("Another", **HALF)
        assert api.creates == 1
        api.status = "cancelled"
        job.session.cancel_soon(job.id)
        server.start()
        with pytest.raises(sw.GenerationCancelled):
            job.wait(60)
        assert session.jobs(status="cancelled")
        session.close()
