"""The form in code: what it begins with, traits, the request, and submitting without a click."""

from __future__ import annotations

from typing import Any

import ipywidgets
import pytest
import traitlets
from samples import until
from studio_page import MakeStudio, Page

import seedance_widgets as sw
from seedance_widgets.request.options import OPTION
from seedance_widgets.session.session import Session

GIVEN: dict[str, Any] = {
    "prompt": "Rain 🌧 on {glass}",
    "model": "seedance-1.5-pro",
    "duration": 10,
    "aspect_ratio": "9:16",
    "resolution": "1080p",
    "media_urls": ["https://example.com/a.png", "https://example.com/b.png"],
}


def test_the_form_begins_with_what_it_is_given(simulated: Session, studio_of: MakeStudio) -> None:
    studio = studio_of(simulated, **GIVEN, height="600px").studio
    assert {name: getattr(studio, name) for name in GIVEN} == GIVEN
    assert studio.height == "600px"
    assert studio.request == sw.GenerationRequest(**GIVEN | {"media_urls": tuple(GIVEN["media_urls"])})


@pytest.mark.parametrize(("height", "length"), [(600, "600px"), (412.5, "412.5px"), ("80vh", "80vh"), ("", "")])
def test_a_bare_number_is_a_height_in_pixels(
    simulated: Session, studio_of: MakeStudio, height: Any, length: str
) -> None:
    assert studio_of(simulated, height=height).studio.height == length


@pytest.mark.parametrize("name", ["model", "duration", "aspect_ratio", "resolution"])
def test_what_is_left_out_has_the_default_of_the_one_table(page: Page, studio_of: MakeStudio, name: str) -> None:
    assert getattr(studio_of(page.studio.session).studio, name) == OPTION[name].default


def test_a_mistyped_option_is_refused(simulated: Session) -> None:
    with pytest.raises(TypeError, match="promt"):
        sw.Studio(simulated, promt="a boat")


def test_without_a_session_it_is_on_the_default_one(simulated: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedance_widgets.session.default._default", simulated)
    studio = sw.Studio()
    assert studio.session is simulated
    studio.close()


@pytest.mark.parametrize(("name", "value"), GIVEN.items())
def test_setting_a_trait_shows_at_once(page: Page, monkeypatch: pytest.MonkeyPatch, name: str, value: Any) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(page.studio.comm, "send", lambda data=None, *_, **__: sent.append(data))
    setattr(page.studio, name, value)
    assert {"method": "update", "state": {name: value}, "buffer_paths": []} in sent


def test_what_the_page_writes_is_observed(page: Page) -> None:
    seen: list[Any] = []
    page.studio.observe(lambda change: seen.append(change.new), names="prompt")
    page.write(prompt="A lighthouse", duration=6)
    assert seen == ["A lighthouse"]
    assert (page.studio.request.prompt, page.studio.request.duration) == ("A lighthouse", 6)


def test_a_trait_can_be_linked_to_another_widget(page: Page) -> None:
    slider = ipywidgets.IntSlider(4, 4, 15)
    link = ipywidgets.link((page.studio, "duration"), (slider, "value"))
    slider.value = 9
    assert page.studio.duration == 9
    link.unlink()
    slider.close()


@pytest.mark.parametrize(("name", "value"), [("duration", "five"), ("prompt", 3), ("media_urls", [1])])
def test_a_value_of_another_type_is_refused_by_the_trait(page: Page, name: str, value: object) -> None:
    with pytest.raises(traitlets.TraitError):
        setattr(page.studio, name, value)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prompt": " "}, "prompt"),
        ({"model": "seedance-9"}, "model"),
        ({"duration": 99}, "duration"),
        ({"aspect_ratio": "4:3"}, "aspect_ratio"),
        ({"resolution": "8k"}, "resolution"),
        ({"media_urls": ["/films/me/a.png"]}, "media_urls"),
    ],
)
def test_a_request_that_does_not_fit_raises_with_its_field(page: Page, changes: dict[str, Any], field: str) -> None:
    for name, value in changes.items():
        setattr(page.studio, name, value)
    with pytest.raises(sw.RequestInvalid) as caught:
        _ = page.studio.request
    assert caught.value.field == field


def test_submitting_from_code_starts_a_job_and_puts_it_on_the_stage(page: Page) -> None:
    job = page.studio.submit()
    assert page.studio.job is job
    assert page.studio.selected == job.id
    job.wait(timeout=60)
    stage = until(lambda: (s := page.studio.view["stage"]) and s["clip"] and s)
    assert (stage["job_id"], stage["status"], stage["has_poster"], stage["poster"]) == (job.id, "succeeded", True, None)


def test_submitting_what_does_not_fit_raises_and_writes_nothing(page: Page) -> None:
    before = page.studio.session.count()
    page.studio.prompt = ""
    with pytest.raises(sw.RequestInvalid):
        page.studio.submit()
    assert page.studio.session.count() == before
    assert page.studio.selected == ""


def test_no_job_is_on_the_stage_of_a_new_studio(page: Page) -> None:
    assert page.studio.job is None
    assert page.studio.view["stage"] is None


def test_the_jobs_are_the_newest_first(page: Page) -> None:
    jobs = [page.studio.session.submit(f"Boat {number}", model="seedance-2.0-fast", duration=4) for number in range(2)]
    assert page.studio.jobs[:2] == jobs[::-1]


@pytest.mark.parametrize("box", [ipywidgets.VBox, ipywidgets.Tab, ipywidgets.Accordion])
def test_it_embeds_like_any_widget(page: Page, box: type[ipywidgets.Box]) -> None:
    outer = box([page.studio])
    assert outer.get_state()["children"] == [f"IPY_MODEL_{page.studio.model_id}"]
    outer.close()


def test_its_repr_is_one_short_line(page: Page) -> None:
    assert repr(page.studio) == "<Studio, Simulator: no key used, nothing charged>"
