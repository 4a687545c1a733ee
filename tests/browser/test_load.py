"""`%seedance_load` on a real page: the cell that makes a clip again stands below, and has not been run."""

from __future__ import annotations

from cells import load_with_clock
from notebook_page import OpenNotebook
from playwright.sync_api import expect

MAKE = """\
job = sw.default_session().submit("a paper boat\\nin <b>heavy</b> rain?", duration=4, resolution="480p")
job.wait(timeout=60)
job.clip.path.rename("renamed.mp4")
print("made")
"""


def test_a_renamed_clip_becomes_the_next_cell_and_nothing_is_sent(open_notebook: OpenNotebook) -> None:
    setup = load_with_clock(300.0).replace(", now=lambda: began_at + ahead_s", "")
    notebook = open_notebook(setup, MAKE, "%seedance_load renamed.mp4")
    for cell in range(3):
        notebook.run(cell)
    expect(notebook.page.locator(".jp-Notebook .jp-CodeCell")).to_have_count(4)
    lines = notebook.cell(3).locator(".cm-line").all_inner_texts()
    assert lines[0].startswith("%%seedance --model seedance-2.0 --duration 4")
    assert lines[1:] == ["a paper boat", "in <b>heavy</b> rain?"]
    assert "Nothing is sent until you run it" in notebook.printed(2)
    assert len(list((notebook.path.parent / "seedance-home" / "simulator" / "generations").glob("*.json"))) == 1


def test_a_family_is_a_tree_with_pictures_that_needs_no_widget(open_notebook: OpenNotebook) -> None:
    setup = load_with_clock(300.0).replace(", now=lambda: began_at + ahead_s", "")
    make = MAKE + 'sw.default_session().submit("a red boat", duration=4, resolution="480p", parent_id=job.id).wait(60)'
    notebook = open_notebook(setup, make.replace('job.clip.path.rename("renamed.mp4")\n', ""), "%seedance_tree")
    for cell in range(3):
        notebook.run(cell)
    tree = notebook.output(2).get_by_role("group", name="Family of job")
    expect(tree.get_by_role("listitem")).to_have_count(2)
    expect(tree.locator("img")).to_have_count(2)
    expect(tree.locator("ins").first).to_be_visible()
