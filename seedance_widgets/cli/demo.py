"""The quickstart without a browser: execute the notebook, export it, and say where everything is."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from ..errors import SeedanceError

QUICKSTART = "01_quickstart.ipynb"
CELL_TIMEOUT_S = 120
_HERE = Path(__file__).parents[1]
_PLACES = (_HERE / "notebooks", _HERE.parent / "notebooks")
"""In an installed package, and in a checkout."""


@dataclass(frozen=True, slots=True)
class DemoResult:
    """What the demo made: label and path of each file, and how long it took."""

    files: tuple[tuple[str, Path], ...]
    seconds: float


def run_demo(folder: Path, say: Callable[[str], None]) -> DemoResult:
    """Execute the quickstart in `folder` against the simulator and export it as HTML.

    Uses no key even where one is set, and a history of its own inside `folder`. Spends nothing.

    Raises:
        SeedanceError: a cell failed, or Jupyter's parts are not installed.
    """
    missing = [name for name in ("nbclient", "nbconvert", "nbformat") if find_spec(name) is None]
    if missing:
        raise SeedanceError(
            f"The demo needs {', '.join(missing)}.", charged="", next_step='pip install "seedance-widgets[demo]"'
        )
    began = time.monotonic()
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    say(f"executing {QUICKSTART} in {folder}: real clips from the simulator")
    executed = folder / QUICKSTART.replace(".ipynb", ".executed.ipynb")
    with _simulated_environment(folder):
        _execute(_quickstart(), executed, say)
    say("exporting it as HTML")
    exported = _export(executed)
    clips = sorted((folder / "seedance_clips").glob("*.mp4"), key=lambda clip: clip.stat().st_mtime)
    files = [("executed notebook", executed), ("HTML export", exported)]
    for clip in clips:
        files += [("clip", clip), ("its poster", clip.with_suffix(".jpg"))]
    return DemoResult(tuple(files), time.monotonic() - began)


def copy_quickstart(folder: Path) -> Path:
    """Copy the quickstart, and the notebooks beside it, into a folder, where the person has none of that name there.

    Returns the path of the quickstart.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for source in sorted(_quickstart().parent.glob("*.ipynb")):
        target = folder / source.name
        if not target.exists():
            shutil.copyfile(source, target)
    return (folder / QUICKSTART).absolute()


def _quickstart() -> Path:
    source = next((place / QUICKSTART for place in _PLACES if (place / QUICKSTART).is_file()), None)
    if source is None:
        raise SeedanceError(f"{QUICKSTART} is not part of this installation.", charged="")
    return source


def _execute(source: Path, target: Path, say: Callable[[str], None]) -> None:
    import nbformat
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    notebook = nbformat.read(source, as_version=4)
    cells = sum(cell.cell_type == "code" for cell in notebook.cells)
    done = iter(range(1, cells + 1))
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT_S,
        kernel_name="python3",
        resources={"metadata": {"path": str(target.parent)}},
        extra_arguments=["--IPKernelApp.log_level=40"],  # its advice on transports is not about this
        on_cell_executed=lambda **_: say(f"cell {next(done)} of {cells}"),
    )
    try:
        client.execute()
    except CellExecutionError as error:
        raise SeedanceError(f"A cell of {source.name} failed:\n{error}", charged="Nothing was charged.") from None
    finally:
        nbformat.write(notebook, target)


def _export(executed: Path) -> Path:
    """HTML that needs no network: nbconvert's page would otherwise fetch scripts that this notebook does not use."""
    from nbconvert import HTMLExporter
    from traitlets.config import Config

    config = Config({"HTMLExporter": {"mathjax_url": "", "require_js_url": "", "jquery_url": "", "mermaid_js_url": ""}})
    html, _ = HTMLExporter(config=config).from_filename(str(executed))
    target = executed.with_suffix(".html")
    target.write_text(html, encoding="utf-8")
    return target


@contextmanager
def _simulated_environment(folder: Path) -> Iterator[None]:
    """For the kernel: no key, no other server, and a history that is not the person's own."""
    before = dict(os.environ)
    for name in ("SEEDANCE_API_KEY", "SEEDANCE_BASE_URL", "SEEDANCE_DATABASE_URL", "JPY_SESSION_NAME"):
        os.environ.pop(name, None)
    os.environ["SEEDANCE_HOME"] = str(folder / "history")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
