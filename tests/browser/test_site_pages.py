"""The pages of the site, from the disk: on a phone, a tablet and a desk, in light and dark, to eyes and to axe."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Request, expect
from site_build import CAN_BUILD

Scheme = Literal["light", "dark"]

pytestmark = pytest.mark.timeout(900)
KINDS = ("index", "sweeps", "where-it-works", "reference", "faq", "gallery/01_quickstart", "gallery/02_studio")
"""A page of each kind: the first, a guide, a wide table, the API, questions, notebooks that were run."""
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
PHONE, TABLET, DESK = 390, 700, 1300
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules of axe whose answer depends on the scheme."""
OVERFLOW = """() => [...document.querySelectorAll("article *")]
  .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.getBoundingClientRect().width > 0)
  .filter(e => { for (let p = e.parentElement; p; p = p.parentElement)
    if (["auto", "scroll", "hidden"].includes(getComputedStyle(p).overflowX) && p !== document.body) return false;
    return true; })
  .map(e => e.outerHTML.slice(0, 120))"""

NOTEBOOKS = sorted(path.stem for path in (Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))
WITHOUT_CLIPS = ("02_studio",)
"""Its cells show a form, which needs a kernel."""
PLAYS = """async v => {
  v.muted = true;
  if (v.paused) await v.play();
  return v.videoWidth > 0 && v.currentTime > 0.2;
}"""

Open = Callable[[str, int, Scheme], Page]


@pytest.fixture(scope="module")
def pages(browser: Browser, site: Path) -> Iterator[dict[Scheme, Page]]:
    """A page a scheme; no test may make one complain, or ask for anything that is not of the site."""
    heard: list[str] = []

    def hear_request(request: Request) -> None:
        if not request.url.startswith(("file:", "data:", "blob:")):
            heard.append(request.url)

    def new_page(scheme: Scheme) -> Page:
        page = browser.new_context(color_scheme=scheme).new_page()
        page.on("console", lambda message: heard.append(f"{page.url}: {message.text}"))
        page.on("pageerror", lambda error: heard.append(f"{page.url}: {error}"))
        page.on("request", hear_request)
        return page

    opened = {scheme: new_page(scheme) for scheme in SCHEMES}
    yield opened
    for page in opened.values():
        page.context.close()
    assert heard == []


@pytest.fixture
def open_page(pages: dict[Scheme, Page], site: Path) -> Open:
    def open_page(name: str, width: int, scheme: Scheme) -> Page:
        page = pages[scheme]
        page.set_viewport_size({"width": width, "height": 844})
        page.goto((site / f"{name}.html").as_uri())
        return page

    return open_page


def findings(page: Page, rules: tuple[str, ...] = ()) -> list[str]:
    """The rules that a page breaks, of these or of all, and the elements that break them."""
    options = {"preload": False} | ({"runOnly": list(rules)} if rules else {})  # preloading is refused on the disk
    found = Axe().run(page, options=options)
    return [
        f"{rule['id']} ({rule['impact']}): {node['html'][:200]} {node['failureSummary']}"
        for rule in found.response["violations"]
        for node in rule["nodes"]
    ]


if CAN_BUILD:

    @pytest.mark.parametrize("scheme", SCHEMES)
    @pytest.mark.parametrize("name", KINDS)
    def test_axe_finds_nothing(open_page: Open, name: str, scheme: Scheme) -> None:
        assert findings(open_page(name, DESK, scheme)) == []

    @pytest.mark.parametrize(("scheme", "rules"), [("light", ()), ("dark", COLOURS)], ids=SCHEMES)
    def test_axe_finds_nothing_in_any_page_on_a_phone(
        open_page: Open, site: Path, scheme: Scheme, rules: tuple[str, ...]
    ) -> None:
        """But the reference, which takes half a minute and is looked at above. The bug was a page without a heading."""
        names = {path.relative_to(site).with_suffix("").as_posix() for path in site.rglob("*.html")} - {"reference"}
        assert len(names) > 40
        found = {name: findings(open_page(name, PHONE, scheme), rules) for name in sorted(names)}
        assert {name: each for name, each in found.items() if each} == {}

    @pytest.mark.parametrize("width", [PHONE, TABLET])
    def test_no_page_has_to_be_scrolled_sideways(open_page: Open, site: Path, width: int) -> None:
        wide = {}
        for path in sorted(site.rglob("*.html")):
            page = open_page(path.relative_to(site).as_posix().removesuffix(".html"), width, "light")
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide[path.name] = page.evaluate(OVERFLOW)[:3]
        assert wide == {}

    @pytest.mark.parametrize("scheme", SCHEMES)
    def test_the_film_of_the_first_page_moves(open_page: Open, scheme: Scheme) -> None:
        page = open_page("index", DESK, scheme)
        film = page.locator("video:visible")
        expect(film).to_have_count(1)
        page.wait_for_function("v => v.currentTime > 0.2 && v.videoWidth > 0", arg=film.element_handle())
        assert film.evaluate("v => v.muted && v.controls")

    def test_it_stands_still_where_less_motion_is_asked_for(open_page: Open) -> None:
        page = open_page("index", PHONE, "light")
        page.emulate_media(reduced_motion="reduce")
        page.reload()
        film = page.locator("video:visible")
        page.wait_for_function("v => v.readyState >= 1", arg=film.element_handle())
        assert film.evaluate("v => v.paused && v.currentTime === 0")
        page.emulate_media(reduced_motion="no-preference")

    @pytest.mark.parametrize("name", NOTEBOOKS)
    def test_every_clip_of_the_gallery_is_in_its_page_or_beside_it_and_plays(
        open_page: Open, site: Path, name: str
    ) -> None:
        page = open_page(f"gallery/{name}", DESK, "light")
        clips = page.locator("video").all()
        assert (clips == []) is (name in WITHOUT_CLIPS)
        for clip in clips:
            source = clip.get_attribute("src") or ""
            assert source.startswith("data:video/") or (site / "gallery" / unquote(source)).is_file(), source[:100]
            page.wait_for_function(PLAYS, arg=clip.element_handle())

    @pytest.mark.pictures
    @pytest.mark.parametrize("scheme", SCHEMES)
    @pytest.mark.parametrize("width", [PHONE, TABLET, DESK])
    def test_pictures_can_be_taken(open_page: Open, width: int, scheme: Scheme) -> None:
        folder = Path(os.environ["SEEDANCE_SCREENSHOTS"])
        for name in KINDS:
            page = open_page(name, width, scheme)
            page.screenshot(path=folder / f"site-{name.replace('/', '-')}-{width}-{scheme}.png")
