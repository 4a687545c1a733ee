"""`%seedance_key`: the key is asked for, hidden, and stands nowhere afterwards."""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from fake_session import FakeSession
from IPython.core.error import StdinNotImplementedError, UsageError

from seedance_widgets.errors import SettingsInvalid
from seedance_widgets.session import default
from seedance_widgets.settings import keys

KEY = "sd2_live_canary_4711"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    yield
    keys.remember(None)


@pytest.fixture
def typing(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What a person types into the hidden prompt, and what they were asked."""
    person = SimpleNamespace(types=KEY, asked=[])

    def answer(question: str) -> str:
        person.asked.append(question)
        if isinstance(person.types, str):
            return str(person.types)
        raise person.types

    monkeypatch.setattr(getpass, "getpass", answer)
    return person


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no session yet."""
    monkeypatch.setattr(default, "current_session", lambda: None)


def test_a_typed_key_is_taken_and_never_shown(run: Any, typing: SimpleNamespace, alone: None, shell: Any) -> None:
    done = run("%seedance_key")
    assert done.error is None
    assert typing.asked == ["Seedance API key (it is not shown): "]
    assert "The next call uses the API" in done.stdout
    found = keys.find_key()
    assert found is not None
    assert (found[0].reveal(), found[1]) == (KEY, "%seedance_key")
    assert KEY not in done.shown + repr(shell.user_ns) + repr(shell.history_manager.input_hist_raw)


def test_nothing_typed_changes_nothing(run: Any, typing: SimpleNamespace, alone: None) -> None:
    typing.types = " "
    assert "nothing has changed" in run("%seedance_key").stdout
    assert keys.find_key() is None


def test_what_cannot_be_a_key_is_refused_without_being_shown(run: Any, typing: SimpleNamespace, alone: None) -> None:
    typing.types = KEY + " é"
    run("%xmode Verbose")
    done = run("%seedance_key")
    run("%xmode Context")
    assert isinstance(done.error, SettingsInvalid)
    assert KEY not in done.shown + str(done.error)


@pytest.mark.parametrize("refusal", [StdinNotImplementedError(), EOFError(), getpass.GetPassWarning("echo")])
def test_where_nobody_can_type_hidden_it_says_what_to_do(
    run: Any, typing: SimpleNamespace, alone: None, refusal: Exception
) -> None:
    typing.types = refusal
    done = run("%seedance_key")
    assert type(done.error) is UsageError
    assert "SEEDANCE_API_KEY" in str(done.error)


@pytest.mark.parametrize("line", [KEY, f"--save {KEY}", f"--{KEY}", "--save --forget", f"'{KEY}'"])
def test_a_key_in_the_line_is_refused_and_not_repeated(
    run: Any, typing: SimpleNamespace, alone: None, line: str
) -> None:
    done = run(f"%seedance_key {line}")
    assert type(done.error) is UsageError
    assert KEY not in str(done.error) + done.shown
    assert "make a new key" in str(done.error)
    assert typing.asked == []


def test_forget_asks_nothing(run: Any, typing: SimpleNamespace, session: FakeSession) -> None:
    assert "There is no key in the keyring." in run("%seedance_key --forget").stdout
    assert typing.asked == []
