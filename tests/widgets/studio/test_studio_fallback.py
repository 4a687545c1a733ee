"""The fallback: what a saved Studio shows without its kernel."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from samples import until
from studio_page import MakeStudio, Page

import seedance_widgets as sw
from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session
from seedance_widgets.types import Problem
from seedance_widgets.widgets.shared import live, saved
from seedance_widgets.widgets.studio.saved import SHOWN, fallback_html, fallback_text

Fill = Callable[..., list[str]]
NASTY = "<img src=x onerror=alert(1)><script>alert(1)</script> & \"quotes\" 'too' $x$"
FACTS = {"size_bytes": 1000, "width": 640, "height": 360, "duration_s": 4.0, "fps": 24.0, "has_audio": True}


class Seen(HTMLParser):
    """The tags, links and text of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    @property
    def links(self) -> list[str]:
        return [value for name, value in self.attributes if name == "href"]


@pytest.fixture
def session(connect: Callable[..., Session]) -> Session:
    return connect()


def test_an_empty_history_says_so(session: Session) -> None:
    assert "No jobs yet." in Seen(fallback_html(session)).text


def test_what_a_person_or_a_server_wrote_is_only_text(session: Session, fill: Fill) -> None:
    fill(session, 2, asked={"prompt": NASTY}, status="weird <b>status</b>", problem=Problem(code="x", message=NASTY))
    seen = Seen(fallback_html(session))
    assert NASTY in seen.text
    assert set(seen.tags) <= {"div", "style", "strong", "span", "ul", "li", "a", "img"}
    assert not [name for name, _ in seen.attributes if name.startswith("on")]


@pytest.fixture
def alone(done: Job, tmp_path: Path) -> Iterator[Session]:
    """A simulator whose history has one job, with its clip."""
    session = sw.simulate(home=tmp_path / "alone")
    session.store.add_all([done.row])
    yield session
    session.close()


def test_it_needs_no_script_no_network_and_no_kernel(alone: Session) -> None:
    html = fallback_html(alone)
    seen = Seen(html)
    assert "script" not in seen.tags
    sources = [value for name, value in seen.attributes if name == "src"]
    assert sources
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    assert "http" not in html.replace("data:", "")


def test_its_html_is_closed(session: Session, fill: Fill) -> None:
    fill(session, 3)
    assert Seen(fallback_html(session)).open == []


@pytest.mark.parametrize("name", ["a #1 100%?.mp4", "ä 🚣 <b>.mp4", "javascript:alert(1).mp4", "a\"b'c.mp4"])
def test_links_are_relative_and_quoted(session: Session, fill: Fill, tmp_path: Path, name: str) -> None:
    path = tmp_path / "seedance_clips" / name
    fill(session, 1, status="succeeded", clip_path=str(path), clip_facts=FACTS)
    (link,) = Seen(fallback_html(session)).links
    parts = urlsplit(link)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")
    assert unquote(parts.path) == f"seedance_clips/{name}"
    assert not os.path.isabs(link)


def test_a_link_has_a_name(session: Session, fill: Fill, tmp_path: Path) -> None:
    fill(session, 1, status="succeeded", clip_path=str(tmp_path / "a.mp4"), clip_facts=FACTS)
    assert ("aria-label", "Open the clip") in Seen(fallback_html(session)).attributes


@pytest.mark.parametrize("poster_bytes", [15_000, 59_000])
def test_it_stays_under_a_hundred_kilobytes(session: Session, fill: Fill, tmp_path: Path, poster_bytes: int) -> None:
    poster = tmp_path / "poster.jpg"
    poster.write_bytes(b"\xff\xd8" + b"x" * (poster_bytes - 2))
    clip = {"clip_path": str(tmp_path / "a.mp4"), "poster_path": str(poster), "clip_facts": FACTS}
    fill(session, SHOWN + 3, asked={"prompt": "<&>" * 5000}, status="succeeded", **clip)
    html = fallback_html(session)
    assert html.count("<li") == SHOWN
    assert len(html.encode()) < 100_000
    assert "<img" in html


def test_a_poster_that_is_gone_leaves_a_place(session: Session, fill: Fill, tmp_path: Path) -> None:
    gone = {"clip_path": str(tmp_path / "a.mp4"), "poster_path": str(tmp_path / "a.jpg"), "clip_facts": FACTS}
    fill(session, 1, status="succeeded", **gone)
    assert "img" not in Seen(fallback_html(session)).tags


def test_its_text_is_one_line(session: Session) -> None:
    assert "\n" not in fallback_text(session)


class Displayed:
    """What a kernel would have published."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, watched: bool) -> None:
        self.outputs: list[dict[str, Any]] = []
        self.updates: list[dict[str, Any]] = []
        for module in (live, saved):
            monkeypatch.setattr(module, "display", lambda bundle, **_: self.outputs.append(bundle))
        monkeypatch.setattr(saved.DisplayHandle, "update", lambda _, bundle, **__: self.updates.append(bundle))
        monkeypatch.setattr(live.environment, "in_kernel", lambda: True)
        monkeypatch.setattr(live.environment, "is_watched", lambda: watched)
        monkeypatch.setattr(live.environment, "cell", lambda: (f"cell-{id(self)}", 1))


def test_it_is_displayed_beside_the_widget_and_filled_at_once(
    session: Session, studio_of: MakeStudio, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Displayed(monkeypatch, watched=True)
    fill(session, 1, asked={"prompt": "Shown in the fallback"})
    page = studio_of(session)
    page.studio._ipython_display_()
    widget, fallback = shown.outputs
    assert widget[live.WIDGET_MIME]["model_id"] == page.studio.model_id
    assert list(widget) == [live.WIDGET_MIME, "text/html"]
    assert widget["text/html"] == "", "an untrusted page would show it beside the fallback"
    assert fallback == {"text/html": "", "text/plain": ""}
    until(lambda: shown.updates)
    assert "Shown in the fallback" in shown.updates[0]["text/html"]


def test_in_a_batch_run_it_is_whole_when_the_cell_ends(
    session: Session, studio_of: MakeStudio, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Displayed(monkeypatch, watched=False)
    fill(session, 1, asked={"prompt": "Shown in the fallback"})
    studio_of(session).studio._ipython_display_()
    assert "Shown in the fallback" in shown.outputs[1]["text/html"]


def test_it_is_brought_up_to_date_when_a_job_ends(
    session: Session, studio_of: MakeStudio, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Displayed(monkeypatch, watched=True)
    studio_of(session).studio._ipython_display_()
    until(lambda: shown.updates)
    session.submit("A boat that fails")
    service.status = "failed"
    until(lambda: "A boat that fails" in shown.updates[-1]["text/html"])


def test_a_job_that_is_deleted_in_the_studio_is_in_it_no_more(
    session: Session, studio_of: MakeStudio, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Displayed(monkeypatch, watched=True)
    (job_id,) = fill(session, 1, status="unconfirmed", asked={"prompt": "A boat to forget"})
    page = studio_of(session)
    page.studio._ipython_display_()
    until(lambda: shown.updates and "A boat to forget" in shown.updates[-1]["text/html"])
    page.post("delete", job_id=job_id, force=True)
    until(lambda: "A boat to forget" not in shown.updates[-1]["text/html"])


def test_it_is_sent_again_only_when_a_job_ends_and_only_when_it_changed(
    session: Session, studio_of: MakeStudio, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = Displayed(monkeypatch, watched=True)
    page = studio_of(session)
    page.studio._ipython_display_()
    until(lambda: shown.updates)
    job = session.submit("A boat that fails")
    job.mark(starred=True)
    until(lambda: names(page)[:1] == [job.id])
    service.status = "failed"
    until(lambda: len(shown.updates) == 2)
    job.mark(note="of an ended job")
    page.check(prompt="something else")
    until(lambda: page.studio.jobs_page["items"][0]["note"])
    assert len(shown.updates) == 2, "once when it was displayed, once when the job ended"


def names(page: Page) -> list[str]:
    return [item["job_id"] for item in page.studio.jobs_page.get("items", ())]


def test_jobs_of_the_simulator_keep_their_poster_in_it(alone: Session) -> None:
    assert "data:image/jpeg;base64," in fallback_html(alone)


@pytest.mark.parametrize(("status", "sign"), [("failed", "✕"), ("cancelled", "–"), ("processing", "…")])
def test_a_job_without_a_clip_has_a_quiet_frame_with_a_sign_and_no_empty_dark_box(
    session: Session, fill: Fill, status: str, sign: str
) -> None:
    fill(session, 2, status=status, final_at=None if status == "processing" else 1.0)
    html = fallback_html(session)
    assert html.count(f">{sign}</span>") == 2
    assert "></div><" not in html.replace(" ", "")
    assert "background:#222" not in html
