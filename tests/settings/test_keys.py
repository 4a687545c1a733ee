"""Where the key is found, in which order, and that every place is silent where there is none."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import pytest

import seedance_widgets as sw
from seedance_widgets.errors import SettingsInvalid, SettingsMissing
from seedance_widgets.secret import Secret
from seedance_widgets.session import default
from seedance_widgets.settings import keys

ARGUMENT, TYPED, VARIABLE, COLAB, KEYRING = (f"sd2_live_{name}" for name in ("arg", "typed", "env", "colab", "ring"))


class NoKeyring(Exception):
    """What a keyring raises that has no backend."""


class Keyring(ModuleType):
    """A keyring in memory, with the calls of the real one that we use."""

    def __init__(self) -> None:
        super().__init__("keyring")
        self.errors = ModuleType("keyring.errors")
        self.errors.KeyringError = NoKeyring  # type: ignore[attr-defined]
        self.kept: dict[tuple[str, str], str] = {}
        self.broken = False

    def _check(self) -> None:
        if self.broken:
            raise NoKeyring("No recommended backend was available.")

    def get_password(self, service: str, entry: str) -> str | None:
        self._check()
        return self.kept.get((service, entry))

    def set_password(self, service: str, entry: str, password: str) -> None:
        self._check()
        self.kept[service, entry] = password

    def delete_password(self, service: str, entry: str) -> None:
        self._check()
        del self.kept[service, entry]


class Userdata(ModuleType):
    """`google.colab.userdata`: a secret, or the error that it raises instead."""

    class SecretNotFoundError(Exception): ...

    class NotebookAccessError(Exception): ...

    class TimeoutException(Exception): ...

    def __init__(self, secret: str | type[Exception]) -> None:
        super().__init__("google.colab.userdata")
        self.secret = secret

    def get(self, name: str) -> str:
        if not isinstance(self.secret, str):
            raise self.secret(name)
        assert name == "SEEDANCE_API_KEY"
        return self.secret


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    keyring = Keyring()
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", keyring.errors)
    return keyring


@pytest.fixture
def in_colab(monkeypatch: pytest.MonkeyPatch) -> Any:
    def enter(secret: str | type[Exception]) -> None:
        colab, userdata = ModuleType("google.colab"), Userdata(secret)
        colab.userdata = userdata  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "google.colab", colab)
        monkeypatch.setitem(sys.modules, "google.colab.userdata", userdata)

    return enter


@pytest.fixture(autouse=True)
def nothing_typed() -> Iterator[None]:
    yield
    keys.remember(None)
    sw.use_session(None)


def found(argument: str | None = None, **variables: str) -> tuple[str, str] | None:
    key = keys.find_key(argument, variables)
    return None if key is None else (key[0].reveal(), key[1])


# --- the places -------------------------------------------------------------------------------------------------------
def test_the_places_are_asked_in_the_order_that_is_documented(keyring: Keyring, in_colab: Any) -> None:
    keyring.kept["seedance_widgets", "api_key"] = KEYRING
    assert found() == (KEYRING, "the keyring")
    in_colab(COLAB)
    assert found() == (COLAB, "Colab secrets")
    assert found(SEEDANCE_API_KEY=VARIABLE) == (VARIABLE, "SEEDANCE_API_KEY")
    keys.remember(Secret(TYPED))
    assert found(SEEDANCE_API_KEY=VARIABLE) == (TYPED, "%seedance_key")
    assert found(ARGUMENT, SEEDANCE_API_KEY=VARIABLE) == (ARGUMENT, "argument")


def test_without_the_package_the_keyring_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert found() is None
    assert keys.forget() is False


def test_without_a_backend_the_keyring_is_silent(keyring: Keyring) -> None:
    keyring.broken = True
    assert found() is None
    assert keys.forget() is False


@pytest.mark.parametrize(
    "refusal", [Userdata.SecretNotFoundError, Userdata.NotebookAccessError, Userdata.TimeoutException]
)
def test_colab_is_silent_where_the_secret_is_missing_or_denied(in_colab: Any, refusal: type[Exception]) -> None:
    in_colab(refusal)
    assert found() is None


def test_outside_colab_its_secrets_are_not_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "google.colab.userdata", Userdata(COLAB))
    assert "google.colab" not in sys.modules
    assert found() is None


def test_a_place_with_nothing_but_white_space_has_no_key(keyring: Keyring) -> None:
    keyring.kept["seedance_widgets", "api_key"] = KEYRING
    assert found(" ", SEEDANCE_API_KEY="\n") == (KEYRING, "the keyring")


def test_no_key_anywhere_names_the_places_and_the_way_in() -> None:
    with pytest.raises(SettingsMissing, match="%seedance_key") as caught:
        sw.connect()
    for place in ("SEEDANCE_API_KEY", "Colab", "keyring", "simulate"):
        assert place in str(caught.value)


# --- typed ------------------------------------------------------------------------------------------------------------
def test_a_typed_key_serves_this_process_and_is_saved_nowhere(keyring: Keyring) -> None:
    said = default.use_key(f" {TYPED}\n")
    assert found() == (TYPED, "%seedance_key")
    assert keyring.kept == {}
    assert "The next call uses the API" in said
    assert TYPED not in said


def test_a_typed_key_is_saved_and_forgotten_when_asked_to(keyring: Keyring) -> None:
    default.use_key(TYPED, save=True)
    assert keyring.kept == {("seedance_widgets", "api_key"): TYPED}
    assert default.forget_key() is True
    assert keyring.kept == {}
    assert default.forget_key() is False


def test_where_there_is_no_keyring_saving_says_so_and_takes_nothing(keyring: Keyring) -> None:
    keyring.broken = True
    with pytest.raises(SettingsInvalid, match="keyring cannot be used") as caught:
        default.use_key(TYPED, save=True)
    assert "seedance-widgets[secrets]" in str(caught.value)
    assert TYPED not in str(caught.value)
    assert found() is None


@pytest.mark.parametrize("bad", ["sd2_live_a b", "sd2_live_\n_x", "sd2_live_é"])
def test_what_cannot_be_a_key_is_refused_and_in_no_frame(bad: str) -> None:
    held = [bad]
    with pytest.raises(SettingsInvalid) as caught:
        default.use_key(Secret(held.pop()))
    told = traceback.TracebackException(caught.type, caught.value, caught.tb.tb_next, capture_locals=True)
    assert bad not in "".join(told.format()) + repr(vars(caught.value))
    assert found() is None


def test_after_the_simulator_the_next_call_uses_the_api(tmp_path: Any) -> None:
    session = sw.simulate(home=tmp_path)
    sw.use_session(session)
    assert "the next call uses the API" in default.use_key(TYPED)
    assert default.current_session() is None
    session.close()


# --- the doctor -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", ["argument", "%seedance_key", "SEEDANCE_API_KEY", "Colab secrets", "the keyring"])
def test_the_doctor_says_where_the_key_came_from_and_nothing_of_it(
    place: str, keyring: Keyring, in_colab: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    key = "sd2_live_canary_4711"
    if place == "%seedance_key":
        keys.remember(Secret(key))
    elif place == "SEEDANCE_API_KEY":
        monkeypatch.setenv("SEEDANCE_API_KEY", key)
    elif place == "Colab secrets":
        in_colab(key)
    elif place == "the keyring":
        keyring.kept["seedance_widgets", "api_key"] = key
    session = sw.connect(key if place == "argument" else None, home=tmp_path)
    (check,) = (check for check in session.doctor().checks if check.name == "key")
    session.close()
    assert check.detail == f"found in {place}; it is not shown"
