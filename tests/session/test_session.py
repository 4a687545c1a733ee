"""Sessions and jobs as people use them: in a script, in a cell, in a coroutine, with and without patches of asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import json
import math
import os
import re
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from samples import until
from scripted import CUT, Raw, ScriptedServer, Seen, answer, error

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.api.limiter import Kind, Limiter
from seedance_widgets.clips import video
from seedance_widgets.life import schedule
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store
from seedance_widgets.worker import worker

KEY = "sd2_live_do_not_show_me_4711"
SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
MODELS = {
    "success": True,
    "data": [
        {
            "id": "seedance-2.0",
            "durations": [4, 5, 6],
            "aspectRatios": ["16:9", "9:16"],
            "resolutions": ["480p", "720p"],
            "usdPerSecond": {"720p": 0.1},
        }
    ],
}


class Api:
    """The API as a test wants it: `status` of its one job, `create` for another answer to a create."""

    def __init__(self, server: ScriptedServer, clip: Path) -> None:
        self.server = server
        self.clip = clip.read_bytes()
        self.status = "succeeded"
        accepted = {"success": True, "requestId": "req_1", "status": "queued", "creditsCharged": 40}
        self.create: Raw = answer(200, accepted)
        self.look: Raw | None = None
        self.cancel: Raw | None = None
        server.say(self.reply)

    def reply(self, seen: Seen) -> Raw:
        if seen.path.endswith("/models"):
            return answer(200, MODELS)
        if seen.path.endswith(".mp4"):
            return answer(200, self.clip, content_type="video/mp4")
        if seen.method == "POST" and not seen.path.endswith("/cancel"):
            return self.create
        if seen.path.endswith("/cancel") and self.cancel is not None:
            return self.cancel
        if seen.path.endswith("/cancel"):
            self.status = "cancelled"
        return self.look or self.generation(seen.path.removesuffix("/cancel").rpartition("/")[2])

    def generation(self, request_id: str) -> Raw:
        output = {"type": "video", "url": f"{self.server.url}/files/{request_id}.mp4"}
        body = {"success": True, "requestId": request_id, "status": self.status}
        return answer(200, {**body, "output": output if self.status == "succeeded" else None})

    def polls(self) -> list[Seen]:
        return self.server.of("GET", "/video/generations/")

    def creates(self) -> list[Seen]:
        return [seen for seen in self.server.of("POST", "/generations") if not seen.path.endswith("/cancel")]


@pytest.fixture
def api(clip: Path) -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server, clip)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips go to the current folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look every twentieth of a second, instead of when it is worth one."""
    monkeypatch.setattr(
        schedule, "next_look_at", lambda row, prior, **_: max(row.looked_at or 0.0, row.look_failed_at or 0.0) + 0.05
    )


@pytest.fixture
def connect(api: Api, tmp_path: Path, brisk: None) -> Iterator[Callable[..., Session]]:
    """Sessions with the scripted API, over one history."""
    made: list[Session] = []

    def make(**settings: Any) -> Session:
        settings = {"api_key": KEY, "base_url": api.server.url, "home": tmp_path / "home", **settings}
        made.append(sw.connect(requests_per_minute=60_000, **settings))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One simulator for all tests that need nothing special of it: to start one takes a second."""
    session = sw.simulate(speed=math.inf, home=tmp_path_factory.mktemp("simulated"))
    yield session
    session.close()


# --- the main job -----------------------------------------------------------------------------------------------------
def test_a_script_submits_waits_and_has_a_clip(simulated: Session, tmp_path: Path) -> None:
    job = simulated.submit("A paper boat crosses a puddle", **SMALL)
    clip = job.wait(timeout=60)
    assert clip.path.parent == tmp_path / "seedance_clips"
    assert clip.path.name == f"a-paper-boat-crosses-a-puddle-{job.id}.mp4"
    assert (clip.width, clip.height, clip.duration_s, clip.has_audio) == (854, 480, 4.0, True)
    assert clip.poster_path is not None
    assert clip.poster_path.read_bytes()[:2] == b"\xff\xd8"
    assert (job.status, job.final, job.settled, job.error, job.clip) == ("succeeded", True, True, None, clip)
    assert video.read_tags(clip.path)["request_id"] == job.request_id


def test_a_job_can_be_awaited_while_the_loop_goes_on(connect: Callable[..., Session]) -> None:
    job = connect().submit("A boat")

    async def main() -> tuple[sw.Clip, int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0.01)

        other = asyncio.create_task(tick())
        clip = await job
        assert await job == clip
        other.cancel()
        return clip, ticks

    clip, ticks = asyncio.run(main())
    assert clip.path.exists()
    assert ticks >= 3


def test_wait_works_inside_a_coroutine_and_a_running_loop(connect: Callable[..., Session]) -> None:
    async def main() -> sw.Clip:
        return connect().submit("A boat").wait(timeout=20)

    assert asyncio.run(main()).path.exists()


def test_many_threads_may_wait_for_one_job(connect: Callable[..., Session]) -> None:
    job = connect().submit("A boat")
    clips: list[sw.Clip] = []
    threads = [threading.Thread(target=lambda: clips.append(job.wait(timeout=20))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert clips == [job.clip] * 4


def test_start_returns_before_the_server_has_answered(connect: Callable[..., Session], api: Api) -> None:
    api.create = Raw(api.create.data, hang_s=0.5)
    job = connect().start("A boat")
    assert (job.status, job.request_id, job.final) == ("submitting", None, False)
    assert job.wait_accepted(timeout=20) is job
    assert (job.request_id, job.credits_charged) == ("req_1", 40)


def test_the_updates_of_a_job_end_with_its_end(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    words = []
    for text in connect().submit("A boat").updates(timeout=20):
        words.append(text)
        if text == "Generating":
            api.status = "succeeded"
    assert words[0] == "Waiting in the queue"
    assert words[-1] == "Succeeded"
    assert len(words) == len(set(words))


def test_what_is_sent_is_what_was_asked_for_with_our_defaults(connect: Callable[..., Session], api: Api) -> None:
    connect().submit(" A boat? 🚣; ", duration=6, metadata={"a": [1, None]})
    assert [seen.json for seen in api.creates()] == [
        {
            "model": "seedance-2.0",
            "prompt": " A boat? 🚣; ",
            "duration": 6,
            "aspectRatio": "16:9",
            "resolution": "720p",
            "metadata": {"a": [1, None]},
        }
    ]


def test_the_row_is_written_before_the_create_is_sent(
    connect: Callable[..., Session], api: Api, tmp_path: Path
) -> None:
    found: list[str] = []
    say = api.reply

    def look_first(seen: Seen) -> Raw:
        if seen in api.creates():
            file = sqlite3.connect(tmp_path / "home" / "history.db")
            found.extend(status for (status,) in file.execute("SELECT status FROM jobs"))
            file.close()
        return say(seen)

    api.server.say(look_first)
    connect().submit("A boat")
    assert found == ["submitting"]


# --- waiting ends, the job goes on ------------------------------------------------------------------------------------
def test_an_interrupt_ends_the_waiting_within_half_a_second_and_not_the_job(
    connect: Callable[..., Session], api: Api
) -> None:
    api.status = "processing"
    job = connect().submit("A boat")
    sent: list[float] = []

    def interrupt() -> None:
        sent.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    threading.Timer(0.3, interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        job.wait(timeout=20)
    assert time.monotonic() - sent[0] < 0.5
    assert not job.final
    api.status = "succeeded"
    assert job.wait(timeout=20).path.exists()
    assert len(api.creates()) == 1


def test_an_interrupt_while_the_create_is_on_its_way_does_not_lose_the_job(
    connect: Callable[..., Session], api: Api
) -> None:
    api.create = Raw(api.create.data, hang_s=1.0)
    session = connect()
    until(session.models)
    threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        session.submit("A boat")
    assert time.monotonic() - began < 0.8
    (job,) = session.jobs()
    assert job.wait(timeout=20).path.exists()
    assert len(api.creates()) == 1


def test_waiting_can_be_bounded_and_the_job_goes_on(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    job = connect().submit("A boat")
    with pytest.raises(sw.WaitTimeout, match="goes on at the server") as caught:
        job.wait(timeout=0.2)
    assert isinstance(caught.value, TimeoutError)
    assert caught.value.job is job
    api.status = "succeeded"
    job.wait(timeout=20)


def test_a_cancelled_await_does_not_cancel_the_job(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    job = connect().submit("A boat")

    async def impatient() -> None:
        await asyncio.wait_for(job, timeout=0.2)

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())
    api.status = "succeeded"
    assert job.wait(timeout=20).path.exists()


# --- how it can end ---------------------------------------------------------------------------------------------------
def test_a_job_can_be_cancelled(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    job = connect().submit("A boat")
    assert job.cancel().status == "cancelled"
    with pytest.raises(sw.GenerationCancelled) as caught:
        job.wait(timeout=20)
    assert caught.value.job is job
    assert job.clip is None


def test_a_cancel_that_is_refused_says_so_and_the_job_goes_on(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    api.cancel = error(400, "invalid_request", "too late")
    job = connect().submit("A boat")
    with pytest.raises(sw.SeedanceError, match="too late"):
        job.cancel()
    assert (job.status, job.row.cancel_asked_at) == ("processing", None)
    api.status = "succeeded"
    job.wait(timeout=20)


def test_a_cancel_that_comes_too_late_changes_nothing(connect: Callable[..., Session], api: Api) -> None:
    job = connect().submit("A boat")
    clip = job.wait(timeout=20)
    assert job.cancel().clip == clip
    assert api.server.of("POST", "/cancel") == []


def test_a_failed_job_carries_the_reason_of_the_server(simulated: Session) -> None:
    job = simulated.submit("A boat", metadata={"simulator": {"outcome": "failed"}}, **SMALL)
    with pytest.raises(sw.GenerationFailed, match="asked to fail") as caught:
        job.wait(timeout=60)
    assert caught.value.problem is not None
    assert caught.value.problem.code == "content_policy"
    assert job.error is not None


def test_too_few_credits_are_a_refusal_that_charges_nothing(tmp_path: Path) -> None:
    session = sw.simulate(speed=math.inf, credits=1, home=tmp_path)
    try:
        with pytest.raises(sw.InsufficientCredits, match="Nothing was charged"):
            session.submit("A boat", **SMALL)
        (job,) = session.jobs()
        assert (job.status, job.request_id, job.settled) == ("failed", None, True)
    finally:
        session.close()


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error(400, "invalid_request"), sw.RequestRefused),
        (error(401, "unauthorized"), sw.Unauthorized),
        (error(402, "insufficient_credits"), sw.InsufficientCredits),
        (error(429, "rate_limited", retry_after="3600"), sw.RateLimited),
    ],
)
def test_a_refusal_is_raised_and_is_in_the_history(
    connect: Callable[..., Session], api: Api, reply: Raw, kind: type[sw.SeedanceError]
) -> None:
    api.create = reply
    session = connect()
    with pytest.raises(kind):
        session.submit("A boat")
    (job,) = session.jobs()
    assert (job.status, job.status_text) == ("failed", "Refused by the server")
    with pytest.raises(kind):
        job.wait(timeout=60)
    assert len(api.creates()) == 1


def test_no_bad_look_ends_a_job(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    job = connect().submit("A boat")
    for bad in (error(404, "not_found"), answer(200, b"<html>"), error(401, "unauthorized"), answer(200, {})):
        api.look = bad
        before = len(api.polls())
        until(lambda before=before: len(api.polls()) > before + 1)
        assert job.status in ("queued", "processing")
    api.look, api.status = None, "succeeded"
    assert job.wait(timeout=20).path.exists()


def test_a_status_that_nobody_knows_is_looked_at_again(connect: Callable[..., Session], api: Api) -> None:
    api.status = "moderating"
    job = connect().submit("A boat")
    until(lambda: job.status == "moderating")
    assert job.status_text == "The server says: moderating"
    api.status = "succeeded"
    job.wait(timeout=20)


# --- an answer that was lost ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("reply", [CUT, answer(500), answer(200, b"<html>")], ids=["cut", "500", "HTML"])
def test_an_answer_that_was_lost_leaves_an_unconfirmed_job_that_is_never_sent_again(
    connect: Callable[..., Session], api: Api, reply: Raw
) -> None:
    api.create = reply
    session = connect()
    with pytest.raises(sw.SubmissionUncertain, match="may have been charged") as caught:
        session.submit("A boat")
    (job,) = session.jobs()
    assert (job.status, job.settled, caught.value.job.id) == ("unconfirmed", True, job.id)
    session.close()
    connect().models()
    time.sleep(0.3)
    assert len(api.creates()) == 1


def test_an_unconfirmed_job_is_adopted_with_the_request_id_that_was_found(
    connect: Callable[..., Session], api: Api
) -> None:
    api.create = CUT
    session = connect()
    with pytest.raises(sw.SubmissionUncertain):
        session.submit("A boat")
    (job,) = session.jobs()
    assert job.adopt("req_found") is job
    assert job.wait(timeout=20).path.exists()
    assert (job.request_id, job.error) == ("req_found", None)
    assert len(api.creates()) == 1


def test_a_wrong_request_id_is_not_adopted(connect: Callable[..., Session], api: Api) -> None:
    api.create, api.look = CUT, error(404, "not_found", "no such job")
    session = connect()
    with pytest.raises(sw.SubmissionUncertain):
        session.submit("A boat")
    (job,) = session.jobs()
    with pytest.raises(sw.NotFound, match="no such job"):
        job.adopt("req_typo")
    assert (job.status, job.request_id) == ("unconfirmed", None)
    with pytest.raises(sw.SubmissionUncertain):
        job.wait(timeout=60)


def test_only_an_unconfirmed_job_is_adopted(connect: Callable[..., Session]) -> None:
    job = connect().submit("A boat")
    with pytest.raises(sw.SeedanceError, match="only an unconfirmed job"):
        job.adopt("req_2")
    assert job.request_id == "req_1"


def test_a_job_whose_kernel_died_while_sending_becomes_unconfirmed(
    connect: Callable[..., Session], api: Api, row_of: Callable[..., life.Row], tmp_path: Path
) -> None:
    store = Store(tmp_path / "home" / "history.db")
    store.add(row_of(service=api.server.url))  # no owner that lives
    store.close()
    session = connect()
    until(lambda: session.job("abcd2345").status == "unconfirmed")
    assert api.creates() == []


def test_what_came_instead_of_an_answer_is_kept_in_the_history(connect: Callable[..., Session], api: Api) -> None:
    """It may hold the request id in a form that we do not know, and is the only trace of the credits."""
    api.create = answer(200, {"ok": {"generation": "req_somewhere"}})
    session = connect()
    with pytest.raises(sw.SubmissionUncertain):
        session.submit("A boat")
    (row,) = session.store.rows()
    assert "req_somewhere" in repr(row)


# --- refused before anything is sent ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("options", "field", "nearest"),
    [
        ({"durration": 5}, "durration", "duration"),
        ({"duration": 99}, "duration", 6),
        ({"model": "seedance-2.1"}, "model", "seedance-2.0"),
        ({"aspect_ratio": "16x9"}, "aspect_ratio", "16:9"),
        ({"media_urls": ["/films/me/a.jpg"]}, "media_urls", None),
        ({"metadata": "text"}, "metadata", None),
    ],
)
def test_a_request_that_does_not_fit_is_not_sent(
    connect: Callable[..., Session], api: Api, options: Any, field: str, nearest: Any
) -> None:
    session = connect()
    session.models()
    with pytest.raises(sw.RequestInvalid, match="Nothing was sent, nothing was charged") as caught:
        session.submit("A boat", **options)
    assert (caught.value.field, caught.value.nearest) == (field, nearest)
    assert api.creates() == []
    assert session.jobs() == []


def test_a_plan_sends_nothing(connect: Callable[..., Session], api: Api) -> None:
    plan = connect().plan("A boat", duration=5)
    assert api.server.requests == []
    assert plan.body["duration"] == 5
    assert plan.cost_usd == pytest.approx(0.5)
    assert plan.estimate.source == "a first guess, no earlier jobs"


def test_the_live_list_decides_what_a_model_takes(connect: Callable[..., Session], api: Api) -> None:
    session = connect()
    assert [model.id for model in session.models()] == ["seedance-2.0"]
    with pytest.raises(sw.RequestInvalid):
        session.submit("A boat", duration=15)  # in the bundled list, not in the live one
    assert api.creates() == []


def test_without_the_live_list_the_bundled_one_serves(connect: Callable[..., Session], api: Api) -> None:
    api.server.say(error(401, "unauthorized"))
    session = connect()
    assert session.models() == sw.BUNDLED_MODELS
    with pytest.raises(sw.Unauthorized):
        session.models(refresh=True)


# --- the history ------------------------------------------------------------------------------------------------------
def test_a_job_is_one_object_under_all_its_names(connect: Callable[..., Session]) -> None:
    session = connect()
    job = session.submit("A boat")
    assert session.job(job.id) is job
    assert session.job(job.id[:5]) is job
    assert session.job("req_1") is job
    assert session.jobs()[0] is job


@pytest.mark.parametrize("name", ["", "nothere", "%"])
def test_a_job_that_is_not_there_is_not_found(connect: Callable[..., Session], name: str) -> None:
    session = connect()
    session.submit("A boat")
    with pytest.raises(sw.JobNotFound):
        session.job(name)


def test_a_beginning_that_fits_two_jobs_names_both(
    connect: Callable[..., Session], row_of: Callable[..., life.Row]
) -> None:
    session = connect()
    for name in ("same1111", "same2222"):
        session.store.add(row_of(id=name, service=session.service, status="failed"))
    with pytest.raises(sw.JobNotFound, match=r"same1111.*same2222|same2222.*same1111"):
        session.job("same")


def test_jobs_are_listed_newest_first_and_by_status_and_words(
    connect: Callable[..., Session], row_of: Callable[..., life.Row], request_of: Any
) -> None:
    session = connect()
    for n, status in enumerate(["failed", "cancelled", "failed"]):
        row = row_of(id=f"job{n}", service=session.service, status=status, created_at=float(n))
        session.store.add(replace(row, request=request_of(prompt=f"boat {n}")))
    assert [job.id for job in session.jobs()] == ["job2", "job1", "job0"]
    assert [job.id for job in session.jobs(status="failed")] == ["job2", "job0"]
    assert [job.id for job in session.jobs(text="boat 1")] == ["job1"]
    assert [job.id for job in session.jobs(limit=1)] == ["job2"]


def test_news_that_is_older_than_what_we_know_is_dropped(connect: Callable[..., Session]) -> None:
    session = connect()
    job = session.submit("A boat")
    job.wait(timeout=20)
    session.registry.on_row(replace(job.row, status="processing", clip_path=None, rev=0))
    assert (job.status, job.settled) == ("succeeded", True)


def test_an_older_final_row_does_not_take_the_clip_away(connect: Callable[..., Session]) -> None:
    """The answer to a command is read in the caller's thread: the news that the clip is here may overtake it."""
    session = connect()
    job = session.submit("A boat")
    job.wait(timeout=20)
    session.registry.on_row(replace(job.row, clip_path=None, clip_facts=None, rev=job.row.rev - 1))
    assert job.settled
    assert job.clip is not None


def test_a_clip_that_was_deleted_is_fetched_again(connect: Callable[..., Session], api: Api) -> None:
    job = connect().submit("A boat")
    job.wait(timeout=20).path.unlink()
    assert job.download().path.exists()
    assert len(api.creates()) == 1


def test_a_job_without_a_video_cannot_be_downloaded(connect: Callable[..., Session], api: Api) -> None:
    api.status = "failed"
    job = connect().submit("A boat")
    until(lambda: job.settled)
    with pytest.raises(sw.DownloadFailed, match="has no video"):
        job.download()


def test_earlier_jobs_make_the_estimate(connect: Callable[..., Session]) -> None:
    session = connect()
    session.submit("A boat").wait(timeout=20)
    assert session.plan("Another boat").estimate.source == "from 1 earlier job like this"


def test_a_job_of_another_service_is_not_touched(
    connect: Callable[..., Session], api: Api, row_of: Callable[..., life.Row]
) -> None:
    """With a key in one kernel and none in the other, both share a history: download() then loses the clip's place."""
    session = connect()
    paid = row_of(status="succeeded", request_id="req_7", service="https://www.seedance2.ink", final_at=1.0)
    session.store.add(replace(paid, clip_path="/clips/a.mp4", clip_facts=_facts()))
    with contextlib.suppress(sw.SeedanceError):
        session.save_soon("abcd2345").result(timeout=10)
    row = session.store.get("abcd2345")
    assert row is not None
    assert row.clip_path == "/clips/a.mp4"
    assert api.polls() == []


def _facts() -> Any:
    return {"size_bytes": 1, "width": 2, "height": 3, "duration_s": 4.0, "fps": 24.0, "has_audio": True}


# --- many kernels, one history ----------------------------------------------------------------------------------------
def test_a_new_session_goes_on_with_the_job_of_one_that_ended(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    first = connect()
    name = first.submit("A boat").id
    first.close()
    api.status = "succeeded"
    second = connect()
    job = second.job(name)
    assert job.wait(timeout=20).path.exists()
    assert len(api.creates()) == 1


def test_a_closed_session_sends_nothing_more(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    session = connect()
    session.submit("A boat")
    session.close()
    before = len(api.server.requests)
    time.sleep(0.4)
    assert len(api.server.requests) == before


def test_a_second_session_never_polls_what_the_first_looks_after_and_still_sees_the_end(
    connect: Callable[..., Session], api: Api
) -> None:
    api.status = "processing"
    first, second = connect(), connect(api_key="sd2_live_second")
    name = first.submit("A boat").id
    watched = second.job(name)
    until(lambda: len(api.polls()) > 5)
    assert watched.status in ("queued", "processing")
    api.status = "succeeded"
    assert watched.wait(timeout=20).path.exists()
    assert {seen.headers["authorization"] for seen in api.polls()} == {f"Bearer {KEY}"}


def test_a_session_that_ends_frees_what_it_looked_after(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    session = connect()
    job = session.submit("A boat")
    store = Store(session.store.where)
    assert not store.lease(job.id, "another")
    session.close()
    assert store.lease(job.id, "another")
    store.close()


FORK = """
import os, sys, time
import seedance_widgets as sw
from seedance_widgets.life import schedule

schedule.next_look_at = lambda row, prior, **_: (row.looked_at or 0.0) + 0.05
session = sw.connect("sd2_live_parent", sys.argv[1], home=sys.argv[2], requests_per_minute=60_000)
job = session.submit("A boat")
child = os.fork()
if child == 0:
    time.sleep(1.0)
    os._exit(0 if job.status in ("queued", "processing") else 3)
session.close()
print("closed", flush=True)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_does_not_poll(api: Api, tmp_path: Path) -> None:
    api.status = "processing"
    process = subprocess.Popen(
        [sys.executable, "-c", FORK, api.server.url, str(tmp_path / "home")], stdout=-1, stderr=-1, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "closed\n", process.communicate()[1]
    before = len(api.server.requests)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert len(api.server.requests) == before
    assert len(api.creates()) == 1


# --- what must not stop the others ------------------------------------------------------------------------------------
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_row_that_cannot_be_read_does_not_stop_the_other_jobs(
    connect: Callable[..., Session], api: Api, row_of: Callable[..., life.Row], tmp_path: Path
) -> None:
    """A newer version may have written it: a field more in the request is enough."""
    store = Store(tmp_path / "home" / "history.db")
    store.add(row_of(service=api.server.url, status="queued", request_id="req_9"))
    store.close()
    file = sqlite3.connect(tmp_path / "home" / "history.db")
    file.execute("""UPDATE jobs SET request = '{"prompt": "p", "model": "m", "media_urls": [], "seed": 7}'""")
    file.commit()
    file.close()
    session = connect()
    time.sleep(0.5)
    assert session.submit("A boat").wait(timeout=60).path.exists()


def test_an_error_of_any_kind_while_submitting_reaches_the_one_who_waits(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Store, row: life.Row, **_: Any) -> None:
        raise OverflowError("a bug of ours")

    monkeypatch.setattr(Store, "add", broken)
    with pytest.raises((OverflowError, sw.SeedanceError), match="a bug of ours"):
        connect().submit("A boat")


HANG = """
import sys
import seedance_widgets as sw
try:
    sw.connect("sd2_live_x", "http://127.0.0.1:9", home=sys.argv[1]).submit("A boat")
except sw.SeedanceError as error:
    print("told:", error)
"""


def test_a_history_that_cannot_be_opened_is_told_and_does_not_hang(tmp_path: Path) -> None:
    environment = {**os.environ, "SEEDANCE_DATABASE_URL": "postgresql+nodriver://host/db"}
    command = [sys.executable, "-c", HANG, str(tmp_path)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        pytest.fail("submit() waits for ever")
    assert "told:" in done.stdout


def test_a_look_that_turns_into_a_download_gives_its_place_back(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a look waits for its token, a webhook or a cancel may bring the news that it was to bring."""
    acquire = Limiter._acquire

    async def slowly(self: Limiter, kind: Kind) -> None:
        await asyncio.sleep(0.2)
        await acquire(self, kind)

    monkeypatch.setattr(Limiter, "_acquire", slowly)
    monkeypatch.setattr("seedance_widgets.worker.worker.AT_ONCE", 1)
    session = connect()
    for number in range(4):
        api.status = "processing"
        job = session.submit(f"Boat {number}")
        until(lambda job=job: job.status == "processing")
        time.sleep(0.1)  # now the next look waits for its token
        api.status = "succeeded"
        session.engine.worker.call(session.engine.worker.look_now, job.id).result(timeout=60)
        job.wait(timeout=60)


def test_a_session_that_is_closed_at_once_leaves_no_thread(connect: Callable[..., Session]) -> None:
    before = set(threading.enumerate())
    connect().close()
    end = time.monotonic() + 30
    while left := {thread for thread in set(threading.enumerate()) - before if "worker" in thread.name}:
        assert time.monotonic() < end, left
        time.sleep(0.05)


def test_a_viewer_that_is_told_news_is_told_before_those_who_wait(connect: Callable[..., Session]) -> None:
    told: list[str] = []

    class Viewer:
        def on_job(self, job: Any) -> None:
            time.sleep(0.02)
            told.append(job.status)

        def on_tick(self) -> None:
            pass

    session = connect()
    session.subscribe(Viewer())
    session.submit("A boat").wait(timeout=20)
    assert told[-1] == "succeeded"


# --- webhooks ---------------------------------------------------------------------------------------------------------
def test_a_webhook_is_a_reason_to_look_and_is_not_believed(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "next_look_at", lambda row, prior, **_: row.looked_at + 3_600.0)
    monkeypatch.setenv("SEEDANCE_WEBHOOK_SECRET", "whsec_test")
    api.status = "processing"
    session = connect()
    job = session.submit("A boat")
    body = json.dumps({"success": True, "requestId": "req_1", "status": "failed", "error": "a lie"}).encode()
    signature = hmac.new(b"whsec_test", body, hashlib.sha256).hexdigest()
    assert session.handle_webhook(body, signature).status == "failed"
    until(lambda: job.status == "processing")
    with pytest.raises(sw.WebhookInvalid):
        session.handle_webhook(body, "0" * 64)


def test_a_webhook_that_comes_again_changes_nothing(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDANCE_WEBHOOK_SECRET", "whsec_test")
    session = connect()
    job = session.submit("A boat")
    job.wait(timeout=20)
    body = json.dumps({"success": True, "requestId": "req_1", "status": "failed", "error": "a lie"}).encode()
    signature = hmac.new(b"whsec_test", body, hashlib.sha256).hexdigest()
    before = session.store.get(job.id)
    for _ in range(3):
        session.handle_webhook(body, signature)
    session.engine.worker.call(session.engine.worker.look_now, job.id).result(timeout=10)
    assert session.store.get(job.id) == before
    assert len(api.creates()) == 1


def test_without_a_secret_no_webhook_is_a_reason_for_anything(connect: Callable[..., Session], api: Api) -> None:
    session = connect()
    with pytest.raises(sw.WebhookInvalid, match="no webhook secret"):
        session.handle_webhook(b"{}", hmac.new(b"", b"{}", hashlib.sha256).hexdigest())
    assert api.polls() == []


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
@pytest.mark.parametrize("make", [sw.simulate, lambda home: sw.connect(KEY, "https://api.example", home)])
def test_the_data_folder_is_for_this_person_only(tmp_path: Path, make: Callable[..., Session]) -> None:
    """The bug was that the simulator made the folder first, for everybody to read."""
    session = make(home=tmp_path / "new" / "home")
    session.count()
    session.models()
    session.close()
    assert stat.S_IMODE((tmp_path / "new" / "home").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "home" / "history.db").stat().st_mode) & 0o077 == 0


def test_the_largest_clip_can_be_set(connect: Callable[..., Session], api: Api) -> None:
    job = connect(max_clip_bytes=1_000).submit("A boat")
    until(lambda: "more than 1000 bytes" in (job.row.save_problem or ""))
    assert job.clip is None


@pytest.mark.parametrize("size", [0, -1])
def test_a_largest_clip_of_nothing_is_refused(size: int) -> None:
    with pytest.raises(sw.SettingsInvalid, match="max_clip_bytes"):
        sw.connect(KEY, max_clip_bytes=size)


# --- the key ----------------------------------------------------------------------------------------------------------
def test_the_key_is_sent_to_the_api_and_is_in_no_file_and_no_text(
    connect: Callable[..., Session], api: Api, tmp_path: Path
) -> None:
    session = connect(api_key=f"  {KEY}\n")
    job = session.submit("A boat")
    clip = job.wait(timeout=20)
    assert {seen.headers.get("authorization") for seen in api.creates()} == {f"Bearer {KEY}"}
    (fetched,) = api.server.of("GET", ".mp4")
    assert "authorization" not in fetched.headers
    session.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert clip.path in files
    assert not [path for path in files if KEY.encode() in path.read_bytes()]
    shown = f"{session} {session!r} {session.settings!r} {job!r} {job.row!r} {clip!r} {session.doctor()} {vars(job)!r}"
    assert KEY not in shown + session.doctor()._repr_html_()


# --- front doors ------------------------------------------------------------------------------------------------------
@pytest.fixture
def no_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("SEEDANCE_HOME", str(tmp_path / "home"))
    sw.use_session(None)
    yield
    from seedance_widgets.session.default import current_session

    session = current_session()
    if session is not None:
        session.close()
    sw.use_session(None)


def test_without_a_key_the_default_session_is_the_simulator_and_says_so(no_default: None) -> None:
    session = sw.default_session()
    assert session.is_simulated
    assert session.label == "Simulator: no key used, nothing charged"
    assert sw.default_session() is session


def test_with_a_key_the_default_session_is_the_api(no_default: None, monkeypatch: pytest.MonkeyPatch, api: Api) -> None:
    monkeypatch.setenv("SEEDANCE_API_KEY", KEY)
    monkeypatch.setenv("SEEDANCE_BASE_URL", api.server.url)
    session = sw.default_session()
    assert not session.is_simulated
    assert session.label == f"API at {api.server.url}"


def test_connect_without_a_key_says_what_to_do() -> None:
    with pytest.raises(sw.SettingsMissing, match="SEEDANCE_API_KEY"):
        sw.connect()


@pytest.mark.parametrize("speed", [0, -1, math.nan])
def test_a_simulator_needs_a_speed(speed: float) -> None:
    with pytest.raises(sw.SettingsInvalid, match="speed"):
        sw.simulate(speed=speed)


def test_wait_all_waits_for_every_open_job(no_default: None, connect: Callable[..., Session], api: Api) -> None:
    session = connect()
    sw.use_session(session)
    jobs = [session.start(f"Boat {n}") for n in range(3)]
    sw.wait_all(timeout=30)
    assert [job.settled for job in jobs] == [True] * 3
    assert session.open_jobs() == []


# --- asyncio, patched and not -----------------------------------------------------------------------------------------
NESTED = """
import asyncio, math, sys
{patch}
import seedance_widgets as sw

session = sw.simulate(speed=math.inf, home=sys.argv[1])
small = dict(duration=4, resolution="480p", model="seedance-2.0-fast")  # one clip is rendered for all three

async def cell():
    assert session.submit("boat", **small).wait(timeout=60).path.exists()
    assert (await session.submit("boat", **small)).path.exists()
    {inside}

asyncio.run(cell())
assert session.submit("boat", **small).wait(timeout=60).path.exists()
session.close()
print("fine")
"""


@pytest.mark.parametrize(
    ("patch", "inside"),
    [
        ("import nest_asyncio; nest_asyncio.apply()", "asyncio.run(asyncio.sleep(0))"),
        ("import nest_asyncio2; nest_asyncio2.apply()", "asyncio.run(asyncio.sleep(0))"),
        (
            "import seedance_widgets; print(seedance_widgets.enable_nested_asyncio(), file=sys.stderr)",
            "asyncio.run(asyncio.sleep(0))",
        ),
        ("", "assert not hasattr(asyncio, '_nest_patched')"),
    ],
    ids=["nest_asyncio", "nest_asyncio2", "enable_nested_asyncio", "no patch"],
)
def test_jobs_work_with_and_without_a_patched_asyncio(tmp_path: Path, patch: str, inside: str) -> None:
    code = textwrap.dedent(NESTED).format(patch=patch, inside=inside)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "home")], capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.stdout == "fine\n", done.stderr


@pytest.mark.parametrize("already", ["nest_asyncio", "nest_asyncio2", ""])
def test_a_patch_that_is_in_place_is_left_alone(already: str) -> None:
    code = f"""
import asyncio
if {already!r}:
    import {already or "asyncio"} as nesting
    nesting.apply()
import seedance_widgets as sw
before = asyncio.run
first = sw.enable_nested_asyncio()
patched = asyncio.run
assert (patched is before) is bool({already!r})
assert sw.enable_nested_asyncio() == first and asyncio.run is patched
print(first)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() in ({already} if already else {"nest_asyncio", "nest_asyncio2"}), done.stderr


# --- a history in trouble ---------------------------------------------------------------------------------------------
def test_a_home_that_cannot_be_written_is_said_and_nothing_is_sent_to_the_api(
    connect: Callable[..., Session], api: Api, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file is in the way")
    session = connect()
    with pytest.warns(sw.HistoryWarning, match="kept in memory"), pytest.raises(sw.HistoryUnwritable) as caught:
        session.submit("A boat")
    assert str(caught.value).endswith("only the vendor's dashboard knows of it.")
    for way in ("Nothing was sent, nothing was charged.", "unrecorded=True", "--unrecorded", "in the Studio"):
        assert way in str(caught.value)
    assert api.creates() == []
    assert list(session.jobs()) == []
    assert "in memory" in str(session.doctor())


def test_a_home_that_cannot_be_written_stops_nobody_who_says_unrecorded(
    connect: Callable[..., Session], tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file is in the way")
    session = connect()
    with pytest.warns(sw.HistoryWarning, match="kept in memory"):
        job = session.submit("A boat", unrecorded=True)
    assert job.wait(timeout=10).path.exists()
    assert "history in memory only" in session.label
    assert [each.id for each in session.jobs()] == [job.id]


def test_a_sweep_is_not_sent_where_nothing_would_remember_it(
    connect: Callable[..., Session], api: Api, tmp_path: Path
) -> None:
    """What keeps it from being paid twice is the history."""
    (tmp_path / "home").write_text("a file is in the way")
    sweep = connect().sweep("a {n}", n=[1, 2, 3])
    with pytest.raises(sw.HistoryUnwritable):
        sweep.wait(timeout=10)
    assert api.creates() == []


def test_the_simulator_goes_on_in_memory_where_nothing_can_be_written(tmp_path: Path) -> None:
    for name in ("history.db", "submissions.jsonl"):
        (tmp_path / "home" / name).mkdir(parents=True)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    with pytest.warns(sw.HistoryWarning, match="kept in memory"):
        assert session.submit("A boat", **SMALL).wait(timeout=60).path.exists()
    session.close()


def test_an_acceptance_that_finds_the_history_locked_is_kept_and_written_later(
    connect: Callable[..., Session], api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedance_widgets.store.engine.BUSY_TIMEOUT_S", 0.2)
    monkeypatch.setattr(worker, "HOUSEKEEPING_S", 0.2)
    session, locked = connect(), []

    def lock_then_accept(seen: Seen) -> Raw:
        if not locked and api.creates():
            locked.append(sqlite3.connect(session.store.where, isolation_level=None, check_same_thread=False))
            locked[0].execute("BEGIN EXCLUSIVE")
        return api.reply(seen)

    api.server.say(lock_then_accept)
    job = session.submit("A boat")
    assert job.request_id == "req_1"
    locked[0].rollback()
    locked[0].close()
    assert job.wait(timeout=10).path.exists()
    until(lambda: session.store.get(job.id).clip_path)  # type: ignore[union-attr]
    assert len(api.creates()) == 1


def test_a_running_job_whose_history_was_deleted_is_written_anew(
    connect: Callable[..., Session], api: Api, tmp_path: Path
) -> None:
    api.status = "processing"
    session = connect()
    job = session.submit("A boat")
    for path in (tmp_path / "home").glob("*.*"):
        path.unlink()
    api.status = "succeeded"
    job.wait(timeout=10)
    row = session.store.get(job.id)
    assert row is not None
    assert row.clip_path is not None


# --- the same request again -------------------------------------------------------------------------------------------
def test_a_request_that_runs_is_found_again_within_ten_seconds(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.status = "processing"
    session = connect()
    job = session.submit("A boat")
    assert session.running_twin("A boat") is job
    assert session.running_twin("A boat", duration=4) is None, "other options are another intent"
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + 11)
    assert session.running_twin("A boat") is None


def test_a_request_that_runs_in_another_notebook_is_found_too(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    job = connect().submit("A boat")
    twin = connect().running_twin("A boat")
    assert twin is not None
    assert twin.id == job.id


def test_a_job_that_has_ended_is_not_reused(connect: Callable[..., Session]) -> None:
    session = connect()
    session.submit("A boat").wait(timeout=10)
    assert session.running_twin("A boat") is None


def test_looking_for_a_running_job_does_not_open_a_history_that_did_not_change(connect: Callable[..., Session]) -> None:
    session = connect()
    assert session.running_twin("A boat") is None
    assert session.engine._store is None


@pytest.fixture
def unconfirmed(connect: Callable[..., Session], api: Api) -> sw.Job:
    accepting, api.create = api.create, CUT
    job = connect().start("A boat")
    with pytest.raises(sw.SubmissionUncertain):
        job.wait_accepted()
    api.create = accepting
    return job


def test_an_unconfirmed_request_is_not_sent_again_unless_it_is_meant(
    unconfirmed: sw.Job, connect: Callable[..., Session], api: Api
) -> None:
    later = connect()
    with pytest.raises(sw.SentBefore) as caught:
        later.start("A boat", fresh=False).wait_accepted()
    assert caught.value.job.id == unconfirmed.id
    assert "may have been charged" in caught.value.charged
    assert len(api.creates()) == 1
    assert later.start("A boat", fresh=True).wait(timeout=10).path.exists()
    assert len(api.creates()) == 2


def test_a_discarded_job_is_closed_and_its_request_may_be_sent_again(unconfirmed: sw.Job, api: Api) -> None:
    unconfirmed.discard()
    assert (unconfirmed.status, unconfirmed.status_text, unconfirmed.settled) == ("failed", "Discarded", True)
    assert unconfirmed.error is not None
    assert "may have been charged" in unconfirmed.error.charged
    assert unconfirmed.session.start("A boat", fresh=False).wait(timeout=10).path.exists()


def test_a_discarded_job_can_still_be_adopted(unconfirmed: sw.Job) -> None:
    unconfirmed.discard()
    unconfirmed.adopt("req_1")
    assert unconfirmed.wait(timeout=10).path.exists()


def test_only_an_unconfirmed_job_is_discarded(connect: Callable[..., Session]) -> None:
    job = connect().submit("A boat")
    with pytest.raises(sw.SeedanceError, match="only an unconfirmed job"):
        job.discard()


# --- waiting for a turn -----------------------------------------------------------------------------------------------
def test_a_request_that_waits_for_its_turn_when_its_kernel_ends_was_not_sent(
    connect: Callable[..., Session], api: Api, row_of: Callable[..., life.Row], tmp_path: Path
) -> None:
    store = Store(tmp_path / "home" / "history.db")
    store.add(row_of(service=api.server.url, sent_at=None))
    store.close()
    job = connect().job("abcd2345")
    until(lambda: job.final)
    assert job.status_text == "Not sent"
    assert job.error is not None
    assert job.error.charged == "Nothing was charged."


def test_it_is_written_that_a_request_leaves_before_it_does(connect: Callable[..., Session], api: Api) -> None:
    """The row is there, waits, and is marked when its turn has come."""
    session, seen = connect(), []

    def look(request: Seen) -> Raw:
        if request.method == "POST":
            seen.extend(row.sent_at for row in session.store.rows())
        return api.reply(request)

    api.server.say(look)
    session.submit("A boat").wait(timeout=10)
    assert len(seen) == 1
    assert seen[0] is not None


# --- one budget -------------------------------------------------------------------------------------------------------
def test_sixty_submissions_ask_for_the_models_once(connect: Callable[..., Session], api: Api) -> None:
    """The bug: each asked for itself until one had an answer."""

    def slowly(seen: Seen) -> Raw:
        reply = api.reply(seen)
        return replace(reply, hang_s=0.3) if seen.path.endswith("/models") else reply

    api.server.say(slowly)
    session = connect()
    jobs = [session.start(f"Boat {number}") for number in range(60)]
    for job in jobs:
        job.wait_accepted(timeout=30)
    assert len(api.server.of("GET", "/models")) == 1
    assert len(api.server.of("POST")) == 60


def test_models_that_do_not_come_are_not_asked_for_at_each_submission(
    connect: Callable[..., Session], api: Api
) -> None:
    api.server.say(lambda seen: error(404, "not_found") if seen.path.endswith("/models") else api.reply(seen))
    session = connect()
    for number in range(5):
        session.submit(f"Boat {number}")
    assert len(api.server.of("GET", "/models")) == 1


def test_no_more_leaves_at_once_than_a_quarter_of_the_minute_whatever_it_is(tmp_path: Path, api: Api) -> None:
    """The bug: what was sent again and the list of models needed no turn; thirty jobs made 174 requests in a minute."""
    api.server.say(lambda seen: answer(503, b"") if seen.method == "GET" else error(429, "rate_limited"))
    session = sw.connect(KEY, api.server.url, tmp_path / "home", requests_per_minute=20)
    for number in range(30):
        session.start(f"Boat {number}")
    time.sleep(4.0)
    assert 1 <= len(api.server.requests) <= 5 + 2
    session.close()


def test_a_create_that_waits_as_the_server_asked_says_until_when(connect: Callable[..., Session], api: Api) -> None:
    api.server.say(lambda seen: error(429, "no", retry_after="40") if seen.method == "POST" else api.reply(seen))
    session = connect()
    job = session.start("A boat")
    until(lambda: re.fullmatch(r"Not accepted yet; sending it again at \d\d:\d\d:\d\d", job.status_text))
    assert job.row.sent_at is None  # if the kernel died now: not sent, nothing was charged
    job.cancel()  # nobody waits those forty seconds
    assert job.status_text == "Not sent"
    assert len(api.server.of("POST")) == 1


# --- two looks at once ------------------------------------------------------------------------------------------------
def test_news_that_waits_to_be_written_is_not_lost_to_an_older_answer(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug: a look that says `queued` came while the end, which Cancel had asked for, waited for the store."""
    asked, ended, read = [], threading.Event(), Store.get

    def reply(seen: Seen) -> Raw:
        if "/video/generations/" in seen.path and seen.method == "GET":
            asked.append(seen)
            api.status = "queued" if len(asked) == 1 else "succeeded"
            if len(asked) != 2:  # the first comes late, and no other comes to help
                return Raw(api.reply(seen).data, hang_s=0.5 if len(asked) == 1 else 30)
            ended.set()
        return api.reply(seen)

    def slow(store: Store, job_id: str) -> life.Row | None:
        time.sleep(1.0 if ended.is_set() else 0.0)
        return read(store, job_id)

    api.cancel = error(409, "conflict")
    api.server.say(reply)
    job = connect().submit("A boat")
    until(lambda: asked)
    monkeypatch.setattr(Store, "get", slow)
    assert job.cancel().status == "succeeded"
