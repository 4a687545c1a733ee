"""A notebook in a browser tab, driven through JupyterLab's own commands instead of keystrokes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote

from lab_server import KERNEL, LabServer
from playwright.sync_api import ConsoleMessage, Error, Locator, Page

App = Literal["lab", "notebook"]
Theme = Literal["JupyterLab Light", "JupyterLab Dark", "JupyterLab Dark High Contrast"]

SAID_BY_JUPYTER = (
    "reading 'schema'",
    "Command 'filebrowser:open-path' not registered",
    "Canceled future for create_subshell_request",
    "widget model not found",
    "reading 'updateRenderOption'",
)
"""Errors that come on pages without any of our outputs, too: two of Notebook 7, and two of JupyterLab: about a page
that is left before its kernel has answered about the subshell, and about a saved widget whose kernel is gone. The last
one is of Notebook 7 again, whose list of files opens a notebook in a page of its own."""

_PANEL = """
    const panel = [...window.jupyterapp.shell.widgets('main')].find(w => w.content?.activeCellIndex !== undefined);
    const commands = window.jupyterapp.commands;
"""


def write_notebook(path: Path, cells: Sequence[str], kernel: str = KERNEL) -> None:
    """A notebook of code cells that have not been run."""
    sources: list[dict[str, object]] = [
        {"cell_type": "code", "id": f"cell-{i}", "execution_count": None, "metadata": {}, "outputs": [], "source": cell}
        for i, cell in enumerate(cells)
    ]
    spec = {"name": kernel, "display_name": kernel, "language": "python"}
    notebook = {"cells": sources, "metadata": {"kernelspec": spec}, "nbformat": 4, "nbformat_minor": 5}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))


class NotebookPage:
    """One notebook, open in one page. Cells are counted from 0."""

    def __init__(self, page: Page, server: LabServer, path: Path) -> None:
        self.page = page
        self.path = path
        """The .ipynb on disk."""
        self._loads = -1  # the one that opens the notebook does not count
        self.errors: list[str] = []
        """What the page complained about: uncaught errors and errors on its console."""
        self.server = server
        page.on("pageerror", self._hear_error)
        page.on("console", self._listen)
        page.on("domcontentloaded", self._count)

    # --- the page -------------------------------------------------------------------------------------------------
    def open(self, app: App = "lab") -> None:
        """Show the notebook, and wait until its kernel answers."""
        self._go_to(self.path, app)
        self._wait_until_ready()

    def open_here(self) -> None:
        """The same, in a page that has JupyterLab in it and no notebook."""
        name = self.path.relative_to(self.server.root).as_posix()
        self._loads = 0
        self._do("await commands.execute('docmanager:open', { path: arg, factory: 'Notebook' })", name)
        self._wait_until_ready()

    @property
    def is_loaded_anew(self) -> bool:
        """Whether the page was loaded once more since the notebook was opened."""
        return self._loads > 0

    def hang_up(self) -> None:
        """Hear no more complaints of the page."""
        self.page.remove_listener("pageerror", self._hear_error)
        self.page.remove_listener("console", self._listen)
        self.page.remove_listener("domcontentloaded", self._count)

    def open_without_kernel(self, path: Path) -> None:
        """Show another notebook, one that names no kernel, and start none."""
        self.path = path
        self._go_to(path, "lab")
        self.page.get_by_role("dialog").get_by_role("button", name="No Kernel").click()

    def reload(self) -> None:
        """As a person's F5: what was not saved is gone."""
        self.page.reload(wait_until="domcontentloaded")
        self._wait_until_ready()

    def use_theme(self, theme: Theme) -> None:
        """Change the colours, and wait until they are there."""
        self.page.locator("#jupyterlab-splash").wait_for(state="detached")  # two of them get in each other's way
        self._do("await commands.execute('apputils:change-theme', {theme: arg})", theme)
        self.page.locator(f"body[data-jp-theme-name='{theme}']").wait_for(state="attached")

    def resize(self, width: int) -> None:
        """Give the window another width, in pixels, and the notebook all of it."""
        self.page.set_viewport_size({"width": width, "height": 1000})
        self._do("if (!window.jupyterapp.shell.leftCollapsed) await commands.execute('application:toggle-left-area')")

    # --- cells ----------------------------------------------------------------------------------------------------
    def run(self, cell: int) -> None:
        """Run a cell and wait for its end, which must be a good one."""
        self._do("panel.content.activeCellIndex = arg; await commands.execute('notebook:run-cell')", cell)
        errors = [output for output in self.outputs(cell) if output["output_type"] == "error"]
        assert not errors, f"cell {cell} ended with {errors[0]['ename']}: {errors[0]['evalue']}"

    def fire(self, cell: int) -> None:
        """Run a cell without waiting."""
        self._do("panel.content.activeCellIndex = arg; commands.execute('notebook:run-cell')", cell)

    def tell(self, cell: int, source: str) -> str:
        """Put a text into a cell, run it, and return what it printed."""
        self.rewrite(cell, source)
        self.run(cell)
        return self.printed(cell)

    def clear_output(self, cell: int) -> None:
        """Take a cell's outputs away, as a person does from the menu."""
        self._do("panel.content.activeCellIndex = arg; await commands.execute('notebook:clear-cell-output')", cell)

    def fold(self, cell: int) -> None:
        """Hide a cell's outputs, as a person does by a click beside them."""
        self._do("panel.content.activeCellIndex = arg; await commands.execute('notebook:hide-cell-outputs')", cell)

    def count_comm_messages(self) -> None:
        """From now on, count what widgets and their models in the kernel tell each other."""
        self._do(
            """const counts = window.commMessages = { sent: 0, received: 0, bytes: 0 };
            panel.sessionContext.session.kernel.anyMessage.connect((_, { direction, msg }) => {
                if (msg.header.msg_type !== 'comm_msg') return;
                counts[direction === 'send' ? 'sent' : 'received'] += 1;
                counts.bytes += JSON.stringify(msg.content).length;
            })"""
        )

    def comm_messages(self) -> dict[str, int]:
        """How many were sent by the page, received by it, and the bytes of both together."""
        counts: dict[str, int] = self.page.evaluate("window.commMessages")
        return counts

    def select(self, cell: int) -> None:
        """Make a cell the active one, which has a frame."""
        self._do("panel.content.activeCellIndex = arg", cell)

    def rewrite(self, cell: int, source: str) -> None:
        """Put another text into a cell."""
        self._do("panel.content.widgets[arg[0]].model.sharedModel.setSource(arg[1])", [cell, source])

    def cell(self, cell: int) -> Locator:
        """A cell with its input and its outputs."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(cell)

    def output(self, cell: int) -> Locator:
        """Where a cell shows its outputs."""
        return self.cell(cell).locator(".jp-Cell-outputArea")

    def card(self, cell: int) -> Locator:
        """The live card in a cell's output."""
        return self.output(cell).get_by_role("article", name="Seedance job")

    def studio(self, cell: int) -> StudioPage:
        """The Studio in a cell's output."""
        return StudioPage(self.output(cell))

    def video(self, cell: int) -> Locator:
        """The video in a cell's output, in a live card or in the durable output."""
        return self.output(cell).locator("video")

    def outputs(self, cell: int) -> list[dict[str, Any]]:
        """A cell's outputs as they would be saved."""
        found: list[dict[str, Any]] = self._do("return panel.content.widgets[arg].model.outputs.toJSON()", cell)
        return found

    def printed(self, cell: int) -> str:
        """What a cell printed, and the errors it ended with."""
        texts = [o.get("text") or f"{o.get('ename', '')}: {o.get('evalue', '')}" for o in self.outputs(cell)]
        return "".join(text if isinstance(text, str) else "".join(text) for text in texts)

    def wait_printed(self, cell: int, text: str) -> None:
        """Wait until a cell has printed a text."""
        self.page.wait_for_function(
            f"([cell, text]) => {{ {_PANEL}"
            "return JSON.stringify(panel.content.widgets[cell].model.outputs.toJSON()).includes(text) }",
            arg=[cell, text],
        )

    # --- file and kernel ------------------------------------------------------------------------------------------
    def save(self) -> dict[str, Any]:
        """Save as a person would, and return what is then in the file."""
        self._do("await commands.execute('docmanager:save')")
        saved: dict[str, Any] = json.loads(self.path.read_text())
        return saved

    def is_trusted(self, cell: int) -> bool:
        """Whether JupyterLab lets a cell's outputs do what they want."""
        return bool(self._do("return panel.content.widgets[arg].model.trusted", cell))

    def restart_kernel(self) -> None:
        """Restart the kernel, and wait until the new one answers."""
        self._do("await panel.sessionContext.session.kernel.restart()")
        self._wait_until_ready()

    def shut_down_kernel(self) -> None:
        """End the kernel; nobody answers any more."""
        self._do("await panel.sessionContext.shutdown()")

    # --- inside ---------------------------------------------------------------------------------------------------
    def _go_to(self, path: Path, app: App) -> None:
        name = quote(path.relative_to(self.server.root).as_posix())
        address = f"lab/tree/{name}?reset" if app == "lab" else f"notebooks/{name}"
        self.page.goto(self.server.url(address), wait_until="domcontentloaded")

    def _do(self, script: str, arg: object = None) -> Any:
        return self.page.evaluate(f"async (arg) => {{ {_PANEL} {script} }}", arg)

    def _wait_until_ready(self) -> None:
        """Only here the kernel's status counts: later a click may make it look idle while a cell runs."""
        self.page.wait_for_function(
            f"""() => {{
                if (!window.jupyterapp) return false;
                {_PANEL}
                const kernel = panel?.sessionContext.session?.kernel;
                return kernel?.connectionStatus === 'connected' && kernel.status === 'idle'
                    && panel.content.widgets.length > 0;
            }}"""
        )

    def _count(self, _page: Page) -> None:
        self._loads += 1

    def _hear_error(self, error: Error) -> None:
        self._complain(str(error))

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self._complain(f"{message.text} ({message.location.get('url', '')})")

    def _complain(self, words: str) -> None:
        if not any(known in words for known in SAID_BY_JUPYTER):
            self.errors.append(words)


class StudioPage:
    """A view of the Studio in a cell's output, by the names that a person hears."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        self.page = root.page
        self.prompt = root.get_by_role("textbox", name="Prompt", exact=True)
        self.model = root.get_by_role("combobox", name="Model", exact=True)
        self.aspect_ratio = root.get_by_role("radiogroup", name="Aspect ratio", exact=True)
        self.resolution = root.get_by_role("radiogroup", name="Resolution", exact=True)
        self.duration = root.get_by_role("slider", name="Duration in seconds", exact=True)
        self.durations = root.get_by_role("radiogroup", name="Duration in seconds", exact=True)
        """In the place of the slider, for a model that takes few."""
        self.media_url = root.get_by_role("textbox", name="Media URL", exact=True)
        self.generate = root.get_by_role("button", name="Generate")
        self.jobs = root.get_by_role("list", name="Jobs", exact=True).get_by_role("article", name="Seedance job")
        self.clip = root.get_by_role("region", name="Clip", exact=True)
        self.video = self.clip.locator("video")
        self.search = root.get_by_role("searchbox", name="Search jobs", exact=True)

    def button(self, name: str) -> Locator:
        """A button of the whole Studio."""
        return self.root.get_by_role("button", name=name, exact=True)

    def job(self, text: str) -> Locator:
        """The jobs of the list that say so."""
        return self.jobs.filter(has_text=text)

    def choose(self, group: Locator, value: str) -> None:
        """Click one of a group of choices."""
        group.locator("label", has_text=re.compile(f"^{re.escape(value)}$")).click()

    def add_media(self, *urls: str) -> None:
        """Type URLs and add each."""
        for url in urls:
            self.media_url.fill(url)
            self.button("Add media").click()

    def tab_to(self, target: Locator, most: int = 60) -> None:
        """Press Tab until the target has the focus."""
        for _ in range(most):
            if target.evaluate("e => e === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not reach {target}")


OpenNotebook = Callable[..., NotebookPage]
"""What the fixture `open_notebook` is: takes the cells, and `app` for another front end than JupyterLab."""
