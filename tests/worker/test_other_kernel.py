"""What another kernel did to a job, and which key made it: two sessions on one history."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from accepting import HALF, KEY, Api
from scripted import Raw, ScriptedServer, Seen, error

import seedance_widgets as sw
from seedance_widgets.secret import Secret

OTHER = "sd2_live_another_key_4712"


@pytest.fixture
def api() -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server)


@pytest.fixture
def connect(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None
) -> Iterator[Callable[..., sw.Session]]:
    monkeypatch.chdir(tmp_path)
    made: list[sw.Session] = []

    def make(**settings: Any) -> sw.Session:
        settings = {"api_key": KEY, "base_url": api.server.url, "home": tmp_path / "home", **settings}
        made.append(sw.connect(requests_per_minute=60_000, **settings))
        return made[-1]

    yield make
    for session in made:
        session.close()


def test_a_job_by_its_id_shows_what_another_kernel_changed(connect: Callable[..., sw.Session]) -> None:
    """`session.jobs()` did, `session.job(id)` gave what this kernel had last seen."""
    mine, theirs = connect(), connect()
    job = mine.submit("A boat", **HALF)
    mine.cancel_soon(job.id).result(timeout=10)
    theirs.job(job.id).mark(rating=4, tags=["hero"], note="theirs", starred=True)
    again = mine.job(job.id)
    assert again is job
    assert (job.rating, job.tags, job.note, job.starred) == (4, ("hero",), "theirs", True)


def test_a_job_that_another_kernel_deleted_is_not_found_by_its_id(connect: Callable[..., sw.Session], api: Api) -> None:
    mine, theirs = connect(), connect()
    job = mine.submit("A boat", **HALF)
    api.status = "cancelled"
    with pytest.raises(sw.GenerationCancelled):
        job.wait(timeout=20)
    theirs.job(job.id).delete()
    with pytest.raises(sw.JobNotFound, match="was deleted"):
        mine.job(job.id)
    assert job.status_text == "Deleted"


def test_a_job_that_is_known_here_is_found_while_the_history_is_locked(
    connect: Callable[..., sw.Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = connect()
    job = session.submit("A boat", **HALF)
    monkeypatch.setattr("seedance_widgets.store.engine.BUSY_TIMEOUT_S", 0.1)
    with closing(sqlite3.connect(session.store.where, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert session.job(job.id) is job


# --- keys -------------------------------------------------------------------------------------------------------------
def keeps_apart(api: Api) -> Callable[[Seen], Raw]:
    """An API that knows the jobs of one key only."""

    def reply(seen: Seen) -> Raw:
        is_look = seen.method == "GET" and "/generations/" in seen.path
        if is_look and OTHER in seen.headers.get("authorization", ""):
            return error(404, "not_found", "No such generation.")
        return api._reply(seen)

    return reply


def test_the_row_remembers_which_key_made_it_and_never_the_key(
    connect: Callable[..., sw.Session], tmp_path: Path
) -> None:
    session, other = connect(), connect(api_key=OTHER)
    one, two, three = (
        each.submit(f"A boat {n}", **HALF).row.key_hash for n, each in enumerate((session, session, other))
    )
    assert one is not None
    assert one == two != three
    assert Secret(KEY).is_hashed_as(one)
    assert not Secret(OTHER).is_hashed_as(one)
    assert session.store.get(session.jobs()[0].id).key_hash in (one, three)  # type: ignore[union-attr]
    for path in (tmp_path / "home").rglob("*"):
        if path.is_file():
            assert KEY.encode() not in path.read_bytes()


def test_a_job_of_another_key_is_asked_for_all_the_same_and_says_so_when_it_is_unknown(
    connect: Callable[..., sw.Session], api: Api
) -> None:
    api.server.say(keeps_apart(api))
    first = connect()
    job = first.submit("A boat", **HALF)
    first.close()
    again = connect(api_key=OTHER).job(job.id)
    with pytest.raises(sw.WaitTimeout, match=r"made with another key.*%seedance_key"):
        again.wait(timeout=3)
    assert "Made with another key" in again.status_text
    again.session.change_key(Secret(KEY), "typed")
    api.status = "cancelled"
    with pytest.raises(sw.GenerationCancelled):
        again.wait(timeout=20)


def test_a_job_of_another_key_that_the_server_knows_goes_on_as_any(
    connect: Callable[..., sw.Session], api: Api
) -> None:
    """Keys of one account may share jobs."""
    first = connect()
    job = first.submit("A boat", **HALF)
    first.close()
    api.status = "cancelled"
    with pytest.raises(sw.GenerationCancelled):
        connect(api_key=OTHER).job(job.id).wait(timeout=20)
