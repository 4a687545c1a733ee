"""Sessions and jobs as people use them: a job from its submission to its clip, waiting, how it can end, the doors."""

from __future__ import annotations

import asyncio
import gc
import math
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from samples import until
from scripted import Raw, Seen, answer, error
from session_service import KEY, SMALL, Api, api, connect, place, simulated

import seedance_widgets as sw
from seedance_widgets.clips import video
from seedance_widgets.session.session import Session

__all__ = ["api", "connect", "place", "simulated"]


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


def test_a_refusal_stays_the_same_error_when_nobody_holds_its_job(connect: Callable[..., Session], api: Api) -> None:
    """It was a GenerationFailed as soon as the object of the cell that had sent it was collected."""
    api.create = error(401, "unauthorized")
    session = connect()
    with pytest.raises(sw.Unauthorized):
        session.submit("A boat")
    gc.collect()
    (job,) = session.jobs()
    with pytest.raises(sw.Unauthorized):
        job.wait(timeout=60)


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
