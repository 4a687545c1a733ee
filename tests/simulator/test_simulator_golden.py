"""The simulator against the golden exchanges, which are written from the contract and shared with the client's tests.

A file with `given` names the state of the server in which the exchange happens; the others are answers of a server
that is not ours, for the client alone.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.simulator.answers import webhook_body
from seedance_widgets.simulator.records import Record

from .conftest import Api, Clock

FILES = sorted((Path(__file__).parent.parent / "golden").glob("*.json"))
GOLDEN = {path.stem: json.loads(path.read_text("utf-8")) for path in FILES}
REPLAYED = {name: golden for name, golden in GOLDEN.items() if "given" in golden and "event" not in golden["means"]}
EVENTS = {name: golden for name, golden in GOLDEN.items() if "given" in golden and "event" in golden["means"]}
GENERATED = {"requestId", "url", "message", "data"}


def test_there_are_golden_exchanges_for_every_status_and_error() -> None:
    statuses = {golden["response"]["status"] for golden in REPLAYED.values()}
    assert statuses == {200, 400, 401, 402, 404, 429, 500}
    shown = {golden["response"].get("body", {}).get("status") for golden in REPLAYED.values()}
    assert shown >= {"queued", "processing", "succeeded", "failed", "cancelled"}
    assert [int(path.stem[:2]) for path in FILES] == list(range(1, len(FILES) + 1))


@pytest.mark.parametrize("name", REPLAYED)
def test_the_simulator_answers_as_the_contract_says(
    make_api: Callable[..., Api], clock: Clock, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    golden = REPLAYED[name]
    given, request, response = golden["given"], golden["request"], golden["response"]
    limits = {key: given[key] for key in ("credits", "requests_per_minute") if key in given}
    api = make_api(speed=math.inf, api_key="sd2_live_golden", **limits)
    if "generation" in given:
        api.service.folder.save(record_of(given["generation"], clock()))
        api.wait_for_film(given["generation"]["request_id"])
    if given.get("broken"):
        monkeypatch.setattr(api.service, "look", lambda request_id: 1 / 0)
    body = {"json": request["body"]} if "body" in request else {}
    answer = api.ask(request["method"], request["path"], headers=request.get("headers", {}), **body)
    assert answer.status_code == response["status"]
    assert {key.lower() for key in response.get("headers", {})} <= set(answer.headers)
    assert_alike(answer.json(), response["body"])
    if "data" in response["body"]:
        assert_alike(answer.json()["data"][0], response["body"]["data"][0])


@pytest.mark.parametrize("name", EVENTS)
def test_webhooks_have_the_body_of_the_contract(clock: Clock, name: str) -> None:
    golden = EVENTS[name]
    record = record_of(golden["given"]["generation"], clock())
    assert_alike(webhook_body(record, record.status(clock()), "https://files.test"), golden["request"]["body"])


def record_of(generation: dict[str, Any], now: float) -> Record:
    """A generation that has the given status now."""
    status, asked = generation["status"], generation["request"]
    final = status in ("succeeded", "failed", "cancelled")
    return Record(
        request_id=generation["request_id"],
        created_at=now - 100,
        processing_at=now + 50 if status == "queued" else now - 50,
        final_at=now if final else now + 100,
        outcome=status if final else "succeeded",
        credits_charged=40,
        model=asked["model"],
        prompt=asked["prompt"],
        duration=asked["duration"],
        aspect_ratio=asked["aspectRatio"],
        resolution=asked["resolution"],
        problem={"code": "content_policy", "message": "no"} if status == "failed" else None,
    )


def assert_alike(ours: Any, theirs: Any, name: str = "") -> None:
    """The same keys and JSON types everywhere, and the same values where the contract fixes them."""
    assert type(ours) is type(theirs), name
    if isinstance(theirs, dict):
        assert set(ours) == set(theirs), name
        for key, value in theirs.items():
            if key != "data":
                assert_alike(ours[key], value, key)
    elif name not in GENERATED:
        assert ours == theirs, name
