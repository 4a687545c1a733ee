"""The Studio beside cells, other views and its list of jobs: one page and one kernel for all tests here."""

from __future__ import annotations

import time

import pytest
from cells import BUSY, PROMPT, seedance
from playwright.sync_api import expect
from studio_desk import CODE, FIRST, SECOND, Desk, OpenStudio, expect_told, notebook, open_studio

PUBLIC = "https://example.invalid/{}.mp3"  # of no kind that the page would fetch

__all__ = ["notebook", "open_studio"]


# --- the kernel and other views -----------------------------------------------------------------------------------
def test_what_a_cell_sets_shows_at_once(open_studio: OpenStudio) -> None:
    desk = open_studio()
    studio = desk.studio
    desk.tell("studio.prompt, studio.duration, studio.aspect_ratio = 'a glacier', 9, '1:1'")
    expect(studio.prompt).to_have_value("a glacier")
    expect(studio.duration).to_have_value("9")
    expect(studio.aspect_ratio.get_by_role("radio", name="1:1")).to_be_checked()
    desk.tell("studio.model, studio.resolution = 'seedance-2.0-fast', '1080p'")
    expect(studio.model).to_have_value("seedance-2.0-fast")
    expect(studio.resolution.get_by_role("radio", name="1080p")).to_be_checked()


def test_what_is_typed_is_in_the_kernel(open_studio: OpenStudio) -> None:
    desk = open_studio()
    desk.studio.prompt.fill(PROMPT)
    desk.studio.choose(desk.studio.aspect_ratio, "9:16")
    desk.studio.prompt.press("Tab")
    expect_told(desk, "print(studio.prompt, studio.aspect_ratio)", f"{PROMPT} 9:16")


def test_two_views_stay_in_step(open_studio: OpenStudio) -> None:
    desk = open_studio(standing=True)
    desk.notebook.tell(SECOND, "studio")
    first, second = desk.studio, desk.notebook.studio(SECOND)
    first.prompt.fill(PROMPT)
    expect(second.prompt).to_have_value(PROMPT)
    second.model.select_option("seedance-1.5-pro")
    expect(first.model).to_have_value("seedance-1.5-pro")
    expect(first.durations.get_by_role("radio", name="5 s")).to_be_checked()
    second.generate.click()
    for view in (first, second):
        expect(view.job(PROMPT)).to_contain_text("Waiting in the queue")
        expect(view.clip).to_contain_text(PROMPT)
    assert desk.created == 1


def test_writing_goes_on_while_a_cell_blocks_and_nothing_is_lost(open_studio: OpenStudio) -> None:
    desk = open_studio()
    release = desk.notebook.path.parent / "release"
    release.unlink(missing_ok=True)
    desk.notebook.rewrite(CODE, BUSY)
    desk.notebook.fire(CODE)
    expect(desk.notebook.cell(CODE).locator(".jp-InputPrompt")).to_contain_text("[*]")
    desk.studio.prompt.click()
    desk.page.keyboard.type(PROMPT)
    expect(desk.studio.prompt).to_have_value(PROMPT)
    desk.studio.choose(desk.studio.resolution, "720p")
    desk.studio.generate.click()
    assert "released" not in desk.notebook.printed(CODE)
    release.touch()
    desk.notebook.wait_printed(CODE, "released")
    expect(desk.studio.job(PROMPT)).to_contain_text("720p")
    expect(desk.studio.prompt).to_have_value(PROMPT)
    assert desk.tell("print(studio.prompt, studio.resolution)") == f"{PROMPT} 720p"


def test_a_job_of_a_magic_appears_in_the_list(open_studio: OpenStudio) -> None:
    desk = open_studio()
    desk.tell(seedance("a lighthouse at dusk"))
    expect(desk.studio.job("a lighthouse at dusk")).to_contain_text("Succeeded")
    desk.studio.button("Show: a lighthouse at dusk").click()
    expect(desk.studio.video).to_be_visible()


def test_the_bare_magic_opens_the_studio(open_studio: OpenStudio) -> None:
    desk = open_studio("studio = sw.Studio()\n%seedance")
    expect(desk.studio.prompt).to_have_value("")
    expect(desk.studio.root).to_contain_text("Simulator")


def test_the_studio_magic_fills_the_form(open_studio: OpenStudio) -> None:
    desk = open_studio("studio = %seedance_studio a paper boat --duration 9 --aspect-ratio 9:16\nstudio")
    expect(desk.studio.prompt).to_have_value("a paper boat")
    expect(desk.studio.duration).to_have_value("9")
    expect(desk.studio.aspect_ratio.get_by_role("radio", name="9:16")).to_be_checked()


def test_a_closed_studio_leaves_nothing(open_studio: OpenStudio) -> None:
    desk = open_studio()
    desk.studio.prompt.fill(PROMPT)
    desk.studio.generate.click()
    expect(desk.studio.video).to_be_visible()
    desk.tell("studio.close()")
    expect(desk.notebook.output(FIRST).locator(".sdw-studio, .sdw-studio-root, video")).to_have_count(0)
    expect(desk.studio.prompt).to_have_count(0)
    left = "[thread.name for thread in threading.enumerate() if thread.name == 'seedance-live']"
    expect_told(desk, f"import threading\nprint({left}, studio.comm)", "[] None")


# --- the jobs -----------------------------------------------------------------------------------------------------
THREE = "\n".join(
    f'%seedance --quiet {prompt} --duration 4 --resolution 480p --metadata {{"simulator": {{"seconds": 3000}}}}'
    for prompt in ("a lighthouse", "a glacier", "a paper boat")
)


@pytest.fixture
def three(open_studio: OpenStudio) -> Desk:
    """A Studio with three jobs in the queue."""
    desk = open_studio(standing=True)
    desk.tell(THREE)
    expect(desk.studio.jobs).to_contain_text(["a paper boat", "a glacier", "a lighthouse"])
    return desk


def test_jobs_are_found_by_their_words(three: Desk) -> None:
    three.studio.search.fill("glacier")
    expect(three.studio.jobs).to_have_count(1)
    expect(three.studio.jobs).to_contain_text("a glacier")
    three.studio.search.fill("submarine")
    expect(three.studio.root.get_by_text("No jobs match.")).to_be_visible()
    three.studio.button("Show all jobs").click()
    expect(three.studio.jobs).to_have_count(3)


def test_a_starred_job_is_found_again(three: Desk) -> None:
    star = three.studio.job("a lighthouse").get_by_role("button", name="Star", exact=True)
    star.click()
    expect(star).to_have_attribute("aria-pressed", "true")
    three.studio.root.get_by_role("checkbox", name="Starred only").check()
    expect(three.studio.jobs).to_have_count(1)
    expect(three.studio.jobs).to_contain_text("a lighthouse")
    assert three.tell("print([job.request.prompt for job in session.jobs(starred=True)])") == "['a lighthouse']"


def test_a_note_is_kept_with_its_job(three: Desk) -> None:
    job = three.studio.job("a glacier")
    job.get_by_role("button", name="More", exact=True).click()
    job.get_by_role("button", name="Add note").click()
    job.get_by_role("textbox", name="Note").fill("for the opening")
    three.page.keyboard.press("Enter")
    expect(job.get_by_text("for the opening")).to_be_visible()
    expect(job.get_by_role("button", name="Edit note")).to_be_focused()
    three.studio.search.fill("opening")
    expect(three.studio.jobs).to_have_count(1)
    assert three.tell("print([job.request.prompt for job in session.jobs(text='opening')])") == "['a glacier']"


def test_reuse_fills_the_form_with_exactly_the_request(open_studio: OpenStudio) -> None:
    desk = open_studio(standing=True)
    studio = desk.studio
    desk.tell(
        "%%seedance --quiet --model seedance-1.5-pro --duration 10 --aspect-ratio 9:16 --resolution 1080p"
        f" --media {PUBLIC.format('b')} --media {PUBLIC.format('a')}\nTwo lines, 'quoted'\n  and <b>indented</b> 🐋"
    )
    studio.job("Two lines").get_by_role("button", name="Reuse").click()
    expect(studio.prompt).to_have_value("Two lines, 'quoted'\n  and <b>indented</b> 🐋")
    expect(studio.prompt).to_be_focused()
    expect(studio.model).to_have_value("seedance-1.5-pro")
    expect(studio.durations.get_by_role("radio", name="10 s")).to_be_checked()
    expect(studio.aspect_ratio.get_by_role("radio", name="9:16")).to_be_checked()
    expect(studio.resolution.get_by_role("radio", name="1080p")).to_be_checked()
    expect_told(desk, "print(bool(studio.prompt))", "True")
    assert desk.tell("print(studio.request == studio.jobs[0].request)") == "True"


def test_delete_can_be_taken_back_for_ten_seconds_and_then_takes_the_files(open_studio: OpenStudio) -> None:
    desk = open_studio()
    studio = desk.studio
    desk.tell(seedance("a fox in snow") + "\n" + seedance("an owl at night"))
    fox, owl = studio.job("a fox in snow"), studio.job("an owl at night")
    for job in (fox, owl):
        expect(job).to_contain_text("Succeeded")
    clips = "[path.name for path in Path('seedance_clips').glob(f'*{fox.id}*')]"
    desk.tell("from pathlib import Path\nfox = session.jobs(text='fox')[0]\nspent = session.charged_usd()")
    assert desk.tell(f"print(len({clips}) >= 2)") == "True"
    fox.get_by_role("button", name="More", exact=True).click()
    fox.get_by_role("button", name="Delete").click()
    going = fox.get_by_role("status")
    expect(going).to_contain_text("Deleting it and its files in")
    undo = going.get_by_role("button", name="Undo")
    expect(undo).to_be_focused()
    desk.page.keyboard.press("Enter")
    expect(fox.get_by_role("button", name="Delete")).to_be_focused()
    expect(going).to_have_count(0)
    pressed_at = time.time()
    desk.page.keyboard.press("Enter")
    expect(undo).to_be_focused()
    expect(fox).to_have_count(0, timeout=30_000)
    expect(studio.button("Show: an owl at night")).to_be_focused()
    told = desk.tell(f"print(len(session.jobs()), {clips}, session.charged_usd() == spent, fox.row.removed_at)")
    assert told.startswith("1 [] True ")
    assert float(told.split()[-1]) - pressed_at >= 10, "nothing is deleted before"


# --- JupyterLab's keys --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("box", ["prompt", "search", "generate", "duration"])
def test_no_shortcut_of_jupyterlab_hears_what_is_typed(three: Desk, box: str) -> None:
    cells = three.page.locator(".jp-Notebook .jp-Cell")
    getattr(three.studio, box).focus()
    three.page.keyboard.type("xddbmaz0")
    assert three.page.evaluate("document.activeElement.closest('.sdw-studio') !== null"), "the focus went away"
    expect(cells).to_have_count(4)
    expect(three.page.locator(".jp-MarkdownCell")).to_have_count(0)
    if box in ("prompt", "search"):
        expect(getattr(three.studio, box)).to_have_value("xddbmaz0")
