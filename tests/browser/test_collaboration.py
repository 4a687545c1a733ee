"""Beside jupyter-collaboration: a notebook that two people have open, and the card, clip and panel in both pages.

SEEDANCE_COLLABORATION_PYTHON names the Python of an environment with this tree and jupyter-collaboration; without it
nothing here is run.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect
from two_pages import Pages, SharingServer, expect_clip_and_entry, take_picture, two_pages

pytestmark = pytest.mark.collaboration

SAID_BY_IPYWIDGETS = "Comm not found for comm id"
"""Heard on the first page once there is a second. We think, and have not shown, that the second one asks the kernel
which widgets there are, and that the answer comes to both."""
IS_SHARED = """() => [...window.jupyterapp.shell.widgets('main')]
    .find(w => w.content?.activeCellIndex !== undefined).context.model.collaborative"""


class CollaborationServer(SharingServer):
    """A server whose documents are shared as people type."""

    named_by = "SEEDANCE_COLLABORATION_PYTHON"
    beside = ("jupyter_server_ydoc", "jupyter_server_fileid")

    def _command(self) -> list[str]:
        # Else it lies in the folder where the server was started.
        return [*super()._command(), f"--SQLiteYStore.db_path={self.folder / 'ystore.db'}"]


@pytest.fixture
def server(chromium: str) -> Iterator[CollaborationServer]:
    server = CollaborationServer()
    yield server
    server.stop()


@pytest.fixture
def pages(server: CollaborationServer, browser: Browser) -> Iterator[Pages]:
    """Both are really shared, and neither complains; the film takes 20 seconds."""
    with two_pages(server, browser, seconds=20) as (mine, theirs):
        assert all(each.page.evaluate(IS_SHARED) for each in (mine, theirs))
        mine.run(0)
        yield mine, theirs
        complaints = [*mine.errors, *theirs.errors]
    assert [each for each in complaints if SAID_BY_IPYWIDGETS not in each] == []


def test_the_card_is_live_where_the_cell_was_run_and_both_pages_show_the_job_then_its_clip(
    pages: Pages,
) -> None:
    mine, theirs = pages
    mine.fire(1)
    expect(mine.card(1)).to_be_visible()
    # JupyterLab shows no widget of a cell that this page has not run, whoever made it, before its person trusts it.
    expect(theirs.output(1).locator(".sdw-durable:visible")).to_contain_text("a fox")
    expect(theirs.card(1)).to_have_count(0)
    for notebook, name in ((mine, "mine"), (theirs, "theirs")):
        expect_clip_and_entry(notebook)
        take_picture(notebook, f"collaboration-{name}")


def test_after_trust_on_another_page_the_cell_says_when_that_was_so_and_how_to_see_it_now(
    pages: Pages,
) -> None:
    """JupyterLab then puts the outputs of the cell into another order on the first page, and forgets whose they are."""
    mine, theirs = pages
    mine.fire(1)
    expect(mine.card(1)).to_be_visible()
    expect(theirs.output(1).locator(".sdw-card-fallback:visible")).to_contain_text("a fox")
    theirs.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:trust')")
    theirs.page.get_by_role("dialog").get_by_role("button", name="Trust").click()
    expect(mine.card(1)).to_have_count(0)
    told = mine.output(1).locator(".sdw-card-fallback:visible").first
    expect(told).to_contain_text("So it stood when this was written")
    take_picture(mine, "collaboration-trusted-mine")
    job_id = mine.tell(0, "job.wait()\nprint(job.id)").strip()
    expect(told).to_contain_text(f"%seedance_show {job_id}")
    mine.rewrite(0, f"%seedance_show {job_id}")
    mine.run(0)
    for notebook in (mine, theirs):
        expect(notebook.video(0)).to_have_count(1)
    take_picture(mine, "collaboration-trusted-mine-end")
    take_picture(theirs, "collaboration-trusted-theirs-end")
