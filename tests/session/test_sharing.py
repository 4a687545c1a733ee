"""One limit for all sessions of a process that ask with one key."""

from __future__ import annotations

import gc
import os

import pytest

from seedance_widgets.secret import Secret
from seedance_widgets.worker.shared_limiter import shared


class Limit:
    """Stands for what bounds requests: anything that can be referred to weakly."""


API = "https://api.example"


def test_sessions_with_one_key_share_what_the_first_one_made() -> None:
    first = shared(API, Secret("one"), Limit)
    assert shared(API, Secret("one"), Limit) is first


@pytest.mark.parametrize(("service", "key"), [("https://other.example", "one"), (API, "two")], ids=["service", "key"])
def test_another_service_and_another_key_have_their_own(service: str, key: str) -> None:
    first = shared(API, Secret("one"), Limit)
    assert shared(service, Secret(key), Limit) is not first


def test_without_a_key_nothing_is_shared() -> None:
    assert shared("simulator", None, Limit) is not shared("simulator", None, Limit)


def test_it_ends_with_the_last_who_holds_it() -> None:
    made: list[int] = []

    def make() -> Limit:
        made.append(1)
        return Limit()

    shared(API, Secret("held by nobody"), make)
    gc.collect()
    shared(API, Secret("held by nobody"), make)
    assert len(made) == 2


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_forked_child_has_its_own() -> None:
    """The lock and the loops of its parent's are not there any more."""
    first = shared(API, Secret("one"), Limit)
    child = os.fork()
    if child == 0:
        os._exit(0 if shared(API, Secret("one"), Limit) is not first else 3)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
