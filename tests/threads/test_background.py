"""The thread with a loop of its own: what it opens, what runs in it, and the order in which it ends."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import AsyncExitStack

import pytest

from seedance_widgets.errors import SessionClosed, StoreError
from seedance_widgets.threads.background import Background


class Diary(Background):
    """Writes down what happens to it."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.is_open, self.at_work = threading.Event(), threading.Event()
        super().__init__()

    async def open(self, closing: AsyncExitStack) -> None:
        closing.callback(self.written.append, "closed what was opened")
        self.is_open.set()

    async def serve(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            self.written.append("served")

    async def close(self) -> None:
        self.written.append("ended what was on its way")

    async def work(self) -> None:
        """Ends only when it is cancelled."""
        self.at_work.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.written.append("worked")


def test_what_was_opened_is_closed_when_nothing_runs_any_more_that_could_use_it() -> None:
    diary = Diary()
    answer = diary.call(diary.work)
    diary.hurry()
    assert diary.at_work.wait(10)
    diary.stop(timeout_s=10)
    assert diary.written[0] == "ended what was on its way"
    assert set(diary.written) == {"ended what was on its way", "served", "worked", "closed what was opened"}
    assert diary.written[-1] == "closed what was opened"
    with pytest.raises(SessionClosed):
        answer.result(timeout=1)


def test_what_was_opened_is_closed_also_when_the_end_comes_while_it_is_being_opened() -> None:
    go_on = threading.Event()

    class Slow(Diary):
        async def open(self, closing: AsyncExitStack) -> None:
            await super().open(closing)
            go_on.wait(10)

    diary = Slow()
    diary.start()
    diary.hurry()
    assert diary.is_open.wait(10)
    thread = diary._thread
    diary.stop(timeout_s=0.01)
    go_on.set()
    assert thread is not None
    thread.join(10)
    assert diary.written == ["closed what was opened"]


def test_what_was_opened_is_closed_also_when_the_rest_cannot_be_opened() -> None:
    class Broken(Diary):
        async def open(self, closing: AsyncExitStack) -> None:
            await super().open(closing)
            raise ValueError("no room")

    diary = Broken()
    diary.start()
    diary.hurry()
    thread = diary._thread
    assert thread is not None
    thread.join(10)
    assert diary.written == ["closed what was opened"]
    assert "no room" in str(diary.failure)
    diary.stop()


def test_it_ends_also_when_its_end_cannot_be_written_down() -> None:
    """A history that could not be reached any more: each session that was closed left its thread behind."""

    class Unwritable(Diary):
        async def close(self) -> None:
            raise StoreError("the database is gone")

    diary = Unwritable()
    answer = diary.call(diary.work)
    diary.hurry()
    assert diary.at_work.wait(10)
    thread = diary._thread
    diary.stop(timeout_s=10)
    assert thread is not None
    assert not thread.is_alive()
    assert diary.written[-1] == "closed what was opened"
    with pytest.raises(SessionClosed):
        answer.result(timeout=1)


def test_a_call_that_is_made_while_earlier_ones_are_begun_does_not_overtake_them() -> None:
    """A cancel came to the loop before the submission that it was for, and found no job."""
    begun: list[str] = []
    first_runs = threading.Event()

    class Ordered(Diary):
        async def run(self, name: str) -> None:
            begun.append(name)
            if name == "first":
                first_runs.set()
                time.sleep(0.3)  # the others wait for the loop meanwhile

    diary = Ordered()
    answers = [diary.call(diary.run, name) for name in ("first", "second", "third")]
    diary.hurry()
    assert first_runs.wait(10)
    answers.append(diary.call(diary.run, "fourth"))
    for answer in answers:
        answer.result(timeout=10)
    diary.stop(timeout_s=10)
    assert begun == ["first", "second", "third", "fourth"]


def test_what_is_called_after_a_stop_that_was_not_waited_for_belongs_to_the_next_thread() -> None:
    go_on = threading.Event()

    class Slow(Diary):
        opened = 0

        async def open(self, closing: AsyncExitStack) -> None:
            self.opened += 1
            self.is_open.set()
            if self.opened == 1:
                await asyncio.to_thread(go_on.wait, 10)

    diary = Slow()
    diary.start()
    diary.hurry()
    assert diary.is_open.wait(10)
    first = diary._thread
    assert first is not None
    diary.stop(timeout_s=0.01)
    diary.is_open.clear()
    answer = diary.call(diary.work)
    go_on.set()
    first.join(10)
    diary.hurry()
    assert diary.at_work.wait(10)
    assert not answer.done()
    diary.stop(timeout_s=10)
