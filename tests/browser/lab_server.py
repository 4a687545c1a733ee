"""A private Jupyter server for the browser tests: JupyterLab and Notebook 7, every folder of its own, no key."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

KERNEL = "seedance-tests"
START_DEADLINE_S = 60.0
LAB_SETTINGS = {
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
    "docmanager-extension/plugin": {"autosave": False},  # a test says itself when it saves
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": False},  # every cell is in the page
}


class LabServer:
    """Starts at once, answers when the constructor returns, leaves nothing behind after `stop`."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="seedance-browser-"))
        self.root = self.folder / "root"
        """The folder that the server shows: notebooks and clips lie here."""
        self.root.mkdir()
        self.kernel_python = os.environ.get("SEEDANCE_KERNEL_PYTHON", sys.executable)
        """Runs the kernels: this Python, or the one of another environment, with another ipykernel say."""
        self.server_python = os.environ.get("SEEDANCE_SERVER_PYTHON", sys.executable)
        """Runs the server: this Python, or the one of another environment, with another JupyterLab."""
        self._token = secrets.token_hex(16)
        self._write_settings()
        self._write_kernel()
        self._log = open(self.folder / "server.log", "w")  # noqa: SIM115 - open as long as the server
        self._port = free_port()
        self._start_front()
        self._line = self._command()
        self.start()

    def start(self) -> None:
        """Start it, again after `kill`: at the same address, with the same token."""
        self._process = subprocess.Popen(
            self._line, env=self._environment(), stdout=self._log, stderr=subprocess.STDOUT
        )
        try:
            self._wait_until_up()
        except BaseException:
            self.stop()
            raise

    def kill(self) -> None:
        """End it as a power cut does."""
        self._process.kill()
        self._process.wait()

    def url(self, path: str) -> str:
        """The address of a page of this server, with the token."""
        return f"http://127.0.0.1:{self._port}/{path}{'&' if '?' in path else '?'}token={self._token}"

    def ask(self, path: str, method: str = "GET") -> Any:
        """What the server's own REST API answers, as data."""
        with urllib.request.urlopen(urllib.request.Request(self.url(path), method=method), timeout=20) as answer:
            return json.loads(answer.read() or b"null")

    def share_films(self, home: Path) -> None:
        """Let the simulator of a home use the films of all others: each is rendered once a server."""
        films = self.folder / "films"
        films.mkdir(exist_ok=True)
        simulator = home / "simulator"
        simulator.mkdir(parents=True)
        (simulator / "clips").symlink_to(films)

    def end_kernels(self) -> None:
        """Shut down every kernel and forget every session."""
        for session in self.ask("api/sessions"):
            self.ask(f"api/sessions/{session['id']}", "DELETE")

    def stop(self) -> None:
        """End the server with its kernels, and remove its folders."""
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start_front(self) -> None:
        """Start what stands between the pages and the server: here nothing."""

    def _command(self) -> list[str]:
        extensions = dict.fromkeys(
            ("jupyterlab", "notebook", "jupyter_lsp", "nbclassic", "voila.server_extension"), True
        )
        return [
            *(self.server_python, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            *("--ServerApp.ip=127.0.0.1", f"--ServerApp.port={self._port}", "--ServerApp.port_retries=0"),
            f"--IdentityProvider.token={self._token}",
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.jpserver_extensions={extensions}",
            "--LabApp.expose_app_in_browser=True",
            "--JupyterNotebookApp.expose_app_in_browser=True",
        ]

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEEDANCE_", "JUPYTER"))}
        folders = {
            "JUPYTER_CONFIG_DIR": "config",
            "JUPYTER_DATA_DIR": "data",
            "JUPYTER_RUNTIME_DIR": "runtime",
            "JUPYTERLAB_SETTINGS_DIR": "settings",
            "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
            "IPYTHONDIR": "ipython",
        }
        ours = {name: str(self.folder / folder) for name, folder in folders.items()}
        # Relative: kernels start in the folder of their notebook, so each test has a history of its own.
        return {**kept, **ours, "JUPYTER_NO_CONFIG": "1", "SEEDANCE_HOME": "seedance-home"}

    def _write_settings(self) -> None:
        for name, values in LAB_SETTINGS.items():
            file = self.folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values))

    def _write_kernel(self) -> None:
        launch = [self.kernel_python, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        file = self.folder / "data" / "kernels" / KERNEL / "kernel.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"argv": launch, "display_name": KERNEL, "language": "python"}))

    def _wait_until_up(self) -> None:
        deadline = time.monotonic() + START_DEADLINE_S
        while True:
            with contextlib.suppress(OSError):
                self.ask("api/status")
                return
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"no Jupyter server:\n{(self.folder / 'server.log').read_text()[-3000:]}")
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
