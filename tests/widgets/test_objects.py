"""What stands at the end of a cell shows itself as what it is, and text from outside stays text."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import ipywidgets
import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.formatters import DisplayFormatter
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import Video
from nbconvert.preprocessors.sanitize import SanitizeHTML
from traitlets.config import Config
from widget_fixtures import JobOf, clips, job_of, place, quick, simulated

import seedance_widgets as sw
from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session
from seedance_widgets.types import GenerationRequest, Model
from seedance_widgets.widgets.card.saved import durable_bundle

__all__ = ["clips", "job_of", "place", "quick", "simulated"]

HOSTILE = "<img src=x onerror=alert(1)>\"' $a$ \\(b\\) \x1b[31m \u202e"


def bundle_of(value: Any) -> dict[str, Any]:
    """What a front end is sent for a value at the end of a cell."""
    return dict(DisplayFormatter().format(value)[0])


@pytest.fixture
def clip(clips: list[Job], tmp_path: Path) -> sw.Clip:
    """A clip beside the notebook, which is in the current folder."""
    found = clips[0].clip
    assert found is not None
    folder = tmp_path / "seedance_clips"
    folder.mkdir()
    assert found.poster_path is not None
    return replace(
        found,
        path=Path(shutil.copy(found.path, folder)),
        poster_path=Path(shutil.copy(found.poster_path, folder)),
    )


# --- a clip -----------------------------------------------------------------------------------------------------------
def test_a_clip_plays_at_the_end_of_a_cell(clip: sw.Clip) -> None:
    bundle = bundle_of(clip)
    assert f'<video controls preload="metadata" playsinline width="{clip.width}"' in bundle["text/html"]
    assert f' src="seedance_clips/{clip.path.name}"></video>' in bundle["text/html"]
    assert "<source" not in bundle["text/html"], "an untrusted JupyterLab takes its src away"
    assert len(bundle["image/jpeg"]) > 1000
    assert bundle["text/plain"].startswith(f"<Clip seedance_clips/{clip.path.name}: ")
    assert "video/mp4" not in bundle


def test_a_page_that_takes_players_out_still_has_the_facts_and_a_link_to_the_file(job_of: JobOf) -> None:
    """As pages do that show notebooks of strangers; by nbconvert's cleaning, since theirs cannot be run here."""
    job = job_of()
    left = SanitizeHTML().sanitize_html_tags(durable_bundle(job)["text/html"])
    assert "<video" not in left
    assert f">{job.clip.path.name}</a>" in left
    assert f"job {job.id} · request {job.request_id}" in left


def test_the_text_of_a_clip_is_its_path_from_the_current_folder(
    clip: sw.Clip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert str(clip) == f"seedance_clips/{clip.path.name}"
    monkeypatch.chdir("/")
    assert Path(str(clip)) == clip.path.relative_to("/")
    monkeypatch.chdir(tmp_path / "seedance_clips")
    assert str(clip) == clip.path.name
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert str(clip) == str(clip.path)


def test_the_video_of_ipython_plays_a_clip(clip: sw.Clip) -> None:
    assert f'src="seedance_clips/{clip.path.name}"' in Video(clip)._repr_html_()
    assert "data:video/mp4;base64," in Video(clip, embed=True)._repr_html_()


def test_what_takes_a_path_takes_a_clip(clip: sw.Clip, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path.parent)
    with av.open(clip) as container:
        assert container.streams.video[0].width == clip.width
    assert os.path.getsize(clip) == clip.size_bytes
    assert sw.open(clip).request.prompt == "a paper boat in heavy rain"


def test_a_clip_is_copied_and_kept_as_it_is(clip: sw.Clip) -> None:
    for same in (copy.copy(clip), copy.deepcopy(clip), pickle.loads(pickle.dumps(clip)), replace(clip)):
        assert same == clip
        assert (same.path, same.width, hash(same)) == (clip.path, clip.width, hash(clip))
    assert replace(clip, width=1) != clip
    assert json.loads(json.dumps({"clip": clip})) == {"clip": str(clip.path)}
    assert clip == str(clip.path)


def test_a_shell_command_takes_a_clip(clip: sw.Clip) -> None:
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.user_ns["clip"] = clip
    assert shell.var_expand("ls {clip} $clip", depth=0) == f"ls {clip} {clip}"


def test_a_clip_that_no_player_reads_shows_a_link_and_why(clip: sw.Clip) -> None:
    html = bundle_of(replace(clip, width=0, height=0, problem=HOSTILE))["text/html"]
    assert "<video" not in html
    assert "could not be checked" in html
    assert "<img src=x" not in html


def test_the_name_of_a_clip_is_text_and_its_link_is_quoted(clip: sw.Clip, tmp_path: Path) -> None:
    odd = replace(clip, path=tmp_path / 'a "b"<i>#1?$c$.mp4')
    html = bundle_of(odd)["text/html"]
    assert 'src="a%20%22b%22%3Ci%3E%231%3F%24c%24.mp4"' in html
    shown = re.sub(r'(src|href|aria-label)="[^"]*"', "", html)
    assert "<i>" not in shown
    assert "$c$" not in shown
    assert 'aria-label="a &quot;b&quot;&lt;i&gt;' in html


# --- the other objects ------------------------------------------------------------------------------------------------
def request_with(text: str) -> GenerationRequest:
    return GenerationRequest(
        prompt=text,
        model=text,
        duration=5,
        media_urls=("https://host/a.png?X-Amz-Signature=secret",),
        metadata={"note": text},
    )


def objects(session: Session) -> dict[str, Callable[[str, Path], Any]]:
    """Each kind of object, made with a text from outside."""
    estimate = session.plan("a boat").estimate
    return {
        "request": lambda text, _: request_with(text),
        "plan": lambda text, _: sw.Plan(request_with(text), 0.5, estimate),
        "caps": lambda *_: sw.Caps(per_day_usd=5),
        "deleted": lambda text, _: sw.Deleted(("abcd2345",), (Path(text),), (text,)),
        "bundle": lambda text, folder: sw.Bundle(folder / text, 2, 1, 1_500_000),
        "model": lambda text, _: Model(id=text, durations=(4,), aspect_ratios=(text,), resolutions=("720p",)),
        "models": lambda text, _: sw.Models(
            [Model(id=text, durations=(4,), aspect_ratios=(text,), resolutions=("720p",), best_for=text)]
        ),
    }


KINDS = ("request", "plan", "caps", "deleted", "bundle", "model", "models")


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_shows_itself_in_html_and_in_text(simulated: Session, kind: str, tmp_path: Path) -> None:
    bundle = bundle_of(objects(simulated)[kind]("a boat", tmp_path))
    assert bundle["text/html"].startswith("<")
    assert bundle["text/plain"]


@pytest.mark.parametrize("kind", KINDS)
def test_text_from_outside_is_only_text(simulated: Session, kind: str, tmp_path: Path) -> None:
    bundle = bundle_of(objects(simulated)[kind](HOSTILE, tmp_path))
    for not_text in ("<img src=x", "$a$", "\\(b", "\x1b", "\u202e"):
        assert not_text not in bundle["text/html"]
    for obeyed in ("\x1b", "\u202e"):
        assert obeyed not in bundle["text/plain"]


@pytest.mark.parametrize("kind", ["request", "plan"])
def test_what_signs_a_link_is_in_no_output(simulated: Session, kind: str, tmp_path: Path) -> None:
    bundle = bundle_of(objects(simulated)[kind]("a boat", tmp_path))
    assert "https://host/a.png" in bundle["text/html"]
    assert not any("secret" in text for text in bundle.values())


def test_a_plan_tells_its_price_and_that_nothing_was_sent(simulated: Session) -> None:
    text = bundle_of(simulated.plan("a boat", duration=4))["text/plain"]
    assert "nothing was sent, nothing was charged" in text
    assert "$0.40 (estimate)" in text


def test_caps_name_each_and_where_there_is_none(simulated: Session) -> None:
    html = bundle_of(sw.Caps(per_day_usd=5))["text/html"]
    assert html.count("no cap") == 2
    assert "5.00" in html


def test_the_models_are_a_tuple_and_show_as_a_table(simulated: Session) -> None:
    models = simulated.models()
    assert models == tuple(models)
    bundle = bundle_of(models)
    assert '<table class="seedance-table">' in bundle["text/html"]
    assert "seedance-2.0-fast" in bundle["text/plain"]


def test_a_bundle_is_a_link_to_its_page(clips: list[Job], simulated: Session) -> None:
    bundle = simulated.export("best", clips)
    html = bundle_of(bundle)["text/html"]
    assert '<a href="best/index.html">' in html
    assert "2 clips" in html
    assert str(bundle) == "best"
    assert '<a href="best.zip" download>' in bundle_of(simulated.export("best.zip", clips))["text/html"]


def test_a_table_of_jobs_has_posters_that_link_to_the_clips(clips: list[Job]) -> None:
    jobs = sw.Jobs(clips)
    html = jobs._repr_html_()
    assert html.count('src="data:image/jpeg;base64,') == 2
    for job in clips:
        assert job.clip is not None
        assert html.count(f'{job.clip.path.name}"') == 2
    assert "data:image" not in repr(jobs)
    assert repr(jobs).startswith("id ")


def test_a_long_table_of_jobs_stays_small(job_of: JobOf) -> None:
    html = sw.Jobs([job_of(prompt="a boat") for _ in range(60)])._repr_html_()
    assert html.count("data:image") == 24
    assert len(html) < 350_000


# --- the widget for layouts -------------------------------------------------------------------------------------------
def test_the_widget_of_a_job_goes_into_a_layout_and_shows_the_end(simulated: Session) -> None:
    job = simulated.submit("a boat in a layout", duration=4, resolution="480p", model="seedance-2.0-fast")
    box = ipywidgets.HBox([job.widget])
    assert box.children == (job.widget,), "the same each time"
    job.wait(timeout=60)
    assert job.widget.view["final"]
    assert job.widget.view["clip"]["filename"].startswith("a-boat-in-a-layout")


def test_the_widget_of_a_job_that_has_ended_shows_its_clip_at_once(clips: list[Job]) -> None:
    assert clips[1].widget.view["clip"] is not None
    assert clips[1]._display_() is clips[1].widget


# --- sw.open ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("typed", ["hero.mp4", "seedance_clips/hero.mp4", "seedance_clips/hero-abcd2354.mp4"])
def test_a_clip_that_is_not_there_names_the_nearest(tmp_path: Path, typed: str) -> None:
    """The bug was that the README's own line named a clip without the id that every name ends with."""
    (tmp_path / "seedance_clips").mkdir()
    for name in ("hero-abcd2345.mp4", "hero-abcd2345.jpg", "other-zzzz9999.mp4"):
        (tmp_path / "seedance_clips" / name).touch()
    with pytest.raises(sw.MediaError, match=r"is not there.*Did you mean 'seedance_clips/hero-abcd2345\.mp4'\?"):
        sw.open(typed)


def test_a_clip_that_is_like_no_other_names_none(tmp_path: Path) -> None:
    (tmp_path / "quite-different.mp4").touch()
    with pytest.raises(sw.MediaError) as missing:
        sw.open("zzz.mp4")
    assert "Did you mean" not in str(missing.value)
    with pytest.raises(sw.MediaError):
        sw.open("no/such/folder/zzz.mp4")


# --- editors ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("call", "offered"),
    [
        ("session.submit(", {"model=", "duration=", "aspect_ratio=", "resolution=", "media_urls=", "out_name="}),
        ("session.plan(", {"model=", "duration="}),
        ("session.jobs(", {"status=", "starred=", "limit="}),
        ("session.export(", {"starred=", "path="}),
    ],
)
def test_the_options_are_offered_behind_a_call_in_a_kernel(simulated: Session, call: str, offered: set[str]) -> None:
    """jedi reads no `Unpack`, and offered nothing."""
    shell = InteractiveShell(config=Config({"HistoryManager": {"enabled": False}}))
    shell.user_ns["session"] = simulated
    shell.Completer.use_jedi = True
    with provisionalcompleter():
        texts = {each.text for each in shell.Completer.completions(call, len(call))}
    assert offered <= texts


def test_what_is_offered_changes_nothing_of_what_is_taken(simulated: Session) -> None:
    with pytest.raises((TypeError, sw.RequestInvalid)):
        simulated.plan("a boat", colour="red")  # type: ignore[call-arg]
    assert simulated.plan("a boat", duration=4).request.duration == 4
