"""How a session's settings, or its simulator, become what its worker opens: the store, the API and the files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .clip_folder import spare_of
from .secret import Secret
from .settings import Settings
from .worker import Doors

if TYPE_CHECKING:
    from .client import AsyncClient, Files
    from .session import Session
    from .simulator import Simulator
    from .store import Store

SIMULATOR_FLOOR_S = 0.2
"""The simulator is this process's own: looking at it often costs nobody anything."""


def doors_of(session: Session, simulator: Simulator | None) -> Doors:
    """What the worker of a session opens. Opens nothing itself."""
    if session.settings is None:
        assert simulator is not None, "a session has settings or a simulator"
        return _to_simulator(session, simulator)
    return _to_api(session, session.settings)


def open_store(session: Session) -> Store:
    """The history of a session: where its settings say, with the paper trail in its data folder."""
    from .store import Store

    place = session.home / "history.db" if session.settings is None else session.settings.history
    return Store(place, trail=session.home / "submissions.jsonl")


def _to_simulator(session: Session, simulator: Simulator) -> Doors:
    rules, speed = simulator.settings, simulator.settings.speed
    return Doors(
        store=lambda: session.store,
        client=lambda: _client(Secret(rules.api_key), simulator.start().base_url),
        files=lambda: _files(simulator.base_url),
        service=session.service,
        requests_per_minute=60_000.0,
        floor_s=SIMULATOR_FLOOR_S if speed < 1e6 else 0.01,
        time_scale=1 / min(speed, 1e6),
        spare_clips=spare_of(session.home),
        caps=lambda: session.caps,
        owners=session.home / "owners",
    )


def _to_api(session: Session, settings: Settings) -> Doors:
    def now() -> Settings:
        return session.settings or settings  # the key may have changed

    return Doors(
        store=lambda: session.store,
        client=lambda: _client(now().api_key, now().base_url, now()),
        files=lambda: _files(settings.base_url, now()),
        service=session.service,
        requests_per_minute=settings.requests_per_minute,
        key=lambda: now().api_key,
        caps=lambda: session.caps,
        owners=session.home / "owners",
        spare_clips=spare_of(session.home),
    )


def _client(api_key: Secret, base_url: str, settings: Settings | None = None) -> AsyncClient:
    from .client import AsyncClient

    if settings is None:
        return AsyncClient(api_key, base_url)
    create_timeout_s, read_timeout_s = settings.create_timeout_s, settings.read_timeout_s
    return AsyncClient(api_key, base_url, create_timeout_s=create_timeout_s, read_timeout_s=read_timeout_s)


def _files(base_url: str, settings: Settings | None = None) -> Files:
    from .client import Files

    if settings is None:
        return Files(base_url)
    return Files(base_url, read_timeout_s=settings.read_timeout_s, max_bytes=settings.max_clip_bytes)
