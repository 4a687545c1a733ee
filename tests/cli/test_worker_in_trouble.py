"""`seedance worker` where the history answers its first question, and cannot be opened for work: locked, or full."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable

import pytest
from worker_place import Place

from seedance_widgets.cli import worker
from seedance_widgets.cli.worker import DONE, FAILED, History, run_worker
from seedance_widgets.errors import StoreError
from seedance_widgets.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")


class Said:
    """The lines, in a list."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str) -> None:
        self.lines.append(text)

    def show(self, text: str) -> None:
        """Not on a terminal."""

    def close(self) -> None:
        """Nothing to clean up."""


@pytest.fixture
def ends(make: Callable[..., Place], monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, list[str]]]:
    """Runs a worker, until nothing is left to do, on a history that fails so many times; returns how it ended."""
    place = make()
    place.kernel("simulated, killed")
    monkeypatch.setattr(worker, "LOOK_S", 0.05)

    def ends(failures: int, hope_s: float = 30.0) -> tuple[int, list[str]]:
        monkeypatch.setattr(worker, "HOPE_S", hope_s)
        left = [None] + [StoreError("The history is locked.", next_step="Wait.")] * failures

        def opened(history: History) -> Store:
            if left and (failure := left.pop(0)) is not None:
                raise failure
            return Store(history.place)

        monkeypatch.setattr(History, "store", opened)
        said = Said()
        return run_worker(History(place.home), said, threading.Event(), until_idle=True), said.lines

    return ends


def test_one_that_cannot_be_opened_once_is_tried_again(ends: Callable[..., tuple[int, list[str]]]) -> None:
    """The bug was an end with "needs another key", after which a server starts no other worker for five minutes."""
    code, said = ends(1)
    assert (code, said[-1]) == (DONE, "No job is open any more.")
    assert any("saved" in line for line in said)
    assert said.count("The history is locked.") == 1


def test_one_that_cannot_be_opened_for_long_ends_it_without_a_word_about_keys(
    ends: Callable[..., tuple[int, list[str]]],
) -> None:
    code, said = ends(10_000, hope_s=0.5)
    assert code == FAILED
    assert said[-1].startswith("Given up.")
    assert "key" not in " ".join(said)
