"""A clip is fetched once, by whoever still has to, and whatever state the history is in."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from seedance_widgets import life
from seedance_widgets.errors import StoreError
from seedance_widgets.life import Row
from seedance_widgets.worker import download
from seedance_widgets.worker.downloading import Downloading
from seedance_widgets.worker.rows import Care

NEEDS: Any = SimpleNamespace(files=lambda: None, clock=lambda: 0.0, spare_clips=None, clips=None)


class History:
    """What stands in the history by now, or that it cannot be read."""

    def __init__(self, row: Row | None) -> None:
        self.row = row

    async def run(self, _: object) -> Row | None:
        if self.row is None:
            raise StoreError("database is locked")
        return self.row


class Notes:
    """The rows of a worker, as far as a download needs them."""

    def __init__(self) -> None:
        self.noted: list[life.Event] = []

    def take_in(self, care: Care, row: Row) -> None:
        care.row = row

    async def note(self, _: Care, event: life.Event) -> None:
        self.noted.append(event)


@pytest.fixture
def due(row_of: Callable[..., Row]) -> Row:
    return row_of(status="succeeded", request_id="req_1", output_url="https://files.example/a.mp4", final_at=1.0)


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rows: list[str] = []

    def save(row: Row, *_: object, **__: object) -> life.Event:
        rows.append(row.id)
        return life.SaveFailed(1.0, "not the point")

    monkeypatch.setattr(download, "save", save)
    return rows


def saved(history: History, care: Care) -> Notes:
    notes: Any = Notes()
    saves = Downloading(NEEDS, history, notes, SimpleNamespace())  # type: ignore[arg-type]
    saves.open()
    asyncio.run(saves.save(care))
    return notes  # type: ignore[no-any-return]


def test_a_clip_is_fetched_while_the_history_cannot_be_read(due: Row, fetched: list[str]) -> None:
    notes = saved(History(None), Care(due))
    assert fetched == [due.id]
    assert len(notes.noted) == 1


def test_a_clip_that_another_process_has_saved_meanwhile_is_not_fetched_again(due: Row, fetched: list[str]) -> None:
    there = replace(due, clip_path="/films/a.mp4", rev=due.rev + 1)
    notes = saved(History(there), Care(due))
    assert (fetched, notes.noted) == ([], [])
