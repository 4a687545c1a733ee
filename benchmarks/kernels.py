"""A real kernel with a client that says, as JupyterLab does, that a person watches; and a clock on its answers."""

from __future__ import annotations

import atexit
import json
import os
import queue
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

Message = dict[str, Any]

DEADLINE_S = 120.0
_OURS = ("SEEDANCE_API_KEY", "SEEDANCE_BASE_URL", "SEEDANCE_DATABASE_URL", "JPY_SESSION_NAME")


_compiled = tempfile.mkdtemp(prefix="seedance-benchmark-compiled-")
atexit.register(shutil.rmtree, _compiled, ignore_errors=True)


def environment(folder: Path) -> dict[str, str]:
    """For a process to be measured: no key, a history inside `folder`, and modules compiled once for all of them.

    The last is what everybody has, unless PYTHONDONTWRITEBYTECODE is set, as it is on many build machines.
    """
    values = {name: value for name, value in os.environ.items() if name not in _OURS}
    values.pop("PYTHONDONTWRITEBYTECODE", None)
    return {**values, "PYTHONPYCACHEPREFIX": _compiled, "SEEDANCE_HOME": str(folder / "home")}


@contextmanager
def fresh_kernel() -> Iterator[Kernel]:
    """A kernel in a folder of its own, with an empty history and no key. Removed at the end."""
    with tempfile.TemporaryDirectory(prefix="seedance-benchmark-") as folder:
        manager, client = start_new_kernel(
            kernel_name="python3",
            cwd=folder,
            env=environment(Path(folder)),
            extra_arguments=["--IPKernelApp.log_level=40"],
        )
        try:
            yield Kernel(client, Path(folder))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


class Kernel:
    """Runs cells and times them from the sending of the cell to the arrival of a message."""

    def __init__(self, client: BlockingKernelClient, folder: Path) -> None:
        self._client = client
        self.folder = folder

    def run(self, code: str, *, on_message: Callable[[Message], None] = lambda message: None) -> float:
        """Seconds until the kernel is idle again. Raises RuntimeError when the cell fails."""
        return self.time_to(code, lambda message: False, on_message=on_message)

    def time_to(
        self,
        code: str,
        wanted: Callable[[Message], bool],
        *,
        on_message: Callable[[Message], None] = lambda message: None,
    ) -> float:
        """Seconds until the first wanted message, or until the kernel is idle if none comes. Ends with the cell."""
        began = time.perf_counter()
        request = self._client.execute(code, allow_stdin=True, store_history=True)
        found: float | None = None
        while True:
            message = self._next()
            at = time.perf_counter()
            on_message(message)
            kind, content = message["msg_type"], message["content"]
            if kind == "error":
                raise RuntimeError("\n".join(content["traceback"]))
            if found is None and wanted(message):
                found = at - began
            mine = message["parent_header"].get("msg_id") == request
            if mine and kind == "status" and content["execution_state"] == "idle":
                self._client.get_shell_msg(timeout=DEADLINE_S)
                return at - began if found is None else found

    def value(self, expression: str) -> Any:
        """The value of an expression that JSON can say."""
        said: list[str] = []

        def listen(message: Message) -> None:
            if message["msg_type"] == "stream":
                said.append(message["content"]["text"])

        self.run(f"import json as _json; print(_json.dumps({expression}))", on_message=listen)
        return json.loads("".join(said))

    def listen(self, seconds: float, on_message: Callable[[Message], None]) -> None:
        """Hand on what arrives outside cells, for so many seconds."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            try:
                on_message(self._client.get_iopub_msg(timeout=left))
            except queue.Empty:
                return

    def _next(self) -> Message:
        message: Message = self._client.get_iopub_msg(timeout=DEADLINE_S)
        return message


def is_display(message: Message) -> bool:
    """Whether something has come onto the page."""
    return bool(message["msg_type"] == "display_data")
