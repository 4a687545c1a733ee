"""Writes docs/where-it-works.md: each front end, what is so there, and the test that tries it.

python tests/where_it_works.py > docs/where-it-works.md
python tests/where_it_works.py --after FILE     fails for what the page says and the tests of a run did not show
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

BY_HAND, BY_READING = "by hand", "by reading"
"""How a row is known that no test tries: somebody tried it once, or nobody did."""


@dataclass(frozen=True)
class Row:
    """A front end."""

    name: str
    so: str
    tests: tuple[str, ...]
    """As `file::test` below `tests/`; none where no test tries it."""
    tried: str = ""
    """The version that was tried, or that was read, and then why it was not tried."""
    untested: str = BY_READING
    """How it is known, where no test tries it."""
    part: str = ""
    """The part of `.ci/run` that alone has its tests, since they need an environment of their own."""


ROWS = (
    Row(
        "JupyterLab",
        "The live card, which becomes the video; Cancel while a cell runs; panel, notices, Studio.",
        ("browser/test_card_live.py::*", "browser/test_card_durable.py::*", "browser/test_extension_panel.py::*"),
        "4.6, ipykernel 7.4; panel and notices also in 4.4.10 and 4.5.11",
    ),
    Row("Notebook 7", "The same; no status bar item.", ("browser/test_card_notebook7.py::*",), "7.6"),
    Row(
        "nbclassic",
        "Card, grid, Studio and video; dollars are dollars; Cancel waits for the running cell, and says so. A notebook "
        "that is opened again shows the clips alone.",
        (
            "browser/test_card_other_pages.py::test_in_nbclassic_a_cancel_that_waits_says_so_and_dollars_are_dollars",
            "browser/test_card_other_pages.py::"
            "test_in_nbclassic_outputs_that_are_drawn_anew_show_their_widgets_and_are_saved_as_clips",
        ),
        "1.3",
    ),
    Row(
        "Voila",
        "The card becomes the video; the Studio; Cancel; as an extension of a server, or by itself, without a token. "
        "Clips up to 2 MB are embedded, larger ones come from the kernel, since Voila serves none. Links work with "
        "`--VoilaConfiguration.file_allowlist=\"['.*\\.mp4', '.*\\.jpg', '.*\\.png']\"`.",
        (
            "browser/test_card_other_pages.py::test_in_voila_the_card_becomes_the_video",
            "browser/test_voila_alone.py::*",
        ),
        "0.5.13",
    ),
    Row(
        "`jupyter console`, qtconsole, Spyder",
        "Who says no hello within 3 s is told in text how a job goes, and the path at the end; no window opens for a "
        "picture. The Studio, a grid, Compare and Choose say what they are and what can be done here; of a sweep ten "
        "lines at most tell what has ended, and `sweep.wait()` ends with its table. A page that says hello later takes "
        "the text away.",
        ("notebook/test_consoles.py::*", "widgets/views/test_narration.py::*"),
        "a stand-in that prints as jupyter_console 6.6 and qtconsole 5 do; jupyter_console 6.6.3 by hand",
    ),
    Row(
        "nbconvert, papermill, jupytext",
        "Each cell waits for the jobs and sweeps that it started; clips up to 2 MB are embedded, larger ones linked "
        "from the folder that the output is written to, which the program's command line tells. A script that calls "
        "papermill tells it by the parameter `PAPERMILL_OUTPUT_PATH`; without, links lead from where the kernel began.",
        ("notebook/test_batch_programs.py::*", "notebook/test_batch.py::*", "notebook/test_launcher.py::*"),
        "nbconvert 7.17, papermill 2.7, jupytext 1.19, nbclient 0.11",
    ),
    Row(
        "MyST-NB (this site)",
        "As in a batch run. Clips that are linked must be copied beside the pages: `docs/conf.py` does it when the "
        "build has finished.",
        ("test_site.py::*",),
        "Sphinx 8 and newer",
    ),
    Row(
        "Quarto",
        "As in a batch run, since it executes by nbclient.",
        (),
        "1.6; not tried, since it is a program of its own that must be installed by hand: `quarto-cli` on PyPI only "
        "fetches it from elsewhere",
    ),
    Row(
        "marimo",
        "`job`, a sweep, the grid, Compare and the Studio show live (`_display_`). A cell that runs again by itself "
        "is given the job that it has (the card says so); `again=True` sends. Clips up to 2 MB are embedded, since "
        "marimo serves none; links of tables lead nowhere.",
        ("browser/test_marimo.py::*", "jobs/test_reactive.py::*"),
        "0.25",
    ),
    Row(
        "IPython terminal, script",
        "The magic, `job.wait()` and `sweep.wait()` show one live line on standard error and leave the path; "
        "nothing of it in a pipe. What is live on a page is said once, with what can be done here; nothing is printed "
        "later.",
        ("jobs/test_live_line.py::*", "notebook/test_terminals.py::*"),
        "IPython 9.18 and Python in a pseudo terminal",
    ),
    Row(
        "Google Colab",
        "Clips up to 8 MB are embedded; a larger one plays in its card, which gets it from the kernel in pieces, and "
        "beside the card stands its path, for when the kernel is gone. Keys from its secrets.",
        (
            "notebook/test_other_hosts.py::test_colab_embeds_what_its_pages_can_take",
            "widgets/test_card_replaced.py::test_a_clip_too_large_to_embed_stays_with_its_card_which_gets_it_in_pieces",
        ),
        "the rule; its page by reading",
    ),
    Row(
        "VS Code",
        "Clips beside the notebook, by `__vsc_ipynb_file__`. It plays no AAC sound: said below the clip, with a link, "
        "and on the live card, the Studio, the grid, Compare and Choose.",
        (
            "notebook/test_other_hosts.py::test_vscode_saves_clips_beside_the_notebook_and_says_what_it_cannot_play",
            "notebook/test_other_hosts.py::test_what_shows_several_clips_says_in_vscode_that_it_plays_no_sound",
        ),
        "the rule; its page by reading",
    ),
    Row(
        "Panel",
        "Not without the internet: its pane for widgets asks a CDN for the code of anywidget, which ours use.",
        (),
        "1.9, ipywidgets_bokeh 1.8",
        BY_HAND,
    ),
    Row(
        "JupyterLite, Pyodide",
        "Not possible: no threads, no PyAV. Importing says so.",
        ("notebook/test_other_hosts.py::test_a_python_in_the_browser_is_told_that_it_cannot_work",),
        "",
    ),
    Row(
        "jupyter-collaboration",
        "Every page shows how the job stands and its clip; panel and status bar work. The live card is on the page "
        "that ran the cell: on another one JupyterLab shows no widget, ours or not, of a notebook that is not trusted.",
        ("browser/test_collaboration.py::*",),
        "5.0.4 with JupyterLab 4.6",
        part="collaboration",
    ),
    Row(
        "jupyter-server-documents",
        "The server runs the cells and does not hear what a kernel says after a cell's end, so they count as a batch "
        "run: a cell waits for its clips; Cancel is in the panel.",
        ("browser/test_server_documents.py::*",),
        "0.3.3 with JupyterLab 4.6",
        part="collaboration",
    ),
)


def page() -> str:
    """The page."""
    lines = [
        "# Where it works",
        "",
        "Written by `tests/where_it_works.py` from the tests that it names, which every run of `.ci/run` must show to",
        "pass; *by hand* was tried once and is in no test, *by reading* was not tried. All was tried on Linux with",
        "Python 3.11, the portable tests of `.ci/run` with 3.12 and 3.13, too; 3.14 was not tried, since none was at",
        "hand. [Linux, macOS and Windows](systems.md) tells what is so elsewhere.",
        "",
        "| where | what is so | tried with | test |",
        "| --- | --- | --- | --- |",
    ]
    for row in ROWS:
        tests = ", ".join(f"`{each.removesuffix('::*')}`" for each in row.tests) or f"*{row.untested}*"
        lines.append(f"| {row.name} | {row.so} | {row.tried} | {tests} |")
    return "\n".join(lines) + "\n"


def unshown(outcomes: Iterable[str]) -> list[str]:
    """The tests that the page names and a run did not show to pass, each with the reason.

    `outcomes` has a line for each test that ran, such as `passed browser/test_grid.py::test_it_plays`; see conftest.py.
    """
    ran: dict[str, bool] = {}
    for line in outcomes:
        outcome, _, test = line.strip().partition(" ")
        test = test.partition("[")[0]
        ran[test] = ran.get(test, True) and outcome == "passed"
    reasons = []
    for name in sorted({name for row in ROWS if not row.part for name in row.tests}):
        file = name.removesuffix("*")
        wanted = [passed for test, passed in ran.items() if test == name or (file != name and test.startswith(file))]
        if not wanted:
            reasons.append(f"{name} did not run")
        elif not all(wanted):
            reasons.append(f"{name} did not pass")
    return reasons


if __name__ == "__main__":
    if sys.argv[1:2] == ["--after"]:
        sys.exit("\n".join(unshown(Path(sys.argv[2]).read_text(encoding="utf-8").splitlines())) or 0)
    print(page(), end="")
