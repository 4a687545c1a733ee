"""A Jupyter server with the JupyterLab extension of this working tree."""

from __future__ import annotations

import json
from pathlib import Path

from lab_server import LabServer

LABEXTENSION = Path(__file__).resolve().parents[2] / "labextension"


class ExtensionServer(LabServer):
    """Its pages load our extension; whether it shows anything depends on the server's part, which may be pretended."""

    pretends = True
    """Pages are told that the server has our extension, and their requests to it have to be answered by the test."""

    def _write_settings(self) -> None:
        super()._write_settings()
        file = self.folder / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
        file.write_text(json.dumps({**json.loads(file.read_text()), "doNotDisturbMode": False}))

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

    @property
    def home(self) -> Path:
        """Where the history lies."""
        return self.folder / "home"

    def _command(self) -> list[str]:
        ours = "{'seedance_widgets.server': True, "
        return [each.replace("jpserver_extensions={", f"jpserver_extensions={ours}") for each in super()._command()]

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "SEEDANCE_HOME": str(self.home)}
