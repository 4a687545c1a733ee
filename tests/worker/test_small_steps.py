"""Single steps of the money rule and of time, each of which a hand-made mutation once changed unseen.

`python -m tests.mutants` breaks each of them and shows its test red.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from accepting import HALF, KEY, Api
from samples import NOW, until
from scripted import ScriptedServer

import seedance_widgets as sw
from seedance_widgets.api.client import AsyncClient
from seedance_widgets.life import Acknowledged, Row
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store


@pytest.fixture
def api() -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server)


@pytest.fixture
def session(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.connect(KEY, api.server.url, tmp_path / "home", requests_per_minute=6000)
    yield session
    session.close()


@pytest.mark.parametrize("error", [ValueError("a bug of ours"), MemoryError(), RuntimeError("of a driver")])
def test_whatever_breaks_while_a_create_is_under_way_it_may_have_been_charged(
    session: Session, api: Api, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    create = AsyncClient.create

    async def breaks(self: AsyncClient, *given: Any, **more: Any) -> None:
        await create(self, *given, **more)
        raise error

    monkeypatch.setattr(AsyncClient, "create", breaks)
    job = session.start("A boat", **HALF)
    with pytest.raises(sw.SeedanceError, match="may have been charged"):
        job.wait_accepted(timeout=20)
    assert api.creates == 1
    assert until(lambda: session.store.rows()[0].status == "unconfirmed")


def test_a_request_is_marked_as_sent_when_it_leaves_and_not_before(
    tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = sw.connect(KEY, api.server.url, tmp_path / "home", requests_per_minute=4)
    try:
        session.submit("The first takes the only turn of these seconds", **HALF)
        session.start("This one waits", **HALF)
        until(lambda: session.store.count() == 2)
        waits, sent = session.store.rows()
        assert api.creates == 1
        assert sent.sent_at is not None
        assert waits.sent_at is None
    finally:
        session.close()


def test_those_who_wait_are_told_after_those_who_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the cell goes on, or ends, before its output is there."""
    monkeypatch.chdir(tmp_path)
    shown: list[str] = []

    class Slow:
        def on_job(self, job: sw.Job) -> None:
            time.sleep(0.3)  # as a page that is slow
            shown.append(job.status)

        def on_tick(self) -> None: ...

    session = sw.simulate(speed=float("inf"), home=tmp_path / "home")
    try:
        session.subscribe(Slow())
        job = session.start("A boat", metadata={"simulator": {"outcome": "failed"}}, **HALF)
        with pytest.raises(sw.GenerationFailed):
            job.wait(timeout=60)
        assert shown[-1] == "failed"
    finally:
        session.close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    yield store
    store.close()


def test_what_was_made_at_the_very_end_of_a_span_is_not_in_it(store: Store, row_of: Callable[..., Row]) -> None:
    """Two spans side by side share no job, in lists, counts and costs."""
    store.add(row_of())
    store.apply("abcd2345", Acknowledged(NOW, "req_1"))
    for since, end, many in ((NOW - 10, NOW, 0), (NOW, NOW + 10, 1)):
        assert len(store.rows(since=since, until=end)) == many
        assert store.count(since=since, until=end) == many
        assert sum(line.jobs for line in store.sums("simulator", "model", since, end)) == many
