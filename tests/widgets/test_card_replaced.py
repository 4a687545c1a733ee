"""A card is closed only after a page has said that its replacement is there; until then it shows the end itself."""

from __future__ import annotations

import itertools
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import ModuleType, SimpleNamespace
from typing import Any

import comm
import pytest
from samples import Clock
from widget_fixtures import JobOf, clips, job_of, place, quick, simulated

from seedance_widgets.clips import embedding
from seedance_widgets.jobs.job import Job
from seedance_widgets.languages import spoken
from seedance_widgets.notebook import environment
from seedance_widgets.widgets.card import hub, output
from seedance_widgets.widgets.card.hub import Hub
from seedance_widgets.widgets.card.saved import durable_bundle

__all__ = ["clips", "job_of", "place", "quick", "simulated"]

NOTHING = output.NOTHING


class FakeComm:
    """The line to a page: keeps what the kernel says, and says what a test wants the page to say."""

    def __init__(self, **_: Any) -> None:
        self.comm_id = "line"
        self.kernel = "one"  # a line without a kernel sends nothing
        self.sent: list[Any] = []
        self.buffers: list[bytes] = []
        self.is_closed = False
        self._hear: Callable[[Any], None] = lambda message: None
        self._clicks = itertools.count()

    def on_msg(self, callback: Callable[[Any], None]) -> None:
        self._hear = callback

    def send(self, data: Any = None, metadata: Any = None, buffers: Any = None) -> None:
        self.sent.append(data)
        self.buffers += buffers or []

    def close(self, *_: Any, **__: Any) -> None:
        self.is_closed = True

    def says(self, type_: str, **content: Any) -> None:
        """The page sends a message."""
        content |= {"type": type_, "click_id": f"click-{next(self._clicks)}"}
        self._hear({"content": {"data": {"method": "custom", "content": content}}, "buffers": []})

    @property
    def views(self) -> list[Any]:
        """Each state of the card that was sent."""
        return [data["state"]["view"] for data in self.sent if data.get("method") == "update"]

    @property
    def questions(self) -> list[Any]:
        """What the page was asked to look for."""
        return [data["content"] for data in self.sent if data.get("method") == "custom"]


class Page:
    """One card in a kernel whose cells show what it displays, and the worker's ticks by a clock of the test's own."""

    def __init__(self, job: Job, clock: Clock, line: FakeComm) -> None:
        self.job, self.clock, self.line = job, clock, line
        self.hub = Hub()
        self.outputs: dict[str, Any] = {}

    def tick(self) -> None:
        self.clock.now += 0.2
        self.hub.on_tick()

    def end(self, status: str = "failed") -> None:
        """The job ends, and its viewers are told."""
        settle(self.job, status)
        self.hub.on_job(self.job)

    def look(self) -> dict[str, Any]:
        """The newest question after a tick."""
        self.tick()
        return dict(self.line.questions[-1])

    def answer(self, *, there: bool) -> None:
        """The page answers the newest question."""
        self.line.says("looked", look=self.look()["look"], there=there)
        self.tick()

    @property
    def html(self) -> list[str]:
        return [bundle["text/html"] for bundle in self.outputs.values()]


def settle(job: Job, status: str) -> None:
    """As the worker does: the row, and that it has been announced."""
    job._row = replace(job._row, status=status, final_at=job._row.created_at + 60)
    job._settled = status != "processing"


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, job_of: JobOf, clock: Clock) -> Page:
    """A card of a job under way, on show in one cell of a page that has not said anything yet."""
    line = FakeComm()
    lines = itertools.chain([line], iter(FakeComm, None))  # the card's own is the first; its layout has one, too
    monkeypatch.setattr(comm, "create_comm", lambda **_: next(lines))
    monkeypatch.setattr(hub, "time", SimpleNamespace(monotonic=clock))
    monkeypatch.setattr(environment, "is_watched", lambda: True)
    job = job_of(clip=False, prompt="a boat for $5 or $6")
    settle(job, "processing")
    page = Page(job, clock, line)

    def display(bundle: Any, *, raw: bool, display_id: str) -> None:
        page.outputs[display_id] = bundle

    def update(handle: Any, bundle: Any, *, raw: bool) -> None:
        page.outputs[handle.display_id] = bundle

    monkeypatch.setattr(output, "display", display)
    monkeypatch.setattr(output.DisplayHandle, "update", update)
    page.hub.show(job)
    page.tick()
    return page


def test_a_card_is_closed_once_its_replacement_is_there_and_its_view_has_gone(page: Page) -> None:
    page.line.says("shown", view="a", beside=True)
    page.end()
    page.line.says("gone", view="a")
    page.answer(there=True)
    assert page.line.is_closed
    (mark,) = page.line.questions[-1]["marks"]
    assert mark in page.html[0], "the page looks for what the update brings"


@pytest.mark.parametrize("there", [True, False])
def test_a_card_whose_view_has_stayed_shows_the_end_itself(page: Page, there: bool) -> None:
    """As in an Output, an interact, a cell of Voila, or a page that was loaded anew."""
    page.line.says("shown", view="a", beside=True)
    page.end()
    page.answer(there=there)
    assert not page.line.is_closed
    assert (page.line.views[-1]["status"], page.line.views[-1]["final"]) == ("failed", True)


def test_a_view_that_goes_without_a_replacement_may_come_again(page: Page) -> None:
    """An Output draws all it holds anew at each print, and one that is hidden may be shown later."""
    page.line.says("shown", view="a", beside=True)
    page.end()
    page.line.says("gone", view="a")
    page.answer(there=False)
    assert not page.line.is_closed


def test_a_card_that_was_drawn_anew_meanwhile_stays(page: Page) -> None:
    page.line.says("shown", view="a", beside=True)
    page.end()
    page.line.says("gone", view="a")
    look = page.look()["look"]
    page.line.says("shown", view="b", beside=False)
    page.line.says("looked", look=look, there=True)
    page.tick()
    assert not page.line.is_closed


def test_a_card_that_no_page_has_shown_yet_stays(page: Page) -> None:
    """The page is closed, or the cell's output is shown later: nobody answers."""
    page.end()
    for _ in range(100):
        page.tick()
    assert not page.line.is_closed
    assert len(page.line.questions) == 1, "nor is it asked again and again"


def test_a_card_in_two_pages_stays_for_the_one_that_takes_no_update(page: Page) -> None:
    page.line.says("shown", view="a", beside=True)
    page.line.says("shown", view="b", beside=True)
    page.end()
    page.line.says("gone", view="a")
    page.answer(there=True)
    assert not page.line.is_closed


def test_messages_that_a_busy_kernel_hears_late_close_the_card_all_the_same(page: Page) -> None:
    page.end()
    page.line.says("shown", view="a", beside=True)
    page.line.says("gone", view="a")
    page.answer(there=True)
    assert page.line.is_closed


def test_an_answer_to_an_earlier_question_closes_nothing(page: Page) -> None:
    page.line.says("shown", view="a", beside=True)
    page.end()
    early = page.look()["look"]
    page.line.says("gone", view="a")
    page.tick()
    page.line.says("looked", look=early, there=True)
    page.tick()
    assert not page.line.is_closed


@pytest.mark.parametrize("content", [{}, {"look": "1", "there": True}, {"look": 1e999, "there": 1}, {"look": None}])
def test_an_answer_that_is_nonsense_closes_nothing(page: Page, content: dict[str, Any]) -> None:
    page.end()
    page.tick()
    page.line.says("looked", **content)
    page.tick()
    assert not page.line.is_closed


def test_what_a_cell_has_captured_may_be_shown_at_any_time(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "is_captured", lambda: True)
    page.hub.show(page.job)
    page.line.says("shown", view="a", beside=True)
    page.end()
    page.line.says("gone", view="a")
    page.answer(there=True)
    assert not page.line.is_closed


def test_a_card_displayed_while_its_job_ended_is_replaced_too(page: Page) -> None:
    """The end may come between the look at the job and the display of its card."""
    settle(page.job, "failed")
    page.hub.on_job(page.job)
    page.job._settled = False
    page.hub.show(page.job)
    page.job._settled = True
    page.tick()
    assert [html for html in page.html if html] == [html for html in page.html if "sdw-durable" in html]
    assert len([html for html in page.html if html]) == 2


def test_a_job_that_goes_on_after_its_end_has_a_living_card_again(page: Page) -> None:
    """An unconfirmed job that was adopted: its card beats, and is replaced once more at its end."""
    page.line.says("shown", view="a", beside=False)
    page.end("unconfirmed")
    page.answer(there=False)
    settle(page.job, "processing")
    page.hub.on_job(page.job)
    page.tick()
    beats = len(page.line.views)
    for _ in range(25):
        page.tick()
    assert len(page.line.views) > beats
    page.end("failed")
    page.line.says("gone", view="a")
    page.answer(there=True)
    assert page.line.is_closed


# --- the fallback -----------------------------------------------------------------------------------------------------
def test_a_running_card_has_a_fallback_with_prompt_id_and_how_to_get_it(page: Page) -> None:
    assert list(page.outputs.values())[1] == NOTHING, "nothing is seen before the page can hide it"
    page.line.says("shown", view="a", beside=True)
    page.tick()
    card, fallback = page.outputs.values()
    assert card[output.WIDGET_MIME]
    assert card["text/html"] == "", "an untrusted page shows the fallback only"
    text = fallback["text/html"].replace("<span>$</span>", "$")
    for words in ("a boat for $5 or $6", f"job {page.job.id}", f"%seedance_show {page.job.id}"):
        assert words in text


def test_a_page_that_cannot_hide_the_fallback_gets_none(page: Page) -> None:
    page.line.says("shown", view="a", beside=False)
    page.tick()
    assert list(page.outputs.values())[1] == NOTHING


def test_a_page_without_widgets_shows_the_fallback_in_the_place_of_the_card(page: Page) -> None:
    for _ in range(60):
        page.tick()
    assert page.job.id in list(page.outputs.values())[1]["text/html"]
    page.end()
    assert "sdw-durable" in page.html[0]
    assert page.html[1] == ""


def test_the_fallback_goes_before_the_card_is_replaced(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    page.line.says("shown", view="a", beside=True)
    page.tick()
    updated: list[str] = []
    monkeypatch.setattr(output.DisplayHandle, "update", lambda handle, bundle, raw: updated.append(handle.display_id))
    page.end()
    assert updated == list(page.outputs)[::-1]


def test_the_fallback_is_sent_again_only_when_it_says_something_new(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.line.says("shown", view="a", beside=True)
    page.tick()
    updated: list[str] = []
    monkeypatch.setattr(output.DisplayHandle, "update", lambda handle, *_, **__: updated.append(handle.display_id))
    for _ in range(50):
        page.tick()
    assert updated == []


# --- Colab, whose pages load no file of the kernel's machine -------------------------------------------------------
@pytest.fixture
def sent(page: Page, clips: list[Job], monkeypatch: pytest.MonkeyPatch) -> bytes:
    """The job ends with a clip that is too large for Colab to embed; its bytes."""
    monkeypatch.setitem(sys.modules, "google.colab", ModuleType("google.colab"))
    monkeypatch.setattr(embedding, "COLAB_BYTES", 1000)
    clip = clips[0].clip
    assert clip is not None
    done = clips[0].row
    page.line.says("shown", view="a", beside=False)
    page.job._row = replace(page.job._row, clip_path=done.clip_path, clip_facts=done.clip_facts)
    page.end("succeeded")
    return clip.path.read_bytes()


def test_a_clip_too_large_to_embed_stays_with_its_card_which_gets_it_in_pieces(page: Page, sent: bytes) -> None:
    """Even where the page draws the card anew, because its output was brought up to date."""
    page.line.says("gone", view="a")
    page.line.says("shown", view="b", beside=False)
    page.answer(there=False)
    assert not page.line.is_closed
    pieces = b""
    while len(pieces) < len(sent):
        page.line.says("clip", offset=len(pieces), length=30_000)
        answer = page.line.sent[-1]["content"]
        assert (answer["type"], answer["offset"], answer["total_bytes"]) == ("clip", len(pieces), len(sent))
        pieces += page.line.buffers[-1]
    assert pieces == sent


def test_beside_such_a_card_stands_what_is_left_when_the_kernel_is_gone(page: Page, sent: bytes) -> None:
    card, fallback = page.outputs.values()
    assert card[output.WIDGET_MIME]["model_id"] == "line"
    assert "Too large for a page of Colab" in card["text/html"]
    assert "data:video" not in card["text/html"]
    assert fallback == NOTHING
    assert "keeps it in the notebook" not in str(page.line.views[-1]["notice"])


def test_such_a_clip_that_is_shown_again_has_a_card(page: Page, sent: bytes) -> None:
    page.hub.show(page.job)
    page.tick()
    assert [output.WIDGET_MIME in bundle for bundle in page.outputs.values()] == [True, False, True, False]


# --- words ------------------------------------------------------------------------------------------------------------
def test_in_voila_nobody_is_told_of_a_cell(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    page.end()
    assert "%seedance_show" not in str(page.line.views[-1]["notice"])


def test_what_is_captured_is_told_by_ipython_itself() -> None:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    InteractiveShell.instance()
    try:
        assert not environment.is_captured()
        with capture_output():
            assert environment.is_captured()
    finally:
        InteractiveShell.clear_instance()


# --- other languages --------------------------------------------------------------------------------------------------
@pytest.fixture
def english_afterwards() -> Iterator[None]:
    yield
    spoken.configure(None)
    spoken.hear("en")


def test_a_card_whose_page_is_in_another_language_gets_its_catalogue_before_its_next_view(
    page: Page, english_afterwards: None
) -> None:
    page.line.sent.clear()
    page.line.says("hello", page="JupyterLab 4.6.6", language="th-TH")
    page.tick()
    (words, view) = (data["state"] for data in page.line.sent if data.get("method") == "update")
    assert list(words) == ["words"]
    assert words["words"]["texts"]["Cancel"] == "ยกเลิก"
    assert list(view) == ["view"]


def test_an_english_page_is_sent_no_catalogue(page: Page) -> None:
    page.line.says("hello", page="JupyterLab 4.6.6", language="en")
    page.tick()
    sent = [list(data["state"]) for data in page.line.sent if data.get("method") == "update"]
    assert len(sent) > 1
    assert all(names == ["view"] for names in sent)


def test_the_output_that_stays_is_in_the_language_of_the_page_and_its_prompt_is_as_it_was(
    job_of: JobOf, english_afterwards: None
) -> None:
    spoken.hear("zh-CN")
    job = job_of(clip=False, prompt="Cancelled")
    settle(job, "cancelled")
    html = durable_bundle(job)["text/html"]
    assert "<strong>已取消</strong>" in html
    assert f"任务 {job.id}" in html
    assert re.search(r'<p dir="auto" translate="no"[^>]*>Cancelled</p>', html)
    assert durable_bundle(job)["text/plain"].startswith(f"Seedance job {job.id}: Cancelled"), "text stays English"
