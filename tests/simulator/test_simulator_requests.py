"""What the four endpoints take, and how they say no."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import GENERATIONS, Api

GOOD = {"model": "seedance-2.0", "prompt": "a paper boat"}
WEB = "https://example.com/a.png"


def error_of(answer: Any) -> tuple[int, str, str]:
    body = answer.json()
    assert set(body) == {"success", "error"}
    assert body["success"] is False
    assert set(body["error"]) == {"code", "message"}
    return answer.status_code, body["error"]["code"], body["error"]["message"]


def test_models_are_listed_as_the_reference_prints_them(api: Api) -> None:
    models = api.ask("GET", "/api/open/v1/models").json()["data"]
    assert [model["id"] for model in models] == ["seedance-2.0", "seedance-2.0-fast", "seedance-1.5-pro"]
    assert models[0]["usdPerSecond"] == {"480p": 0.05, "720p": 0.1, "1080p": 0.2}
    assert models[2]["durations"] == [5, 10]


def test_a_create_is_queued_and_charged(api: Api) -> None:
    answer = api.create()
    assert answer.status_code == 200
    body = answer.json()
    assert body == {"success": True, "requestId": body["requestId"], "status": "queued", "creditsCharged": 40}
    assert body["requestId"].startswith("req_")
    assert len(body["requestId"]) >= 14


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"prompt": "x"}, "model is required"),
        ({"model": "seedance-2.0"}, "prompt is required"),
        (GOOD | {"prompt": 7}, "prompt must be a string"),
        (GOOD | {"prompt": None}, "prompt must be a string"),
        (GOOD | {"prompt": "  \n"}, "prompt"),
        (GOOD | {"prompt": "\ud800"}, "prompt"),
        (GOOD | {"model": "seedance-9"}, "model"),
        (GOOD | {"model": ["seedance-2.0"]}, "model must be a string"),
        (GOOD | {"duration": 3}, "duration"),
        (GOOD | {"duration": 16}, "duration"),
        (GOOD | {"duration": "5"}, "duration must be an integer"),
        (GOOD | {"duration": 5.5}, "duration must be an integer"),
        (GOOD | {"duration": True}, "duration must be an integer"),
        (GOOD | {"duration": None}, "duration must be an integer"),
        ({"model": "seedance-1.5-pro", "prompt": "x", "duration": 7}, "duration"),
        (GOOD | {"aspectRatio": "4:3"}, "aspectRatio"),
        (GOOD | {"aspectRatio": 1}, "aspectRatio must be a string"),
        (GOOD | {"resolution": "4k"}, "resolution"),
        (GOOD | {"mediaUrls": []}, "mediaUrls must be an array of 1 to 5"),
        (GOOD | {"mediaUrls": [WEB] * 6}, "mediaUrls"),
        (GOOD | {"mediaUrls": WEB}, "mediaUrls must be an array of strings"),
        (GOOD | {"mediaUrls": [WEB, 5]}, "mediaUrls must be an array of 1 to 5"),
        (GOOD | {"mediaUrls": ["http://example.com/a.png"]}, "mediaUrls"),
        (GOOD | {"mediaUrls": ["https://127.0.0.1/a.png"]}, "mediaUrls"),
        (GOOD | {"mediaUrls": ["file:///etc/passwd"]}, "mediaUrls"),
        (GOOD | {"webhookUrl": "http://example.com/hook"}, "webhookUrl"),
        (GOOD | {"webhookUrl": "https://user:pw@example.com/hook"}, "webhookUrl"),
        (GOOD | {"webhookUrl": "http://127.0.0.1:99999/"}, "webhookUrl"),
        (GOOD | {"webhookUrl": 5}, "webhookUrl must be a string"),
        (GOOD | {"metadata": []}, "metadata must be an object"),
        (GOOD | {"metadata": {"simulator": 5}}, "metadata.simulator must be"),
        (GOOD | {"metadata": {"simulator": {"outcome": "lost"}}}, "metadata.simulator.outcome"),
        (GOOD | {"metadata": {"simulator": {"seconds": -1}}}, "metadata.simulator.seconds"),
        (GOOD | {"metadata": {"simulator": {"seconds": 10**400}}}, "metadata.simulator.seconds"),
        (GOOD | {"metadata": {"simulator": {"seed": "x"}}}, "metadata.simulator.seed"),
    ],
)
def test_what_does_not_fit_is_refused_by_name_and_not_charged(api: Api, fields: Any, named: str) -> None:
    raw = json.dumps(fields)
    status, code, message = error_of(api.ask("POST", GENERATIONS, content=raw))
    assert (status, code) == (400, "invalid_request")
    assert named in message
    assert api.simulator.credits_left == 10_000


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'"text"', b'{"model": NaN}', b"[" * 100_000, b"9" * 5_000],
    ids=["empty", "cut", "no utf-8", "array", "null", "string", "NaN", "too deep", "too many digits"],
)
def test_a_body_that_is_no_json_object_is_refused(api: Api, raw: bytes) -> None:
    assert error_of(api.ask("POST", GENERATIONS, content=raw))[:2] == (400, "invalid_request")


def test_a_huge_body_is_refused(api: Api) -> None:
    status, _, message = error_of(api.create(prompt="x" * 1_100_000))
    assert status == 400
    assert "larger than" in message


@pytest.mark.parametrize("more", [{"unheardOf": 1}, {"metadata": {"a": [None, {"b": 1.5}]}}, {"duration": 5.0}])
def test_unknown_fields_free_metadata_and_whole_floats_are_taken(api: Api, more: Any) -> None:
    assert api.create(**more).status_code == 200


def test_a_prompt_comes_back_byte_for_byte(api: Api) -> None:
    prompt = "\t“雨” – قارب 🚣 {x} $y #1 --z?\r\nline;\u2028 "
    assert api.look(api.created(prompt=prompt))["prompt"] == prompt


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/api/open/v1/models/", 404, "not_found"),
        ("GET", f"{GENERATIONS}/req_0000000000", 404, "not_found"),
        ("GET", f"{GENERATIONS}/..%2F..%2Fetc", 404, "not_found"),
        ("GET", f"{GENERATIONS}/%F0%9F%9A%80", 404, "not_found"),
        ("POST", f"{GENERATIONS}/req_0000000000/cancel", 404, "not_found"),
        ("GET", GENERATIONS, 405, "invalid_request"),
        ("DELETE", f"{GENERATIONS}/req_0000000000", 405, "invalid_request"),
        ("POST", "/api/open/v1/models", 405, "invalid_request"),
    ],
)
def test_other_paths_and_methods_are_answered_in_the_envelope(
    api: Api, method: str, path: str, status: int, code: str
) -> None:
    answer = api.ask(method, path)
    assert error_of(answer)[:2] == (status, code)
    assert status != 405 or answer.headers["allow"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer sd2_live_other"},
        {"Authorization": "Basic sd2_live_simulator"},
        {"Authorization": "sd2_live_simulator"},
        {"Authorization": b"Bearer \xe9"},
    ],
)
@pytest.mark.parametrize(("method", "path"), [("GET", "/api/open/v1/models"), ("POST", GENERATIONS), ("GET", "/nope")])
def test_without_the_key_everything_is_401_before_it_is_anything_else(
    api: Api, headers: Any, method: str, path: str
) -> None:
    answer = api.ask(method, path, headers=headers, content=b"{")
    assert error_of(answer) == (401, "unauthorized", "Invalid API key")


def test_head_is_get_without_a_body(api: Api) -> None:
    answer = api.ask("HEAD", "/api/open/v1/models")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"] == "application/json"


def test_options_tells_the_methods_without_a_key(api: Api) -> None:
    answer = api.ask("OPTIONS", GENERATIONS, headers={})
    assert (answer.status_code, answer.headers["allow"]) == (204, "POST")


def test_an_unexpected_failure_comes_in_the_envelope(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(request_id: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(api.service, "look", break_down)
    answer = api.ask("GET", f"{GENERATIONS}/req_0000000000")
    assert error_of(answer) == (500, "internal_error", "Unexpected failure")


def test_requests_over_the_limit_are_told_how_long_to_wait(make_api: Callable[..., Api], clock: Any) -> None:
    api = make_api(requests_per_minute=2)
    assert api.ask("GET", "/api/open/v1/models").status_code == 200
    clock.pass_s(10)
    assert api.ask("GET", "/api/open/v1/models").status_code == 200
    refused = api.create()
    assert error_of(refused)[:2] == (429, "rate_limited")
    assert refused.headers["retry-after"] == "50"
    assert api.simulator.credits_left == 10_000
    clock.pass_s(50)
    assert api.create().status_code == 200
