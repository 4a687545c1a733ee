"""The Studio at work: one page and one kernel for all tests here, a Studio and a history for each."""

from __future__ import annotations

import base64

import pytest
from cells import END_JOBS, PROMPT, SIZE, seedance
from playwright.sync_api import Locator, Route, expect
from samples import until
from studio_desk import FIRST, Desk, OpenStudio, expect_told, is_playing, notebook, open_studio

import seedance_widgets as sw
from seedance_widgets.request.check import make_request

HTTP, LOCAL, PRIVATE = "http://example.com/a.png", "/tmp/boat.png", "https://192.168.0.7/a.mp4"
DATA, SECRET = "data:image/png;base64,AAAA", "https://me:secret@example.com/a.png"
PRIVATE_PICTURE = "https://127.0.0.1:9/a.png"
PUBLIC = "https://example.invalid/{}.mp3"  # of no kind that the page would fetch

__all__ = ["notebook", "open_studio"]


def words_of(prompt: str = PROMPT, **options: object) -> str:
    """What Python says of a request that does not fit."""
    with pytest.raises(sw.RequestInvalid) as refused:
        make_request(prompt, options)
    return f"{refused.value.what} {refused.value.next_step}".strip()


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
    until(lambda: desk.created)  # the job stands there before the server has it
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
    expect(request).to_contain_text("Price not published")


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
    expect(wrong.get_by_role("textbox")).to_be_focused()
    shown = "https://example.com/a.png#signature-removed" if url == SECRET else url  # no page keeps a password
    expect(wrong.get_by_role("textbox")).to_have_value(shown)
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
    wrong = studio.root.get_by_role("textbox", name="Link 1")
    expect(wrong).to_be_focused()
    expect(wrong).to_have_accessible_description(words_of(media_urls=[HTTP]), timeout=3000)


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


PNG = """
import base64, io
from PIL import Image
def png(colour):
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(buffer, "PNG")
    return buffer.getvalue()
"""
PICTURE = PNG + "print(base64.b64encode(png({colour!r})).decode())"


def test_pictures_that_are_dropped_pasted_and_chosen_are_the_first_and_last_frame(open_studio: OpenStudio) -> None:
    desk = open_studio()
    studio = desk.studio
    red, green, blue = (desk.tell(PICTURE.format(colour=colour)) for colour in ("red", "green", "blue"))
    studio.prompt.fill(PROMPT)
    drop_file(studio.clip, "red.png", red, "image/png")
    items = studio.root.get_by_role("list", name="Reference media").get_by_role("listitem")
    expect(items).to_contain_text(["red.png"])
    expect(items.first).to_contain_text("first frame")
    paste_file(studio.prompt, "green.png", green)
    expect(items).to_contain_text(["first frame", "last frame"])
    expect(items.nth(1).locator("img")).to_have_js_property("naturalWidth", 64)
    items.nth(1).drag_to(items.nth(0))
    expect(items).to_contain_text(["green.png", "red.png"])
    studio.root.get_by_label("Media files").set_input_files(
        {"name": "blue.png", "mimeType": "image/png", "buffer": base64.b64decode(blue)}
    )
    expect(items).to_contain_text(["reference", "reference", "blue.png"])
    items.nth(2).get_by_role("button", name="Remove").click()
    studio.root.get_by_label("Media files").set_input_files(
        {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no picture"}
    )
    expect(studio.root.get_by_text("notes.txt is no picture, film or sound.").last).to_be_visible()
    assert desk.created == 0
    studio.generate.click()
    expect(studio.jobs).to_have_count(1)
    told = "print([each['name'] for each in session.jobs()[0].media])"
    expect_told(desk, told, "['green.png', 'red.png']")


def paste_file(target: Locator, name: str, data: str) -> None:
    """Paste a picture, as from a screenshot."""
    target.evaluate(
        """async (target, [name, data]) => {
            const bytes = await (await fetch(`data:image/png;base64,${data}`)).arrayBuffer();
            const clipboardData = new DataTransfer();
            clipboardData.items.add(new File([bytes], name, {type: "image/png"}));
            target.dispatchEvent(new ClipboardEvent('paste', {clipboardData, bubbles: true, cancelable: true}));
        }""",
        [name, data],
    )


def test_the_paused_moment_of_a_clip_is_the_first_frame_of_the_next_job(open_studio: OpenStudio) -> None:
    desk = open_studio()
    studio = desk.studio
    made_by(desk, PROMPT)
    studio.video.evaluate("v => { v.pause(); v.currentTime = 1.5 }")
    expect(studio.clip.get_by_text("Use the frame at 1.50 s")).to_be_visible()
    studio.button("As first frame").click()
    items = studio.root.get_by_role("list", name="Reference media").get_by_role("listitem")
    expect(items.first).to_contain_text("first frame")
    expect(items.first.locator("img")).to_have_js_property("complete", True)
    assert desk.created == 1, "nothing is sent by it"
    studio.prompt.fill("she opens the door")
    studio.generate.click()
    expect(studio.jobs).to_have_count(2)
    told = "job = session.jobs()[0]; job.wait(timeout=60); print(len(job.media), job.parent is None or job.relation)"
    assert desk.tell(told).startswith("1 ")


def test_continue_begins_the_next_job_with_the_last_picture_of_a_clip(open_studio: OpenStudio) -> None:
    desk = open_studio()
    studio = desk.studio
    made_by(desk, PROMPT)
    studio.clip.get_by_role("toolbar", name="Clip actions").get_by_role("button", name="Continue").click()
    expect(studio.root.get_by_text(f"Continues from the last frame of “{PROMPT}”")).to_be_visible()
    assert desk.created == 1, "nothing is sent by it"
    studio.prompt.fill("she opens the door")
    studio.generate.click()
    expect(studio.jobs).to_have_count(2)
    expect_told(desk, "job = session.jobs()[0]; print(job.relation, job.parent is made)", "continues True")


def made_by(desk: Desk, prompt: str) -> None:
    """A clip on the stage, which the cell beside knows as `made`."""
    desk.tell(f"made = session.submit({prompt!r}, duration=6, resolution='480p'); made.wait(timeout=60)")
    desk.studio.job(prompt).get_by_role("button", name="Show: ").click()
    expect(desk.studio.video).to_be_visible()
    desk.page.wait_for_function("v => v.readyState >= 2", arg=desk.studio.video.element_handle())


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
    expect(studio.root.get_by_text("Form filled from my <b>boat</b>.mp4.").last).to_be_visible()
    assert desk.created == 1, "nothing was sent by it"
    studio.prompt.fill(f"{PROMPT} at night")
    studio.generate.click()
    expect(studio.jobs).to_have_count(2)
    expect_told(desk, "print(session.jobs()[0].parent is made)", "True")


def test_a_film_that_tells_nothing_is_refused_in_a_sentence(open_studio: OpenStudio) -> None:
    desk = open_studio()
    desk.studio.prompt.fill("words that stay")
    drop_file(desk.studio.clip, "a.mp4", "iVBORw0KGgo" + "A" * 401)
    expect(desk.studio.root.locator(".sdw-remark")).to_contain_text("The file is not a video")
    expect(desk.studio.root.locator(".sdw-remark")).to_contain_text("Drop it on Reference media")
    expect(desk.studio.prompt).to_have_value("words that stay")


def drop_file(target: Locator, name: str, data: str, kind: str = "video/mp4") -> None:
    """Drag a file over something and let it fall."""
    target.evaluate(
        """async (target, [name, data, type]) => {
            const bytes = await (await fetch(`data:${type};base64,${data}`)).arrayBuffer();
            const dataTransfer = new DataTransfer();
            dataTransfer.items.add(new File([bytes], name, {type}));
            const how = {dataTransfer, bubbles: true, cancelable: true};
            if (target.dispatchEvent(new DragEvent('dragover', how))) throw new Error('the drag is not taken');
            target.dispatchEvent(new DragEvent('drop', how));
        }""",
        [name, data, kind],
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
