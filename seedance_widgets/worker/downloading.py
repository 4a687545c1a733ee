"""Saving: the clip of a job that has succeeded is downloaded, in a thread of its own."""

from __future__ import annotations

import asyncio
import os.path
from collections.abc import Callable
from functools import partial

from .. import life
from ..errors import StoreError
from ..request.urls import is_bucket
from ..threads.background import in_thread
from .database import Database
from .needs import Needs, Subscriber
from .rows import Care, Rows

SAVES_AT_ONCE = 3


class Downloading:
    """How clips come to be files."""

    def __init__(self, needs: Needs, database: Database, rows: Rows, subscriber: Subscriber) -> None:
        self._needs = needs
        self._database = database
        self._rows = rows
        self._subscriber = subscriber
        self._turns = asyncio.Semaphore(SAVES_AT_ONCE)

    def open(self) -> None:
        """Make what fetches files."""
        self.files = self._needs.files()

    async def save(self, care: Care) -> None:
        """Download a clip, and note what came of it."""
        loop, row = asyncio.get_running_loop(), care.row
        if life.next_action(row) is not life.Action.DOWNLOAD:
            return

        def progress(received: int, total: int | None) -> None:
            loop.call_soon_threadsafe(self._subscriber.on_progress, row.id, received, total)

        async with self._turns:
            await self._read(care)
            row = care.row
            if life.next_action(row) is not life.Action.DOWNLOAD:
                return
            event = await in_thread(lambda: self._saved(row, progress))
        await self._rows.note(care, event)

    def _saved(self, row: life.Row, progress: Callable[[int, int | None], None]) -> life.Saved | life.SaveFailed:
        """Download a clip, and put it into its bucket where it has one. In a thread."""
        from . import download

        needs = self._needs
        if needs.clips is None or not is_bucket(row.folder):
            return download.save(row, self.files, now=needs.clock, progress=progress, spare=needs.spare_clips)
        from . import storing

        clips, spare = needs.clips(), needs.spare_clips
        return storing.save(row, self.files, clips, now=needs.clock, progress=progress, spare=spare)

    async def _read(self, care: Care) -> None:
        """Read the row once more: another process may have saved the clip while this one slept or waited.

        A history that cannot be read now keeps no clip from being saved: its URL may expire.
        """
        try:
            row = await self._database.run(lambda store: store.get(care.row.id))
        except StoreError:
            return
        if row is not None:
            self._rows.take_in(care, row)

    async def save_again(self, job_id: str) -> life.Row:
        """Ask for the clip again; the API is asked for a fresh URL first. Free of charge."""
        row = await self._rows.find(job_id)
        there = row.clip_there
        keeps = is_bucket(there) or (there is not None and await in_thread(partial(os.path.isfile, there)))
        row = await self._rows.apply(job_id, life.SaveAsked(self._needs.clock(), keeps=keeps))
        return await self._rows.adopt(row)

    def close(self) -> None:
        """Close the connections."""
        self.files.close()
