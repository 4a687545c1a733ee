"""Where to send, with which key: read once, checked at once, never shown."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.errors import SettingsInvalid, SettingsMissing
from seedance_widgets.secret import Secret
from seedance_widgets.settings.settings import (
    DEFAULT_BASE_URL,
    Settings,
    check_base_url,
    find_home,
    find_key,
    read_settings,
)

KEY = "sd2_live_do_not_show_me_4711"


def read(api_key: str | None = KEY, base_url: str | None = None, **more: Any) -> Settings:
    more.setdefault("environment", {})
    return read_settings(api_key, base_url, "/data/of/test", **more)


# --- the key ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", [KEY, f" {KEY}", f"{KEY}\n", f"\t{KEY} \r\n", f"\u00a0{KEY}\u2003"])
def test_white_space_around_a_key_is_dropped(text: str) -> None:
    assert read(text).api_key.reveal() == KEY
    assert read(None, environment={"SEEDANCE_API_KEY": text}).api_key.reveal() == KEY


@pytest.mark.parametrize(
    "text",
    [f"{KEY} x", f"{KEY}\nX-Evil: 1", f"{KEY}\x00", f"{KEY}é", f"{KEY}\u200b", f"“{KEY}”", f"{KEY}\x7f", KEY * 99],
)
def test_a_key_that_could_not_be_a_header_is_refused_without_being_shown(text: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        read(text)
    assert KEY not in repr(caught.value) + str(caught.value) + repr(vars(caught.value))
    assert caught.value.__cause__ is None
    assert "argument" in str(caught.value)


def test_an_argument_goes_before_the_environment() -> None:
    settings = read(KEY, environment={"SEEDANCE_API_KEY": "sd2_live_other"})
    assert (settings.api_key.reveal(), settings.key_source) == (KEY, "argument")


def test_the_environment_serves_where_there_is_no_argument() -> None:
    assert read(None, environment={"SEEDANCE_API_KEY": KEY}).key_source == "SEEDANCE_API_KEY"


@pytest.mark.parametrize("text", [None, "", "  \n"])
def test_no_key_is_missing_and_says_what_to_do(text: str | None) -> None:
    with pytest.raises(SettingsMissing, match="simulate") as caught:
        read(text, environment={"SEEDANCE_API_KEY": text} if text is not None else {})
    assert "SEEDANCE_API_KEY" in str(caught.value)
    assert find_key(text, {}) is None


def test_settings_show_no_key() -> None:
    settings = read()
    shown = f"{settings} {settings!r} {settings.api_key} {settings.api_key!r} {settings.api_key:>40} %s %r"
    assert KEY not in shown % (settings.api_key, settings.api_key)


@pytest.mark.parametrize("take", [copy.copy, copy.deepcopy, pickle.dumps, json.dumps, dataclasses.asdict, list, len])
def test_a_secret_cannot_be_copied_pickled_or_taken_apart(take: Any) -> None:
    secret = read().api_key
    with pytest.raises(TypeError) as caught:
        take(secret)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("take", [pickle.dumps, dataclasses.asdict, copy.deepcopy])
def test_settings_with_a_secret_are_not_copied_either(take: Any) -> None:
    with pytest.raises(TypeError) as caught:
        take(read())
    assert KEY not in str(caught.value)


def test_a_secret_has_no_attribute_that_vars_would_show() -> None:
    with pytest.raises(TypeError):
        vars(Secret(KEY))


# --- the address ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://www.seedance2.ink", "https://www.seedance2.ink"),
        (" https://api.example/ \n", "https://api.example"),
        ("https://api.example:8443/v/", "https://api.example:8443/v"),
        ("http://127.0.0.1:8000/", "http://127.0.0.1:8000"),
        ("http://localhost:8000", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ],
)
def test_an_address_is_https_or_this_machine(url: str, kept: str) -> None:
    assert check_base_url(url) == kept


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example",
        "http://10.0.0.1",
        "http://localhost.example",
        "http://127.example.com",
        "http://127.0.0.1.example.com",
        "http://0.0.0.0:8000",
        "ftp://api.example",
        "api.example",
        "//api.example",
        "https://",
        "https:///path",
        "https://user:secret@api.example",
        "https://user@api.example",
        "https://api.example:port",
        "https://api.example:99999",
        "https://[bad",
        "",
        "javascript:alert(1)",
        *(
            pytest.param(url)
            for url in (
                "https://exa mple.com",
                "https://api..example",
                "https://api.exa\x7fmple",
                "https://api.example?x=1",
                "https://api.example#x",
                "https://" + "a" * 70 + ".example",
            )
        ),
    ],
)
def test_an_address_that_cannot_work_is_refused_at_once(url: str) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        check_base_url(url)
    assert "secret" not in str(caught.value)


def test_where_the_address_comes_from() -> None:
    there = {"SEEDANCE_BASE_URL": "https://there.example"}
    assert read().base_url == DEFAULT_BASE_URL
    assert read(environment=there).base_url == "https://there.example"
    assert read(base_url="https://here.example", environment=there).base_url == "https://here.example"


@pytest.mark.parametrize(
    ("url", "origin"),
    [("https://api.example/v/1", "https://api.example"), ("http://127.0.0.1:8000", "http://127.0.0.1:8000")],
)
def test_jobs_are_kept_under_the_origin(url: str, origin: str) -> None:
    assert read(base_url=url).origin == origin


def test_the_origin_does_not_depend_on_how_it_is_written() -> None:
    assert read(base_url="https://API.Example:443").origin == read(base_url="https://api.example").origin


# --- the rest ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seconds", [0, -1, 3600, float("nan"), float("inf")])
@pytest.mark.parametrize("name", ["create_timeout_s", "read_timeout_s"])
def test_a_time_that_is_no_time_is_refused(name: str, seconds: float) -> None:
    with pytest.raises(SettingsInvalid, match=name):
        read(**{name: seconds})


@pytest.mark.parametrize(
    "rate", [0, -1, 0.5, float("nan"), float("inf"), True, False, "60", b"60", None, [60], 10**400, 1 + 0j]
)
def test_a_rate_that_is_no_number_of_requests_is_refused(rate: object) -> None:
    with pytest.raises(SettingsInvalid, match="requests_per_minute is a number of at least 1"):
        read(requests_per_minute=rate)


@pytest.mark.parametrize("rate", [1, 60, 7.5, 6e4, Fraction(120, 2)])
def test_a_rate_is_any_number_of_requests(rate: Any) -> None:
    assert read(requests_per_minute=rate).requests_per_minute == float(rate)


def test_the_home_is_the_argument_the_environment_or_the_platforms_own(tmp_path: Path) -> None:
    there = {"SEEDANCE_HOME": str(tmp_path / "there")}
    assert find_home(tmp_path / "here", there) == tmp_path / "here"
    assert find_home(None, there) == tmp_path / "there"
    assert find_home(None, {}).name == "seedance_widgets"
    assert find_home("~/x", {}) == Path.home() / "x"
    assert find_home("x", {}).is_absolute()


def test_reading_settings_makes_no_folder(tmp_path: Path) -> None:
    read_settings(KEY, None, tmp_path / "home", environment={})
    assert list(tmp_path.iterdir()) == []


def test_a_shared_history_goes_before_the_file() -> None:
    assert read().history == Path("/data/of/test/history.db")
    shared = read(environment={"SEEDANCE_DATABASE_URL": " postgresql://h/db\n"}).history
    assert isinstance(shared, Secret)
    assert shared.reveal() == "postgresql://h/db"
    assert read(environment={"SEEDANCE_DATABASE_URL": "  "}).history == Path("/data/of/test/history.db")


def test_settings_show_no_password_of_a_shared_history() -> None:
    settings = read(environment={"SEEDANCE_DATABASE_URL": "postgresql://me:verysecret@h/db"})
    assert "verysecret" not in repr(settings)
