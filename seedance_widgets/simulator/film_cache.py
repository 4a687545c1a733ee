"""Rendering clips beside everything else: one thread, one film at a time, each kept by what is in it."""

from __future__ import annotations

import os
import queue
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from . import film as clips
from .film import ClipSpec

Wanted = Callable[[], bool]
"""Asked now and then: whether a film is still worth making."""


class Abandoned(Exception):
    """Nobody wanted the film any more."""


class FilmCache:
    """Makes the film of a spec once, however often it is asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._guard = threading.Lock()
        self._orders: dict[str, tuple[Future[Path], list[Wanted]]] = {}
        self._line: queue.SimpleQueue[ClipSpec | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._closed = False

    def film(self, spec: ClipSpec) -> Path | None:
        """The finished film, or `None` while there is none."""
        path = self._folder / f"{spec.key}.mp4"
        return path if path.exists() else None

    def order(self, spec: ClipSpec, wanted: Wanted) -> Future[Path]:
        """A promise of the film. Breaks with `Abandoned` when by then nobody wants it."""
        if (path := self.film(spec)) is not None:
            done: Future[Path] = Future()
            done.set_result(path)
            return done
        with self._guard:
            if spec.key in self._orders:
                promise, readers = self._orders[spec.key]
                readers.append(wanted)
                return promise
            promise = Future()
            if self._closed:
                promise.set_exception(Abandoned())
                return promise
            self._orders[spec.key] = (promise, [wanted])
            self._line.put(spec)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="seedance-simulator-clips", daemon=True)
                self._thread.start()
            return promise

    def close(self) -> None:
        """Stop within a second of film. What was ordered and is not finished breaks with `Abandoned`."""
        with self._guard:
            self._closed = True
        self._line.put(None)
        if self._thread is not None:
            self._thread.join(5)
        with self._guard:
            left, self._orders = self._orders, {}
        for promise, _ in left.values():
            promise.set_exception(Abandoned())

    def _work(self) -> None:
        while (spec := self._line.get()) is not None and not self._closed:
            promise, readers = self._orders[spec.key]
            result: Path | BaseException = RuntimeError("the renderer broke")
            try:
                result = self._make(spec, readers)
            except (clips.RenderFailed, Abandoned, OSError) as error:
                result = error
            finally:  # whatever happens, nobody waits for ever
                self._settle(spec, promise, result)

    def _settle(self, spec: ClipSpec, promise: Future[Path], result: Path | BaseException) -> None:
        with self._guard:
            if self._orders.pop(spec.key, None) is None:
                return  # closed meanwhile, and the promise is broken
        if isinstance(result, Path):
            promise.set_result(result)
        else:
            promise.set_exception(result)

    def _make(self, spec: ClipSpec, readers: list[Wanted]) -> Path:
        path = self._folder / f"{spec.key}.mp4"
        draft = self._folder / f"{spec.key}.{uuid.uuid4().hex}.part"

        def go_on() -> None:
            if self._closed or not any(wanted() for wanted in list(readers)):
                raise Abandoned

        try:
            go_on()
            clips.render(spec, draft, checkpoint=go_on)
            os.replace(draft, path)
        finally:
            with suppress(FileNotFoundError):
                draft.unlink()
        return path
