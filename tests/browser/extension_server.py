"""A Jupyter server with the JupyterLab extension of this working tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from lab_server import LabServer, free_port

KILLED = """
import os, signal, sys
import seedance_widgets as sw
prompt, seconds = sys.argv[1], float(sys.argv[2])
job = sw.simulate().submit(prompt, duration=4, resolution="480p", metadata={"simulator": {"seconds": seconds}})
print(job.id, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
LABEXTENSION = Path(__file__).resolve().parents[2] / "labextension"


class ExtensionServer(LabServer):
    """Its pages load our extension; whether it shows anything depends on the server's part, which may be pretended."""

    pretends = True
    """Pages are told that the server has our extension, and their requests to it have to be answered by the test."""

    def _write_settings(self) -> None:
        super()._write_settings()
        file = self.folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        file.write_text(json.dumps({**json.loads(file.read_text()), "doNotDisturbMode": False}))

    def _environment(self) -> dict[str, str]:
        # The extension of this tree comes before one that is installed in the environment of the server.
        return {**super()._environment(), "JUPYTER_PREFER_ENV_PATH": "0"}

    def _command(self) -> list[str]:
        folder = self.folder / "data" / "labextensions"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "seedance-widgets").symlink_to(LABEXTENSION)
        told = ["--ServerApp.tornado_settings={'page_config_data': {'seedanceWidgets': '1'}}"] if self.pretends else []
        return [*super()._command(), *told]


class PageOnlyServer(ExtensionServer):
    """Only the page's half is installed: as where kernels have an environment of their own, and the server has none."""

    pretends = False


class WholeServer(ExtensionServer):
    """Both halves, over a history of its own."""

    pretends = False
    beside: tuple[str, ...] = ()
    """Other extensions of the server. It reads no settings of the machine, so those that are installed are named."""

    @property
    def home(self) -> Path:
        """Where the history lies."""
        return self.folder / "home"

    def start_and_die(self, prompt: str = "a paper boat in heavy rain", *, seconds: float = 12) -> str:
        """A process sends a request to the simulator and is killed right after it was accepted: the job's id."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("SEEDANCE_")}
        ran = subprocess.run(
            [sys.executable, "-c", KILLED, prompt, str(seconds)],
            env={**kept, "SEEDANCE_HOME": str(self.home)},
            cwd=self.root,
            capture_output=True,
            text=True,
        )
        return ran.stdout.strip()

    def _command(self) -> list[str]:
        more = "".join(f"'{name}': True, " for name in ("seedance_widgets.server", *self.beside))
        return [each.replace("jpserver_extensions={", f"jpserver_extensions={{{more}") for each in super()._command()]

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "SEEDANCE_HOME": str(self.home)}


BASE_URL = "/hub/user/a%20person/"
NGINX = """
daemon off; error_log {folder}/nginx.log; pid {folder}/nginx.pid;
events {{ }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxied; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{front};
    location / {{
      proxy_pass http://127.0.0.1:{back};
      proxy_set_header Host $http_host;
      proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection $connection_upgrade;
    }}
  }}
}}
"""
"""As a Hub's proxy is set up: answers are buffered, which is nginx's own default."""


def has_nginx() -> bool:
    """Tell whether this machine has an nginx."""
    return _nginx() is not None


def _nginx() -> str | None:
    return shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")


class ProxiedServer(WholeServer):
    """Both halves below a `base_url` with an escaped character, behind an nginx that buffers."""

    def url(self, path: str) -> str:
        """The address of a page, as the proxy has it."""
        own, _, rest = super().url(path).removeprefix("http://").partition("/")
        assert own.endswith(f":{self._port}")
        return f"http://127.0.0.1:{self._front}{BASE_URL}{rest}"

    def stop(self) -> None:
        """End the server, and the proxy."""
        self._nginx.terminate()
        self._nginx.wait(15)
        super().stop()

    def _start_front(self) -> None:
        self._front = free_port()
        settings = self.folder / "nginx.conf"
        settings.write_text(NGINX.format(folder=self.folder, front=self._front, back=self._port))
        self._nginx = subprocess.Popen(
            [_nginx() or "nginx", "-c", str(settings), "-p", str(self.folder)], stderr=subprocess.DEVNULL
        )

    def _command(self) -> list[str]:
        return [*super()._command(), f"--ServerApp.base_url={BASE_URL}"]
