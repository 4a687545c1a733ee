"""The simulator as a real server on loopback, in a thread of this process."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
import time
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from ..errors import SimulatorError
from .hosting import Hosting, listen, url_of
from .settings import SimulatorSettings

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from .service import Service

START_DEADLINE_S = 20.0
_STOP_DEADLINE_S = 5.0


class Simulator:
    """A stand-in for the Seedance API: it answers like it, charges nothing, and its clips are real mp4 files.

    `start` opens two ports: the API's and the files'. They listen before the server behind them has been loaded, so
    `start(deadline_s=0)` returns within milliseconds, and the first connection waits until it is answered.
    """

    def __init__(
        self, settings: SimulatorSettings | None = None, *, port: int = 0, now: Callable[[], float] = time.time
    ) -> None:
        """`port`: of the API; 0 takes a free one. `now`: the clock, in seconds since 1970."""
        self.settings = settings or SimulatorSettings()
        self._port = port
        self._now = now
        self._pid = os.getpid()
        self._urls: tuple[str, str] | None = None
        self._hosting: Hosting | None = None
        self._apps: _Apps | None = None

    def __repr__(self) -> str:
        return f"<Simulator {self._urls[0] if self._urls else 'not running'}>"

    @property
    def base_url(self) -> str:
        """Where the API is, such as `http://127.0.0.1:40001`."""
        return self._running()[0]

    @property
    def files_url(self) -> str:
        """Where the clips are: another origin, which must never see the key."""
        return self._running()[1]

    @property
    def credits_left(self) -> int:
        """What the account holds now. Waits for the server to be up."""
        self.wait_ready()
        if self._apps is None or self._apps.service is None:
            raise SimulatorError("The simulator is not running.")
        return self._apps.service.credits_left()

    def start(self, *, deadline_s: float = START_DEADLINE_S) -> Self:
        """Listen, and return when requests are answered, or after `deadline_s` seconds. Again: only waits.

        With a deadline of 0 it returns at once; both URLs are known and take connections, which wait a little.

        Raises:
            SimulatorError: the port is taken, or the server did not come up in time.
        """
        if self._urls is None:
            self._open()
        if deadline_s > 0:
            try:
                self.wait_ready(deadline_s)
            except SimulatorError:
                self.stop()
                raise
        return self

    def wait_ready(self, deadline_s: float = START_DEADLINE_S) -> None:
        """Return when requests are answered. Raises SimulatorError when that takes longer than `deadline_s`."""
        self._running()
        hosting = self._hosting
        if hosting is None or not hosting.ready.wait(deadline_s):
            raise SimulatorError(f"The simulator did not answer within {deadline_s:g} s.")
        if hosting.problem is not None:
            raise SimulatorError(f"The simulator could not start: {hosting.problem!r}.") from hosting.problem

    def stop(self) -> None:
        """Answer no more, end the threads, and remove the folder if it was a temporary one. Again: does nothing.

        In a process forked from the one that started it, it only lets go of the ports.
        """
        hosting, self._hosting, self._apps, self._urls = self._hosting, None, None, None
        _running_here.discard(self)
        if hosting is None:
            return
        if os.getpid() == self._pid:
            hosting.stop(_STOP_DEADLINE_S)
        hosting.let_go()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _running(self) -> tuple[str, str]:
        if self._urls is None:
            raise SimulatorError("The simulator is not running.", next_step="Call start() first.")
        return self._urls

    def _open(self) -> None:
        try:
            sockets = [listen(self._port), listen(0)]
        except OSError as error:
            raise SimulatorError(
                f"Port {self._port} cannot be listened on: {error.strerror}.", next_step="Name another, or none."
            ) from error
        self._urls = (url_of(sockets[0]), url_of(sockets[1]))
        self._pid = os.getpid()
        self._apps = _Apps(self.settings, self._now, self._urls[1])
        self._hosting = Hosting(sockets, self._apps.apps, self._apps.put_away)
        _running_here.add(self)


class _Apps:
    """The surroundings of the app that the server's thread sets up before it answers, and puts away when it is over."""

    def __init__(self, settings: SimulatorSettings, now: Callable[[], float], files_url: str) -> None:
        self._settings = settings
        self._now = now
        self._files_url = files_url
        self._home = settings.home or Path(tempfile.mkdtemp(prefix="seedance-simulator-"))
        self.service: Service | None = None

    def apps(self) -> Sequence[ASGIApp]:
        """The two origins. Loads everything that is slow to load."""
        from .api import make_api, make_files
        from .origin_check import OriginCheck
        from .service import Service

        self.service = Service(self._settings, self._home, self._now, self._files_url)
        self.service.resume()
        return OriginCheck(make_api(self.service)), OriginCheck(make_files(self.service))

    def put_away(self) -> None:
        """End the service's threads, and remove a temporary folder."""
        if self.service is not None:
            self.service.close()
        if self._settings.home is None:
            shutil.rmtree(self._home, ignore_errors=True)


_running_here: weakref.WeakSet[Simulator] = weakref.WeakSet()


def _after_fork() -> None:
    """A forked child has no server thread: it must not keep the ports open when the parent ends."""
    for simulator in list(_running_here):
        simulator.stop()


def _at_exit() -> None:
    for simulator in list(_running_here):
        simulator.stop()


atexit.register(_at_exit)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
