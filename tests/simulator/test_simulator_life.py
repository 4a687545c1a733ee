"""A generation from queued to final: over time, over restarts, and what it costs."""

from __future__ import annotations

import math
import random
import statistics
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.simulator import SimulatorSettings, film
from seedance_widgets.simulator.prices import credits_for
from seedance_widgets.simulator.records import Record, new_record
from seedance_widgets.types import GenerationRequest

from .conftest import GENERATIONS, STAND_IN, Api, Clock

RECORD = Record(
    request_id="req_0123456789",
    created_at=100.0,
    processing_at=110.0,
    final_at=190.0,
    outcome="succeeded",
    credits_charged=40,
    model="seedance-2.0",
    prompt="x",
    duration=5,
    aspect_ratio="16:9",
    resolution="720p",
)


@pytest.mark.parametrize(
    ("now", "status"),
    [(100, "queued"), (109.9, "queued"), (110, "processing"), (189.9, "processing"), (190, "succeeded")],
)
def test_the_status_follows_from_the_clock_alone(now: float, status: str) -> None:
    assert RECORD.status(now) == status


def test_a_cancelled_generation_stays_cancelled() -> None:
    assert {RECORD.cancelled(120.0).status(now) for now in (120.0, 190.0, 1e12)} == {"cancelled"}


def test_a_record_survives_the_disk() -> None:
    record = RECORD.cancelled(120.0).failed("content_policy", "日本")
    assert Record.from_json(record.to_json()) == record


def test_a_median_job_takes_ninety_seconds_divided_by_the_speed() -> None:
    request = GenerationRequest(prompt="x", model="seedance-2.0", duration=5, aspect_ratio="16:9", resolution="720p")
    dice = random.Random(1)

    def seconds(speed: float) -> float:
        settings = SimulatorSettings(speed=speed)
        record = new_record(
            request, request_id="req_0123456789", now=0.0, credits_charged=0, settings=settings, dice=dice
        )
        return record.final_at

    assert statistics.median(seconds(1) for _ in range(2000)) == pytest.approx(90, rel=0.03)
    assert statistics.median(seconds(30) for _ in range(2000)) == pytest.approx(3, rel=0.03)
    assert seconds(math.inf) == 0


@pytest.mark.parametrize("speed", [0, -1, math.nan])
def test_a_speed_must_be_above_zero(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        SimulatorSettings(speed=speed)


@pytest.mark.parametrize(
    ("model", "seconds", "resolution", "media", "price"),
    [
        ("seedance-2.0", 5, "720p", 0, 40),  # printed in the reference
        ("seedance-2.0", 5, "720p", 1, 64),  # printed in the reference
        ("seedance-2.0", 10, "720p", 0, 80),
        ("seedance-2.0", 5, "480p", 0, 20),
        ("seedance-2.0", 5, "1080p", 5, 128),
        ("seedance-2.0", 4, "480p", 1, 26),
        ("seedance-2.0-fast", 5, "720p", 0, 40),
    ],
)
def test_credits_follow_seconds_price_and_media(
    model: str, seconds: int, resolution: str, media: int, price: int
) -> None:
    urls = tuple(f"https://example.com/{n}.png" for n in range(media))
    request = GenerationRequest(prompt="x", model=model, duration=seconds, resolution=resolution, media_urls=urls)
    assert credits_for(request) == price


def test_a_generation_goes_from_queued_to_a_clip(api: Api, clock: Clock) -> None:
    request_id = api.created(metadata={"simulator": {"seconds": 100}})
    assert api.look(request_id)["status"] == "queued"
    clock.pass_s(50)
    assert api.look(request_id)["status"] == "processing"
    clock.pass_s(50)
    api.wait_for_film(request_id)
    body = api.look(request_id)
    assert body["status"] == "succeeded"
    assert body["error"] is None
    assert api.ask("GET", body["output"]["url"], headers={}).content == STAND_IN


def test_succeeded_is_said_only_when_the_clip_exists(api: Api, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    developed = threading.Event()

    def slow(spec: film.ClipSpec, path: Path, **_: Any) -> None:
        assert developed.wait(10)
        path.write_bytes(STAND_IN)

    monkeypatch.setattr(film, "render", slow)
    request_id = api.created(metadata={"simulator": {"seconds": 1}})
    clock.pass_s(5)
    late = api.look(request_id)
    assert (late["status"], late["output"]) == ("processing", None)
    developed.set()
    api.wait_for_film(request_id)
    assert api.look(request_id)["status"] == "succeeded"


def test_at_infinite_speed_the_first_look_is_final(make_api: Callable[..., Api]) -> None:
    api = make_api(speed=math.inf)
    assert api.look(api.created())["status"] == "succeeded"


@pytest.mark.parametrize("outcome", ["failed", "cancelled", "succeeded"])
def test_the_outcome_can_be_asked_for(make_api: Callable[..., Api], outcome: str) -> None:
    api = make_api(speed=math.inf)
    body = api.look(api.created(metadata={"simulator": {"outcome": outcome}}))
    assert body["status"] == outcome
    assert (body["error"] or {}).get("code") == ("content_policy" if outcome == "failed" else None)
    assert bool(body["output"]) == (outcome == "succeeded")


def test_a_clip_that_cannot_be_made_is_a_failed_generation(
    make_api: Callable[..., Api], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(spec: film.ClipSpec, path: Path, **_: Any) -> None:
        raise film.RenderFailed("no encoder")

    monkeypatch.setattr(film, "render", broken)
    api = make_api(speed=math.inf)
    body = api.look(api.created())
    assert body["status"] == "failed"
    assert body["error"] == {"code": "internal_error", "message": "The clip could not be rendered: no encoder"}


@pytest.mark.parametrize("waited_s", [0, 50])
def test_cancel_works_while_it_is_queued_or_processing(api: Api, clock: Clock, waited_s: float) -> None:
    request_id = api.created(metadata={"simulator": {"seconds": 100}})
    clock.pass_s(waited_s)
    assert api.cancel(request_id).json()["status"] == "cancelled"
    clock.pass_s(500)
    assert api.look(request_id)["status"] == "cancelled"


@pytest.mark.parametrize("outcome", ["failed", "cancelled", "succeeded"])
def test_a_final_generation_cannot_be_cancelled(make_api: Callable[..., Api], outcome: str) -> None:
    api = make_api(speed=math.inf)
    request_id = api.created(metadata={"simulator": {"outcome": outcome}})
    api.look(request_id)
    answer = api.cancel(request_id)
    assert answer.status_code == 400
    assert outcome in answer.json()["error"]["message"]


def test_credits_run_out_and_stay_spent_after_a_cancel(make_api: Callable[..., Api]) -> None:
    api = make_api(credits=100)
    first = api.created()
    api.cancel(first)
    assert api.create().status_code == 200
    refused = api.create()
    assert refused.status_code == 402
    assert refused.json()["error"]["message"] == "This job takes 40 credits; 20 are left."
    assert api.create(duration=4, resolution="480p").status_code == 200
    assert api.simulator.credits_left == 4


def test_the_same_seed_gives_the_same_durations(make_api: Callable[..., Api]) -> None:
    def length(api: Api) -> float:
        record = api.service.folder.find(api.created())
        assert record is not None
        return record.final_at - record.created_at

    one, other, third = make_api(seed=5), make_api(seed=5), make_api(seed=6)
    lengths = [length(one), length(one)]
    assert [length(other), length(other)] == lengths
    assert length(third) != lengths[0]


def test_a_generation_goes_on_where_no_simulator_lives(
    make_api: Callable[..., Api], clock: Clock, tmp_path: Path
) -> None:
    first = make_api(home=tmp_path, credits=100)
    request_id = first.created(metadata={"simulator": {"seconds": 100}})
    first.simulator.close()
    clock.pass_s(50)
    second = make_api(home=tmp_path, credits=100)
    assert second.look(request_id)["status"] == "processing"
    clock.pass_s(50)
    second.wait_for_film(request_id)
    assert second.look(request_id)["status"] == "succeeded"
    assert second.simulator.credits_left == 60


def test_two_simulators_over_one_folder_agree(make_api: Callable[..., Api], tmp_path: Path) -> None:
    one, other = make_api(home=tmp_path, credits=100), make_api(home=tmp_path, credits=100)
    request_id = one.created()
    assert other.look(request_id)["status"] == "queued"
    assert other.simulator.credits_left == 60
    other.cancel(request_id)
    assert one.look(request_id)["status"] == "cancelled"
    assert (one.create().status_code, other.create().status_code) == (200, 402)


def test_a_file_that_is_no_record_is_passed_over(make_api: Callable[..., Api], tmp_path: Path) -> None:
    api = make_api(home=tmp_path)
    (tmp_path / "generations" / "req_0000000000.json").write_text('{"version": 99}')
    assert api.ask("GET", f"{GENERATIONS}/req_0000000000").status_code == 404
    assert api.simulator.credits_left == 10_000


def test_equal_requests_share_one_film(make_api: Callable[..., Api], tmp_path: Path) -> None:
    api = make_api(home=tmp_path, speed=math.inf)
    for fields in ({}, {}, {"prompt": "another"}, {"metadata": {"simulator": {"seed": 2}}}):
        api.look(api.created(**fields))
    assert len(list((tmp_path / "clips").glob("*.mp4"))) == 3


def test_a_film_nobody_wants_any_more_is_not_finished(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, going, ended = threading.Event(), threading.Event(), threading.Event()

    def slow(spec: film.ClipSpec, path: Path, *, checkpoint: Callable[[], None]) -> None:
        path.write_bytes(STAND_IN)
        begun.set()
        assert going.wait(10)
        try:
            checkpoint()
        finally:
            ended.set()

    monkeypatch.setattr(film, "render", slow)
    request_id = api.created()
    assert begun.wait(10)
    api.cancel(request_id)
    going.set()
    assert ended.wait(10)
    api.service.close()
    assert not list(api.service.folder.clips.iterdir())
