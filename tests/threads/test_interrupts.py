"""An interrupt, at whatever instruction of the main thread, leaves the history open to everybody."""

from __future__ import annotations

import gc
import sqlite3
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import seedance_widgets as sw
from seedance_widgets.life import Marked, Row
from seedance_widgets.session.session import Session
from seedance_widgets.simulator import Simulator, SimulatorSettings
from seedance_widgets.store import Store
from seedance_widgets.threads.interrupts import Answer, Bell, sheltered

Use = Callable[[Store], object]


@pytest.fixture
def store(tmp_path: Path, row_of: Callable[..., Row]) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    store.add(row_of(id="abc"))
    yield store
    store.close()


def interrupted(use: Callable[[], object], at: int) -> KeyboardInterrupt | None:
    """What comes of an interrupt at the so-many-th place where Python may raise one; `None` when it is over by then.

    Those places are the beginning of a function and the end of a call.
    """
    places = 0

    def raise_there(frame: FrameType, event: str, _: object) -> None:
        nonlocal places
        if frame.f_code.co_filename.endswith("_weakrefset.py"):
            return  # called while an object goes, where nobody can be interrupted
        if event in ("call", "c_return"):
            places += 1
            if places == at:
                sys.setprofile(None)
                raise KeyboardInterrupt

    gc.disable()  # what it calls would be interrupted, too
    sys.setprofile(raise_there)
    try:
        use()
    except KeyboardInterrupt as error:
        return error
    finally:
        sys.setprofile(None)
        gc.enable()
    return None


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.get("abc"),
        lambda store: store.rows(text="boat"),
        lambda store: store.apply("abc", Marked(starred=True)),
    ],
    ids=["one row", "a search", "a change"],
)
def test_whoever_is_interrupted_locks_nobody_out(store: Store, tmp_path: Path, use: Use) -> None:
    use(store)  # so that nothing is left to load
    kept = []  # as a notebook keeps the last traceback, and with it whatever was open
    at = 0
    while error := interrupted(lambda: use(store), at := at + 1):
        kept.append(error)
        other = sqlite3.connect(tmp_path / "history.db", timeout=0.5, isolation_level=None)
        try:
            other.execute("BEGIN EXCLUSIVE")
            other.execute("ROLLBACK")
        finally:
            other.close()
    assert kept, "it was interrupted at all"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # within a weak reference's end
def test_whoever_is_interrupted_while_the_helper_starts_does_the_work_once_at_most() -> None:
    """`Thread.start` answered with a RuntimeError, which was taken for the interpreter's end: it was done twice."""
    done: list[int] = []
    for at in count(1):
        if interrupted(partial(sheltered, partial(done.append, at)), at) is None:
            break
    assert at > 20, "it was interrupted at all"
    assert done[-1] == at
    assert max(Counter(done).values()) == 1


@pytest.mark.parametrize("begun", [False, True])
def test_where_no_thread_starts_the_caller_does_the_work_and_nobody_else(
    monkeypatch: pytest.MonkeyPatch, begun: bool
) -> None:
    """As when the interpreter ends. Some versions say so although the thread has begun."""
    start, done = threading.Thread.start, []

    def refuse(thread: threading.Thread) -> None:
        if begun:
            start(thread)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert sheltered(lambda: done.append(1) or "done") == "done"
    assert done == [1]


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    settings = SimulatorSettings(home=tmp_path / "server", credits=10**9, api_key="sd2_live_simulator")
    with Simulator(settings) as server:
        session = sw.connect(settings.api_key, server.base_url, tmp_path / "home", requests_per_minute=60_000)
        yield session
        session.close()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # within a generator's end
def test_whoever_is_interrupted_while_submitting_can_submit_again(session: Session) -> None:
    options = {"model": "seedance-2.0-fast", "duration": 4, "resolution": "480p"}
    session.submit("A boat", **options)
    kept, at = [], 0
    while error := interrupted(lambda: session.submit("A boat", **options), at := at + 1):
        kept.append(error)
        assert session.engine.worker.ask(session.engine.worker.models)
    assert session.submit("A boat, still afloat", **options).request_id
    assert len(kept) > 50, "it was interrupted at all"


@pytest.mark.parametrize(
    ("make", "look", "tell"),
    [
        (Bell, lambda bell: bell.wait(0.001), lambda bell: bell.ring()),
        (Answer, lambda answer: answer.done(), lambda answer: answer.set_result(1)),
    ],
    ids=["a bell", "an answer"],
)
def test_whoever_is_interrupted_while_waiting_lets_the_other_tell(
    make: Callable[[], Any], look: Callable[[Any], object], tell: Callable[[Any], None]
) -> None:
    """An Event and a Future of the standard library fail this one."""
    things = [make()]
    while interrupted(lambda: look(things[-1]), len(things)):
        teller = threading.Thread(target=tell, args=(things[-1],), daemon=True)
        teller.start()
        teller.join(5)
        assert not teller.is_alive(), f"it waits for what was left locked at place {len(things)}"
        things.append(make())
    assert len(things) > 1, "it was interrupted at all"
