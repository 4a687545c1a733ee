"""The JupyterLab extension in real JupyterLab and Notebook 7: panel, status, notices, launcher, file browser."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_findings import findings_in
from extension_page import TIMEOUT_MS, ExtensionPage, opened_pages
from extension_server import ExtensionServer, PageOnlyServer
from fake_history import PROMPTS, FakeHistory, id_of
from notebook_page import write_notebook
from playwright.sync_api import Browser, Locator, Page, expect
from shared_page import new_context


class LabPage(ExtensionPage):
    """A page with the extension, over a history that the test makes up."""

    def __init__(self, page: Page, server: ExtensionServer, history: FakeHistory) -> None:
        super().__init__(page, server)
        self.history = history
        page.route("**/seedance/**", history.answer)

    def row(self, number: int) -> Locator:
        """The row of a made-up job."""
        return self.row_of(id_of(number))

    def _complain(self, words: str) -> None:
        if "404 (Not Found)" not in words:  # the clips of a made-up history are not there
            super()._complain(words)


@pytest.fixture(scope="module")
def extension_server(chromium: str) -> Iterator[ExtensionServer]:
    server = ExtensionServer()
    yield server
    server.stop()


@pytest.fixture
def lab_of(extension_server: ExtensionServer, browser: Browser) -> Iterator[Any]:
    """Opens JupyterLab over so many made-up jobs. At the end no page may have complained."""
    with opened_pages(extension_server) as opened:

        def lab_of(many: int = 60, path: str = "lab?reset", server: ExtensionServer = extension_server) -> LabPage:
            context = new_context(browser, TIMEOUT_MS)
            opened.append(LabPage(context.new_page(), server, FakeHistory(many)))
            return opened[-1].open(path)

        yield lab_of


def test_the_status_says_what_goes_on_and_a_click_opens_the_panel(lab_of: Any) -> None:
    lab = lab_of()
    expect(lab.status).to_have_text("Seedance: 2 generating · 1 new")
    expect(lab.panel).not_to_be_visible()
    lab.show_panel()
    expect(lab.rows.first).to_contain_text(PROMPTS[0])
    expect(lab.panel).to_contain_text("60 jobs")
    expect(lab.panel).to_contain_text("≈ $3.20 today, cap $20.00 a day")


def test_ten_thousand_jobs_are_as_quick_as_ten_and_the_keys_reach_the_last(lab_of: Any) -> None:
    lab = lab_of(10_000)
    # JupyterLab gives its launcher the focus once, a while after it has come up: the keys come after that.
    lab.page.wait_for_function("() => document.activeElement?.classList.contains('jp-Launcher')")
    lab.show_panel()
    expect(lab.panel).to_contain_text("10,000 jobs")
    assert lab.rows.count() < 40
    lab.rows.first.get_by_role("button").focus()
    lab.page.keyboard.press("End")
    expect(lab.row(9_999).get_by_role("button")).to_be_focused()
    expect(lab.row(9_999)).to_have_attribute("aria-posinset", "10000")
    lab.page.keyboard.press("ArrowUp")
    expect(lab.row(9_998).get_by_role("button")).to_be_focused()
    assert lab.rows.count() < 40
    assert sum(each == "GET jobs" for each in lab.history.asked) <= 4


def test_a_reload_keeps_the_panel_its_filter_and_the_selected_job(lab_of: Any) -> None:
    lab = lab_of()
    lab.show_panel()
    lab.panel.get_by_role("searchbox").fill("courier")
    expect(lab.panel).to_contain_text("12 jobs")
    lab.row(7).get_by_role("button").click()
    lab.page.wait_for_timeout(1500)  # JupyterLab itself writes what is to be kept after a pause
    lab.page.goto(lab.server.url("lab"), wait_until="domcontentloaded")
    expect(lab.panel.get_by_role("searchbox")).to_have_value("courier")
    expect(lab.panel).to_contain_text("12 jobs")
    expect(lab.panel.get_by_role("region", name="Selected job")).to_contain_text(PROMPTS[2])


def test_a_clip_that_is_ready_is_told_with_a_button_that_shows_it(lab_of: Any) -> None:
    lab = lab_of()
    notice = lab.page.locator(".jp-toast-message, .Toastify__toast").filter(has_text=f"Ready: “{PROMPTS[2][:40]}").first
    expect(notice).to_be_visible()
    expect(lab.page).to_have_title(re.compile(r"^\(1\) "))
    lab.page.get_by_role("button", name="Show", exact=True).click()
    large = lab.page.get_by_role("article", name="Seedance job")
    expect(large).to_contain_text(PROMPTS[2])
    expect(large.locator("video")).to_have_attribute("src", re.compile(f"/seedance/jobs/{id_of(2)}/clip$"))
    expect(lab.status).to_have_text("Seedance: 2 generating")  # it was before the eyes for a second
    expect(lab.page).not_to_have_title(re.compile(r"^\(1\) "))
    assert "POST jobs/seen" in lab.history.asked


def test_the_notice_of_a_clip_has_its_poster_and_the_list_of_notices_its_words(lab_of: Any) -> None:
    lab = lab_of()
    notice = lab.page.locator("#react-toastify-container .Toastify__toast").filter(has_text="Ready: “")
    picture = notice.locator("img")
    expect(picture).to_be_visible()
    notice.hover()  # so that it stays
    lab.page.wait_for_function("(image) => image.naturalWidth === 320", arg=picture.element_handle())
    lab.page.wait_for_function("(toast) => !toast.getAnimations().length", arg=notice.element_handle())
    assert picture.evaluate("(image) => [image.width, image.height]") == [96, 54]
    assert notice.evaluate("(toast) => toast.getBoundingClientRect().right <= innerWidth")
    lab.run("apputils:display-notifications")
    listed = lab.page.locator(".jp-Notification-List")
    expect(listed).to_contain_text(f"Ready: “{PROMPTS[2]}”")
    expect(listed.get_by_role("button", name="Show", exact=True)).to_be_visible()


def test_the_settings_move_the_panel_and_take_the_count_out_of_the_title_at_once_and_for_the_next_page(
    lab_of: Any, extension_server: Any
) -> None:
    lab = lab_of()
    count = re.compile(r"^\(1\) ")
    left, right = (lab.page.locator(f"#jp-{side}-stack #seedance-jobs") for side in ("left", "right"))
    expect(lab.page).to_have_title(count)
    expect(left).to_be_attached()
    lab.run("settingeditor:open", query="Seedance")
    try:
        lab.page.locator("[id$='plugin_panelSide']").select_option(label="right")
        lab.page.locator("[id$='plugin_title']").uncheck()
        expect(right).to_be_attached()
        expect(left).not_to_be_attached()
        expect(lab.page).not_to_have_title(count)
        expect(lab.status).to_contain_text("1 new")
        lab.show_panel()
        expect(right).to_be_visible()
        lab.page.wait_for_timeout(1500)  # JupyterLab itself writes its settings after a pause
        lab.history.new = FakeHistory(60).new  # its row was in sight for a second
        lab.open()
        expect(lab.status).to_contain_text("1 new")
        expect(lab.page).not_to_have_title(count)
        lab.show_panel()
        expect(right).to_be_visible()
    finally:
        kept = extension_server.folder / "settings" / "seedance-widgets" / "plugin.jupyterlab-settings"
        kept.unlink(missing_ok=True)


def test_what_another_page_told_is_not_told_again(lab_of: Any, browser: Browser, extension_server: Any) -> None:
    lab = lab_of()
    expect(lab.page.get_by_text("Ready: “")).to_be_visible()
    context = new_context(browser, TIMEOUT_MS)
    other = LabPage(context.new_page(), extension_server, lab.history)
    other.open()
    expect(other.status).to_be_visible()
    other.page.wait_for_timeout(1500)
    assert other.page.get_by_text("Ready: “").count() == 0
    assert lab.history.asked.count("POST jobs/told") == 2
    context.close()


def test_deleting_waits_ten_seconds_for_undo(lab_of: Any) -> None:
    lab = lab_of()
    lab.show_panel()
    lab.row(3).get_by_role("button").click()
    lab.panel.get_by_role("button", name="Delete").click()
    expect(lab.row(3)).to_contain_text("Deleting in")
    lab.row(3).get_by_role("button", name="Undo").click()
    expect(lab.row(3)).not_to_contain_text("Deleting in")
    lab.page.wait_for_timeout(500)
    assert lab.history.deleted == []
    lab.panel.get_by_role("button", name="Delete").click()
    expect(lab.row(3)).to_have_count(0)
    assert lab.history.deleted == [id_of(3)]


def test_the_launcher_opens_a_notebook_with_the_studio_running(lab_of: Any, extension_server: Any) -> None:
    lab = lab_of()
    lab.page.locator(".jp-LauncherCard", has_text="Seedance Studio").click()
    expect(lab.page.get_by_role("textbox", name="Prompt", exact=True)).to_be_visible()
    assert (extension_server.root / "Seedance Studio.ipynb").exists()


def test_the_palette_has_the_studio_the_jobs_and_the_doctor(lab_of: Any) -> None:
    lab = lab_of()
    lab.page.locator(".jp-LauncherCard").first.wait_for()
    lab.page.keyboard.press("Control+Shift+C")
    lab.page.locator(".lm-CommandPalette-input").fill("seedance")
    palette = lab.page.locator(".lm-CommandPalette")
    for name in ("Seedance Studio", "Seedance: jobs", "Seedance: doctor"):
        expect(palette.locator(".lm-CommandPalette-itemLabel", has_text=name).first).to_be_visible()
    lab.page.keyboard.press("Escape")
    lab.run("seedance:doctor")
    expect(lab.page.get_by_role("dialog")).to_contain_text("3 MB are left.")


def test_a_clip_in_the_file_browser_makes_its_cell_and_a_foreign_one_offers_nothing(
    lab_of: Any, extension_server: Any
) -> None:
    folder = extension_server.root
    (folder / f"hero-{id_of(2)}.mp4").write_bytes(b"")
    (folder / "holiday.mp4").write_bytes(b"")
    write_notebook(folder / "clips.ipynb", ["import seedance_widgets"])
    lab = lab_of(path="lab/tree/clips.ipynb?reset")
    files = lab.page.get_by_role("region", name="File Browser Section")
    selected = files.locator(".jp-DirListing-item.jp-mod-selected")
    expect(selected).to_contain_text("clips.ipynb")  # JupyterLab selects the notebook that is in front, after a while
    files.get_by_text("holiday.mp4").click(button="right")
    expect(lab.page.locator(".lm-Menu-itemLabel", has_text="Rename")).to_be_visible()
    expect(lab.page.get_by_text("Make this clip again")).not_to_be_visible()
    lab.page.keyboard.press("Escape")
    files.get_by_text(f"hero-{id_of(2)}.mp4").click(button="right")
    lab.pick("Make this clip again")
    expect(lab.page.locator(".jp-Notebook .jp-Cell").nth(1)).to_contain_text("%%seedance --duration 5")
    expect(selected).to_contain_text("clips.ipynb")
    files.get_by_text(f"hero-{id_of(2)}.mp4").click(button="right")
    lab.pick("Show prompt and cost")
    expect(lab.page.get_by_role("dialog")).to_contain_text(f"{PROMPTS[2]}")
    expect(lab.page.get_by_role("dialog")).to_contain_text("≈ $0.50 (estimate) · 50 credits charged")


def test_a_picture_in_the_file_browser_is_the_first_frame_of_a_cell_that_waits_for_its_prompt(
    lab_of: Any, extension_server: Any
) -> None:
    film, art = (extension_server.root / name for name in ("film", "art"))
    film.mkdir()
    art.mkdir()
    (art / "my girl.png").write_bytes(b"")
    (film / "notes.txt").write_text("")
    write_notebook(film / "frames.ipynb", ["import seedance_widgets"])
    lab = lab_of(path="lab/tree/film/frames.ipynb?reset")
    files = lab.page.get_by_role("region", name="File Browser Section")
    selected = files.locator(".jp-DirListing-item.jp-mod-selected")
    expect(selected).to_contain_text("frames.ipynb")
    files.get_by_text("notes.txt").click(button="right")
    expect(lab.page.locator(".lm-Menu-itemLabel", has_text="Rename")).to_be_visible()
    expect(lab.page.get_by_text("Use as first frame")).not_to_be_visible()
    lab.page.keyboard.press("Escape")
    files.locator(".jp-BreadCrumbs-home").click()
    files.get_by_text("art", exact=True).dblclick()
    files.get_by_text("my girl.png").click(button="right")
    lab.pick("Use as first frame")
    cell = lab.page.locator(".jp-Notebook .jp-Cell").nth(1)
    expect(cell.locator(".cm-line").first).to_have_text('%%seedance --media "../art/my girl.png"')
    expect(cell.locator(".cm-content")).to_be_focused()
    lab.page.keyboard.type("she turns around")
    expect(cell.locator(".cm-line").nth(1)).to_have_text("she turns around")
    expect(cell.locator(".jp-InputPrompt")).to_have_text("[ ]:")
    if shots := os.environ.get("SEEDANCE_SCREENSHOTS"):
        lab.page.screenshot(path=Path(shots) / "lab-first-frame.png")


def test_in_notebook_7_a_picture_opens_a_notebook_of_its_own_with_that_cell(lab_of: Any, extension_server: Any) -> None:
    """Its list of files has no notebook beside it."""
    folder = extension_server.root / "pictures"
    folder.mkdir()
    (folder / "girl.png").write_bytes(b"")
    lab = lab_of(path="tree/pictures")
    lab.page.get_by_text("girl.png").click(button="right")
    with lab.page.context.expect_page() as opened:
        lab.pick("Use as first frame")
    cells = opened.value.locator(".jp-Notebook .jp-Cell")
    expect(cells.nth(0)).to_contain_text("%load_ext seedance_widgets")
    expect(cells.nth(1).locator(".cm-line").first).to_have_text("%%seedance --media girl.png")
    expect(cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[ ]:")
    expect(cells.nth(0).locator(".jp-InputPrompt")).to_have_text("[1]:")


def test_a_job_can_be_put_into_the_notebook_and_nothing_is_run(lab_of: Any, extension_server: Any) -> None:
    write_notebook(extension_server.root / "insert.ipynb", ["1 + 1"])
    lab = lab_of(path="lab/tree/insert.ipynb?reset")
    expect(lab.page.locator(".jp-Notebook .jp-Cell")).to_have_count(1)
    lab.show_panel()
    lab.row(2).get_by_role("button").click()
    lab.panel.get_by_role("button", name="Insert clip").click()
    cells = lab.page.locator(".jp-Notebook .jp-Cell")
    expect(cells).to_have_count(3)
    expect(cells.nth(1)).to_contain_text("%load_ext seedance_widgets")
    expect(cells.nth(2)).to_contain_text(f"%seedance_show {id_of(2)}")
    expect(cells.nth(2).locator(".jp-InputPrompt")).to_have_text("[ ]:")


def test_nothing_shows_before_there_is_a_history(lab_of: Any) -> None:
    lab = lab_of(0)
    lab.page.wait_for_timeout(1500)
    assert lab.status.count() == 0
    assert lab.history.asked.count("GET new") == 1


def test_a_server_of_another_version_gets_one_line_and_nothing_breaks(lab_of: Any) -> None:
    lab = lab_of()
    lab.history.api, lab.history.version = 2, "9.0.0"
    lab.open()
    expect(lab.status).to_have_text("Seedance: reload the page")
    lab.status.get_by_role("button").click()
    expect(lab.panel).to_contain_text("the Jupyter server of 9.0.0: reload the page")


def test_notebook_7_has_the_status_in_its_top_bar_and_at_its_sides_the_panel_and_the_job_that_is_opened(
    lab_of: Any, extension_server: Any
) -> None:
    """It has room for one thing in the middle: what was added there was nowhere."""
    write_notebook(extension_server.root / "seven.ipynb", ["1 + 1"])
    lab = lab_of(path="notebooks/seven.ipynb")
    expect(lab.page.locator("#top-panel, #top-panel-wrapper").get_by_role("status").first).to_contain_text(
        "2 generating"
    )
    lab.show_panel()
    expect(lab.rows.first).to_contain_text(PROMPTS[0])
    lab.row(3).get_by_role("button").press("Enter")
    expect(lab.large).to_contain_text(PROMPTS[3])
    lab.row(2).get_by_role("button").press("Enter")
    expect(lab.large).to_contain_text(PROMPTS[2])  # in the place of the other one
    lab.page.locator(".jp-SidePanel-collapse").locator("visible=true").last.click()
    expect(lab.large).not_to_be_visible()
    lab.row(2).get_by_role("button").press("Enter")
    expect(lab.large).to_be_visible()
    expect(lab.panel).to_be_visible()


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_axe_finds_nothing_in_the_panel_the_large_view_and_the_status(lab_of: Any, theme: str) -> None:
    lab = lab_of()
    lab.use_theme(theme)
    lab.show_panel()
    lab.row(4).get_by_role("button").click()
    expect(lab.panel.get_by_role("region", name="Selected job")).to_contain_text("content filter")
    lab.run("seedance:open", id=id_of(2))
    expect(lab.page.get_by_role("article", name="Seedance job")).to_be_visible()
    parts = (".sdw-lab-panel", ".sdw-lab-large", ".sdw-lab-bar")
    assert findings_in(lab.page, *parts) == []


def test_axe_finds_nothing_in_a_notice_in_light_and_dark_and_the_keys_open_its_job(lab_of: Any) -> None:
    lab = lab_of()
    notice = lab.notice("Ready: “")
    expect(notice.locator("img")).to_be_visible()
    notice.hover()  # so that it stays
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        lab.use_theme(theme)
        lab.page.wait_for_function("(toast) => !toast.getAnimations().length", arg=notice.element_handle())
        assert findings_in(lab.page, "#react-toastify-container") == [], theme
    show = notice.get_by_role("button", name="Show", exact=True)
    lab.status.get_by_role("button").focus()
    lab.page.mouse.move(0, 0)
    for _ in range(12):
        lab.page.keyboard.press("Tab")
        if show.evaluate("(button) => button === document.activeElement"):
            break
    expect(show).to_be_focused()
    assert show.evaluate("(button) => getComputedStyle(button).outlineStyle !== 'none'")
    lab.page.keyboard.press("Enter")
    expect(lab.large).to_contain_text(PROMPTS[2])
    expect(lab.page.locator(".sdw-lab-main")).to_be_focused()


def test_without_the_server_extension_the_page_is_silent(chromium: str, browser: Browser) -> None:
    server = PageOnlyServer()
    try:
        expect.set_options(timeout=TIMEOUT_MS)
        context = new_context(browser, TIMEOUT_MS)
        lab = LabPage(context.new_page(), server, FakeHistory(3))
        lab.open()
        lab.page.locator(".jp-LauncherCard").first.wait_for()
        lab.page.wait_for_timeout(1500)
        assert lab.page.locator("[class*=sdw-], [id^=seedance]").count() == 0
        assert lab.page.locator(".jp-LauncherCard", has_text="Seedance Studio").count() == 0
        assert (lab.history.asked, lab.complaints) == ([], [])
        context.close()
    finally:
        server.stop()


@pytest.mark.pictures
@pytest.mark.parametrize("theme", ["Light", "Dark"])
@pytest.mark.parametrize("width", [1000, 700])
def test_pictures(lab_of: Any, theme: str, width: int) -> None:
    folder = Path(os.environ["SEEDANCE_SCREENSHOTS"])
    lab = lab_of(10_000)
    lab.page.set_viewport_size({"width": width, "height": 860})
    lab.use_theme(f"JupyterLab {theme}")
    lab.show_panel()
    expect(lab.page.locator(".Toastify__toast img")).to_be_visible()
    lab.row(2).get_by_role("button").click()
    expect(lab.panel.get_by_role("region", name="Selected job")).to_be_visible()
    expect(lab.row(5).locator("img")).to_be_visible()
    lab.page.wait_for_timeout(1200)
    name = f"{theme.lower()}-{width}"
    lab.page.screenshot(path=folder / f"lab-panel-{name}.png")
    lab.run("seedance:open", id=id_of(2))
    expect(lab.page.get_by_role("article", name="Seedance job").locator("video")).to_be_visible()
    lab.page.wait_for_timeout(1200)
    lab.page.screenshot(path=folder / f"lab-large-{name}.png")


@pytest.mark.pictures
@pytest.mark.parametrize("theme", ["Light", "Dark"])
def test_picture_of_the_panel_beside_a_notebook(lab_of: Any, extension_server: Any, theme: str) -> None:
    cells = ["%load_ext seedance_widgets", "%seedance a paper boat in heavy rain", f"%%seedance\n{PROMPTS[1]}"]
    write_notebook(extension_server.root / "rain.ipynb", cells, kernel="python3")
    lab = lab_of(path="lab/tree/rain.ipynb?reset")
    lab.page.set_viewport_size({"width": 1000, "height": 560})
    lab.use_theme(f"JupyterLab {theme}")
    lab.show_panel()
    notice = lab.page.locator(".Toastify__toast").filter(has=lab.page.locator("img"))
    notice.hover()  # so that it stays
    expect(lab.row(3).locator("img")).to_be_visible()
    expect(lab.page.locator("#jp-main-statusbar")).to_contain_text("Python 3 (ipykernel) | Idle")
    lab.page.wait_for_timeout(500)
    lab.page.screenshot(path=Path(os.environ["SEEDANCE_SCREENSHOTS"]) / f"lab-beside-{theme.lower()}.png")
