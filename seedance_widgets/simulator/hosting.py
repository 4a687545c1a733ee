"""Two origins in one background thread: listening at once, answering as soon as the server is loaded."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

HOST = "127.0.0.1"
LINE = "seedance.simulator.line"
"""The extension of the ASGI scope that holds the connection's transport."""
_BACKLOG = 256  # connections that may wait while the server is being loaded
_GRACE_S = 1  # for requests that are being answered when the end comes


def listen(port: int) -> socket.socket:
    """A listening socket on loopback; port 0 takes a free one. Raises OSError.

    Made with IPPROTO_TCP, or asyncio leaves Nagle's algorithm on, which costs 40 ms a request.
    """
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
        sock.listen(_BACKLOG)
    except OSError:
        sock.close()
        raise
    return sock


def url_of(sock: socket.socket) -> str:
    """The origin of a listening socket, such as `http://127.0.0.1:40001`."""
    return f"http://{HOST}:{sock.getsockname()[1]}"


class Hosting:
    """A daemon thread that serves one app on each socket, in an event loop of its own."""

    def __init__(
        self, sockets: Sequence[socket.socket], apps: Callable[[], Sequence[ASGIApp]], end: Callable[[], None]
    ) -> None:
        """`apps` is called in the thread, so that it may load slowly; `end` when serving is over, however it ends."""
        self.ready = threading.Event()
        self.problem: BaseException | None = None
        self._sockets = sockets
        self._apps = apps
        self._end = end
        self._servers: list[uvicorn.Server] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._work, name="seedance-simulator", daemon=True)
        self._thread.start()

    def stop(self, deadline_s: float) -> None:
        """Answer what is being answered, and nothing more. Waits at most `deadline_s` seconds."""
        self._stopping.set()
        if self.ready.is_set():
            self._ask_to_end()
        self._thread.join(deadline_s)

    def let_go(self) -> None:
        """Close the ports, without a word to the thread: in a forked child there is none."""
        for sock in self._sockets:
            sock.close()

    def _work(self) -> None:
        import asyncio

        try:
            self._servers = [_server(app) for app in self._apps()]
            loop = asyncio.new_event_loop()  # not asyncio.run, which notebooks patch
            try:
                loop.run_until_complete(self._serve(self._servers))
            finally:
                loop.run_until_complete(self._clear())
                loop.close()
        except (ImportError, OSError, RuntimeError) as error:  # told to whoever waits for `ready`
            self.problem = error
        finally:
            self.let_go()
            self.ready.set()
            self._end()

    async def _serve(self, servers: Sequence[uvicorn.Server]) -> None:
        import asyncio

        serving = [
            asyncio.ensure_future(server.serve(sockets=[sock]))
            for server, sock in zip(servers, self._sockets, strict=True)
        ]
        while not all(server.started for server in servers) and not any(task.done() for task in serving):
            await asyncio.sleep(0.002)
        self.ready.set()
        if self._stopping.is_set():
            self._ask_to_end()
        await asyncio.gather(*serving)

    async def _clear(self) -> None:
        """End what serving left: a call that came in the last moment, or did not end in time. As `asyncio.run` does."""
        import asyncio

        for server in self._servers:
            for line in [*server.server_state.connections]:
                line.transport.abort()
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        await asyncio.sleep(0)  # for what was told to close

    def _ask_to_end(self) -> None:
        for server in self._servers:  # each looks at this ten times a second
            server.should_exit = True


def _server(app: ASGIApp) -> uvicorn.Server:
    import uvicorn
    from uvicorn.protocols.http.h11_impl import H11Protocol

    class Protocol(H11Protocol):
        """Tells the app which connection a call came by, so that a fault can cut it."""

        def connection_made(self, transport: Any) -> None:
            super().connection_made(transport)
            within = self.app

            async def on_this_line(scope: Any, receive: Any, send: Any) -> None:
                await within({**scope, "extensions": {LINE: transport}}, receive, send)

            self.app = on_this_line

    return uvicorn.Server(
        uvicorn.Config(
            app,
            loop="asyncio",
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="critical",
            access_log=False,
            server_header=False,
            timeout_keep_alive=75,  # a slow poller keeps its connection
            timeout_graceful_shutdown=_GRACE_S,
        )
    )
