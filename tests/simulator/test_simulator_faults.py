"""Faults: by name, at the call that was named, in the process or over a real line; and the routes that set them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from seedance_widgets.simulator import Simulator, SimulatorSettings
from seedance_widgets.simulator.faults import ENDPOINTS, KINDS, Fault, Faults, read_fault

from .conftest import GENERATIONS, STAND_IN, Api, Clock

pytestmark = pytest.mark.own_films

ROOT = Path(__file__).parents[2]


# --- names ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("create:lost", Fault(endpoint="create", name="lost")),
        ("get:503@3x20", Fault(endpoint="get", name="503", first=3, times=20)),
        ("file:403x*", Fault(endpoint="file", name="403", times=None)),
        ("create:429x2=30", Fault(endpoint="create", name="429", times=2, value="30")),
        ("create:429=Wed, 21 Oct 2026", Fault(endpoint="create", name="429", value="Wed, 21 Oct 2026")),
        ("get:status@2=a=b", Fault(endpoint="get", name="status", first=2, value="a=b")),
        ("get:not-json", Fault(endpoint="get", name="not-json")),
    ],
)  # fmt: skip
def test_a_fault_is_written_as_a_short_text_and_back(text: str, fault: Fault) -> None:
    assert read_fault(text) == fault
    assert str(fault) == text


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is no fault"),
        ("lost", "is no fault"),
        ("create:lots", "Did you mean lost?"),
        ("look:lost", "no endpoint 'look'"),
        ("create:slow", "happens to file, not to create"),
        ("create:4xx", "no fault '4xx'"),
        ("create:lost@0", "begins with call 1"),
        ("create:lostx0", "at least once"),
        ("create:late=soon", "a number above 0"),
        ("file:slow=-1", "a number above 0"),
    ],
)
def test_a_fault_that_is_not_understood_says_why(text: str, why: str) -> None:
    with pytest.raises(ValueError, match="^.*" + why.replace("?", r"\?")):
        read_fault(text)


def test_calls_are_counted_by_endpoint_and_a_requests_own_by_generation() -> None:
    faults = Faults(["get:lost@3"])
    struck = [faults.strike("get", about) for about in ("a", "b", "c", "d")]
    assert [str(fault) for fault in struck] == ["None", "None", "get:lost@3", "None"]
    wished = ["get:html@2"]
    assert [str(faults.strike("get", about, wished)) for about in ("x", "y", "x", "y")] == [
        "None", "None", "get:html@2", "get:html@2",
    ]  # fmt: skip


def test_other_faults_begin_to_count_anew() -> None:
    faults = Faults(["create:lost@2"])
    faults.strike("create", "")
    faults.replace(["create:cut@2"])
    assert [str(faults.strike("create", "")) for _ in range(2)] == ["None", "create:cut@2"]
    assert faults.as_json() == {
        "faults": ["create:cut@2"],
        "calls": {"create": 2, "get": 0, "cancel": 0, "models": 0, "file": 0},
    }


def test_faults_that_are_not_understood_change_nothing() -> None:
    faults = Faults(["create:lost"])
    with pytest.raises(ValueError, match="no fault"):
        faults.replace(["create:cut", "nonsense"])
    assert faults.as_json()["faults"] == ["create:lost"]


@pytest.mark.parametrize("name", KINDS)
def test_every_fault_is_documented(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")


# --- answers ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422, 429])
def test_a_create_that_is_refused_is_not_charged(make_api: Callable[..., Api], status: int) -> None:
    api = make_api(faults=(f"create:{status}",))
    refusal = api.create()
    assert (refusal.status_code, refusal.json()["success"]) == (status, False)
    assert api.service.folder.all() == []
    assert api.create().status_code == 200


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [("500", 500, "text/html"), ("503", 503, "text/html"), ("html", 200, "text/html"), ("empty", 200, "json")],
)
def test_a_create_may_be_charged_and_answered_by_something_else(
    make_api: Callable[..., Api], name: str, status: int, kind: str
) -> None:
    api = make_api(faults=(f"create:{name}",))
    said = api.create()
    assert said.status_code == status
    assert kind in said.headers["content-type"]
    assert len(api.service.folder.all()) == 1


@pytest.mark.parametrize(
    ("value", "said"), [("", None), ("=30", "30"), ("=-5", "-5"), ("=soon", "soon"), ("=date+30", "date")]
)
def test_a_429_names_the_wait_that_was_asked_for(
    make_api: Callable[..., Api], clock: Clock, value: str, said: str | None
) -> None:
    retry_after = make_api(faults=(f"create:429{value}",)).create().headers.get("retry-after")
    if said == "date":
        assert retry_after is not None
        retry_after, said = str(parsedate_to_datetime(retry_after).timestamp()), str(clock.time + 30)
    assert retry_after == said


def look(api: Api, fault: str) -> httpx.Response:
    request_id = api.created(metadata={"simulator": {"faults": [fault], "seconds": 0, "outcome": "failed"}})
    return api.ask("GET", f"{GENERATIONS}/{request_id}")


@pytest.mark.parametrize("name", ["not-json", "bad-utf8", "deep-json", "empty"])
def test_a_look_may_bring_what_no_decoder_reads(api: Api, name: str) -> None:
    with pytest.raises((ValueError, RecursionError)):
        json.loads(look(api, f"get:{name}").content.decode("utf-8"))


def test_a_look_may_bring_two_megabytes_of_json(api: Api) -> None:
    said = look(api, "get:huge-json")
    assert len(said.content) > 2_000_000
    assert said.json()["status"] == "failed"


def test_a_look_may_bring_a_little_gzip_that_unpacks_to_a_lot(api: Api) -> None:
    said = look(api, "get:bomb")
    assert said.headers["content-encoding"] == "gzip"
    assert int(said.headers["content-length"]) < 100_000 < 50_000_000 == len(said.content)


def test_a_look_may_redirect_to_a_login_page(api: Api) -> None:
    said = look(api, "get:portal")
    assert (said.status_code, said.headers["location"]) == (302, "http://login.hotel.invalid/")


def test_a_look_may_bring_other_types_or_too_few_fields(api: Api) -> None:
    assert not isinstance(look(api, "get:wrong-types").json()["status"], str)
    assert "requestId" not in look(api, "get:missing-fields").json()


def test_models_may_have_other_types_or_be_missing(make_api: Callable[..., Api]) -> None:
    api = make_api(faults=("models:missing-fields", "models:wrong-types@2"))
    said = [api.ask("GET", "/api/open/v1/models").json() for _ in range(3)]
    assert "data" not in said[0]
    assert said[1]["data"] == "not a list"
    assert said[2]["data"][0]["id"]


@pytest.mark.parametrize(("fault", "status"), [("get:stuck", "processing"), ("get:status=queued", "queued")])
def test_a_look_may_tell_another_status_than_the_true_one(api: Api, fault: str, status: str) -> None:
    assert look(api, fault).json()["status"] == status


def test_a_success_may_come_without_a_url_at_first(api: Api) -> None:
    request_id = api.created(metadata={"simulator": {"faults": ["get:no-url"], "seconds": 0}})
    api.wait_for_film(request_id)
    first, second = api.look(request_id), api.look(request_id)
    assert (first["status"], first["output"]) == ("succeeded", None)
    assert second["output"]["url"]


@pytest.mark.parametrize(("value", "kind"), [("text", str), ("object", dict), ("list", list), ("null", type(None))])
def test_a_failure_may_have_an_error_of_any_shape(api: Api, value: str, kind: type) -> None:
    said = look(api, f"get:error={value}").json()
    assert said["status"] == "failed"
    assert isinstance(said["error"], kind)


def test_a_failure_may_have_an_error_of_nearly_a_megabyte(api: Api) -> None:
    assert len(look(api, "get:error=huge").json()["error"]) > 1_000_000


def test_an_unknown_generation_stays_unknown_whatever_the_fault(make_api: Callable[..., Api]) -> None:
    api = make_api(faults=("get:stuck",))
    assert api.ask("GET", f"{GENERATIONS}/req_0000000000").status_code == 404


def test_a_cancel_may_be_refused_and_the_generation_goes_on(make_api: Callable[..., Api]) -> None:
    api = make_api(faults=("cancel:409",))
    request_id = api.created()
    assert api.cancel(request_id).status_code == 409
    assert api.look(request_id)["status"] == "queued"


# --- wishes -----------------------------------------------------------------------------------------------------------
def test_a_create_may_ask_for_its_own_fault(api: Api) -> None:
    wish = {"simulator": {"faults": ["create:500x2"]}}
    assert [api.create(metadata=wish).status_code for _ in range(3)] == [500, 500, 200]
    assert api.create().status_code == 200


@pytest.mark.parametrize("faults", ["create:lost", [1], ["create:lots"], {"a": 1}])
def test_a_wish_for_a_fault_that_is_not_understood_is_a_400(api: Api, faults: Any) -> None:
    refusal = api.create(metadata={"simulator": {"faults": faults}})
    assert refusal.status_code == 400
    assert "metadata.simulator.faults" in refusal.json()["error"]["message"]


def test_a_setting_that_is_not_understood_is_refused() -> None:
    with pytest.raises(ValueError, match="Did you mean lost"):
        SimulatorSettings(faults=("create:lots",))


# --- the key ----------------------------------------------------------------------------------------------------------
def test_a_revoked_key_opens_nothing_until_the_new_one_comes(make_api: Callable[..., Api]) -> None:
    api = make_api(faults=("get:revoked@2=sd2_live_new",))
    request_id = api.created()
    one = f"{GENERATIONS}/{request_id}"
    assert [api.ask("GET", one).status_code for _ in range(3)] == [200, 401, 401]
    assert api.create().status_code == 401
    assert api.ask("GET", one, headers={"Authorization": "Bearer sd2_live_new"}).status_code == 200


# --- the control routes -----------------------------------------------------------------------------------------------
def test_faults_are_set_and_read_by_the_control_routes(api: Api) -> None:
    assert api.ask("PUT", "/simulator/faults", json={"faults": ["create:402"]}).json()["faults"] == ["create:402"]
    assert api.create().status_code == 402
    assert api.ask("GET", "/simulator/faults").json()["calls"]["create"] == 1
    api.ask("PUT", "/simulator/faults", json={"faults": []})
    assert api.create().status_code == 200


@pytest.mark.parametrize("body", [{"faults": "create:lost"}, {"faults": ["create:lots"]}, {}, [], "x"])
def test_the_control_routes_refuses_what_it_does_not_understand(api: Api, body: Any) -> None:
    assert api.ask("PUT", "/simulator/faults", json=body).status_code == 400


def test_the_ledger_tells_what_was_asked_and_charged(api: Api, clock: Clock) -> None:
    api.create(prompt="one", metadata={"test": 1})
    clock.pass_s(1)
    api.create(prompt="two")
    told = api.ask("GET", "/simulator/ledger").json()
    assert [(g["prompt"], g["metadata"], g["creditsCharged"]) for g in told["generations"]] == [
        ("one", {"test": 1}, 40),
        ("two", None, 40),
    ]
    assert told["creditsLeft"] == 10_000 - 80


def test_the_control_routes_takes_the_key_of_the_settings_only_and_always(api: Api) -> None:
    assert api.ask("GET", "/simulator/ledger", headers={}).status_code == 401
    assert api.ask("PUT", "/simulator/key", json={"api_key": None}).status_code == 200
    assert api.create().status_code == 401
    assert api.ask("PUT", "/simulator/key", json={"api_key": "sd2_live_simulator"}).status_code == 200
    assert api.create().status_code == 200


def test_the_control_routes_is_no_part_of_the_described_api(api: Api) -> None:
    assert "/simulator" not in api.ask("GET", "/openapi.json").text


# --- over a real line -------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def running() -> Iterator[Simulator]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            "seedance_widgets.simulator.film.render",
            lambda spec, path, *, checkpoint: path.write_bytes(STAND_IN * 500),
        )
        with Simulator(SimulatorSettings(speed=float("inf"))) as simulator:
            yield simulator


@pytest.fixture
def line(running: Simulator) -> Iterator[httpx.Client]:
    key = {"Authorization": f"Bearer {running.settings.api_key}"}
    with httpx.Client(base_url=running.base_url, headers=key, trust_env=False, timeout=5.0) as client:
        yield client
        client.put("/simulator/faults", json={"faults": []})


def count(line: httpx.Client) -> int:
    return len(line.get("/simulator/ledger").json()["generations"])


BODY = {"model": "seedance-2.0", "prompt": "a paper boat", "resolution": "480p", "duration": 4}


@pytest.mark.parametrize(
    ("name", "charged", "error"),
    [
        ("lost", 1, httpx.RemoteProtocolError),
        ("reset", 1, httpx.ReadError),
        ("cut", 1, httpx.RemoteProtocolError),
        ("dropped", 0, httpx.RemoteProtocolError),
        ("late", 1, httpx.ReadTimeout),
    ],
)
def test_a_line_breaks_where_it_was_told_to(
    line: httpx.Client, name: str, charged: int, error: type[Exception]
) -> None:
    before = count(line)
    line.put("/simulator/faults", json={"faults": [f"create:{name}"]})
    with pytest.raises(error):
        line.post(GENERATIONS, json=BODY, timeout=0.3)
    assert count(line) - before == charged
    assert line.post(GENERATIONS, json=BODY).status_code == 200


def test_what_is_late_comes_in_the_end(line: httpx.Client) -> None:
    line.put("/simulator/faults", json={"faults": ["create:late=0.2"]})
    began = time.monotonic()
    assert line.post(GENERATIONS, json=BODY).status_code == 200
    assert time.monotonic() - began >= 0.2


@pytest.fixture
def clip_url(line: httpx.Client) -> str:
    request_id = line.post(GENERATIONS, json=BODY).json()["requestId"]
    return str(line.get(f"{GENERATIONS}/{request_id}").json()["output"]["url"])


def fetch(line: httpx.Client, url: str, fault: str, **headers: str) -> httpx.Response:
    line.put("/simulator/faults", json={"faults": [fault]})
    return httpx.get(url, headers=headers, trust_env=False, timeout=0.5)


WHOLE = STAND_IN * 500


def test_a_file_may_come_without_a_length(line: httpx.Client, clip_url: str) -> None:
    said = fetch(line, clip_url, "file:no-length")
    assert "content-length" not in said.headers
    assert said.content == WHOLE


@pytest.mark.parametrize("name", ["cut", "wrong-length", "lost"])
def test_a_file_may_break_off(line: httpx.Client, clip_url: str, name: str) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        fetch(line, clip_url, f"file:{name}")


@pytest.mark.parametrize("fault", ["file:stalled", "file:slow=100"])
def test_a_file_may_stop_coming_or_come_slowly(line: httpx.Client, clip_url: str, fault: str) -> None:
    line.put("/simulator/faults", json={"faults": [fault]})
    got, end = b"", time.monotonic() + 0.5
    with (
        suppress(httpx.ReadTimeout),
        httpx.stream("GET", clip_url, trust_env=False, timeout=0.3) as response,
    ):
        for chunk in response.iter_raw():
            got += chunk
            if time.monotonic() > end:
                break
    assert WHOLE.startswith(got)
    assert 0 < len(got) < len(WHOLE)


def test_a_file_may_never_end(line: httpx.Client, clip_url: str) -> None:
    line.put("/simulator/faults", json={"faults": ["file:endless"]})
    got = 0
    with httpx.stream("GET", clip_url, trust_env=False, timeout=5.0) as response:
        for chunk in response.iter_raw():
            got += len(chunk)
            if got > 1_000_000:
                break
    assert got > 1_000_000


def test_a_file_may_be_short_and_look_whole(line: httpx.Client, clip_url: str) -> None:
    assert fetch(line, clip_url, "file:truncated").content == WHOLE[: len(WHOLE) * 6 // 10]


@pytest.mark.parametrize(("name", "same"), [("no-range", True), ("changed", False)])
def test_a_part_of_a_file_may_not_be_had(line: httpx.Client, clip_url: str, name: str, same: bool) -> None:
    etag = httpx.head(clip_url, trust_env=False).headers["etag"]
    said = fetch(line, clip_url, f"file:{name}", Range="bytes=10-", **{"If-Range": etag})
    assert (said.status_code, said.content) == (200, WHOLE)
    assert (said.headers["etag"] == etag) is same


@pytest.mark.parametrize(("fault", "status"), [("file:403", 403), ("file:410", 410), ("file:503", 503)])
def test_a_file_may_be_refused(line: httpx.Client, clip_url: str, fault: str, status: int) -> None:
    assert fetch(line, clip_url, fault).status_code == status


def test_every_endpoint_can_be_struck() -> None:
    assert {str(Faults([f"{name}:lost"]).strike(name, "")) for name in ENDPOINTS} == {f"{n}:lost" for n in ENDPOINTS}
