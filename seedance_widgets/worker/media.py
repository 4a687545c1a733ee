"""The media of jobs on their way: put where the vendor fetches them, linked as the create leaves, and taken away again.

    row written ─▶ noted ─▶ put ─▶ our turn ─▶ linked ─▶ create … ended ─▶ taken away ─▶ forgotten

A medium is put only for a row that is written, and noted before it is put: whoever dies between two steps leaves
nothing that the next worker does not take away. A link lives in the request that leaves and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib

from ..errors import MediaNotPut, MediaPlaceMissing, SeedanceError
from ..life import Row
from ..media.places import Place
from ..media.room import Room
from ..request import media
from ..threads.background import in_thread
from ..types import GenerationRequest
from .database import Database
from .needs import Needs

GOING_S, TRIES = 0.25, 40
"""How long and how often to wait for a medium that another worker is taking away just now, before it is put anew."""

END_S = 3.0
"""How long the end of a session waits for what is taken away."""


class MediaWay:
    """Puts, links and takes away. Blocking work is done beside the loop."""

    def __init__(self, needs: Needs, database: Database) -> None:
        self._room: Room | None = needs.media
        self._database = database
        self.has_news = needs.media is not None
        """Whether something may lie somewhere that nothing needs any more: at the start, of a process that died."""
        self._has_ended = False

    async def put(self, row: Row, request: GenerationRequest) -> None:
        """Put the media of a row that is written. Raises MediaMissing, MediaPlaceMissing or MediaNotPut."""
        references = media.references_in(request)
        if not references:
            return
        room = self._there()
        kept = {facts["sha256"] for facts in row.media if facts.get("kept")}
        place = await in_thread(room.place)
        for reference in references:
            await self._put_one(room, place, reference, kept=media.hash_of(reference) in kept)

    async def _put_one(self, room: Room, place: Place, reference: str, *, kept: bool) -> None:
        data = await in_thread(lambda: room.bytes_of(reference))
        name = await in_thread(lambda: room.name_of(reference, place))
        content_type = media.CONTENT_TYPES[name[name.rfind(".") :]]
        await self._note(place, name, media.hash_of(reference), kept=kept)
        await in_thread(lambda: place.put(name, data, content_type))

    async def linked(self, request: GenerationRequest) -> GenerationRequest:
        """The request as it leaves, its links made now. Raises MediaNotPut."""
        references = media.references_in(request)
        if not references:
            return request
        room = self._there()
        made = await in_thread(lambda: {each: room.link_of(each) for each in references})
        return media.with_links(request, made)

    def ended(self, row: Row) -> None:
        """News of a row: where it has ended, what it needed may be needed no more."""
        if row.final and row.media:
            self.has_news = self._has_ended = True

    async def clean(self) -> None:
        """Take away what no open job and no unfinished sweep needs."""
        self.has_news = False
        if self._room is None:
            return
        try:
            place = self._room.place()
        except SeedanceError:  # nothing is set, so nothing of it can be reached
            return
        if (address := place.address) is None:
            return
        for each in await self._database.run(lambda store: store.unneeded_media(address)):
            await in_thread(lambda each=each: place.delete(each.removeprefix(f"{address}/")))  # type: ignore[misc]
            await self._database.run(lambda store, each=each: store.medium_gone(each))  # type: ignore[misc]

    async def clean_at_the_end(self) -> None:
        """The same before the thread ends, for a moment; what is left then the next worker takes away."""
        if self.has_news and self._has_ended:
            with contextlib.suppress(SeedanceError, TimeoutError):
                async with asyncio.timeout(END_S):
                    await self.clean()

    async def _note(self, place: Place, name: str, sha256: str, *, kept: bool) -> None:
        """Note it before it is put; what is being taken away is waited for, and taken away here in the end."""
        if place.address is None:
            return
        where = f"{place.address}/{name}"
        for _ in range(TRIES):
            if await self._database.run(lambda store: store.want_medium(where, sha256, kept=kept)):
                return
            await asyncio.sleep(GOING_S)
        await in_thread(lambda: place.delete(name))  # whoever was at it has died
        await self._database.run(lambda store: store.medium_gone(where))
        if not await self._database.run(lambda store: store.want_medium(where, sha256, kept=kept)):
            raise MediaNotPut(f"{where} is being deleted by another process.", next_step="Try again in a minute.")

    def _there(self) -> Room:
        if self._room is None:
            raise MediaPlaceMissing("A file cannot be sent from here.")
        return self._room
