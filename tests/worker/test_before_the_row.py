"""What is cancelled, or closed, while the list of models is still asked for: it ends at once, and was not sent.

Where nothing is merged the models are asked for before there is a row, so that what does not fit makes none.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from accepting import HALF, KEY, MODELS, Api
from samples import until
from scripted import Raw, ScriptedServer, Seen, answer

import seedance_widgets as sw
from seedance_widgets.api.client import AsyncClient

HANGS_S = 60.0
AT_ONCE_S = 4.0
"""Far from the 30 s after which a list that hangs is given up, on a machine that has other things to do."""


@pytest.fixture
def api() -> Iterator[Api]:
    with ScriptedServer() as server:
        api = Api(server)

        def hanging(seen: Seen) -> Raw:
            return replace(answer(200, MODELS), hang_s=HANGS_S) if seen.path.endswith("/models") else api._reply(seen)

        server.say(hanging)
        yield api


@pytest.fixture
def session(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sw.Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.connect(KEY, api.server.url, home=tmp_path / "home", requests_per_minute=60_000)
    yield session
    session.close()


def start(session: sw.Session, api: Api, *, fresh: bool) -> sw.Job:
    """A job that is on its way while /models hangs."""
    job = session.start("A boat", fresh=fresh, **HALF)
    session.engine.hurry()
    until(lambda: api.server.of("GET", "/models"))
    return job


def kept(session: sw.Session) -> list[tuple[str, str]]:
    """What the history says of its jobs: their status, and why."""
    return [(row.status, row.problem.message if row.problem else "") for row in session.store.rows()]


@pytest.mark.parametrize("fresh", [True, False], ids=["before there is a row", "with a row"])
def test_a_cancel_while_the_models_hang_ends_the_job_at_once(session: sw.Session, api: Api, *, fresh: bool) -> None:
    """Without a row it was as deaf as the server."""
    job = start(session, api, fresh=fresh)
    began = time.monotonic()
    assert job.cancel().status_text == "Not sent"
    assert time.monotonic() - began < AT_ONCE_S
    with pytest.raises(sw.GenerationCancelled, match=r"cancelled before it was sent\. Nothing was charged"):
        job.wait_accepted(timeout=60)
    assert kept(session) == [("failed", "Cancelled before it was sent.")]
    assert api.creates == 0


def test_a_cancel_while_the_models_hang_for_what_does_not_fit_ends_it_too(session: sw.Session, api: Api) -> None:
    """A merged one asks as well, where the list that is known does not have what is asked for."""
    request = sw.GenerationRequest(prompt="A boat", model="unheard-of", duration=5, resolution="720p")
    job = session.start(sw.Plan(request, None, session.plan("A boat").estimate), fresh=False)
    session.engine.hurry()
    until(lambda: api.server.of("GET", "/models"))
    began = time.monotonic()
    job.cancel()
    assert time.monotonic() - began < AT_ONCE_S
    assert job.status_text == "Not sent"


def test_a_cancel_again_changes_nothing(session: sw.Session, api: Api) -> None:
    job = start(session, api, fresh=True)
    for _ in range(2):
        assert job.cancel().status_text == "Not sent"
    assert len(kept(session)) == 1


def test_a_cancel_from_two_threads_is_one(session: sw.Session, api: Api) -> None:
    job = start(session, api, fresh=True)
    threads = [threading.Thread(target=job.cancel) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(AT_ONCE_S)
        assert not thread.is_alive()
    assert kept(session) == [("failed", "Cancelled before it was sent.")]


@pytest.mark.parametrize("fresh", [True, False], ids=["before there is a row", "with a row"])
def test_closing_the_session_while_the_models_hang_says_that_nothing_was_sent(
    session: sw.Session, api: Api, *, fresh: bool
) -> None:
    """It said that jobs go on at the server, of one that had never left and was in no history."""
    job = start(session, api, fresh=fresh)
    told: list[BaseException] = []

    def wait() -> None:
        try:
            job.wait_accepted(timeout=20)
        except sw.SeedanceError as error:
            told.append(error)

    waiter = threading.Thread(target=wait)
    waiter.start()
    began = time.monotonic()
    session.close()
    assert time.monotonic() - began < AT_ONCE_S
    waiter.join(AT_ONCE_S)
    assert "closed before its turn came" in str(told)
    assert "Nothing was sent, nothing was charged." in str(told)
    assert kept(session) == [("failed", "The session was closed before its turn came.")]
    assert api.creates == 0


def test_what_is_known_to_be_cancelled_is_not_sent_when_the_models_come_after_all(
    session: sw.Session, api: Api
) -> None:
    api.server.say(lambda seen: replace(api._reply(seen), hang_s=0.5) if "/models" in seen.path else api._reply(seen))
    for number in range(5):
        job = session.start(f"A boat {number}", **HALF)
        session.engine.hurry()
        with suppress(sw.GenerationCancelled):
            job.cancel()
        assert job.status_text in ("Not sent", "Waiting in the queue")
        session.models(refresh=True)
    sent = {seen.json["prompt"] for seen in api.server.of("POST") if not seen.path.endswith("/cancel")}
    assert sent <= {job.request.prompt for job in session.jobs() if job.request_id}


def test_a_session_that_is_closed_while_the_models_are_asked_for_ends_that_before_its_connections(
    session: sw.Session, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It went on by itself, and a connection that it had just made was never closed."""
    ended: list[str] = []
    ask, close = AsyncClient.models, AsyncClient.aclose

    async def asked(self: AsyncClient) -> tuple[sw.Model, ...]:
        try:
            return await ask(self)
        finally:
            ended.append("the list")

    async def closed(self: AsyncClient) -> None:
        await close(self)
        ended.append("the connections")

    monkeypatch.setattr(AsyncClient, "models", asked)
    monkeypatch.setattr(AsyncClient, "aclose", closed)
    start(session, api, fresh=False)
    session.close()
    until(lambda: len(ended) == 2)
    assert ended == ["the list", "the connections"]
