"""A stand-in for the Seedance API on this machine: real HTTP, real mp4 clips, nothing charged.

    from seedance_widgets.simulator import Simulator, SimulatorSettings

    with Simulator(SimulatorSettings(speed=30)) as simulator:
        ...  # simulator.base_url, simulator.settings.api_key

Knows nothing of this package's client: the two meet only in the contract. Importing it loads no server and no codec.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from .server import Simulator
from .settings import SimulatorSettings

if TYPE_CHECKING:
    from .inprocess import SimulatorApp

__all__ = ["Simulator", "SimulatorApp", "SimulatorSettings", "app"]


def app(settings: SimulatorSettings | None = None, *, now: Callable[[], float] = time.time) -> SimulatorApp:
    """The simulator as an ASGI app, for `httpx.ASGITransport`: both origins in one, without a port.

    `now` gives the seconds since 1970, so that a test can move the clock by hand.
    """
    from .inprocess import SimulatorApp

    return SimulatorApp(settings or SimulatorSettings(), now)


def __getattr__(name: str) -> object:
    if name == "SimulatorApp":
        from .inprocess import SimulatorApp

        return SimulatorApp
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
