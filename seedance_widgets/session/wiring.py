"""The way from a session's settings, or its simulator, to what its engine opens: the history, the API and the files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ..clips.folder import spare_of
from ..media.room import Room
from ..secret import Secret
from ..settings import webhooks
from ..settings.settings import Settings
from ..worker import Needs

if TYPE_CHECKING:
    from ..api.client import AsyncClient
    from ..api.files import Files
    from ..simulator import Simulator
    from ..storage.clips import ClipStorage
    from ..store import Store

SIMULATOR_FLOOR_S = 0.2
"""The simulator is this process's own: looking at it often costs nobody anything."""


def needs_of(settings: Callable[[], Settings | None], home: Path, simulator: Simulator | None) -> Needs:
    """The needs of an engine. Opens nothing itself.

    Args:
        settings: Those of now: a key may change. `None` with a simulator.
        home: The data folder.
        simulator: Where jobs go without settings.
    """
    known = settings()
    if known is None:
        assert simulator is not None, "a session has settings or a simulator"
        return _to_simulator(home, simulator)
    return _to_api(lambda: settings() or known, home)


def _open_store(place: Path | Secret, home: Path) -> Store:
    """The history, with the paper trail in the data folder."""
    from ..store import Store

    return Store(place, trail=home / "submissions.jsonl")


def _to_simulator(home: Path, simulator: Simulator) -> Needs:
    rules, speed = simulator.settings, simulator.settings.speed
    return Needs(
        store=lambda: _open_store(home / "history.db", home),
        history=home / "history.db",
        client=lambda: _client(Secret(rules.api_key), simulator.start().base_url),
        files=lambda: _files(simulator.base_url),
        service="simulator",
        requests_per_minute=60_000.0,
        floor_s=SIMULATOR_FLOOR_S if speed < 1e6 else 0.01,
        time_scale=1 / min(speed, 1e6),
        spare_clips=spare_of(home),
        owners=home / "owners",
        media=Room(home, is_here=True),
        clips=lambda: _clip_storage(home, None),
    )


def _to_api(now: Callable[[], Settings], home: Path) -> Needs:
    settings = now()
    return Needs(
        store=lambda: _open_store(settings.history, home),
        history=settings.history if isinstance(settings.history, Path) else None,
        client=lambda: _client(now().api_key, now().base_url, now()),
        files=lambda: _files(settings.base_url, now()),
        service=settings.origin,
        requests_per_minute=settings.requests_per_minute,
        key=lambda: now().api_key,
        webhook_url=webhooks.address(settings.base_url),
        owners=home / "owners",
        spare_clips=spare_of(home),
        clips=lambda: _clip_storage(home, settings.clips_cache_bytes),
        media=Room(
            home,
            url=lambda: now().media,
            public=webhooks.public_address,
            why_not_public=webhooks.why_no_public_address,
            is_here=settings.is_here,
        ),
    )


def _clip_storage(home: Path, max_bytes: int | None) -> ClipStorage:
    from ..storage.clips import ClipStorage

    return ClipStorage(home, max_bytes=max_bytes)


def _client(api_key: Secret, base_url: str, settings: Settings | None = None) -> AsyncClient:
    from ..api.client import AsyncClient

    if settings is None:
        return AsyncClient(api_key, base_url)
    create_timeout_s, read_timeout_s = settings.create_timeout_s, settings.read_timeout_s
    return AsyncClient(api_key, base_url, create_timeout_s=create_timeout_s, read_timeout_s=read_timeout_s)


def _files(base_url: str, settings: Settings | None = None) -> Files:
    from ..api.files import Files

    if settings is None:
        return Files(base_url)
    return Files(base_url, read_timeout_s=settings.read_timeout_s, max_bytes=settings.max_clip_bytes)
