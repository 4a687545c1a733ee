"""The routes. Each checks what it was given and has the history asked in a thread; see docs/server-api.md."""

from __future__ import annotations

from functools import partial
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado import web

from .answers import Answer, checked_id

MOST_AT_ONCE = 200


class New(Answer):
    """What is new."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Look now, and tell."""
        self.tell(await self.extension.new())


class Jobs(Answer):
    """The list."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """A part of it."""
        filters: dict[str, Any] = {
            name: value
            for name in ("text", "service", "tag", "since", "until", "rating")
            if (value := self.get_query_argument(name, ""))
        }
        if "rating" in filters:
            filters["rating"] = self.number("rating", 1, 1, 5)
        filters |= {name: values for name in ("status", "model") if (values := self.get_query_arguments(name)) != []}
        if (starred := self.one_of("starred", "", ("", "true", "false"))) != "":
            filters["starred"] = starred == "true"
        limit, offset = self.number("limit", 50, 1, MOST_AT_ONCE), self.number("offset", 0, 0, 10**9 - 1)
        is_open = self.one_of("open", "false", ("true", "false")) == "true"
        ask = await self.extension.rows()
        self.tell(
            await self.extension.in_thread(partial(ask.listed, filters, limit=limit, offset=offset, is_open=is_open))
        )


class Job(Answer):
    """One job."""

    @web.authenticated
    @authorized
    async def get(self, text: str) -> None:
        """All of it."""
        job_id = checked_id(text)
        ask = await self.extension.rows()
        self.tell(await self.extension.in_thread(ask.one, job_id))

    @web.authenticated
    @authorized
    async def delete(self, text: str) -> None:
        """Delete it, in a process of its own: whose files are ours tell their own containers."""
        self._track_activity = True
        job_id = checked_id(text)
        force = self.one_of("force", "false", ("true", "false")) == "true"
        clip = self.one_of("clip", "true", ("true", "false")) == "true"
        ask = await self.extension.rows()
        await self.extension.in_thread(partial(ask.check_deletable, job_id, force=force))
        self.tell(await self.extension.delete(job_id, clip=clip, force=force))


class Wish(Answer):
    """A command: a wish in the row."""

    _track_activity = True

    @web.authenticated
    @authorized
    async def post(self, text: str, wish: str) -> None:
        """Write it down; whoever holds the row does it."""
        job_id = checked_id(text)
        ask = await self.extension.rows()
        if wish == "mark":
            answer = await self.extension.in_thread(ask.mark, job_id, self.body())
        else:
            answer = await self.extension.in_thread(ask.cancel if wish == "cancel" else ask.download, job_id)
        self.extension.look_soon()
        self.tell(answer, 200 if wish == "mark" else 202)


class Seen(Answer):
    """What was on a visible page."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Note it in the rows."""
        ids = self.ids()
        ask = await self.extension.rows()
        answer = await self.extension.in_thread(ask.seen, ids)
        self.extension.look_soon()
        self.tell(answer)


class Told(Answer):
    """Of which jobs a page tells."""

    @web.authenticated
    @authorized
    async def post(self) -> None:
        """Give each job to the first page that asks."""
        ids = self.ids()
        self.tell({"tell": await self.extension.in_thread(self.extension.notes.tell, ids)})


class Costs(Answer):
    """What was spent."""

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Added up by a group."""
        by = self.one_of("by", "day", ("day", "model", "sweep", "notebook"))
        ask = await self.extension.rows()
        self.tell(await self.extension.in_thread(ask.costs, by))


class Doctor(Answer):
    """What works here and what does not."""

    _track_activity = True

    @web.authenticated
    @authorized
    async def get(self) -> None:
        """Examined in a process of its own: it loads what only kernels need."""
        self.tell(await self.extension.doctor())
