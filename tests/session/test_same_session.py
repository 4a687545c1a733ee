"""In a kernel a cell is run again: the same arguments give the same open session, and elsewhere each call makes one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import seedance_widgets as sw
from seedance_widgets.notebook import environment
from seedance_widgets.session import connect as connecting
from seedance_widgets.session import default

CONNECT: dict[str, Any] = {"api_key": "sd2_live_one", "base_url": "http://127.0.0.1:9"}

Make = Callable[..., sw.Session]


@pytest.fixture(autouse=True)
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(environment, "in_kernel", lambda: True)
    monkeypatch.setattr(environment, "is_batch", lambda: False)
    monkeypatch.setattr(connecting, "_made", [])


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[Callable[[], sw.Session]], sw.Session]]:
    """Keeps sessions, and closes them."""
    kept: list[sw.Session] = []

    def keep(make: Callable[[], sw.Session]) -> sw.Session:
        kept.append(make())
        return kept[-1]

    yield keep
    for session in kept:
        session.close()


@pytest.fixture
def connect(opened: Any, tmp_path: Path) -> Make:
    return lambda **changes: opened(lambda: sw.connect(**{**CONNECT, "home": tmp_path / "home", **changes}))


@pytest.fixture
def simulate(opened: Any, tmp_path: Path) -> Make:
    return lambda **changes: opened(lambda: sw.simulate(**{"home": tmp_path / "home", **changes}))


def test_connecting_again_gives_the_same_session_with_the_caps_of_now(connect: Make) -> None:
    """Each run of the cell left a thread and a limiter behind."""
    first = connect(cap_per_job_usd=1.0)
    again = connect(cap_per_day_usd=5.0)
    assert again is first
    assert (again.caps.per_job_usd, again.caps.per_day_usd) == (None, 5.0)


@pytest.mark.parametrize(
    "changes",
    [{"api_key": "sd2_live_two"}, {"base_url": "http://127.0.0.1:10"}, {"home": "elsewhere"}, {"read_timeout_s": 5.0}],
    ids=lambda changes: next(iter(changes)),
)
def test_other_arguments_give_another_session(connect: Make, changes: dict[str, Any]) -> None:
    assert connect() is not connect(**changes)


def test_a_session_that_was_closed_is_not_given_again(connect: Make) -> None:
    first = connect()
    first.close()
    assert connect() is not first


def test_a_session_whose_key_was_changed_is_one_of_that_key(connect: Make) -> None:
    from seedance_widgets.secret import Secret

    first = connect()
    first.change_key(Secret("sd2_live_two"), "typed")
    assert connect(api_key="sd2_live_two") is first
    assert connect() is not first


def test_in_a_script_each_call_makes_a_session(connect: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "in_kernel", lambda: False)
    assert connect() is not connect()


def test_simulating_again_gives_the_same_session_unless_something_is_to_go_wrong(simulate: Make) -> None:
    assert simulate() is simulate(cap_per_job_usd=1.0)
    assert simulate() is not simulate(speed=5)
    assert simulate(faults=["get:503"]) is not simulate(faults=["get:503"])


def test_the_session_of_the_magics_leaves_the_caps_of_a_session_of_yours_alone(
    opened: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks for no caps, and would take away those that a person set."""
    monkeypatch.setenv("SEEDANCE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(default, "_default", None)
    mine = opened(lambda: sw.simulate(cap_per_job_usd=1.0))
    magics = opened(sw.default_session)
    assert magics is not mine
    assert mine.caps.per_job_usd == 1.0
