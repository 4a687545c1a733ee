"""A create that the server turned away with a 429 and that waits: cancels, a locked history, another key."""

from __future__ import annotations

import threading
import time

import pytest
from accepting import HALF, KEY, Api
from scripted import ScriptedServer

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.api.client import AsyncClient
from seedance_widgets.errors import RateLimited, StoreError
from seedance_widgets.store import Store


@pytest.fixture
def api():
    with ScriptedServer() as server:
        yield Api(server)


@pytest.fixture
def session(api, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    session = sw.connect(KEY, api.server.url, tmp_path / "home", requests_per_minute=6000)
    yield session
    session.close()


def _turned_away(monkeypatch, wait_s, before=lambda: None):
    """The first create is answered by a 429."""
    create, many = AsyncClient.create, []

    async def once(self, *given, **more):
        many.append(1)
        if len(many) == 1:
            before()
            raise RateLimited("too many", retry_after_s=wait_s)
        return await create(self, *given, **more)

    monkeypatch.setattr(AsyncClient, "create", once)


def test_a_cancel_that_came_while_a_create_was_turned_away_is_done_at_once(session, api, monkeypatch):
    asked = threading.Event()

    def before():
        row = session.store.rows()[0]
        session.store.cancel_unsent(row.id, time.time())  # another kernel's wish, while the create is under way
        asked.set()

    _turned_away(monkeypatch, 30.0, before)
    job = session.start("A boat", **HALF)
    assert asked.wait(20)
    with pytest.raises(sw.GenerationCancelled):
        job.wait_accepted(timeout=60)
    assert api.creates == 0


def test_a_create_that_was_turned_away_while_the_history_was_locked_is_sent_all_the_same(session, api, monkeypatch):
    _turned_away(monkeypatch, 0.5)
    apply, locked = Store.apply, [True]

    def once(self, job_id, event, **more):
        if isinstance(event, life.Delayed) and locked:
            locked.clear()
            raise StoreError("locked")
        return apply(self, job_id, event, **more)

    monkeypatch.setattr(Store, "apply", once)
    job = session.start("A boat", **HALF)
    job.wait_accepted(timeout=20)
    assert api.creates == 1


def test_the_row_tells_the_key_that_it_was_sent_with(session, api, monkeypatch):
    from seedance_widgets.secret import Secret

    other = Secret("sd2_live_" + "b" * 32)
    _turned_away(monkeypatch, 5.0)
    apply, waits = Store.apply, threading.Event()

    def told(self, job_id, event, **more):
        row = apply(self, job_id, event, **more)
        if isinstance(event, life.Delayed):
            waits.set()
        return row

    monkeypatch.setattr(Store, "apply", told)
    job = session.start("A boat", **HALF)
    assert waits.wait(60)
    session.change_key(other, "test")
    job.wait_accepted(timeout=20)
    assert other.is_hashed_as(session.store.get(job.id).key_hash)
