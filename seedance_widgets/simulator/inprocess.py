"""The simulator without a port: an ASGI app for tests. Loads starlette."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Callable
from pathlib import Path

from starlette.types import Receive, Scope, Send

from .api import in_one
from .service import Service
from .settings import SimulatorSettings

FILES_URL = "http://files.simulator.test"
"""The origin that output URLs name; the app answers there like anywhere else."""


class SimulatorApp:
    """Callable as ASGI. `service` is what it does behind its HTTP; `close` ends it."""

    def __init__(self, settings: SimulatorSettings, now: Callable[[], float]) -> None:
        home = settings.home or Path(tempfile.mkdtemp(prefix="seedance-simulator-"))
        self.settings = settings
        self.service = Service(settings, home, now, FILES_URL)
        self.service.resume()
        self._app = in_one(self.service)
        self._finish = weakref.finalize(self, _put_away, self.service, None if settings.home else home)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    @property
    def credits_left(self) -> int:
        """What the account holds now."""
        return self.service.credits_left()

    def close(self) -> None:
        """End the threads and remove the folder if it was a temporary one. Also done when it is forgotten."""
        self._finish()


def _put_away(service: Service, temporary: Path | None) -> None:
    service.close()
    if temporary is not None:
        shutil.rmtree(temporary, ignore_errors=True)
