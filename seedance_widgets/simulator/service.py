"""The simulator without its HTTP: accept, look, cancel. The only place that joins records, films and webhooks."""

from __future__ import annotations

import random
import secrets
import string
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from ..text.links import is_kept
from ..types import FINAL_STATUSES, GenerationRequest
from . import media
from .answers import Refusal, webhook_body
from .faults import Faults
from .film import ClipSpec
from .film_cache import Abandoned, FilmCache
from .folder import Folder
from .media import Pictures
from .prices import credits_for
from .records import Record, new_record
from .settings import SimulatorSettings
from .webhooks import Webhooks

_SIGNS = string.ascii_letters + string.digits


class Service:
    """The work of the endpoints. Every method may be called from any thread."""

    def __init__(self, settings: SimulatorSettings, home: Path, now: Callable[[], float], files_url: str) -> None:
        self.settings = settings
        self.now = now
        self.files_url = files_url
        self.folder = Folder(home)
        self.faults = Faults(settings.faults)
        self.film_cache = FilmCache(self.folder.clips)
        self.webhooks = Webhooks(self.folder, now, self._news, settings.webhook_secret)
        self._webhooks: dict[str, str] = {}
        """Addresses that hold what signs them, by request id: they are sent to, and kept nowhere."""

    def resume(self) -> None:
        """Take up what an earlier simulator over the same folder left: films to make, webhooks to send."""
        for record in self.folder.all():
            if record.status(self.now()) not in FINAL_STATUSES:
                self._prepare(record)
            if record.webhook_url and not is_kept(record.webhook_url) and not self.folder.is_told(record.request_id):
                self.webhooks.expect(record)

    def fetch(self, request: GenerationRequest, *, refused: bool = False) -> Pictures:
        """The media of a request, fetched as the vendor would. Blocks."""
        return media.fetched(request, self.folder.pictures, refused=refused)

    def create(self, request: GenerationRequest, pictures: Pictures = Pictures()) -> Record:  # noqa: B008  frozen
        """Accept a checked request and charge for it. Raises Refusal with 402 when the credits do not suffice.

        What could not be fetched makes a generation that fails as soon as it is worked at.
        """
        price = credits_for(request)
        with self.folder.spending():
            earlier = self.folder.all()
            left = self.settings.credits - sum(r.credits_charged for r in earlier)
            if price > left:
                raise Refusal(402, "insufficient_credits", f"This job takes {price} credits; {max(0, left)} are left.")
            seed = self.settings.seed
            record = new_record(
                request,
                request_id="req_" + "".join(secrets.choice(_SIGNS) for _ in range(16)),
                now=self.now(),
                credits_charged=price,
                settings=self.settings,
                dice=random.Random(None if seed is None else f"{seed}/{len(earlier)}"),
            )
            record = replace(record, first=pictures.first, last=pictures.last)
            if pictures.problem is not None:
                failed = record.failed(media.UNFETCHED, pictures.problem)
                record = replace(failed, final_at=record.processing_at)
            if record.webhook_url and is_kept(record.webhook_url):
                self._webhooks[record.request_id] = request.webhook_url or record.webhook_url
            self.folder.save(record)
        self._prepare(record)
        if record.webhook_url:
            self.webhooks.expect(record)
        return record

    def look(self, request_id: str) -> tuple[Record, str, Future[Path] | None]:
        """A generation, its status now, and the film to wait for where that is all that is missing.

        `succeeded` is said only when the film exists; until then it is `processing`. Raises Refusal with 404.
        """
        record = self._find(request_id)
        status = record.status(self.now())
        if status != "succeeded" or self.film(record) is not None:
            return record, status, None
        return record, "processing", self._order(record)

    def cancel(self, request_id: str) -> Record:
        """Stop a generation that is not final. Raises Refusal with 404, or 400 when it is final."""
        with self.folder.spending():
            record, status, _ = self.look(request_id)
            if status in FINAL_STATUSES:
                raise Refusal(400, "invalid_request", f"This generation is {status} and can no longer be cancelled.")
            stopped = record.cancelled(self.now())
            self.folder.save(stopped)
        if stopped.webhook_url:
            self.webhooks.expect(stopped)
        return stopped

    def film(self, record: Record) -> Path | None:
        """The finished clip of a generation, or `None`."""
        return self.film_cache.film(self._spec(record))

    def credits_left(self) -> int:
        """What the account holds now."""
        return self.settings.credits - self.folder.charged()

    def close(self) -> None:
        """End the threads. What is unfinished stays in the folder."""
        self.film_cache.close()
        self.webhooks.close()

    def _find(self, request_id: str) -> Record:
        record = self.folder.find(request_id)
        if record is None:
            raise Refusal(404, "not_found", f"There is no generation {request_id[:80]!r} under this key.")
        return record

    def _prepare(self, record: Record) -> None:
        """Begin the film early, unless whoever looks first waits for it anyway."""
        if record.outcome == "succeeded" and not (self.settings.at_once and record.final_at <= record.created_at):
            self._order(record)

    def _order(self, record: Record) -> Future[Path]:
        def wanted() -> bool:
            latest = self.folder.find(record.request_id)
            return latest is not None and latest.cancelled_at is None

        noted: Future[Path] = Future()

        def note(done: Future[Path]) -> None:
            """A film that could not be made is a generation that failed, and is so before anyone hears of it."""
            error = done.exception()
            if error is None:
                noted.set_result(done.result())
                return
            latest = self.folder.find(record.request_id)
            if latest is not None and not isinstance(error, Abandoned):
                self.folder.save(latest.failed("internal_error", f"The clip could not be rendered: {error}"[:500]))
            noted.set_exception(error)

        self.film_cache.order(self._spec(record), wanted).add_done_callback(note)
        return noted

    def _spec(self, record: Record) -> ClipSpec:
        return ClipSpec(
            prompt=record.prompt,
            model=record.model,
            aspect_ratio=record.aspect_ratio,
            resolution=record.resolution,
            seconds=record.duration,
            seed=record.clip_seed,
            first=record.first,
            last=record.last,
            pictures=self.folder.pictures,
        )

    def _news(self, request_id: str) -> tuple[str, dict[str, object]] | None:
        """For the herald: where to send what, once a generation is final; `None` while it is not."""
        record, status, film = self.look(request_id)
        if film is not None:
            film.exception()
            record, status, _ = self.look(request_id)
        if status not in FINAL_STATUSES or record.webhook_url is None:
            return None
        url = self._webhooks.get(request_id, record.webhook_url)
        return url, webhook_body(record, status, self.files_url)
