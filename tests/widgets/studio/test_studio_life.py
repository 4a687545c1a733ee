"""A Studio's own life: closing leaves nothing, draws never meet, trouble is shown and passes."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import ipywidgets
import pytest
import traitlets
from samples import until
from scripted import answer, error
from studio_page import MakeStudio, Page

import seedance_widgets as sw
from seedance_widgets.errors import StoreError
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.shared import live, saved
from seedance_widgets.widgets.studio import history
from seedance_widgets.widgets.studio import service as studio_service
from seedance_widgets.widgets.studio.studio import Studio


def own_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "seedance-live"]


# --- leaving nothing behind -------------------------------------------------------------------------------------------
def test_closing_leaves_no_viewer_no_thread_and_no_widget(simulated: Session) -> None:
    viewers = len(simulated.registry.viewers)
    studio = Studio(simulated, prompt="A boat")
    until(lambda: studio.view.get("state") == "ready")
    model_id = studio.model_id
    studio.close()
    assert len(simulated.registry.viewers) == viewers
    assert model_id not in ipywidgets.widgets.widget._instances
    until(lambda: not own_threads())
    rev = studio.view["rev"]
    time.sleep(0.1)
    assert studio.view["rev"] == rev


def test_a_closed_studio_is_collected(simulated: Session) -> None:
    studio = Studio(simulated)
    kept = weakref.ref(studio)
    studio.close()
    until(lambda: not own_threads())
    del studio
    gc.collect()
    assert kept() is None


def test_thirty_studios_leave_nothing(simulated: Session) -> None:
    def count() -> tuple[int, int]:
        gc.collect()
        return len(simulated.registry.viewers), sum(isinstance(each, Studio) for each in gc.get_objects())

    before = count()
    for _ in range(30):
        Studio(simulated, prompt="A boat").close()
    until(lambda: not own_threads())
    assert count() == before


def test_closing_twice_is_closing(simulated: Session) -> None:
    studio = Studio(simulated)
    studio.close()
    studio.close()


def test_closing_all_widgets_closes_it(simulated: Session) -> None:
    viewers = len(simulated.registry.viewers)
    studio = Studio(simulated)
    ipywidgets.Widget.close_all()
    assert studio.comm is None
    assert len(simulated.registry.viewers) == viewers


def test_one_that_its_traits_refuse_leaves_nothing(simulated: Session) -> None:
    viewers = len(simulated.registry.viewers)
    with pytest.raises(traitlets.TraitError):
        Studio(simulated, duration="five")
    gc.collect()
    assert len(simulated.registry.viewers) == viewers


def test_a_closed_studio_can_still_be_asked_and_takes_messages(simulated: Session) -> None:
    studio = Studio(simulated, prompt="A boat")
    page = Page(studio)
    until(lambda: studio.view.get("state") == "ready")
    studio.close()
    page.post("hello")
    studio.selected = "x"
    assert studio.request.prompt == "A boat"


def test_jobs_go_on_when_the_studio_is_closed(page: Page) -> None:
    job = page.studio.submit()
    page.studio.close()
    assert job.wait(timeout=60).path.exists()


def test_closing_the_session_under_it_raises_nothing(connect: Callable[..., Session], studio_of: MakeStudio) -> None:
    session = connect()
    page = studio_of(session, prompt="A boat")
    until(lambda: page.studio.view.get("state") == "ready")
    session.close()
    page.post("hello")
    page.post("submit", request=page.request(prompt=""))
    until(lambda: not own_threads())


# --- drawing ----------------------------------------------------------------------------------------------------------
def test_no_two_draws_ever_meet(
    connect: Callable[..., Session], studio_of: MakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawing, most = [0], [0]
    original = history.jobs_view

    def slow(*args: Any) -> Any:
        drawing[0] += 1
        most[0] = max(most[0], drawing[0])
        time.sleep(0.02)
        drawing[0] -= 1
        return original(*args)

    monkeypatch.setattr(history, "jobs_view", slow)
    page = studio_of(connect(), prompt="A boat")
    for number in range(100):
        page.post("hello")
        page.studio.selected = f"job{number}"
        time.sleep(0.002)
    assert most == [1]


def test_revisions_only_grow(page: Page) -> None:
    for number in range(20):
        page.check(prompt=f"A boat {number}")
    revs = [view["rev"] for view in page.views]
    assert revs == sorted(set(revs))


def test_what_happens_during_a_draw_is_drawn_next(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    entered, go_on = threading.Event(), threading.Event()
    original = history.money_view

    def held(*args: Any) -> Any:
        entered.set()
        assert go_on.wait(10)
        return original(*args)

    with monkeypatch.context() as patch:
        patch.setattr(history, "money_view", held)
        page.post("hello")
        assert entered.wait(10)
        click_id = page.post("check", request=page.request(prompt="During the draw"))
        go_on.set()
        until(lambda: (page.studio.view["check"] or {}).get("click_id") == click_id)


def test_without_news_it_is_redrawn_as_a_sign_of_life(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_S", 0.1)
    rev = page.studio.view["rev"]
    until(lambda: page.studio.view["rev"] >= rev + 3)


def test_without_news_it_is_quiet_between_beats(page: Page) -> None:
    def is_quiet() -> bool:
        rev = page.studio.view["rev"]
        time.sleep(0.5)
        return not own_threads() and page.studio.view["rev"] <= rev + 1

    until(is_quiet)  # after the jobs of other tests have had their news


def test_a_slow_look_at_other_kernels_is_not_begun_twice(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[float] = []
    go_on = threading.Event()

    def slow() -> tuple[int, int]:
        looks.append(time.monotonic())
        go_on.wait(10)
        return 0, 0

    monkeypatch.setattr(page.studio.session, "news", slow)
    monkeypatch.setattr(history, "NEWS_S", 0.02)
    until(lambda: looks)
    time.sleep(0.3)
    assert len(looks) == 1
    go_on.set()
    until(lambda: len(looks) > 1)


def test_the_kernel_does_not_write_while_the_page_does(simulated: Session) -> None:
    """traitlets holds back and mixes up the changes of a second thread while `set_state` runs."""
    inside, written = threading.Event(), threading.Event()

    class Slow(Studio):
        @traitlets.validate("prompt")
        def _slowly(self, proposal: Any) -> Any:
            if proposal["value"] == "slow":
                inside.set()
                assert not written.wait(0.2)
            return proposal["value"]

    studio = Slow(simulated)
    until(lambda: studio.view.get("state") == "ready" and not own_threads())
    writer = threading.Thread(target=lambda: studio.set_state({"prompt": "slow"}))
    writer.start()
    assert inside.wait(10)
    studio.observe(lambda _: written.set(), names="view")
    studio._desk._redraws.ask()  # type: ignore[union-attr]
    writer.join()
    assert written.wait(10)
    studio.close()


# --- trouble ----------------------------------------------------------------------------------------------------------
def test_a_history_that_cannot_be_used_is_said_and_passes(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    items = until(lambda: page.studio.jobs_page)["items"]

    def broken(*_: Any, **__: Any) -> Any:
        raise StoreError("The history at x cannot be used (disk full).", next_step="Check the folder.")

    with monkeypatch.context() as patch:
        for name in ("charged", "rows", "count", "news", "find"):
            patch.setattr(page.studio.session.store, name, broken)
        page.post("hello")
        until(lambda: page.studio.view["state"] == "offline")
        assert "disk full" in page.studio.view["problem"]
        assert page.studio.jobs_page["items"] == items
        assert page.check(duration=99)["problems"], "the form is still checked"
    page.post("hello")
    until(lambda: page.studio.view["state"] == "ready")
    assert page.studio.view["problem"] is None


def test_a_history_that_cannot_be_used_from_the_start_is_said(
    connect: Callable[..., Session], studio_of: MakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = connect()

    def broken(*_: Any, **__: Any) -> Any:
        raise StoreError("The history at x cannot be used.")

    monkeypatch.setattr(session.store, "charged", broken)
    page = studio_of(session)
    until(lambda: page.studio.view.get("state") == "offline")
    assert page.studio.view["models"]


def test_a_service_that_does_not_answer_is_said_and_asked_again(
    connect: Callable[..., Session], studio_of: MakeStudio, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio_service, "RETRY_S", 0.2)
    good, service.models = service.models, error(401, "unauthorized", "This key is unknown.")
    page = studio_of(connect(), prompt="A boat")
    until(lambda: page.studio.view.get("state") == "offline")
    assert "This key is unknown." in page.studio.view["problem"]
    assert page.studio.view["models"], "the bundled models are still there"
    service.models = good
    until(lambda: page.studio.view["state"] == "ready")
    assert page.studio.view["problem"] is None
    assert [model["id"] for model in page.studio.view["models"]] == ["seedance-2.0", "seedance-2.0-fast"]


def test_while_the_models_are_on_their_way_it_says_loading(
    connect: Callable[..., Session], studio_of: MakeStudio, service: Any
) -> None:
    from scripted import Raw

    service.models = Raw(answer(200, {"success": True, "data": []}).data, hang_s=3.0)
    page = studio_of(connect())
    assert until(lambda: page.studio.view)["state"] == "loading"


def test_the_session_may_be_made_from_a_studio_in_a_script(simulated: Session) -> None:
    studio = simulated.studio(prompt="A boat")
    assert isinstance(studio, sw.Studio)
    assert studio.prompt == "A boat"
    studio.close()


def test_a_closed_card_is_collected() -> None:
    from seedance_widgets.widgets.card.model import CardWidget

    card = CardWidget({}, lambda *_: None)
    kept = weakref.ref(card)
    card.close()
    del card
    gc.collect()
    assert kept() is None


def test_a_studio_that_its_cell_made_again_is_drawn_no_more(
    simulated: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (live, saved):
        monkeypatch.setattr(module, "display", lambda *_, **__: None)
    monkeypatch.setattr(saved.DisplayHandle, "update", lambda *_, **__: None)
    monkeypatch.setattr(live.environment, "in_kernel", lambda: True)
    monkeypatch.setattr(live.environment, "is_watched", lambda: True)
    monkeypatch.setattr(live.environment, "is_console", lambda: False)
    monkeypatch.setattr(live.environment, "cell", lambda: ("a-cell", next(runs)))
    studios, runs = [], iter(range(2))
    for _ in range(2):  # `studio = sw.Studio(); studio`, run twice: the first one's output is cleared
        studio = Studio(simulated, prompt="A boat")
        studio._ipython_display_()
        studios.append(weakref.ref(studio))
    gc.collect()
    try:
        assert [viewer._page for viewer in simulated.registry.viewers] == [studios[1]()]  # type: ignore[attr-defined]
    finally:
        for each in studios:
            if (left := each()) is not None:
                left.close()
