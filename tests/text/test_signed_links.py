"""What signs a link is sent and kept nowhere: not in the history, the paper trail, a sidecar, a clip or a page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from scripted import Raw, ScriptedServer, Seen, answer
from signed_links import BARE, HOOK, KEPT, ODD, SECRET, SIGNED

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.api import open_api
from seedance_widgets.clips import provenance, video
from seedance_widgets.clips import story as sidecar
from seedance_widgets.errors import RequestInvalid
from seedance_widgets.life import schedule
from seedance_widgets.request import check, models
from seedance_widgets.request.code import as_magic, as_python
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store
from seedance_widgets.store.schema import jobs
from seedance_widgets.text import links
from seedance_widgets.types import Generation
from seedance_widgets.widgets.card.saved import durable_bundle
from seedance_widgets.widgets.studio.view import job_view
from seedance_widgets.worker import Terms

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}


def holds(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]


# --- the request ------------------------------------------------------------------------------------------------------
def test_a_request_is_the_same_however_its_links_are_signed() -> None:
    one, other = (check.make_request("A boat", {"media_urls": [SIGNED + more]}) for more in ("", "&X-Amz-Date=2"))
    assert one == other == one.kept
    assert hash(one) == hash(other)
    assert one != check.make_request("A boat", {"media_urls": [SIGNED.replace("boat", "ship")]})


def test_no_repr_of_what_holds_a_link_shows_what_signs_it() -> None:
    request = check.make_request("A boat", {"media_urls": [SIGNED], "webhook_url": HOOK, "metadata": {"from": SIGNED}})
    row = life.Row(id="a", service="s", request=request, created_at=1.0, output_url=SIGNED)
    looked = life.Looked(1.0, Generation(request_id="r", status="succeeded", output_url=SIGNED))
    for thing in (request, row, looked, Terms(wire_request=request)):
        assert SECRET not in f"{thing!r} {thing}"


@pytest.mark.parametrize("field", ["media_urls", "webhook_url"])
def test_a_kept_link_is_never_sent(field: str) -> None:
    url = links.kept(SIGNED if field == "media_urls" else HOOK)
    request = check.make_request("A boat", {field: [url] if field == "media_urls" else url})
    for send in (lambda: check.check(request, models.BUNDLED_MODELS), lambda: open_api.create_generation(request)):
        with pytest.raises(RequestInvalid, match="Give the link again") as caught:
            send()
        assert caught.value.field == field


# --- a whole life -----------------------------------------------------------------------------------------------------
class Vendor:
    """A server that takes a request, and names an output whose link is signed anew at each look."""

    def __init__(self, server: ScriptedServer, clip: bytes) -> None:
        self.server = server
        self.clip = clip
        self.broken_fetches = 0
        server.say(self.answer)

    def answer(self, seen: Seen) -> Raw:
        if seen.path.endswith("/models"):
            return answer(500)
        if seen.method == "POST":
            return answer(200, {"success": True, "requestId": f"req_{len(self.created)}", "status": "queued"})
        if "/video/generations/" in seen.path:
            name = seen.path.rpartition("/")[2]
            url = f"{self.server.url}/out.mp4?v=1&Signature={SECRET}&Expires={len(self.server.requests)}"
            return answer(200, {"success": True, "requestId": name, "status": "succeeded", "output": {"url": url}})
        if self.broken_fetches:
            self.broken_fetches -= 1
            return answer(500)
        return answer(200, self.clip)

    @property
    def created(self) -> list[Any]:
        return [seen.json for seen in self.server.of("POST", "/video/generations")]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(schedule, "save_again_at", lambda row: (row.save_failed_at or 0.0) + 0.05)


@pytest.fixture
def vendor(clip: Path) -> Iterator[Vendor]:
    with ScriptedServer() as server:
        yield Vendor(server, clip.read_bytes())


@pytest.fixture
def session(vendor: Vendor, tmp_path: Path) -> Iterator[Session]:
    session = sw.connect("a-key-of-mine", vendor.server.url, tmp_path / "home", requests_per_minute=60_000)
    yield session
    session.close()


def test_a_signed_link_is_sent_and_is_in_nothing_that_is_kept_or_shown(
    session: Session, vendor: Vendor, tmp_path: Path
) -> None:
    metadata = {"ref": SIGNED}
    job = session.submit("A boat", **SMALL, media_urls=[SIGNED], webhook_url=HOOK, metadata=metadata)
    clip = job.wait(timeout=60)
    (sent,) = vendor.created
    assert (sent["mediaUrls"], sent["webhookUrl"], sent["metadata"]) == ([SIGNED], HOOK, metadata)
    assert job.request.media_urls == (KEPT,)
    assert SECRET in vendor.server.of("GET", "/out.mp4")[0].path
    shown = [repr(job.row), as_magic(job.request), as_python(job.request), json.dumps(durable_bundle(job))]
    shown += [repr(job_view(job, 0)), repr(session.jobs()), session.jobs()._repr_html_(), repr(sw.open(clip))]
    shown += [json.dumps(video.read_tags(clip.path)), session.jobs().to_frame().to_csv()]
    assert SECRET not in "".join(shown)
    assert session.export(tmp_path / "bundle").page.exists()
    session.save_template("boat", "A boat", **SMALL, media_urls=[SIGNED])
    session.close()
    assert (tmp_path / "home" / "submissions.jsonl").stat().st_size > 0
    assert holds(tmp_path) == []


def test_links_that_are_signed_in_odd_ways_are_sent_and_kept_nowhere(
    session: Session, vendor: Vendor, tmp_path: Path
) -> None:
    media_urls = [ODD[place] for place in ("in a parameter of the path", "in the fragment", "behind an encoded sign")]
    hook, metadata = ODD["in the middle of the path"], {"refs": list(ODD.values())}
    job = session.submit("A boat", **SMALL, media_urls=media_urls, webhook_url=hook, metadata=metadata)
    clip = job.wait(timeout=60)
    (sent,) = vendor.created
    assert (sent["mediaUrls"], sent["webhookUrl"], sent["metadata"]) == (media_urls, hook, metadata)
    studio = sw.Studio(session, prompt="A boat", media_urls=media_urls, **SMALL)
    shown = [repr(job.row), as_magic(job.request), as_python(job.request), json.dumps(durable_bundle(job))]
    shown += [repr(job_view(job, 0)), session.jobs()._repr_html_(), repr(sw.open(clip)), repr(studio.get_state())]
    shown += [json.dumps(video.read_tags(clip.path)), session.jobs().to_frame().to_csv()]
    assert SECRET not in "".join(shown)
    studio.close()
    assert session.export(tmp_path / "bundle").page.exists()
    session.close()
    assert holds(tmp_path) == []


def test_no_file_of_the_simulator_holds_what_signs_a_link(tmp_path: Path) -> None:
    session = sw.simulate(1e9, home=tmp_path / "home")
    try:
        session.submit("A boat", **SMALL, media_urls=[SIGNED], metadata={"ref": SIGNED}).wait(timeout=60)
    finally:
        session.close()
    assert holds(tmp_path) == []


def test_a_broken_download_asks_for_a_fresh_link(session: Session, vendor: Vendor) -> None:
    vendor.broken_fetches = 3
    job = session.submit("A boat", **SMALL)
    assert job.wait(timeout=60).path.exists()
    first, *_, last = [seen.path for seen in vendor.server.of("GET", "/out.mp4")]
    assert first != last


def test_a_kernel_that_restarts_before_the_download_asks_for_the_link_again(tmp_path: Path, vendor: Vendor) -> None:
    row = life.Row(
        id="abc",
        service=vendor.server.url,
        request=check.make_request("A boat", SMALL),
        created_at=1.0,
        status="succeeded",
        request_id="req_1",
        accepted_at=1.0,
        final_at=2.0,
        output_url=f"{vendor.server.url}/out.mp4?Signature={SECRET}",
        folder=str(tmp_path / "clips"),
    )
    Store(tmp_path / "home" / "history.db").add(row)
    with_session = sw.connect("a-key-of-mine", vendor.server.url, tmp_path / "home", requests_per_minute=60_000)
    try:
        assert with_session.job("abc").wait(timeout=60).path.exists()
    finally:
        with_session.close()
    assert len(vendor.server.of("GET", "/video/generations/")) == 1


def test_the_same_request_signed_anew_is_the_same_job(session: Session, vendor: Vendor) -> None:
    request = check.make_request("A boat", {**SMALL, "media_urls": [SIGNED]})
    job = session.submit("A boat", **SMALL, media_urls=[SIGNED.replace("600", "900")])
    assert session.twin(request, 60.0) is job


def test_making_a_job_again_asks_for_its_link(session: Session, vendor: Vendor) -> None:
    job = session.submit("A boat", **SMALL, media_urls=[SIGNED])
    with pytest.raises(RequestInvalid, match="Give the link again"):
        session.submit("A boat", **SMALL, media_urls=list(job.request.media_urls))
    (problem,) = session.problems("A boat", **SMALL, media_urls=list(job.request.media_urls))
    assert problem.field == "media_urls"
    assert len(vendor.created) == 1


def test_a_server_that_quotes_a_signed_link_does_not_bring_it_into_the_history(
    session: Session, vendor: Vendor, tmp_path: Path
) -> None:
    said = f"cannot fetch {SIGNED}"
    vendor.server.say(answer(400, {"success": False, "error": {"code": "invalid_request", "message": said}}))
    with pytest.raises(sw.SeedanceError) as caught:
        session.submit("A boat", **SMALL, media_urls=[SIGNED])
    assert BARE in str(caught.value)
    vendor.server.say(answer(502, json.dumps({"asked": SIGNED}).encode()))
    with pytest.raises(sw.SubmissionUncertain):
        session.submit("Another boat", **SMALL, media_urls=[SIGNED])
    session.close()
    assert holds(tmp_path) == []


def test_no_check_of_a_link_quotes_what_signs_it() -> None:
    data = (
        "data:image/png;sig=",
        "DATA:image/png;sig=",
        " data:image/png;sig=",
        "\u200bdata:,sig=",
        "data:a b;sig=",
        "data://[;sig=",
    )
    for link in ("http://h.example/?sig=", "https://10.0.0.1/?sig=", "https://h/a b?sig=", *data):
        with pytest.raises(RequestInvalid) as caught:
            check.make_request("A boat", {"media_urls": [link + SECRET]})
        assert SECRET not in str(caught.value)


@pytest.mark.parametrize("option", ["model", "aspect_ratio", "resolution", "metadata", "duration"])
@pytest.mark.parametrize("given", [SIGNED, [SIGNED], f"{'boat ' * 8}{SIGNED}"])
def test_no_error_about_an_option_quotes_what_signs_a_link(option: str, given: Any) -> None:
    """A link that was given to the wrong option was quoted in the error, and saved with the cell."""
    with pytest.raises(RequestInvalid) as caught:
        check.check(check.make_request("A boat", {option: given}), models.BUNDLED_MODELS)
    assert SECRET not in str(caught.value)


# --- sweeps -----------------------------------------------------------------------------------------------------------
def test_a_sweep_sends_signed_links_and_keeps_none(session: Session, vendor: Vendor, tmp_path: Path) -> None:
    media_urls = [[SIGNED], [SIGNED.replace("boat", "ship")]]
    sweep = session.sweep("A boat", media_urls=media_urls, **SMALL).wait(timeout=60)
    assert sorted(sent["mediaUrls"] for sent in vendor.created) == media_urls
    assert SECRET not in f"{sweep!r} {sweep} {sweep._repr_html_()} {sweep.plan!r} {sweep.to_frame().to_csv()}"
    anew = [[url.replace("600", "900") for url in urls] for urls in media_urls]
    assert session.sweep("A boat", media_urls=anew, **SMALL).wait(timeout=60) is sweep
    assert len(vendor.created) == 2
    session.close()
    assert holds(tmp_path) == []


def test_a_sweep_that_goes_on_after_a_restart_sends_no_link_without_its_signature(
    session: Session, vendor: Vendor, tmp_path: Path
) -> None:
    plan = session.plan_sweep("A boat", media_urls=[[SIGNED], [SIGNED.replace("boat", "ship")]], **SMALL)
    from seedance_widgets.sweep import keep

    keep(session.registry, plan, "boats")
    session.close()
    later = sw.connect("a-key-of-mine", vendor.server.url, tmp_path / "home", requests_per_minute=60_000)
    try:
        with pytest.raises(RequestInvalid, match="signatures are not kept"):
            later.sweep_of("boats").resume()
        assert vendor.created == []
        later.sweep(
            later.plan_sweep("A boat", media_urls=[[SIGNED], [SIGNED.replace("boat", "ship")]], **SMALL), name="boats"
        ).wait(timeout=60)
        assert len(vendor.created) == 2
    finally:
        later.close()


def test_two_values_that_differ_in_their_signature_only_are_refused(session: Session) -> None:
    with pytest.raises(RequestInvalid, match="are the same") as refused:
        session.plan_sweep("A boat", media_urls=[[SIGNED], [SIGNED.replace("600", "900")]], **SMALL)
    assert SECRET not in str(refused.value)


# --- what older versions wrote ----------------------------------------------------------------------------------------
def test_an_old_row_is_shown_without_its_signature_and_not_rewritten(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    request = check.make_request("A boat", {**SMALL, "media_urls": [BARE]})
    store.add(life.Row(id="abc", service="simulator", request=request, created_at=1.0, status="failed", final_at=2.0))
    old = sa.create_engine(f"sqlite:///{tmp_path / 'history.db'}")
    with old.begin() as connection:
        text = connection.execute(sa.select(jobs.c.request)).scalar_one()
        connection.execute(sa.update(jobs).values(request=text.replace(BARE, SIGNED), output_url=SIGNED))
    row = store.get("abc")
    assert row is not None
    assert row.request.media_urls == (KEPT,)
    assert row.output_url == KEPT
    assert SECRET not in sidecar.text_of(sidecar.provenance(row))
    with old.begin() as connection:
        assert SECRET in connection.execute(sa.select(jobs.c.request)).scalar_one()
    old.dispose()
    store.close()


def test_an_old_sidecar_is_read_without_its_signature_and_not_rewritten(tmp_path: Path) -> None:
    story = {"tool": sidecar.TOOL, "request": {"prompt": "A boat", "model": "seedance-2.0", "media_urls": [SIGNED]}}
    path = tmp_path / "boat.json"
    path.write_text(json.dumps(story))
    told = provenance.open(path)
    assert SECRET not in f"{told!r} {told._repr_html_()} {told.as_magic()} {told.as_python()} {told.request!r}"
    assert told.request.media_urls == (KEPT,)
    assert SECRET in path.read_text()
    path.write_text(json.dumps({**story, "request": {**story["request"], "media_urls": [KEPT]}}))
    assert provenance.open(path).request == told.request


# --- in the Studio ----------------------------------------------------------------------------------------------------
def test_a_studio_sends_a_signed_link_and_its_page_never_has_the_signature(session: Session, vendor: Vendor) -> None:
    studio = sw.Studio(session, prompt="A boat", media_urls=[SIGNED], **SMALL)
    assert SECRET not in repr(studio.get_state())
    studio.submit().wait(timeout=60)
    assert vendor.created[0]["mediaUrls"] == [SIGNED]
    studio.close()


def test_what_a_page_sends_back_without_its_signature_is_the_link_that_was_given(
    session: Session, vendor: Vendor
) -> None:
    studio = sw.Studio(session, **SMALL)
    studio.set_state({"media_urls": [SIGNED], "prompt": "A boat"})
    assert studio.get_state("media_urls") == {"media_urls": [KEPT]}
    studio.set_state({"media_urls": [KEPT]})
    assert studio.media_urls == [SIGNED]
    request = {"prompt": "A boat", "media_urls": [KEPT], **SMALL}
    studio._desk._on_message(studio, {"type": "check", "click_id": "c1", "request": request}, [])
    assert studio._desk._check["problems"] == []
    assert SECRET not in repr(studio._desk._check)
    studio.close()


def test_reuse_in_a_studio_asks_for_the_link(session: Session, vendor: Vendor) -> None:
    studio = sw.Studio(session, prompt="A boat", media_urls=[SIGNED], **SMALL)
    job = studio.submit()
    job.wait(timeout=60)
    studio._desk._on_message(studio, {"type": "reuse", "click_id": "r1", "job_id": job.id}, [])
    request = {"prompt": "A boat", "media_urls": [KEPT], **SMALL}
    studio._desk._on_message(studio, {"type": "check", "click_id": "c1", "request": request}, [])
    (problem,) = studio._desk._check["problems"]
    assert problem["field"] == "media_urls"
    assert "Give the link again" in problem["text"]
    studio.close()
