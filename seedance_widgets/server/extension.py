"""The extension in one server: its routes, its watch, its worker, what it tells pages and what it tells a Hub."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import SeedanceError, SettingsInvalid
from .log import trace_of

if TYPE_CHECKING:
    from ..storage.clips import ClipStorage
    from .rows import Rows

T = TypeVar("T")

FIRST_LOOK_S = 1.0
"""After the server began to serve: its start is not held up."""
ACTIVE_S = 7_200.0
"""A Hub sees a server as active at most so long after the newest acceptance: a job that never ends must not keep it."""
THREADS = 4
"""Threads for what may wait."""
FETCHERS = 8
"""Clips and posters that come from a bucket at a time."""
CHILD_S = 60.0
"""How long a process of its own may take to examine or delete something."""
EVENTS = "urn:seedance_widgets:jobs:v1"
SETTING = "seedance_last_activity"
"""`jupyter_server` counts every setting of such a name as activity."""

SCHEMA: dict[str, Any] = {
    "$id": EVENTS,
    "version": "1",
    "title": "News of Seedance jobs",
    "description": "Which jobs of the history began, moved, ended, were saved or seen. Ids and statuses only.",
    "personal-data": False,
    "type": "object",
    "required": ["api", "history", "changes", "open", "statuses", "new_count", "changed", "more"],
    "properties": {
        "api": {"type": "integer", "title": "Version of docs/server-api.md"},
        "history": {"type": "string", "enum": ["ok", "none", "trouble"], "title": "Whether it can be read"},
        "changes": {"type": "string", "title": "Another one whenever a row changed"},
        "open": {"type": "integer", "title": "Jobs that go on"},
        "statuses": {"type": "object", "title": "Their statuses, counted"},
        "new_count": {"type": "integer", "title": "Jobs that nobody has seen"},
        "changed": {"type": "array", "title": "Jobs with news"},
        "more": {"type": "integer", "title": "Jobs with news that are not named"},
    },
}


class Extension:
    """What belongs to one server.

    Args:
        serverapp: The Jupyter server.
        place: The history that it is about.
    """

    def __init__(self, serverapp: Any, place: Any) -> None:
        from .notes import Notes
        from .supervisor import Supervisor
        from .watching import Watch

        self._app = serverapp
        self._place = place
        self._root = Path(serverapp.root_dir).absolute()
        self.notes = Notes(place.home)
        self.watch = Watch(place, self.notes, _has_key)
        self.supervisor = Supervisor(place.home, serverapp.log)
        self._threads: ThreadPoolExecutor | None = None
        self._fetches = asyncio.Semaphore(FETCHERS)
        self._rows: Rows | None = None
        self._clips: ClipStorage | None = None
        self._timer: Any = None
        self._looking = False
        self._attends = False
        self._is_stopped = False
        self._tasks: set[asyncio.Future[None]] = set()

    # --- files for the vendor -------------------------------------------------------------------------------------
    @property
    def media_folder(self) -> Path:
        """Where kernels keep the files that the vendor fetches."""
        return Path(self._place.home) / "media"

    def attend(self) -> None:
        """Let kernels know that this server serves their files, where the internet reaches it."""
        from ..settings.webhooks import public_address

        if public_address() is None:
            return
        from ..media.served import attend

        try:
            attend(self.media_folder)
            self._attends = True
        except OSError as error:
            self._app.log.warning("seedance_widgets cannot serve files from its data folder: %s", error.strerror)

    # --- in threads -----------------------------------------------------------------------------------------------
    async def in_thread(self, work: Callable[..., T], *values: object) -> T:
        """Do what may wait, and let the server go on."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="seedance-server")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *values)

    async def fetching(self, work: Callable[..., T], *values: Any) -> T:
        """Do what may wait for a bucket, in daemon threads: a slow one holds up neither the rest nor the end."""
        from ..threads.background import in_thread

        async with self._fetches:
            return await in_thread(lambda: work(*values))

    async def rows(self) -> Rows:
        """The history for the handlers; loaded when a page first asks."""
        self.watch.is_asked = True
        if self._rows is None:
            self._rows = await self.in_thread(self._made_rows)
        return self._rows

    @property
    def clips(self) -> ClipStorage:
        """The clips that lie in buckets; loaded when a page first asks for one."""
        if self._clips is None:
            self._clips = self._place.clips()
        return self._clips

    def _made_rows(self) -> Rows:
        from .rows import Rows

        return Rows(self._place, self.watch, self._root)

    # --- the watch ------------------------------------------------------------------------------------------------
    def begin(self) -> None:
        """Look once, then whenever something may have changed."""
        if not self._is_stopped:
            self._begin(self._tick())

    async def _tick(self) -> None:
        try:
            await self.look()
        finally:
            if not self._is_stopped:
                self._timer = self._app.io_loop.call_later(self.watch.pause_s, self.begin)

    async def look(self) -> None:
        """Look where the history changed, tell pages, and see to the worker."""
        if self._looking:
            return
        self._looking = True
        try:
            if self.watch.is_due():
                event = await self.in_thread(self.watch.look)
                if event is not None and not self._is_stopped:
                    self._emit(event)
            wanted = self.watch.state.workable
            if wanted or self.supervisor.has_child:
                await self.in_thread(self.supervisor.attend, wanted)
            self._be_active()
        finally:
            self._looking = False

    def look_soon(self) -> None:
        """Somebody wrote: look now instead of at the next turn."""
        if not self._is_stopped:
            self._begin(self.look())

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._end)

    def _end(self, task: asyncio.Future[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._app.log.error("seedance_widgets could not look at its history: %s", trace_of(error))

    def _emit(self, event: dict[str, Any]) -> None:
        self._app.event_logger.emit(schema_id=EVENTS, data=event)

    def _be_active(self) -> None:
        """Let a Hub see that the server is needed, while jobs run; with a ceiling."""
        accepted_at = self.watch.state.seen.newest_acceptance_at
        if accepted_at is not None:
            until = min(time.time(), accepted_at + ACTIVE_S)
            self._app.web_app.settings[SETTING] = datetime.fromtimestamp(until, UTC)

    async def new(self) -> dict[str, Any]:
        """What `GET new` answers: of now."""
        self.watch.is_asked = True
        await self.look()
        return await self.in_thread(self.watch.answer, version("seedance-widgets"))

    # --- in processes of their own --------------------------------------------------------------------------------
    async def doctor(self) -> dict[str, Any]:
        """See `child.doctor`."""
        return await self._child("doctor")

    async def delete(self, job_id: str, *, clip: bool, force: bool) -> dict[str, Any]:
        """See `child.delete`."""
        flags = [*([] if clip else ["--keep-clip"]), *(["--force"] if force else [])]
        answer = await self._child("delete", job_id, *flags)
        self.look_soon()
        return answer

    async def _child(self, *arguments: str) -> dict[str, Any]:
        from .telling import Refusal

        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-P", "-m", "seedance_widgets.server.child", *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self._root if arguments[0] == "doctor" else None,
            env={**os.environ, "SEEDANCE_HOME": str(self._place.home)},
        )
        try:
            printed, _ = await asyncio.wait_for(process.communicate(), CHILD_S)
            answer: dict[str, Any] = json.loads(printed)
        except (TimeoutError, ValueError):
            if process.returncode is None:
                process.kill()
                await process.wait()
            failure = SeedanceError("It could not be done in a process of its own.", charged="", next_step="Try again.")
            raise Refusal(503, failure) from None
        if "error" in answer:
            error = answer["error"]
            failure = SeedanceError(error["what"], charged=error["charged"], next_step=error["next_step"])
            raise Refusal(answer["status"], failure)
        return answer

    # --- the end --------------------------------------------------------------------------------------------------
    def stop(self) -> None:
        """Watch no more, and end the worker. The server's end does so, too, however it comes."""
        self._is_stopped = True
        if self._attends:
            from ..media.served import attend_no_more

            attend_no_more(self.media_folder)
        if self._timer is not None:
            self._app.io_loop.remove_timeout(self._timer)
        self.supervisor.stop()
        if self._threads is not None:
            self._threads.shutdown(wait=True)


def _has_key() -> bool:
    from ..settings.keys import find_key

    try:
        return find_key() is not None
    except SettingsInvalid:
        return False
