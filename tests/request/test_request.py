"""One table of options: what it fills in, what it refuses, and what it says then."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedance_widgets.errors import RequestInvalid
from seedance_widgets.request import models
from seedance_widgets.request.check import check, make_request, nearest, parse_value
from seedance_widgets.request.models import BUNDLED_MODELS, price_usd
from seedance_widgets.request.options import OPTION, OPTIONS
from seedance_widgets.request.urls import is_private_host
from seedance_widgets.types import GenerationRequest, Model, RequestOptions

MakeRequest = Callable[..., GenerationRequest]
HTTPS = "https://files.example/a.jpg"


def refused(**options: Any) -> RequestInvalid:
    with pytest.raises(RequestInvalid) as caught:
        check(make_request("A boat", options), BUNDLED_MODELS)
    return caught.value


# --- the table --------------------------------------------------------------------------------------------------------
def test_the_table_the_keywords_and_the_request_name_the_same_options() -> None:
    named = [option.name for option in OPTIONS]
    assert set(named) == {f.name for f in fields(GenerationRequest)} - {"prompt"}
    assert set(named) == set(RequestOptions.__annotations__)
    assert len(set(named)) == len({o.flag for o in OPTIONS}) == len({o.wire for o in OPTIONS}) == len(OPTIONS)


def test_the_wire_names_are_those_of_the_api() -> None:
    assert [o.wire for o in OPTIONS] == [
        "model",
        "duration",
        "aspectRatio",
        "resolution",
        "mediaUrls",
        "webhookUrl",
        "metadata",
    ]


def test_every_default_is_one_that_its_model_takes() -> None:
    request = make_request("A boat", {})
    assert check(request, BUNDLED_MODELS).id == "seedance-2.0"
    assert (request.duration, request.aspect_ratio, request.resolution) == (5, "16:9", "720p")


@pytest.mark.parametrize(
    ("model", "durations"),
    [("seedance-2.0", range(4, 16)), ("seedance-2.0-fast", range(4, 16)), ("seedance-1.5-pro", [5, 10])],
)
def test_the_bundled_models_are_those_of_the_reference(model: str, durations: Any) -> None:
    found = next(m for m in BUNDLED_MODELS if m.id == model)
    assert found.durations == tuple(durations)
    assert found.aspect_ratios == ("16:9", "9:16", "1:1")
    assert found.resolutions == ("480p", "720p", "1080p")


# --- making a request -------------------------------------------------------------------------------------------------
@given(st.text(st.characters(exclude_categories=["Cs"])).filter(str.strip))
def test_a_prompt_is_kept_byte_for_byte(prompt: str) -> None:
    assert make_request(prompt, {}).prompt == prompt


@pytest.mark.parametrize("prompt", ["", "  \n\t", "\u3000", None, 5, b"bytes", "half \ud83d"])
def test_a_prompt_that_is_none_is_refused(prompt: Any) -> None:
    with pytest.raises(RequestInvalid) as caught:
        make_request(prompt, {})
    assert caught.value.field == "prompt"
    assert "Nothing was sent, nothing was charged." in str(caught.value)


def test_an_option_that_is_none_has_its_default() -> None:
    assert make_request("A boat", dict.fromkeys(OPTION)) == make_request("A boat", {})


def test_a_persons_own_defaults_stand_between_ours_and_their_words() -> None:
    request = make_request("A boat", {"duration": 7}, defaults={"duration": 9, "resolution": "480p"})
    assert (request.duration, request.resolution, request.aspect_ratio) == (7, "480p", "16:9")


@pytest.mark.parametrize(
    ("name", "nearest"), [("durration", "duration"), ("ratio", "duration"), ("media", None), ("xyz", None)]
)
def test_an_unknown_option_names_the_nearest_and_all(name: str, nearest: str | None) -> None:
    error = refused(**{name: 5})
    assert (error.field, error.allowed) == (name, tuple(OPTION))
    if nearest == "duration" and name == "durration":
        assert error.nearest == nearest
        assert "Did you mean duration?" in str(error)


@pytest.mark.parametrize("value", [5, 5.0])
def test_a_whole_number_is_a_whole_number(value: float) -> None:
    request = make_request("A boat", {"duration": value})
    assert (request.duration, type(request.duration)) == (5, int)


@pytest.mark.parametrize("value", ["5", 5.5, True, [5], math.nan, math.inf, -math.inf, 5j])
def test_a_duration_that_is_no_whole_number_is_refused(value: Any) -> None:
    assert refused(duration=value).field == "duration"


@pytest.mark.parametrize("name", ["model", "aspect_ratio", "resolution"])
@pytest.mark.parametrize("value", ["", " ", 5, ["16:9"], "\ud800"])
def test_a_choice_that_is_no_word_is_refused(name: str, value: Any) -> None:
    assert refused(**{name: value}).field == name


@pytest.mark.parametrize(
    ("value", "urls"),
    [
        (HTTPS, (HTTPS,)),
        ([HTTPS], (HTTPS,)),
        ((HTTPS, HTTPS), (HTTPS, HTTPS)),
        ([], ()),
        ([HTTPS] * 5, (HTTPS,) * 5),
        ("https://files.example/a%20b.png?x=1#y", ("https://files.example/a%20b.png?x=1#y",)),
    ],
)
def test_media_are_one_url_or_up_to_five(value: Any, urls: tuple[str, ...]) -> None:
    assert make_request("A boat", {"media_urls": value}).media_urls == urls


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([HTTPS] * 6, "at most 5"),
        ("http://files.example/a.jpg", "http, not https"),
        ("/films/me/a.jpg", "path on this machine"),
        ("C:\\pictures\\a.jpg", "path on this machine"),
        ("a.jpg", "path on this machine"),
        ("file:///a.jpg", "path on this machine"),
        ("data:image/png;base64,AAAA", "holds the data itself"),
        ("ftp://files.example/a.jpg", "ftp link"),
        ("https://files.example/a b.jpg", "space"),
        ("https://files.example/a.jpg\n", "line break"),
        ("https://me:secret@files.example/a.jpg", "user name or password"),
        ("https://localhost/a.jpg", "private or local"),
        ("https://192.168.0.1/a.jpg", "private or local"),
        ("https://nas/a.jpg", "private or local"),
        ("https://[bad/a.jpg", "not a URL"),
        ("https://files.example:port/a.jpg", "not a URL"),
        ("https://", "https"),
        ([5], "not text"),
        (5, "RequestInvalid"),
        (Path("a.jpg"), "RequestInvalid"),
        ({"a": 1}, "RequestInvalid"),
        ("https://files.example/\ud800.jpg", "RequestInvalid"),
    ],
)
def test_media_that_the_server_could_not_fetch_are_refused_with_the_reason(value: Any, words: str) -> None:
    error = refused(media_urls=value)
    assert error.field == "media_urls"
    assert words in f"{error} RequestInvalid"
    assert "secret" not in str(error)
    str(error).encode()  # can be shown


@pytest.mark.parametrize("value", ["http://x.example/", "https://localhost:8000/hook", 5, "\ud800"])
def test_a_webhook_that_the_server_could_not_reach_is_refused(value: Any) -> None:
    assert refused(webhook_url=value).field == "webhook_url"


@pytest.mark.parametrize("value", [{}, {"a": [1, 2.5, None, True, {"b": "ü"}]}])
def test_metadata_is_a_json_object(value: Any) -> None:
    assert make_request("A boat", {"metadata": value}).metadata == value


def nested(depth: int) -> Any:
    value: Any = {}
    for _ in range(depth):
        value = {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    ["text", [1], 5, {1: 2}, {"a": math.nan}, {"a": {1}}, {"a": b"x"}, {"a": "\ud800"}, {"\ud800": 1}, nested(5_000)],
    ids=["text", "list", "number", "number as key", "nan", "set", "bytes", "half", "half as key", "deep"],
)
def test_metadata_that_is_no_json_object_is_refused(value: Any) -> None:
    assert refused(metadata=value).field == "metadata"


def test_metadata_that_is_changed_afterwards_does_not_change_the_request() -> None:
    mine: dict[str, Any] = {"a": []}
    request = make_request("A boat", {"metadata": mine})
    mine["a"].append(1)
    assert request.metadata == {"a": []}


# --- checking against a model -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("options", "field", "nearest"),
    [
        ({"model": "seedance-2.1"}, "model", "seedance-2.0"),
        ({"model": "sora"}, "model", None),
        ({"duration": 3}, "duration", 4),
        ({"duration": 99}, "duration", 15),
        ({"duration": 6, "model": "seedance-1.5-pro"}, "duration", 5),
        ({"aspect_ratio": "16x9"}, "aspect_ratio", "16:9"),
        ({"resolution": "720"}, "resolution", "720p"),
        ({"resolution": "4k"}, "resolution", None),
    ],
)
def test_a_value_that_the_model_does_not_take_names_the_nearest_that_it_does(
    options: Any, field: str, nearest: Any
) -> None:
    error = refused(**options)
    assert (error.field, error.nearest) == (field, nearest)
    assert error.allowed
    assert str(error.allowed[0]) in str(error)


def test_a_model_that_says_nothing_of_an_option_takes_any_value(request_of: MakeRequest) -> None:
    silent = Model(id="seedance-2.0", durations=(), aspect_ratios=(), resolutions=())
    assert check(request_of(duration=77, resolution="8k"), [silent]) is silent


def test_what_is_left_to_the_server_is_not_checked(request_of: MakeRequest) -> None:
    assert check(request_of(duration=None, resolution=None, aspect_ratio=None), BUNDLED_MODELS)


@given(st.integers(-(10**9), 10**9), st.sets(st.integers(1, 60), min_size=1))
def test_the_nearest_number_is_the_nearest(value: int, allowed: set[int]) -> None:
    found = nearest(value, allowed)
    assert abs(value - found) == min(abs(value - n) for n in allowed)  # type: ignore[operator]


def test_known_values_are_those_of_all_models_without_repeats() -> None:
    assert models.known_values(OPTION["duration"]) == tuple(range(4, 16))
    assert models.known_values(OPTION["model"]) == tuple(m.id for m in BUNDLED_MODELS)
    assert models.known_values(OPTION["metadata"]) == ()


# --- price ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "usd"),
    [
        ({}, 0.5),
        ({"resolution": "1080p", "duration": 15}, 3.0),
        ({"resolution": "480p", "duration": 7}, 0.35),
        ({"model": "seedance-2.0-fast"}, None),
        ({"model": "never heard of"}, None),
        ({"duration": None}, None),
        ({"resolution": None}, None),
        ({"resolution": "8k"}, None),
        ({"duration": 10**30}, None),
        ({"media_urls": ("https://a.example/1.png",)}, 0.8),  # the API page: 40 credits from text, 64 with one image
        ({"media_urls": ("https://a.example/1.png", "https://a.example/2.mp4")}, 1.1),
    ],
)
def test_the_price_is_by_the_second_or_not_known(request_of: MakeRequest, changes: Any, usd: float | None) -> None:
    assert price_usd(request_of(**changes), BUNDLED_MODELS) == usd


def test_what_the_price_list_does_not_cover_is_said(request_of: MakeRequest) -> None:
    assert models.price_note(request_of()) == ""
    assert "no price for media: 1 reference medium is counted as 60 % more" in models.price_note(
        request_of(media_urls=("https://a.example/1.png",))
    )


def test_live_models_keep_our_line_on_what_they_are_best_for() -> None:
    live = [replace(m, best_for="") for m in BUNDLED_MODELS] + [replace(BUNDLED_MODELS[0], id="new", best_for="")]
    said = [m.best_for for m in models.with_known_price(live)]
    assert said == [*(m.best_for for m in BUNDLED_MODELS), ""]


# --- text of a magic or a shell ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("duration", "5", 5),
        ("duration", " 7 ", 7),
        ("model", "seedance-2.0", "seedance-2.0"),
        ("media_urls", HTTPS, (HTTPS,)),
        ("webhook_url", HTTPS, HTTPS),
        ("metadata", '{"a": [1]}', {"a": [1]}),
    ],
)
def test_text_becomes_the_value_it_stands_for(name: str, text: str, value: Any) -> None:
    assert parse_value(OPTION[name], text) == value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("duration", "5s"),
        ("duration", "5.0"),
        ("duration", ""),
        ("duration", "9" * 5_000),
        ("metadata", "{a: 1}"),
        ("metadata", "[1]"),
        ("metadata", '{"a": NaN}'),
        pytest.param("metadata", '{"a":' * 3_000 + "1" + "}" * 3_000),
    ],
)
def test_text_that_stands_for_nothing_names_the_option(name: str, text: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        parse_value(OPTION[name], text)
    assert caught.value.field == name
    assert len(str(caught.value)) < 6_000


# --- media and hosts --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("https://h.example/a.JPG?x=1", "image"),
        ("https://h.example/a.webp", "image"),
        ("https://h.example/a.mov", "video"),
        ("https://h.example/a.wav#t=1", "audio"),
        ("https://h.example/a.exe", None),
        ("https://h.example/a?file=b.png", None),
        ("https://h.example/", None),
    ],
)
def test_the_kind_of_media_is_in_the_ending_of_the_path(url: str, kind: str | None) -> None:
    assert models.media_kind(url) == kind


@pytest.mark.parametrize(
    ("endings", "roles"),
    [
        ([], ()),
        (["png"], ("first frame",)),
        (["png", "jpg"], ("first frame", "last frame")),
        (["png", "jpg", "bmp"], ("reference",) * 3),
        (["mp4"], ("reference",)),
        (["png", "mp3"], ("reference", "reference")),
        (["unknown"], ("reference",)),
    ],
)
def test_the_role_of_media_follows_from_number_and_kind(endings: list[str], roles: tuple[str, ...]) -> None:
    assert models.media_roles([f"https://h.example/a.{ending}" for ending in endings]) == roles


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("files.example", False),
        ("93.184.215.14", False),
        ("2606:2800:21f::1", False),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("a.localhost", True),
        ("127.0.0.1", True),
        ("127.1", True),
        ("0", True),
        ("0.0.0.0", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("192.168.1.1", True),
        ("169.254.169.254", True),
        ("100.64.0.1", True),
        ("2130706433", True),
        ("0x7f000001", True),
        ("0177.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("fe80::1%eth0", True),
        ("fc00::1", True),
        ("nas", True),
        ("nas.lan", True),
        ("", True),
    ],
)
def test_which_hosts_only_this_network_can_reach(host: str, private: bool) -> None:
    assert is_private_host(host) is private
