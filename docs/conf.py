"""The site: the guides of this folder, a reference made from docstrings, and the notebooks, run as it is built."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import seedance_widgets

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
html_theme_options: dict[str, Any] = {
    "source_repository": PYPROJECT["tool"]["seedance"]["repository"] or "",
    "top_of_page_buttons": [],  # they stand outside of every landmark
}
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
templates_path: list[str] = []

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
nb_execution_mode = os.environ.get("SEEDANCE_SITE_NOTEBOOKS", "force")
nb_execution_timeout = 180
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_merge_streams = True  # what a cell prints is one block, as in a notebook
nb_ipywidgets_js: dict[str, dict[str, str]] = {}  # outputs need none, and nothing is loaded from elsewhere

FOREIGN = {
    base.__name__
    for name in dir(seedance_widgets)
    if isinstance(public := getattr(seedance_widgets, name), type)
    for base in public.__mro__
    if not base.__module__.startswith("seedance_widgets")
}
"""The bases of our classes that others wrote: what comes from `str` or from a widget is in their references."""
autodoc_default_options = {
    "members": True,
    "inherited-members": ",".join(sorted(FOREIGN)),
    "undoc-members": False,
    "show-inheritance": True,
}
autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_class_signature = "mixed"
napoleon_numpy_docstring = False
pygments_style = "a11y-high-contrast-light"  # Furo brings them
pygments_dark_style = "a11y-high-contrast-dark"
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


ACCESSIBLE = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="Pages">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    '<th class="head"><p></p></th>': "<td></td>",
    '<div id="search-results"></div>': '<h1>Search</h1>\n<div id="search-results"></div>',
}
"""What axe finds in the pages of Sphinx and Furo, and what stands there instead."""


def with_names(app: Any, problem: Exception | None) -> None:
    """Headings have a level, landmarks a name, and no head of a table is empty."""
    for page in () if problem else Path(app.outdir).rglob("*.html"):
        text = page.read_text("utf-8")
        for before, after in ACCESSIBLE.items():
            text = text.replace(before, after)
        page.write_text(text, "utf-8")


def setup(app: Any) -> None:
    """Called by Sphinx."""
    app.connect("source-read", with_gallery)
    app.connect("build-finished", with_files)
    app.connect("build-finished", with_names)
    app.connect("autodoc-process-docstring", as_rst, priority=100)  # before napoleon
