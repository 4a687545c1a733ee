"""The JupyterLab extension below a Hub's `base_url`, behind an nginx that buffers: JupyterLab and Notebook 7."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from extension_page import TIMEOUT_MS, ExtensionPage, opened_pages
from extension_server import BASE_URL, ProxiedServer, has_nginx
from notebook_page import write_notebook
from playwright.sync_api import Browser, expect
from shared_page import new_context

PLAYS = "() => document.querySelector('.sdw-lab-large video')?.videoWidth > 0"


@pytest.fixture(scope="module")
def proxied(chromium: str) -> Iterator[ProxiedServer]:
    if not has_nginx():
        pytest.skip("there is no nginx here")
    server = ProxiedServer()
    yield server
    server.stop()


@pytest.fixture
def open_page(proxied: ProxiedServer, browser: Browser) -> Iterator[Callable[[str], ExtensionPage]]:
    """Opens a page of the server, as the proxy has it. At the end it may not have complained."""
    with opened_pages(proxied) as opened:

        def open_page(path: str) -> ExtensionPage:
            opened.append(ExtensionPage(new_context(browser, TIMEOUT_MS).new_page(), proxied))
            return opened[-1].open(path)

        yield open_page


def test_jupyterlab_tells_of_a_clip_shows_it_and_makes_it_again_from_its_file(
    proxied: ProxiedServer, open_page: Callable[[str], ExtensionPage]
) -> None:
    lab = open_page("lab?reset")
    expect(lab.page.locator(".jp-LauncherCard", has_text="Seedance Studio")).to_be_visible()
    job = proxied.start_and_die()
    expect(lab.status).to_have_text("Seedance: 1 generating")  # by push: nothing is asked for meanwhile
    notice = lab.notice("Ready: “a paper boat in heavy rain”")
    expect(notice.locator("img")).to_be_visible()
    expect(lab.page).to_have_title(re.compile(r"^\(1\) "))
    notice.get_by_role("button", name="Show", exact=True).click()
    lab.page.wait_for_function(PLAYS)
    expect(lab.status).to_have_text("Seedance")
    lab.show_panel()
    expect(lab.row_of(job).locator("img")).to_be_visible()
    lab.run("filebrowser:activate")
    files = lab.page.get_by_role("region", name="File Browser Section")
    files.get_by_text("seedance_clips").dblclick()
    files.get_by_text(f"{job}.mp4").click(button="right")
    lab.pick("Show prompt and cost")
    dialog = lab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("a paper boat in heavy rain")
    dialog.get_by_role("button", name="Close", exact=True).click()
    files.get_by_text(f"{job}.mp4").click(button="right")
    lab.pick("Make this clip again")
    cells = lab.page.locator(".jp-Notebook .jp-Cell")
    expect(cells.nth(1)).to_contain_text("a paper boat in heavy rain")
    expect(cells.nth(1).locator(".jp-InputPrompt")).to_have_text("[ ]:")
    lab.run("seedance:studio")
    expect(lab.page.get_by_role("textbox", name="Prompt", exact=True)).to_be_visible()


def test_notebook_7_tells_of_a_clip_beside_a_notebook_and_shows_it(
    proxied: ProxiedServer, open_page: Callable[[str], ExtensionPage]
) -> None:
    write_notebook(proxied.root / "seven.ipynb", ["1 + 1"])
    seven = open_page("notebooks/seven.ipynb")
    job = proxied.start_and_die("a fox in fresh snow")
    top = seven.page.locator("#top-panel, #top-panel-wrapper")
    expect(top.get_by_role("status").filter(has_text="1 generating").first).to_be_visible()
    notice = seven.notice("Ready: “a fox in fresh snow”")
    expect(notice.locator("img")).to_be_visible()
    seven.show_panel()
    expect(seven.row_of(job).locator("img")).to_be_visible()
    notice.get_by_role("button", name="Show", exact=True).click()
    expect(seven.large).to_contain_text("a fox in fresh snow")
    seven.page.wait_for_function(PLAYS)


def test_the_files_of_notebook_7_tell_of_a_clip_and_open_a_notebook_that_makes_it_again(
    proxied: ProxiedServer, open_page: Callable[[str], ExtensionPage]
) -> None:
    tree = open_page("tree?reset")
    job = proxied.start_and_die("a quiet lighthouse")
    expect(tree.status).to_contain_text("1 generating")
    tree.notice("Ready: “a quiet lighthouse”").get_by_role("button", name="Show", exact=True).click()
    tree.page.wait_for_function(PLAYS)
    tree.page.locator(".jp-DirListing").get_by_text("seedance_clips").dblclick()
    file = tree.page.locator(".jp-DirListing").get_by_text(f"{job}.mp4")
    file.click(button="right")
    tree.pick("Show prompt and cost")
    dialog = tree.page.get_by_role("dialog")
    expect(dialog).to_contain_text("a quiet lighthouse")
    dialog.get_by_role("button", name="Close", exact=True).click()
    file.click(button="right")
    with tree.page.context.expect_page() as opened:
        tree.pick("Make this clip again")
    assert f"{BASE_URL}notebooks/" in opened.value.url
    expect(opened.value.locator(".jp-Notebook .jp-Cell").nth(1)).to_contain_text("a quiet lighthouse")
