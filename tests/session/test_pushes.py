"""Where webhooks arrive, jobs are looked at rarely; where one does not come, they are looked at as before."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import until
from session_service import KEY, Api, api, place

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.life import schedule
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store
from seedance_widgets.worker import worker

__all__ = ["api", "place"]

SECRET = "whsec_canary"
Connect = Callable[[], Session]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """The history, as the Jupyter server has it."""
    store = Store(tmp_path / "home" / "history.db")
    yield store
    store.close()


@pytest.fixture
def connect(api: Api, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Connect]:
    """Sessions whose creates name a webhook, and whose jobs are looked at every fifth of a second else."""
    monkeypatch.setenv("SEEDANCE_PUBLIC_URL", "http://127.0.0.1:8888")
    monkeypatch.setenv("SEEDANCE_WEBHOOK_SECRET", SECRET)
    for name, seconds in (("LIVENESS_S", 0.2), ("LONGEST_GAP_S", 0.2)):
        monkeypatch.setattr(schedule, name, seconds)
    monkeypatch.setattr(worker, "HOUSEKEEPING_S", 0.2)
    made: list[Session] = []

    def connect() -> Session:
        made.append(sw.connect(KEY, api.server.url, tmp_path / "home", requests_per_minute=60_000))
        return made[-1]

    yield connect
    for session in made:
        session.close()


def deliver(store: Store, job: sw.Job) -> None:
    """What the server does when a signed webhook comes."""
    store.apply(job.id, life.LookAsked(time.time()))
    store.note_webhooks(job.row.service, True)


def test_a_job_costs_three_requests_where_webhooks_arrive(connect: Connect, api: Api, store: Store) -> None:
    store.note_webhooks(api.server.url, True)
    api.status = "processing"
    session = connect()
    until(lambda: session.engine.worker._rows._pushes.arrive)
    job = session.start("A boat")
    until(lambda: job.status == "processing")
    time.sleep(1.0)
    assert len(api.polls()) == 1, "once, so that a person sees that it began"
    api.status = "succeeded"
    deliver(store, job)
    assert job.wait(60).path.exists()
    assert len(api.creates()) + len(api.polls()) == 3
    assert json.loads(api.creates()[0].body)["webhookUrl"] == "http://127.0.0.1:8888/seedance/webhook"


def test_before_a_webhook_came_jobs_are_looked_at_as_ever(connect: Connect, api: Api) -> None:
    api.status = "processing"
    connect().start("A boat")
    until(lambda: len(api.polls()) >= 4)


def test_the_first_webhook_makes_the_looks_at_the_other_jobs_rare(connect: Connect, api: Api, store: Store) -> None:
    api.status = "processing"
    session = connect()
    first, second = session.start("A boat"), session.start("A whale")
    until(lambda: first.status == second.status == "processing")
    deliver(store, first)

    def is_rare() -> bool:
        looks = len(api.polls())
        time.sleep(1.0)
        return len(api.polls()) == looks

    until(is_rare)


def test_an_end_that_no_webhook_told_of_brings_the_looks_back(
    connect: Connect, api: Api, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "TOLD_GAP_S", 1.0)
    store.note_webhooks(api.server.url, True)
    session = connect()
    until(lambda: session.engine.worker._rows._pushes.arrive)
    assert session.start("A boat").wait(60).path.exists()
    assert not store.webhooks_arrive(api.server.url)
    api.status = "processing"
    looks = len(api.polls())
    monkeypatch.setattr(schedule, "TOLD_GAP_S", 180.0)
    session.start("A whale")
    until(lambda: len(api.polls()) >= looks + 4)


def test_a_job_with_an_address_of_the_persons_own_is_looked_at_as_ever(
    connect: Connect, api: Api, store: Store
) -> None:
    store.note_webhooks(api.server.url, True)
    api.status = "processing"
    session = connect()
    until(lambda: session.engine.worker._rows._pushes.arrive)
    session.start("A boat", webhook_url="https://example.com/mine")
    until(lambda: len(api.polls()) >= 4)
    assert json.loads(api.creates()[0].body)["webhookUrl"] == "https://example.com/mine"


def test_without_an_address_nobody_asks_whether_webhooks_arrive(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEEDANCE_PUBLIC_URL")
    asked: list[Any] = []
    monkeypatch.setattr(Store, "webhooks_arrive", lambda store, service: asked.append(service))
    session = connect()
    session.submit("A boat").wait(60)
    time.sleep(0.5)
    assert asked == []


def test_webhooks_of_one_service_say_nothing_of_another(connect: Connect, api: Api, store: Store) -> None:
    store.note_webhooks("https://another.example", True)
    api.status = "processing"
    connect().start("A boat")
    until(lambda: len(api.polls()) >= 4)
