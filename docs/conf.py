"""The site: the guides of this folder, a reference made from docstrings, and the notebooks, run as it is built."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

for name in ("SEEDANCE_API_KEY", "SEEDANCE_BASE_URL", "SEEDANCE_DATABASE_URL", "JPY_SESSION_NAME"):
    os.environ.pop(name, None)  # the notebooks run against the simulator, whoever builds this
os.environ["SEEDANCE_HOME"] = tempfile.mkdtemp(prefix="seedance-site-")

GALLERY = HERE / "gallery"
shutil.rmtree(GALLERY, ignore_errors=True)
GALLERY.mkdir()
for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
    text = notebook.read_text("utf-8").replace("](../docs/", "](../")  # the site has them one folder nearer
    (GALLERY / notebook.name).write_text(text, "utf-8")

project = "seedance_widgets"
author = "The seedance-widgets contributors"
version = release = PYPROJECT["project"]["version"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "**/.ipynb_checkpoints", "**/seedance_clips"]
html_theme = "furo"
html_title = "seedance_widgets"
html_theme_options: dict[str, Any] = {"source_repository": PYPROJECT["tool"]["seedance"]["repository"] or ""}
html_static_path: list[str] = []
templates_path: list[str] = []

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = os.environ.get("SEEDANCE_SITE_NOTEBOOKS", "force")
nb_execution_timeout = 180
nb_execution_raise_on_error = True
nb_execution_show_tb = True

autodoc_default_options = {"members": True, "undoc-members": False, "show-inheritance": True}
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_class_signature = "mixed"
napoleon_numpy_docstring = False
pygments_style = "friendly"
pygments_dark_style = "monokai"
suppress_warnings = ["misc.highlighting_failure"]  # cells hold magics and shell commands, which no lexer knows

_CODE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")


def as_rst(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Docstrings are plain words with `code` and **bold**: code as reStructuredText has it, other stars as stars."""
    text = _CODE.sub(r"``\1``", "\n".join(lines))
    parts = re.split(r"(``[^`]*``|\*\*[A-Z][^*\n]*\*\*)", text)
    lines[:] = "".join(part if i % 2 else part.replace("*", r"\*") for i, part in enumerate(parts)).split("\n")


def with_gallery(app: Any, page: str, source: list[str]) -> None:
    """Links to the notebooks of the repository lead to those of the site, which have been run."""
    source[0] = source[0].replace("](../notebooks/", "](gallery/")


def with_files(app: Any, problem: Exception | None) -> None:
    """The clips and the bundle that the notebooks link to go with the pages; Sphinx copies only what it knows of."""
    if problem is None:
        for made in (each for each in GALLERY.iterdir() if each.suffix != ".ipynb"):
            target = Path(app.outdir) / "gallery" / made.name
            if made.is_dir():
                shutil.copytree(made, target, dirs_exist_ok=True)
            else:
                shutil.copyfile(made, target)


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", with_gallery)
    app.connect("build-finished", with_files)
    app.connect("autodoc-process-docstring", as_rst, priority=100)  # before napoleon
