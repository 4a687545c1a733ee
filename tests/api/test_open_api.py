"""The endpoints as data, seen from the client: the golden exchanges, and every answer that no server should give."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedance_widgets import errors
from seedance_widgets.api import open_api
from seedance_widgets.api.call import Answer, Call, retry_after_s
from seedance_widgets.errors import AnswerUnreadable, ApiError, RateLimited, ServerFailed
from seedance_widgets.request.body import request_body, request_from_body
from seedance_widgets.types import GenerationRequest

MakeRequest = Callable[..., GenerationRequest]
Golden = dict[str, Any]

GOLDEN = {
    path.stem: json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[1] / "golden").glob("*.json"))
}


def those(kind: str) -> pytest.MarkDecorator:
    """One test for each golden exchange that means `kind`."""
    found = [pytest.param(golden, id=name) for name, golden in GOLDEN.items() if kind in golden["means"]]
    assert found, f"no golden exchange means {kind}"
    return pytest.mark.parametrize("golden", found)


def call_of(golden: Golden) -> Call[Any]:
    """Our call for the request of an exchange."""
    method, path = golden["request"]["method"], golden["request"]["path"]
    if method == "GET" and path.endswith("/models"):
        return open_api.list_models()
    if path.endswith("/cancel"):
        return open_api.cancel_generation(path.split("/")[-2])
    if method == "GET":
        return open_api.get_generation(path.split("/")[-1])
    body = {"prompt": "", "model": "", **golden["request"].get("body", {})}
    return open_api.create_generation(request_from_body(body))


def answer_of(golden: Golden) -> Answer:
    response = golden["response"]
    return Answer(
        status_code=response["status"],
        headers={name.lower(): value for name, value in response.get("headers", {}).items()},
        body=json.dumps(response["body"]).encode(),
    )


def said(status: int, body: Any, **headers: str) -> Answer:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Answer(status_code=status, headers={k.replace("_", "-"): v for k, v in headers.items()}, body=data)


def accepted(body: Any) -> Any:
    request = GenerationRequest(prompt="p", model="seedance-2.0")
    return open_api.create_generation(request).read(said(200, body))


# --- golden -----------------------------------------------------------------------------------------------------------
def test_every_kind_of_golden_exchange_is_read_here() -> None:
    assert {next(iter(g["means"])) for g in GOLDEN.values()} <= {"models", "accepted", "generation", "error", "event"}


@pytest.mark.parametrize("golden", [pytest.param(g, id=n) for n, g in GOLDEN.items() if "event" not in g["means"]])
def test_we_send_the_golden_request(golden: Golden) -> None:
    call, wanted = call_of(golden), golden["request"]
    assert (call.method, call.path) == (wanted["method"], wanted["path"])
    if "prompt" in wanted.get("body", {}):
        assert json.loads(call.body or b"") == wanted["body"]


@those("models")
def test_we_read_the_golden_models(golden: Golden) -> None:
    models = call_of(golden).read(answer_of(golden))
    assert len(models) == len(golden["means"]["models"])
    for model, wanted in zip(models, golden["means"]["models"], strict=True):
        found = {name: getattr(model, name) for name in wanted}
        assert json.loads(json.dumps(found)) == wanted


@pytest.mark.parametrize(
    "odd", [None, 7, "seedance", [], {}, {"id": None}, {"id": {}}, {"id": "x", "durations": "long"}]
)
def test_an_odd_item_in_the_list_of_models_does_not_hide_the_others(odd: Any) -> None:
    whole = {
        "id": "seedance-2.0",
        "name": "Seedance",
        "durations": [5],
        "resolutions": ["720p"],
        "aspectRatios": ["16:9"],
    }
    body = json.dumps({"success": True, "data": [odd, whole, odd]}).encode()
    models = open_api.list_models().read(Answer(status_code=200, headers={}, body=body))
    assert [model.id for model in models if model.id == "seedance-2.0"] == ["seedance-2.0"]


@those("accepted")
def test_we_read_the_golden_acceptance(golden: Golden) -> None:
    found = call_of(golden).read(answer_of(golden))
    assert {name: getattr(found, name) for name in golden["means"]["accepted"]} == golden["means"]["accepted"]


@those("generation")
def test_we_read_the_golden_generation(golden: Golden) -> None:
    found = call_of(golden).read(answer_of(golden))
    wanted = dict(golden["means"]["generation"])
    problem = wanted.pop("problem", None)
    assert {name: getattr(found, name) for name in wanted} == wanted
    assert (problem is None) is (found.problem is None)
    if problem:
        assert (found.problem.code, found.problem.message) == (problem["code"], problem["message"])


@those("error")
def test_we_read_the_golden_error(golden: Golden) -> None:
    wanted = dict(golden["means"]["error"])
    with pytest.raises(ApiError) as caught:
        call_of(golden).read(answer_of(golden))
    assert type(caught.value) is getattr(errors, wanted.pop("class"))
    assert {name: getattr(caught.value, name) for name in wanted} == wanted


# --- requests ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("call", "repeatable"),
    [
        (open_api.list_models(), True),
        (open_api.get_generation("req_1"), True),
        (open_api.cancel_generation("req_1"), True),
        (open_api.create_generation(GenerationRequest(prompt="p", model="m")), False),
    ],
    ids=["models", "get", "cancel", "create"],
)
def test_only_a_create_must_not_be_repeated(call: Call[Any], repeatable: bool) -> None:
    assert call.repeatable is repeatable


def test_what_is_left_to_the_server_is_not_in_the_body() -> None:
    assert request_body(GenerationRequest(prompt="p", model="m")) == {"prompt": "p", "model": "m"}


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_prompt_goes_over_the_wire_byte_for_byte(prompt: str) -> None:
    body = open_api.create_generation(GenerationRequest(prompt=prompt, model="m")).body
    assert json.loads(body or b"")["prompt"] == prompt


def test_a_body_is_utf_8_and_not_escapes() -> None:
    assert "🚣 雨".encode() in (open_api.create_generation(GenerationRequest(prompt="🚣 雨", model="m")).body or b"")


requests = st.builds(
    GenerationRequest,
    prompt=st.text(min_size=1),
    model=st.text(min_size=1),
    duration=st.none() | st.integers(1, 20),
    aspect_ratio=st.none() | st.just("16:9"),
    resolution=st.none() | st.just("720p"),
    media_urls=st.lists(st.just("https://h.example/a.png"), max_size=3).map(tuple),
    webhook_url=st.none() | st.just("https://h.example/hook"),
    metadata=st.none() | st.dictionaries(st.text(), st.integers() | st.text() | st.none(), min_size=1),
)


@given(requests)
def test_a_request_can_be_read_back_from_its_body(request: GenerationRequest) -> None:
    assert request_from_body(request_body(request)) == request


@pytest.mark.parametrize("name", ["../models", "a/b", "a?b=c", "a#b", "a b", "ü", "%2e%2e", "a\r\nX: y"])
def test_a_request_id_stays_one_part_of_the_path(name: str) -> None:
    path = open_api.get_generation(name).path
    rest = path.removeprefix(f"{open_api.PREFIX}/video/generations/")
    assert rest.isascii()
    assert not set(rest) & set("/?# \r\n")


@pytest.mark.parametrize("name", ["..", "."])
def test_a_request_id_of_dots_does_not_climb_out_of_the_path(name: str) -> None:
    assert open_api.get_generation(name).path.rpartition("/")[2] not in (".", "..")


# --- answers that no server should give -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "body",
    [
        {"success": True, "requestId": "req_1", "status": "queued", "creditsCharged": "many"},
        {"success": True, "requestId": "req_1", "status": "queued", "creditsCharged": 40.5},
        {"success": True, "requestId": "req_1", "status": "queued", "creditsCharged": [40]},
        {"success": True, "requestId": "req_1", "status": "queued", "creditsCharged": None},
        {"success": True, "requestId": "req_1", "creditsCharged": 40},
        {"success": True, "data": {"requestId": "req_1", "status": "queued"}},
        {"requestId": "req_1"},
        {"success": True, "requestId": "req_1", "status": None},
        {"success": "ok", "requestId": "req_1", "status": "queued"},
        {"success": True, "requestId": None, "data": {"requestId": "req_1"}},
    ],
)
def test_nonsense_beside_a_request_id_never_costs_an_accepted_job(body: Any) -> None:
    assert accepted(body).request_id == "req_1"


def test_a_request_id_that_is_a_number_is_still_a_request_id() -> None:
    assert accepted({"success": True, "requestId": 17, "status": "queued"}).request_id == "17"


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>login</html>", b"[]", b"null", b'"req_1"', b'{"success": true}', b'{"requestId": ""}', b"\xff\xfe{}"],
)
def test_an_answer_without_a_request_id_is_unreadable_and_kept_for_the_record(body: bytes) -> None:
    with pytest.raises(AnswerUnreadable) as caught:
        accepted(body)
    assert caught.value.excerpt == body.decode("utf-8", "replace")


def test_an_excerpt_is_at_most_two_kilobytes() -> None:
    with pytest.raises(AnswerUnreadable) as caught:
        accepted(b"x" * 100_000)
    assert len(caught.value.excerpt) <= 2_000


def test_an_answer_nested_without_end_is_unreadable() -> None:
    with pytest.raises(AnswerUnreadable):
        accepted(b"[" * 100_000)


def test_a_number_with_a_million_digits_is_unreadable() -> None:
    with pytest.raises(AnswerUnreadable):
        accepted(b'{"requestId": "r", "creditsCharged": ' + b"9" * 900_000 + b"}")


@pytest.mark.parametrize(
    ("status", "body", "error", "code"),
    [
        (200, {"success": False, "error": {"code": "insufficient_credits"}}, "InsufficientCredits", 402),
        (200, {"success": False, "error": {"code": "rate_limited"}}, "RateLimited", 429),
        (200, {"success": False, "error": {"code": "internal_error"}}, "ServerFailed", 500),
        (200, {"success": False}, "AnswerUnreadable", 200),
        (400, b"<html>", "RequestRefused", 400),
        (401, b"", "Unauthorized", 401),
        (402, {"success": False, "error": "no money"}, "InsufficientCredits", 402),
        (403, b"<html>", "ApiError", 403),
        (404, {"error": None}, "NotFound", 404),
        (413, b"", "ApiError", 413),
        (429, b"slow down", "RateLimited", 429),
        (500, b"<html>", "ServerFailed", 500),
        (502, b"", "ServerFailed", 502),
        (503, {"success": False, "error": {"code": 5, "message": ["a"]}}, "ServerFailed", 503),
        (599, b"", "ServerFailed", 599),
        (301, b"", "AnswerUnreadable", 301),
        (307, b"", "AnswerUnreadable", 307),
        (600, b"", "AnswerUnreadable", 600),
    ],
)
def test_every_status_has_its_error(status: int, body: Any, error: str, code: int) -> None:
    with pytest.raises(ApiError) as caught:
        open_api.get_generation("req_1").read(said(status, body))
    assert type(caught.value).__name__ == error
    assert caught.value.status_code == code


def test_the_words_of_an_error_are_cut_to_two_kilobytes() -> None:
    with pytest.raises(ServerFailed) as caught:
        open_api.list_models().read(said(500, {"error": {"code": "c" * 9_999, "message": "m" * 9_999}}))
    assert len(caught.value.message) == len(caught.value.code) == 2_000


@pytest.mark.parametrize(
    ("body", "url"),
    [
        ({"output": {"type": "video", "url": "https://f.example/a.mp4"}}, "https://f.example/a.mp4"),
        ({"output": "https://f.example/a.mp4"}, "https://f.example/a.mp4"),
        ({"output": {"url": ""}}, None),
        ({"output": {"url": 5}}, None),
        ({"output": []}, None),
        ({"output": {}}, None),
        ({}, None),
    ],
)
def test_an_output_of_any_shape_gives_a_url_or_none(body: dict[str, Any], url: str | None) -> None:
    found = open_api.get_generation("r").read(said(200, {"requestId": "r", "status": "succeeded", **body}))
    assert found.output_url == url


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        ({"code": "c", "message": "m"}, ("c", "m")),
        ("m", ("", "m")),
        ({"message": None}, ("", "")),
        ({"code": 7, "message": {"a": 1}}, ("7", '{"a": 1}')),
        ({"reason": "odd"}, ("", '{"reason": "odd"}')),
        (["one", "two"], ("", '["one", "two"]')),
        (None, None),
        ({}, None),
        (5, ("", "5")),
        ([], None),
    ],
)
def test_an_error_of_any_shape_gives_a_problem_or_none(error: Any, problem: tuple[str, str] | None) -> None:
    found = open_api.get_generation("r").read(said(200, {"requestId": "r", "status": "failed", "error": error}))
    assert (found.problem and (found.problem.code, found.problem.message)) == problem


@pytest.mark.parametrize("body", [b"", b"{}", b'{"success": true}', b"OK", b'{"status": "cancelled"}'])
def test_a_cancel_may_be_answered_with_anything(body: bytes) -> None:
    assert open_api.cancel_generation("r").read(said(200, body)) is None


@pytest.mark.parametrize("status", [301, 600])
def test_a_cancel_that_another_server_answered_is_unreadable(status: int) -> None:
    with pytest.raises(AnswerUnreadable):
        open_api.cancel_generation("r").read(said(status, b""))


def test_one_strange_model_does_not_hide_the_others() -> None:
    strange, plain = {"id": "odd", "durations": None}, {"id": "plain", "durations": [5]}
    models = open_api.list_models().read(said(200, {"success": True, "data": [strange, plain]}))
    assert "plain" in [model.id for model in models]


names = st.sampled_from(["success", "requestId", "status", "error", "output", "data", "id", "url"])
bodies = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(names, inner)
)


@given(bodies, st.integers(100, 699))
def test_no_answer_whatever_raises_anything_but_our_errors(body: Any, status: int) -> None:
    request = GenerationRequest(prompt="p", model="m")
    calls = (
        open_api.list_models(),
        open_api.create_generation(request),
        open_api.get_generation("r"),
        open_api.cancel_generation("r"),
    )
    for call in calls:
        with contextlib.suppress(ApiError):
            call.read(said(status, body))


# --- Retry-After ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "wait_s"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("", None),
        ("soon", None),
        ("-7", None),
        ("7.5", None),
        ("٧", None),
        ("9" * 400, 999_999_999.0),
        ("Wed, 99 Oct 2026 07:28:00 GMT", None),
        ("Wed, 21 Oct 99999 07:28:00 GMT", None),
    ],
)
def test_the_wait_that_an_answer_asks_for(text: str, wait_s: float | None) -> None:
    assert retry_after_s(said(429, b"", retry_after=text)) == wait_s


@pytest.mark.parametrize("skew_s", [-7_200, 0, 86_400])
@pytest.mark.parametrize(("ahead_s", "wait_s"), [(30, 30.0), (0, None), (-3_600, None)])
def test_a_date_is_read_by_the_servers_own_clock(skew_s: int, ahead_s: int, wait_s: float | None) -> None:
    at = 1_800_000_000.0

    def date(seconds: float) -> str:
        return format_datetime(datetime.fromtimestamp(at + skew_s + seconds, UTC), usegmt=True)

    headers = {"date": date(0), "retry-after": date(ahead_s)}
    assert retry_after_s(Answer(status_code=429, headers=headers, body=b"", received_at=at)) == wait_s


@pytest.mark.parametrize(("ahead_s", "wait_s"), [(30, 30.0), (0, None), (-500, None)])
def test_a_date_is_a_wait_from_when_the_answer_came(ahead_s: int, wait_s: float | None) -> None:
    at = 1_800_000_000.0
    date = format_datetime(datetime.fromtimestamp(at + ahead_s, UTC), usegmt=True)
    answer = Answer(status_code=429, headers={"retry-after": date}, body=b"", received_at=at)
    assert retry_after_s(answer) == wait_s


@given(st.text())
def test_no_retry_after_makes_an_exception(text: str) -> None:
    wait_s = retry_after_s(said(429, b"", retry_after=text))
    assert wait_s is None or wait_s >= 0


def test_the_wait_is_in_the_error_and_in_its_words() -> None:
    with pytest.raises(RateLimited, match="Try again in 7 s") as caught:
        open_api.list_models().read(said(429, b"", retry_after="7"))
    assert caught.value.retry_after_s == 7.0


# --- what no database or card could take ------------------------------------------------------------------------------
def test_half_a_pair_of_surrogates_becomes_a_question_mark() -> None:
    """The bug: such a text cannot be stored, so a job that failed with it never ended."""
    body = b'{"requestId": "r", "status": "failed", "error": {"code": "c", "message": "a \\ud83d b \\ud83d\\ude00"}}'
    found = open_api.get_generation("r").read(Answer(status_code=200, headers={}, body=body))
    assert found.problem is not None
    assert found.problem.message == "a ? b 😀"


def test_a_status_of_a_megabyte_is_no_status() -> None:
    with pytest.raises(AnswerUnreadable):
        open_api.get_generation("r").read(said(200, {"requestId": "r", "status": "x" * 1_000_000}))


def test_an_acceptance_with_a_status_of_a_megabyte_is_still_an_acceptance() -> None:
    accepted = open_api.create_generation(GenerationRequest(prompt="x", model="m")).read(
        said(200, {"requestId": "r", "status": "x" * 1_000_000})
    )
    assert (accepted.request_id, accepted.status) == ("r", "queued")


def test_a_url_of_a_megabyte_is_none() -> None:
    body = {"requestId": "r", "status": "succeeded", "output": {"url": "https://x.example/" + "x" * 1_000_000}}
    assert open_api.get_generation("r").read(said(200, body)).output_url is None


def test_the_words_of_an_error_are_two_kilobytes_in_every_script() -> None:
    found = open_api.get_generation("r").read(said(200, {"requestId": "r", "status": "failed", "error": "雨" * 9_000}))
    assert found.problem is not None
    assert 1_990 < len(found.problem.message.encode()) <= 2_000


@pytest.mark.parametrize(
    "odd", ["-1", "-1e-9", "Infinity", "-Infinity", "NaN", "1e308", "1000.01", '"abc"', '"0.1"', "true", "[0.1]", "{}"]
)
def test_a_price_that_can_be_none_is_an_unknown_price_and_said(odd: str) -> None:
    """A negative one made a cap grow, and one of 1e308 broke the page."""
    body = b'{"success": true, "data": [{"id": "m", "usdPerSecond": {"720p": %s, "480p": 0.05}}]}' % odd.encode()
    (model,) = open_api.list_models().read(Answer(status_code=200, headers={}, body=body))
    assert model.usd_per_second == {"480p": 0.05}
    assert len(model.odd_prices) == 1
    assert model.odd_prices[0].endswith(" at 720p")


@pytest.mark.parametrize("odd", [-1, "0.1", True, [0.1], 7])
def test_a_price_list_that_is_none_leaves_the_model_usable(odd: Any) -> None:
    (model,) = open_api.list_models().read(said(200, {"success": True, "data": [{"id": "m", "usdPerSecond": odd}]}))
    assert (model.usd_per_second, len(model.odd_prices)) == ({}, 1)


def test_a_price_that_is_not_named_is_not_odd() -> None:
    data = [{"id": "m"}, {"id": "n", "usdPerSecond": None}, {"id": "o", "usdPerSecond": {"720p": None, "480p": 0}}]
    models = open_api.list_models().read(said(200, {"success": True, "data": data}))
    assert [model.odd_prices for model in models] == [(), (), ()]
    assert models[2].usd_per_second == {"480p": 0.0}
