"""Answers that were lost, requests that are refused, and webhooks: what is believed, and what is never sent twice."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samples import until
from scripted import CUT, Raw, answer, error
from session_service import KEY, Api, api, connect, place

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.life import schedule
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store

__all__ = ["api", "connect", "place"]


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
