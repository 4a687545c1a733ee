"""A person's own bucket, with a real S3 server: what is put there, who can read it, and what is left."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pictures import picture
from s3_server import BUCKET, KEY, READER, SECRET, Server, s3, s3_here, status_of
from samples import until

import seedance_widgets as sw
from seedance_widgets.request import media
from seedance_widgets.storage.bucket import Bucket, checked_url

__all__ = ["s3", "s3_here"]

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore::seedance_widgets.errors.MediaWarning")]

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
HERE = f"s3://{BUCKET}/wall"


@pytest.fixture(autouse=True)
def environment(s3_here: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, brisk: None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEEDANCE_MEDIA", HERE)


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[sw.Simulator]:
    with sw.Simulator(sw.SimulatorSettings(home=tmp_path / "service", speed=1e9)) as simulator:
        yield simulator


def connected(simulator: sw.Simulator, home: Path, **more: Any) -> sw.Session:
    return sw.connect(simulator.settings.api_key, simulator.base_url, home, requests_per_minute=60_000, **more)


@pytest.fixture
def session(simulator: sw.Simulator, tmp_path: Path) -> Iterator[sw.Session]:
    session = connected(simulator, tmp_path / "home")
    yield session
    session.close()


HELD = {"metadata": {"simulator": {"seconds": 600}}}
"""A job that goes on for as long as a test looks at it."""


def test_a_picture_lies_in_the_bucket_while_its_job_runs_and_is_gone_after(
    session: sw.Session, simulator: sw.Simulator, s3: Server
) -> None:
    job = session.submit("A wall", first_frame=picture(), **SMALL, **HELD)
    (facts,) = job.media
    assert s3.names() == [facts["place"].removeprefix(f"s3://{BUCKET}/")]
    assert facts["place"].startswith(f"{HERE}/seedance-")
    assert facts["place"].endswith(f"/{facts['sha256']}.png")
    second = session.submit("Another wall", first_frame=picture(), **SMALL, **HELD)
    job.cancel()
    time.sleep(2.5)
    assert len(s3.names()) == 1  # the other job needs it
    second.cancel()
    until(lambda: s3.names() == [], 30)


def test_only_a_signed_link_opens_it_and_not_for_ever(session: sw.Session, s3: Server) -> None:
    bucket = Bucket(HERE)
    bucket.put("x/a.png", b"picture", "image/png")
    try:
        link = bucket.link("x/a.png", 3600)
        assert status_of(link) == 200
        assert status_of(link.partition("?")[0]) == 403
        assert status_of(link.replace("a.png", "b.png")) == 403
        short = bucket.link("x/a.png", 1)
        time.sleep(2.2)
        assert status_of(short) == 403
        assert "X-Amz-Expires=604800" in bucket.link("x/a.png", 8 * 24 * 3600)
    finally:
        bucket.delete("x/a.png")
    bucket.delete("x/a.png")  # what is not there is gone


def test_kept_media_stay_and_bring_the_picture_back_on_another_machine(
    session: sw.Session, simulator: sw.Simulator, s3: Server, tmp_path: Path
) -> None:
    job = session.submit("A wall", first_frame=picture(), keep_media=True, **SMALL)
    clip = job.wait(60)
    session.close()
    assert len(s3.names()) == 1
    other = connected(simulator, tmp_path / "another")
    try:
        again = sw.open(clip).submit(other)
        assert again.request == job.request
        assert again.wait(60)
    finally:
        other.close()
        bucket = Bucket(f"s3://{BUCKET}")
        for name in s3.names():
            bucket.delete(name)


def test_a_strangers_clip_does_not_make_us_read_another_bucket(session: sw.Session) -> None:
    reference = media.reference_of("a" * 64, ".png")
    for place in ("s3://other/secret.png", f"{HERE}/../secret.png", f"s3://{BUCKET}/wallet/x.png"):
        session.know_media([{"sha256": "a" * 64, "ending": ".png", "name": "x", "size_bytes": 1, "place": place}])
        with pytest.raises(sw.MediaMissing):
            session.submit("A wall", media_urls=[reference], **SMALL)


def test_a_team_shares_what_a_picture_needs(
    simulator: sw.Simulator, s3: Server, tmp_path: Path, team_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDANCE_DATABASE_URL", team_address)
    ana, ben = (connected(simulator, tmp_path / name) for name in ("ana", "ben"))
    try:
        hers = ana.submit("A wall", first_frame=picture(), **SMALL, **HELD)
        his = ben.submit("His wall", first_frame=picture(), **SMALL, **HELD)
        assert len(s3.names()) == 1
        hers.cancel()
        time.sleep(2.5)
        assert len(s3.names()) == 1
        his.cancel()
        until(lambda: s3.names() == [], 30)
    finally:
        ana.close()
        ben.close()


def test_an_unfinished_sweep_keeps_what_it_needs(session: sw.Session, s3: Server) -> None:
    images = [picture((60 + n, 60)) for n in range(3)]
    sweep = session.sweep("a wall", media=images, at_once=1, **SMALL, **HELD)
    until(lambda: bool(sweep.jobs) and sweep.jobs[0].request_id is not None, 30)
    sweep.hold()
    sweep.jobs[0].cancel()
    time.sleep(2.5)
    assert len(s3.names()) == 1
    sweep.resume(at_once=3)
    until(lambda: len(sweep.jobs) == 3 and all(job.request_id for job in sweep.jobs), 30)
    for job in sweep.jobs:
        job.cancel()
    until(lambda: s3.names() == [], 30)


def test_no_key_of_the_bucket_and_no_signature_is_anywhere(
    simulator: sw.Simulator, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    session = connected(simulator, tmp_path / "home")
    job = session.submit("A wall", first_frame=picture(), keep_media=True, **SMALL)
    clip = job.wait(60)
    session.export(tmp_path / "handed", [job])
    shown = [repr(job), repr(job.row), repr(sw.open(clip)), str(session.doctor(network=True)), caplog.text]
    shown += [
        repr(session.settings),
        repr(session.engine.media.place()),
        job._repr_html_() if hasattr(job, "_repr_html_") else "",
    ]
    session.close()
    files = [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    for text in (*shown, *files):
        for secret in (KEY, SECRET, "X-Amz-Signature", "X-Amz-Credential"):
            assert secret not in text
    Bucket(HERE).delete(job.media[0]["place"].removeprefix(f"{HERE}/"))


# --- what goes wrong ----------------------------------------------------------------------------------------------
TROUBLE = {
    "missing": ({"SEEDANCE_MEDIA": "s3://no-such-bucket/x"}, ""),
    "forbidden": ({"AWS_ACCESS_KEY_ID": READER}, "may not do that"),
    "unknown key": ({"AWS_ACCESS_KEY_ID": "AKIANOBODY"}, "does not know the access key"),
    "wrong secret": ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "secret key is not that of the access key"),
    "unreachable": ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "could not be reached"),
}


@pytest.mark.parametrize("name", TROUBLE)
def test_a_bucket_in_trouble_is_a_sentence_and_nothing_is_sent(
    name: str, simulator: sw.Simulator, s3: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    variables, words = TROUBLE[name]
    for variable, value in variables.items():
        monkeypatch.setenv(variable, value)
    session = connected(simulator, tmp_path / "home")
    try:
        with pytest.raises(sw.MediaNotPut, match="Nothing was sent, nothing was charged") as caught:
            session.submit("A wall", first_frame=picture(), **SMALL)
        assert words in str(caught.value)
        assert SECRET not in str(caught.value)
        assert KEY not in str(caught.value)
        assert session.jobs()[0].row.sent_at is None
    finally:
        session.close()
    assert s3.names() == []
    assert list((tmp_path / "service" / "generations").glob("*.json")) == []


def answering(status: int, code: str, delay_s: float = 0.0) -> tuple[str, Any]:
    """A server that answers everything with one error of S3's."""
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            time.sleep(delay_s)
            body = f"<Error><Code>{code}</Code><Message>{KEY} {SECRET}</Message></Error>".encode()
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_HEAD = do_POST = do_DELETE = do_PUT

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_address[1]}", server


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "RequestTimeTooSkewed", "the clock of this machine is off"),
        (403, "ExpiredToken", "temporary credentials have ended"),
        (403, "QuotaExceeded", "it is full"),
        (507, "", "it is full"),
        (507, "XMinioStorageFull", "it is full"),
        (404, "NoSuchBucket", "there is no such bucket"),
        (400, "SomethingElse", "HTTP 400"),
    ],
)
def test_the_code_of_an_error_is_told_and_nothing_else_of_it(
    status: int, code: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, server = answering(status, code)
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    try:
        with pytest.raises(sw.MediaNotPut) as caught:
            Bucket(HERE).put("a.png", b"x", "image/png")
        assert words in str(caught.value)
        assert SECRET not in str(caught.value)
        assert KEY not in str(caught.value)
    finally:
        server.shutdown()
        server.server_close()


def test_a_slow_bucket_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedance_widgets.storage.bucket.ANSWER_S", 1)
    monkeypatch.setattr("seedance_widgets.storage.bucket.RETRYING_S", 1)
    address, server = answering(200, "", delay_s=5)
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    try:
        with pytest.raises(sw.MediaNotPut, match="did not answer within"):
            Bucket(HERE).put("a.png", b"x", "image/png")
    finally:
        server.shutdown()
        server.server_close()


def test_links_that_only_this_machine_can_open_are_not_sent_to_the_vendor(tmp_path: Path) -> None:
    session = sw.connect("sd2_live_x", "https://api.example.com", tmp_path / "home")
    try:
        with pytest.raises(sw.MediaNotPut, match="which the vendor cannot fetch"):
            session.engine.media.link_of(media.reference_of("a" * 64, ".png"))
    finally:
        session.close()


@pytest.mark.parametrize("url", ["bucket", "https://host.org/x", "s3://", "s3://key:secret@bucket", "s3://b/p?sig=1"])
def test_what_is_no_bucket_is_said_without_what_it_holds(url: str) -> None:
    with pytest.raises(sw.SettingsInvalid) as caught:
        checked_url(url)
    assert "secret" not in str(caught.value)


def test_credentials_that_end_soon_are_said_before_sending(
    session: sw.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import UTC, datetime, timedelta

    ends = datetime.now(UTC) + timedelta(minutes=20)
    monkeypatch.setenv("AWS_CREDENTIAL_EXPIRATION", ends.isoformat())
    request = session.plan("A wall", first_frame=picture(), **SMALL).request
    notice = session.engine.media.notice(request)
    assert notice is not None
    assert "live for 20 minutes" in notice
    assert "X-Amz-Expires=1" in session.engine.media.place().link("a.png", 3600)  # at most twenty minutes


def test_the_doctor_writes_signs_fetches_and_deletes(session: sw.Session, s3: Server) -> None:
    report = session.doctor(network=True)
    (check,) = [each for each in report.checks if each.name == "media" and "signed" in each.detail]
    assert check.ok is True
    assert "nothing can be read or listed without a signature" in check.detail
    assert s3.names() == []


# --- death --------------------------------------------------------------------------------------------------------
DYING = """
import os, sys, time
from pathlib import Path
sys.path.insert(0, {tests!r})
from pictures import picture
import seedance_widgets as sw
from seedance_widgets.storage.bucket import Bucket
from seedance_widgets.worker.media import MediaWay
real_put, real_delete = Bucket.put, Bucket.delete
def put(self, *args):
    real_put(self, *args)
    if {where!r} == "put":
        Path("now").write_text("")
        time.sleep(60)
def delete(self, name):
    if {where!r} == "delete":
        Path("now").write_text("")
        time.sleep(60)
    real_delete(self, name)
Bucket.put, Bucket.delete = put, delete
session = sw.connect({key!r}, {url!r}, Path("home"), requests_per_minute=60000)
session.submit("A wall", first_frame=picture(), duration=4, resolution="480p", model="seedance-2.0-fast").wait(60)
time.sleep(60)
"""


@pytest.mark.parametrize("where", ["put", "delete"])
def test_whoever_dies_leaves_nothing_that_the_next_one_does_not_take_away(
    where: str, simulator: sw.Simulator, s3: Server, tmp_path: Path
) -> None:
    script = DYING.format(
        tests=str(Path(__file__).parent), where=where, key=simulator.settings.api_key, url=simulator.base_url
    )
    with open(tmp_path / "said", "wb") as said:
        process = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env=os.environ.copy(), stderr=said)
    until(lambda: (tmp_path / "now").exists() or process.poll() is not None, 60)
    assert process.poll() is None, (tmp_path / "said").read_text()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert len(s3.names()) == 1
    session = connected(simulator, tmp_path / "home")
    try:
        until(lambda: s3.names() == [], 60)
        sent = list((tmp_path / "service" / "generations").glob("*.json"))
        assert len(sent) == (0 if where == "put" else 1)
        assert session.count() == 1
    finally:
        session.close()
