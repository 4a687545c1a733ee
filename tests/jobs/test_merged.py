"""A job that was merged with a running one: whoever waits for it is told what becomes of that one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from accepting import HALF, KEY, Api
from samples import until
from scripted import CUT, Raw, ScriptedServer, Seen, error

import seedance_widgets as sw

SLOW_S = 1.5


class SlowApi(Api):
    """Answers a create after a while, and not always with a yes."""

    no: Raw | None = None

    def _reply(self, seen: Seen) -> Raw:
        yes = super()._reply(seen)
        return replace(self.no or yes, hang_s=SLOW_S) if seen.method == "POST" else yes


@pytest.fixture
def api() -> Iterator[SlowApi]:
    with ScriptedServer() as server:
        yield SlowApi(server)


@pytest.fixture
def connect(api: SlowApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], sw.Session]]:
    monkeypatch.chdir(tmp_path)
    made: list[sw.Session] = []

    def make() -> sw.Session:
        made.append(sw.connect(KEY, api.server.url, home=tmp_path / "home", requests_per_minute=60_000))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture(params=["another kernel", "a second click"])
def sessions(request: pytest.FixtureRequest, connect: Callable[[], sw.Session]) -> tuple[sw.Session, sw.Session]:
    """Who sends it, and who asks for the same a moment later."""
    first = connect()
    return first, first if request.param == "a second click" else connect()


def two(api: SlowApi, sessions: tuple[sw.Session, sw.Session]) -> tuple[sw.Job, sw.Job]:
    first, second = sessions
    job = first.start("A boat", fresh=False, **HALF)
    first.engine.hurry()
    until(lambda: api.creates)
    merged = second.start("A boat", fresh=False, **HALF)
    second.engine.hurry()
    return job, merged


def test_whoever_waits_for_a_merged_job_waits_until_the_server_has_accepted_it(
    api: SlowApi, sessions: tuple[sw.Session, sw.Session]
) -> None:
    """It was told while the first one was still being sent, and then had no request id."""
    job, merged = two(api, sessions)
    assert merged.wait_accepted(timeout=20).request_id == "req_1"
    assert merged.merged
    assert (merged.id, api.creates) == (job.id, 1)


@pytest.mark.parametrize(
    ("no", "kind", "said"),
    [
        (error(402, "insufficient_credits", "No credits."), sw.InsufficientCredits, "No credits"),
        (error(400, "invalid_request", "Not this prompt."), sw.RequestRefused, "Not this prompt"),
        (CUT, sw.SubmissionUncertain, "You may have been charged"),
    ],
    ids=["no credits", "refused", "the answer was lost"],
)
def test_a_merged_job_ends_with_the_error_of_the_first(
    api: SlowApi, sessions: tuple[sw.Session, sw.Session], no: Raw, kind: type[Exception], said: str
) -> None:
    api.no = no
    for each in two(api, sessions):
        with pytest.raises(kind, match=said):
            each.wait_accepted(timeout=20)
    assert api.creates == 1


def test_a_merged_job_that_is_cancelled_before_it_was_sent_says_so_to_both(
    api: SlowApi, connect: Callable[[], sw.Session]
) -> None:
    reply = api._reply
    api.server.say(lambda seen: replace(reply(seen), hang_s=60) if "/models" in seen.path else reply(seen))
    session = connect()
    jobs = [session.start("A boat", fresh=False, **HALF) for _ in range(2)]
    until(lambda: jobs[1].merged)
    jobs[1].cancel()
    for job in jobs:
        with pytest.raises(sw.GenerationCancelled, match="before it was sent"):
            job.wait_accepted(timeout=20)


def test_a_job_from_the_history_that_another_kernel_is_sending_is_waited_for_as_well(
    api: SlowApi, connect: Callable[[], sw.Session]
) -> None:
    first, second = connect(), connect()
    job = first.start("A boat", **HALF)
    first.engine.hurry()
    until(lambda: api.creates)
    found: Any = second.job(job.id)
    assert found.request_id is None
    assert found.wait_accepted(timeout=20).request_id == "req_1"
