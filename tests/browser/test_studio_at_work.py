"""The Studio at work: one page and one kernel for all tests here, a Studio and a history for each."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cells import BUSY, END_JOBS, PROMPT, SIZE, STUDIO, load_with_clock, seedance
from lab_server import LabServer
from notebook_page import NotebookPage, write_notebook
from playwright.sync_api import Browser, Locator, Route, expect
from shared_page import new_context

import seedance_widgets as sw
from seedance_widgets.request.check import make_request

SETUP, FIRST, CODE, SECOND = range(4)
"""The cells: session, Studio, what a test wants to run, room for another view."""
QUICK = 300.0
HTTP, LOCAL, PRIVATE = "http://example.com/a.png", "/tmp/boat.png", "https://192.168.0.7/a.mp4"
DATA, SECRET = "data:image/png;base64,AAAA", "https://me:secret@example.com/a.png"
PRIVATE_PICTURE = "https://127.0.0.1:9/a.png"
PUBLIC = "https://example.invalid/{}.mp3"  # of no kind that the page would fetch

_numbers = itertools.count(1)


class Desk:
    """A Studio in the shared notebook, and what its simulator was asked for."""

    def __init__(self, notebook: NotebookPage, home: Path) -> None:
        self.notebook = notebook
        self.home = home
        self.studio = notebook.studio(FIRST)
        self.page = notebook.page

    def tell(self, source: str) -> str:
        """Run code beside the Studio; the answer is what it printed."""
        return self.notebook.tell(CODE, source).strip()

    @property
    def created(self) -> int:
        """How many generations the service has accepted."""
        return len(list((self.home / "simulator" / "generations").glob("*.json")))


OpenStudio = Callable[..., Desk]


@pytest.fixture(scope="module")
def notebook(server: LabServer, browser: Browser) -> Iterator[NotebookPage]:
    """The notebook that the tests share."""
    expect.set_options(timeout=15_000)
    context = new_context(browser, timeout_ms=15_000)
    path = server.root / "studio-at-work" / "notebook.ipynb"
    write_notebook(path, [""] * 4)
    notebook = NotebookPage(context.new_page(), server, path)
    notebook.open()
    yield notebook
    context.close()
    server.end_kernels()


@pytest.fixture
def open_studio(notebook: NotebookPage) -> Iterator[OpenStudio]:
    """Opens a Studio over a history of its own. At the end the page may not have complained."""
    notebook.errors.clear()

    def open_studio(code: str = STUDIO, *, standing: bool = False) -> Desk:
        home = notebook.path.parent / f"home-{next(_numbers)}"
        notebook.server.share_films(home)
        for cell in (CODE, SECOND):
            notebook.tell(cell, "")
        clock = load_with_clock(QUICK).replace('"seedance-home"', f"{home.name!r}")
        clock += "session = sw.default_session()"
        notebook.tell(SETUP, clock if standing else clock.replace(", now=lambda: began_at + ahead_s", ""))
        notebook.tell(FIRST, code)
        desk = Desk(notebook, home)
        expect(desk.studio.generate).to_have_attribute("aria-disabled", "false")
        return desk

    yield open_studio
    notebook.tell(CODE, "studio.close()\nstudio.session.close()")
    assert notebook.errors == []


def words_of(prompt: str = PROMPT, **options: object) -> str:
    """What Python says of a request that does not fit."""
    with pytest.raises(sw.RequestInvalid) as refused:
        make_request(prompt, options)
    return f"{refused.value.what} {refused.value.next_step}".strip()


def expect_told(desk: Desk, source: str, answer: str) -> None:
    """The page writes a moment after the last key: ask until the kernel knows."""
    deadline = time.monotonic() + 10
    while (told := desk.tell(source)) != answer and time.monotonic() < deadline:
        pass
    assert told == answer


def is_playing(video: Locator) -> None:
    """Wait until pictures move."""
    video.page.wait_for_function("v => !v.paused && v.currentTime > 0.2", arg=video.element_handle())


# --- the whole path -----------------------------------------------------------------------------------------------
def test_a_mouse_gets_from_an_empty_form_to_a_playing_clip(open_studio: OpenStudio) -> None:
    desk = open_studio("studio = sw.Studio()\nstudio")
    studio = desk.studio
    studio.prompt.click()
    desk.page.keyboard.type(PROMPT)
    studio.choose(studio.resolution, "480p")
    studio.duration.click(position={"x": 2, "y": 8})
    expect(studio.duration).to_have_value("4")
    studio.generate.click()
    expect(studio.jobs).to_have_count(1)
    expect(studio.video).to_be_visible()
    studio.video.click()
    is_playing(studio.video)
    assert studio.video.evaluate("v => [v.videoWidth, v.videoHeight]") == list(SIZE)
    expect(studio.jobs).to_contain_text("Succeeded")
    assert desk.created == 1


def test_a_keyboard_alone_gets_from_an_empty_form_to_a_playing_clip(open_studio: OpenStudio) -> None:
    desk = open_studio("studio = sw.Studio()\nstudio")
    studio, keyboard = desk.studio, desk.page.keyboard
    desk.notebook.select(FIRST)
    desk.notebook.cell(FIRST).locator(".cm-content").focus()
    keyboard.press("Escape")
    studio.tab_to(studio.prompt)
    keyboard.type(PROMPT)
    studio.tab_to(studio.duration)
    keyboard.press("Home")
    studio.tab_to(studio.resolution.get_by_role("radio", name="720p"))
    keyboard.press("ArrowLeft")
    expect(studio.resolution.get_by_role("radio", name="480p")).to_be_checked()
    studio.tab_to(studio.generate)
    keyboard.press("Enter")
    expect(studio.video).to_be_visible()
    studio.tab_to(studio.video)
    keyboard.press("Space")
    is_playing(studio.video)
    assert studio.video.evaluate("v => [v.videoWidth, v.videoHeight]") == list(SIZE)


def test_ctrl_enter_in_the_prompt_generates_and_does_not_run_the_cell(open_studio: OpenStudio) -> None:
    desk = open_studio(standing=True)
    desk.studio.prompt.fill(PROMPT)
    box = desk.studio.prompt.element_handle()
    desk.page.keyboard.press("Control+Enter")
    expect(desk.studio.jobs).to_have_count(1)
    expect(desk.studio.prompt).to_have_value(PROMPT)
    assert desk.page.evaluate("box => box.isConnected", box), "the Studio was made anew"
    assert desk.created == 1


# --- the form -----------------------------------------------------------------------------------------------------
def test_another_model_keeps_what_it_takes_and_says_what_it_changed(open_studio: OpenStudio) -> None:
    desk = open_studio("studio = sw.Studio(duration=12, aspect_ratio='9:16', resolution='480p')\nstudio")
    studio = desk.studio
    studio.model.select_option("seedance-1.5-pro")
    expect(studio.durations.get_by_role("radio")).to_have_count(2)
    expect(studio.durations.get_by_role("radio", name="10 s")).to_be_checked()
    expect(studio.aspect_ratio.get_by_role("radio", name="9:16")).to_be_checked()
    expect(studio.resolution.get_by_role("radio", name="480p")).to_be_checked()
    said = "For seedance-1.5-pro, duration is now 10 s instead of 12 s."
    expect(studio.root.get_by_role("status").first).to_have_text(said)
    expect(studio.root.get_by_text(said).last).to_be_visible()
    studio.button("Undo").click()
    expect(studio.duration).to_have_value("12")
    expect(studio.model).to_have_value("seedance-2.0")


def test_the_cost_stands_there_before_the_click_and_follows_the_options(open_studio: OpenStudio) -> None:
    studio = open_studio("studio = sw.Studio(duration=4, resolution='480p')\nstudio").studio
    request = studio.root.get_by_role("group", name="Request")
    expect(request).to_contain_text("$0.20")
    studio.choose(studio.resolution, "1080p")
    expect(request).to_contain_text("$0.80")
    studio.model.select_option("seedance-2.0-fast")
    expect(request).to_contain_text("Price not known")


def test_an_empty_prompt_is_refused_at_its_field(open_studio: OpenStudio) -> None:
    desk = open_studio()
    desk.studio.generate.click()
    expect(desk.studio.prompt).to_be_focused()
    expect(desk.studio.prompt).to_have_attribute("aria-invalid", "true")
    expect(desk.studio.prompt).to_have_accessible_description(words_of(prompt=""))
    assert (desk.created, desk.tell("print(session.count())")) == (0, "0")


@pytest.mark.parametrize(
    "url", [HTTP, LOCAL, PRIVATE, DATA, SECRET], ids=["http", "local path", "private host", "data", "password"]
)
def test_a_media_url_that_nobody_can_fetch_is_refused_at_its_place(open_studio: OpenStudio, url: str) -> None:
    desk = open_studio()
    studio = desk.studio
    studio.prompt.fill(PROMPT)
    studio.add_media(PUBLIC.format("sea"), url)
    wrong = studio.root.get_by_role("list", name="Reference media").get_by_role("listitem").nth(1)
    expect(wrong.get_by_text(words_of(media_urls=[url]))).to_be_visible()
    studio.generate.click()
    expect(studio.media_url).to_be_focused()
    assert (desk.created, desk.tell("print(session.count())")) == (0, "0")


def test_the_page_asks_no_private_host_for_a_picture(open_studio: OpenStudio) -> None:
    desk = open_studio()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=204)

    desk.page.route("https://127.0.0.1:9/**", answer)
    desk.studio.add_media(PRIVATE_PICTURE)
    expect(desk.studio.root.get_by_text(words_of(media_urls=[PRIVATE_PICTURE]))).to_be_visible()
    assert asked == []


def test_a_wrong_reference_is_told_by_the_field_that_gets_the_focus(open_studio: OpenStudio) -> None:
    studio = open_studio().studio
    studio.prompt.fill(PROMPT)
    studio.add_media(HTTP)
    expect(studio.root.get_by_text(words_of(media_urls=[HTTP]))).to_be_visible()
    studio.generate.click()
    expect(studio.media_url).to_be_focused()
    expect(studio.media_url).to_have_accessible_description(words_of(media_urls=[HTTP]), timeout=3000)


def test_too_many_media_are_refused_at_their_field(open_studio: OpenStudio) -> None:
    desk = open_studio()
    studio = desk.studio
    urls = [PUBLIC.format(number) for number in range(6)]
    studio.prompt.fill(PROMPT)
    desk.tell(f"studio.media_urls = {urls}")
    expect(studio.media_url).to_have_accessible_description(words_of(media_urls=urls))
    studio.generate.click()
    expect(studio.media_url).to_be_focused()
    assert desk.created == 0
    studio.button("Remove").first.click()
    expect(studio.media_url).not_to_have_attribute("aria-invalid", "true")


def test_references_are_pasted_by_the_line_moved_and_removed(open_studio: OpenStudio) -> None:
    desk = open_studio()
    studio, urls = desk.studio, [PUBLIC.format(name) for name in "abc"]
    paste(studio.media_url, "\n".join(urls))
    items = studio.root.get_by_role("list", name="Reference media").get_by_role("listitem")
    expect(items).to_contain_text(["a.mp3", "b.mp3", "c.mp3"])
    items.nth(2).get_by_role("button", name="Move up").click()
    expect(items).to_contain_text(["a.mp3", "c.mp3", "b.mp3"])
    items.nth(0).get_by_role("button", name="Remove").press("Enter")
    expect(items).to_contain_text(["c.mp3", "b.mp3"])
    expect_told(desk, "print(studio.media_urls)", str([urls[2], urls[1]]))


def paste(field: Locator, text: str) -> None:
    """As from a clipboard, which a test should not touch."""
    field.evaluate(
        """(field, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData('text/plain', text);
            field.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_a_link_that_is_dropped_on_the_media_becomes_a_reference(open_studio: OpenStudio) -> None:
    desk = open_studio()
    studio, url = desk.studio, PUBLIC.format("dropped")
    drop(studio.media_url, {"text/uri-list": f"# from a page\r\n{url}\r\n", "text/plain": "the words of the link"})
    items = studio.root.get_by_role("list", name="Reference media").get_by_role("listitem")
    expect(items).to_contain_text(["dropped.mp3"])
    expect(studio.root.get_by_role("status").first).to_have_text("Added 1 reference")
    expect_told(desk, "print(studio.media_urls)", str([url]))


def test_a_file_that_is_dropped_on_the_media_is_no_reference(open_studio: OpenStudio) -> None:
    desk = open_studio()
    assert not drop(desk.studio.media_url, {}), "the page would have opened the file in our place"
    expect(desk.studio.root.get_by_role("list", name="Reference media")).to_have_count(0)


CLIP_OF = """
import base64
made = session.submit({prompt!r}, duration=6, resolution="480p", aspect_ratio="9:16")
made.wait(timeout=60)
print(base64.b64encode(open(made.clip, "rb").read()).decode())
"""


def test_a_clip_that_is_dropped_on_the_studio_fills_its_form_and_is_the_parent(open_studio: OpenStudio) -> None:
    desk = open_studio()
    studio = desk.studio
    studio.prompt.fill("words that a person can have back")
    made = desk.tell(CLIP_OF.format(prompt=PROMPT))
    drop_file(studio.prompt, "my <b>boat</b>.mp4", made)
    expect(studio.prompt).to_have_value(PROMPT)
    expect_told(desk, "print(studio.duration, studio.aspect_ratio, studio.resolution)", "6 9:16 480p")
    expect(studio.root.get_by_text("The form holds the request of my <b>boat</b>.mp4.").last).to_be_visible()
    assert desk.created == 1, "nothing was sent by it"
    studio.prompt.fill(f"{PROMPT} at night")
    studio.generate.click()
    expect(studio.jobs).to_have_count(2)
    expect_told(desk, "print(session.jobs()[0].parent is made)", "True")


def test_a_picture_that_is_dropped_on_the_studio_is_refused_in_a_sentence(open_studio: OpenStudio) -> None:
    desk = open_studio()
    desk.studio.prompt.fill("words that stay")
    drop_file(desk.studio.clip, "a.png", "iVBORw0KGgo" + "A" * 401)
    expect(desk.studio.root.locator(".sdw-remark")).to_contain_text("The file is not a video")
    expect(desk.studio.prompt).to_have_value("words that stay")


def drop_file(target: Locator, name: str, base64: str) -> None:
    """Drag a file over something and let it fall."""
    target.evaluate(
        """async (target, [name, base64]) => {
            const bytes = await (await fetch(`data:video/mp4;base64,${base64}`)).arrayBuffer();
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], name));
            const how = {dataTransfer, bubbles: true, cancelable: true};
            if (target.dispatchEvent(new DragEvent('dragover', how))) throw new Error('the drag is not taken');
            target.dispatchEvent(new DragEvent('drop', how));
        }""",
        [name, base64],
    )


def drop(field: Locator, data: dict[str, str]) -> bool:
    """Drag data over a field and let it fall; whether the drag was taken, or else is left to the browser."""
    taken: bool = field.evaluate(
        """(field, data) => {
            const dataTransfer = new DataTransfer();
            for (const [type, text] of Object.entries(data)) dataTransfer.setData(type, text);
            const how = {dataTransfer, bubbles: true, cancelable: true};
            const fire = type => !field.dispatchEvent(new DragEvent(type, how));
            fire('dragenter');
            const taken = fire('dragover');
            if (taken) fire('drop');
            return taken;
        }""",
        data,
    )
    return taken


# --- one click, one job -------------------------------------------------------------------------------------------
def test_a_double_click_is_one_job(open_studio: OpenStudio) -> None:
    desk = open_studio()
    desk.studio.prompt.fill(PROMPT)
    desk.studio.generate.dblclick()
    expect(desk.studio.jobs).to_contain_text("Succeeded")
    assert (desk.created, desk.tell("print(session.count())")) == (1, "1")


def test_enter_held_down_is_one_job(open_studio: OpenStudio) -> None:
    desk = open_studio()
    desk.studio.prompt.fill(PROMPT)
    desk.studio.generate.focus()
    for _ in range(30):
        desk.page.keyboard.down("Enter")
    desk.page.keyboard.up("Enter")
    expect(desk.studio.jobs).to_contain_text("Succeeded")
    assert (desk.created, desk.tell("print(session.count())")) == (1, "1")


def test_the_same_request_soon_after_is_asked_about_and_then_sent(open_studio: OpenStudio) -> None:
    desk = open_studio(standing=True)
    studio = desk.studio
    studio.prompt.fill(PROMPT)
    studio.generate.click()
    expect(studio.jobs).to_have_count(1)
    expect(studio.generate).to_have_attribute("aria-disabled", "false")
    studio.generate.click()
    expect(studio.root.get_by_text("The same request was sent").last).to_be_visible()
    assert desk.created == 1
    expect(studio.generate).to_have_attribute("aria-disabled", "false")
    studio.button("Send again").click()
    expect(studio.jobs).to_have_count(2)
    expect(studio.jobs.filter(has_text="queue")).to_have_count(2)
    assert desk.created == 2
    expect(studio.button("Send again")).to_have_count(0)


def test_the_next_prompt_goes_out_while_the_first_job_runs(open_studio: OpenStudio) -> None:
    desk = open_studio(standing=True)
    studio = desk.studio
    for prompt in ("a lighthouse", "a glacier"):
        studio.prompt.fill(prompt)
        expect(studio.generate).to_have_attribute("aria-disabled", "false")
        studio.generate.click()
        expect(studio.job(prompt)).to_contain_text("Waiting in the queue")
    expect(studio.jobs).to_contain_text(["a glacier", "a lighthouse"])
    desk.tell(END_JOBS)
    expect(studio.jobs.filter(has_text="Succeeded")).to_have_count(2)


def test_a_running_job_is_cancelled_from_the_list(open_studio: OpenStudio) -> None:
    desk = open_studio(standing=True)
    desk.tell(seedance(seconds=3000).replace("%seedance", "%seedance --quiet"))
    desk.studio.jobs.get_by_role("button", name="Cancel", exact=True).click()
    expect(desk.studio.jobs).to_contain_text("Cancelled")


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
    expect(three.studio.root.get_by_text("No job fits this search.")).to_be_visible()
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
