"""The key is in nothing that is shown, said, logged, kept or exported, whatever a server sends back.

A canary key goes through real sessions: with the simulator, and with a server that sends the key back wherever it can.
"""

from __future__ import annotations

import base64
import copy
import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import pytest
from canary import CANARY, forms, in_files, sightings
from IPython import version_info as ipython_version
from IPython.core.ultratb import VerboseTB
from rich.console import Console
from rich.traceback import Traceback
from scripted import Raw, ScriptedServer, Seen, answer

import seedance_widgets as sw
from seedance_widgets.api.client import Client
from seedance_widgets.api.reasons import REASON_LENGTH, broken
from seedance_widgets.clips import video
from seedance_widgets.jobs.job import Job
from seedance_widgets.request.code import as_magic, as_python
from seedance_widgets.secret import Secret
from seedance_widgets.session import default
from seedance_widgets.session.session import Session
from seedance_widgets.settings import keys
from seedance_widgets.types import GenerationRequest
from seedance_widgets.widgets.card.saved import durable_bundle
from seedance_widgets.widgets.studio.studio import Studio
from seedance_widgets.widgets.studio.view import job_view

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
PLAIN: dict[str, Any] = {"theme_name": "nocolor"} if ipython_version >= (9,) else {"color_scheme": "NoColor"}
REQUEST = GenerationRequest(prompt="A boat", model="seedance-2.0")


@pytest.fixture(autouse=True)
def place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, brisk: None
) -> Iterator[None]:
    """Clips go to the current folder; every library logs all it can."""
    monkeypatch.chdir(tmp_path)
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "httpcore", "anyio", "asyncio", "sqlalchemy.engine", "sqlalchemy.pool"):
        caplog.set_level(logging.DEBUG, logger=name)
    yield
    keys.remember(None)
    sw.use_session(None)


def test_the_hunt_finds_the_key_in_every_dress() -> None:
    assert sightings(f"x{CANARY}y") != []
    for lead in ("", "a", "ab", "Bearer "):
        assert sightings(base64.b64encode(f"{lead}{CANARY} and more".encode())) != []
    for form in forms().values():
        assert sightings(form) != []
    assert sightings("sd2_live_") == []


# --- a whole life with the simulator ----------------------------------------------------------------------------------
class Life:
    """A session with the simulator that had a job that succeeded, one that failed, and a Studio."""

    def __init__(self, folder: Path) -> None:
        settings = sw.SimulatorSettings(home=folder / "service", api_key=CANARY, speed=1e9)
        self.simulator = sw.Simulator(settings)
        self.simulator.start()
        self.session = sw.connect(CANARY, self.simulator.base_url, folder / "home", requests_per_minute=60_000)
        self.job = self.session.submit("A paper boat", **SMALL)
        self.clip = self.job.wait(timeout=60)
        self.failed = self.session.submit("A boat", **SMALL, metadata={"simulator": {"outcome": "failed"}})
        with pytest.raises(sw.GenerationFailed) as caught:
            self.failed.wait(timeout=60)
        self.error = caught.value
        self.studio = Studio(self.session, prompt="A boat")
        self.report = self.session.doctor(network=True)

    def close(self) -> None:
        self.studio.close()
        self.session.close()
        self.simulator.stop()


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    life = Life(tmp_path)
    yield life
    life.close()


def objects(life: Life) -> dict[str, Any]:
    session = life.session
    return {
        "session": session,
        "settings": session.settings,
        "job": life.job,
        "row": life.job.row,
        "clip": life.clip,
        "provenance": sw.open(life.clip),
        "family": session.tree(life.job),
        "diff": life.job.diff(life.failed),
        "error": life.error,
        "worker": session.engine.worker,
        "doors": session.engine.worker._needs,
        "async client": session.engine.worker._connection.client,
        "client": Client(CANARY, life.simulator.base_url),
        "files": session.engine.worker._downloading.files,
        "store": session.store,
        "models": session.models(),
        "plan": session.plan("A boat"),
        "report": life.report,
    }


def test_no_text_of_any_object_holds_the_key(life: Life) -> None:
    for name, thing in objects(life).items():
        shown = [repr(thing), str(thing), f"{thing}", "%s %r" % (thing, thing)]  # noqa: UP031
        shown += [repr(vars(thing))] if hasattr(thing, "__dict__") else []
        html = getattr(thing, "_repr_html_", None)
        shown += [html()] if html else []
        assert sightings("".join(shown)) == [], name


@pytest.mark.parametrize("take", [pickle.dumps, copy.copy, copy.deepcopy])
def test_no_copy_of_any_object_holds_the_key(life: Life, take: Callable[[Any], Any]) -> None:
    refused = []
    for name, thing in objects(life).items():
        try:
            taken = take(thing)
        except (TypeError, AttributeError, pickle.PicklingError) as error:
            refused.append(name)
            taken = str(error)
        assert sightings(taken if isinstance(taken, bytes) else repr(taken)) == [], name
    assert {"async client", "client"} <= set(refused)


def test_nothing_that_is_shown_or_copied_of_a_job_holds_the_key(life: Life) -> None:
    for job in (life.job, life.failed):
        shown = [as_magic(job.request), as_python(job.request), json.dumps(durable_bundle(job)), repr(job_view(job, 0))]
        assert sightings("".join(shown)) == []
    assert sightings(repr(life.studio.get_state()) + repr(life.studio.trait_values())) == []


def test_no_file_and_no_tag_holds_the_key(life: Life, tmp_path: Path) -> None:
    assert sightings(json.dumps(video.read_tags(life.clip.path))) == []
    assert life.clip.path.with_suffix(".json").exists()
    assert life.session.export(tmp_path / "bundle").page.exists()
    life.close()
    assert any((tmp_path / "home").iterdir())
    assert in_files(tmp_path) == []


def test_no_log_of_any_library_holds_the_key(life: Life, caplog: pytest.LogCaptureFixture) -> None:
    assert {"httpcore.http11", "asyncio"} <= {record.name for record in records(caplog)}
    assert sightings(logged(caplog)) == []


def records(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [*caplog.get_records("setup"), *caplog.get_records("call")]


def logged(caplog: pytest.LogCaptureFixture) -> str:
    return "".join(f"{record.getMessage()} {record.exc_text} {vars(record)!r}" for record in records(caplog))


# --- tracebacks -------------------------------------------------------------------------------------------------------
def bad_address(held: list[str]) -> None:
    sw.connect(held.pop(), "http://api.example")


def bad_time(held: list[str]) -> None:
    sw.connect(held.pop(), "https://api.example", read_timeout_s=-1)


def bad_key(held: list[str]) -> None:
    sw.connect(held.pop() + " x")


def bad_client_key(held: list[str]) -> None:
    Client(held.pop() + " x")


def bad_typed_key(held: list[str]) -> None:
    default.use_key(held.pop() + " x")


def bad_webhook(held: list[str]) -> None:
    sw.verify_webhook(b"{}", "0" * 64, held.pop())


def bad_name(held: list[str]) -> None:
    session = sw.connect(held.pop(), "https://api.example", "home")
    try:
        session.job("nothing")
    finally:
        session.close()


def nobody_there(held: list[str]) -> None:
    Client(held.pop(), "http://127.0.0.1:9", tries=1).create(REQUEST)


@pytest.mark.parametrize(
    "fault",
    [bad_address, bad_time, bad_key, bad_client_key, bad_typed_key, bad_webhook, bad_name, nobody_there],
    ids=lambda fault: fault.__name__,
)
def test_no_traceback_with_its_variables_holds_the_key(fault: Callable[[list[str]], None]) -> None:
    with pytest.raises(sw.SeedanceError) as caught:
        fault([CANARY])
    assert sightings(told(caught.value)) == []


@pytest.mark.parametrize(
    "variables", [{"SEEDANCE_BASE_URL": "http://api.example"}, {"SEEDANCE_API_KEY": CANARY + " x"}]
)
@pytest.mark.parametrize("call", [sw.connect, sw.default_session])
def test_no_traceback_shows_the_environment(
    call: Callable[[], Session], variables: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDANCE_API_KEY", CANARY)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(sw.SettingsInvalid) as caught:
        call()
    assert sightings(told(caught.value)) == []


def test_a_refused_webhook_shows_no_secret_of_the_environment(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDANCE_WEBHOOK_SECRET", CANARY)
    with pytest.raises(sw.WebhookInvalid) as caught:
        life.session.handle_webhook(b"{}", "0" * 64)
    assert sightings(told(caught.value)) == []


def told(error: BaseException) -> str:
    """All that anybody shows of an error: plain, with variables, as IPython's Verbose mode and as rich."""
    whole = traceback.TracebackException.from_exception(error, capture_locals=False)
    tb = ours(error.__traceback__)
    with_locals = traceback.TracebackException(type(error), error, tb, capture_locals=True)
    verbose = VerboseTB(**PLAIN, include_vars=True)
    rich_text = io.StringIO()
    no_bounds: dict[str, Any] = {"locals_max_length": None, "locals_max_string": None}
    rich = Traceback.from_exception(type(error), error, tb, show_locals=True, **no_bounds)
    Console(file=rich_text, width=4_000).print(rich)
    shown = [
        *("".join(each.format()) for each in (whole, with_locals)),
        verbose.text(type(error), error, tb),
        rich_text.getvalue(),
        repr(error),
        str(error),
        repr(vars(error)),
        repr(getattr(error, "__notes__", "")),
    ]
    with_problem = getattr(error, "problem", None)
    return "".join(shown) + repr(with_problem)


def ours(tb: TracebackType | None) -> TracebackType | None:
    """Without the frames of the test, which holds the canary itself."""
    while (
        tb is not None and Path(tb.tb_frame.f_code.co_filename) == Path(__file__) and tb.tb_frame.f_globals is globals()
    ):
        if tb.tb_frame.f_code.co_name.startswith(("bad_", "nobody_")):
            return tb
        tb = tb.tb_next
    return tb


# --- a server that sends the key back ---------------------------------------------------------------------------------
def plain(text: str) -> str:
    return text


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def escaped(text: str) -> str:
    """As JSON may write every letter; the caller's `json.dumps` must not write the backslashes twice."""
    return "".join(f"@u{ord(letter):04x}" for letter in text)


class Echo:
    """The API, but the key stands in every text of every answer."""

    def __init__(self, server: ScriptedServer, dress: Callable[[str], str], clip: Path, refuse: str = "") -> None:
        self.server, self.dress, self.clip, self.refuse = server, dress, clip, refuse
        self.key = ""
        server.say(self.reply)

    def reply(self, seen: Seen) -> Raw:
        if "authorization" in seen.headers:
            self.key = self.dress(seen.headers["authorization"])
        key = self.key
        if seen.path.endswith(".mp4"):
            return answer(200, self.clip.read_bytes())
        if seen.path.endswith("/models"):
            theirs = {"bestFor": key, "durations": [4], "aspectRatios": [key], "resolutions": [key]}
            usual = {"durations": [5], "aspectRatios": ["16:9"], "resolutions": ["720p"]}
            models = [{"id": f"model {key}", **theirs}, {"id": "seedance-2.0", **usual}]
            return self.said(200, {"success": True, "data": models, "x": key})
        if self.refuse and seen.method == self.refuse:
            problem = {"code": key, "message": f"You sent {key}"}
            return self.said(500 if seen.method == "GET" else 402, {"success": False, "error": problem})
        body = {"success": True, "requestId": f"req {key}", "status": "queued", "echo": {"headers": [key]}}
        if seen.method == "POST":
            return self.said(200, body)
        output = {"url": f"{self.server.url}/{key}/a.mp4"}
        return self.said(200, {**body, "status": "succeeded", "prompt": key, "output": output, "error": key})

    def said(self, status: int, body: Any) -> Raw:
        data = json.dumps(body).replace("@u", "\\u").encode()
        key = self.key if "@u" not in self.key else CANARY
        head = f"HTTP/1.1 {status} {key}\r\ncontent-type: text/{key}\r\nx-echo: {key}\r\nretry-after: {key}\r\n"
        return Raw(f"{head}content-length: {len(data)}\r\n\r\n".encode() + data, close=False)


@pytest.mark.parametrize("dress", [plain, in_base64, escaped])
@pytest.mark.parametrize("refuse", ["", "POST", "GET"])
def test_a_server_that_sends_the_key_back_does_not_get_it_kept_or_shown(
    dress: Callable[[str], str], refuse: str, clip: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedServer() as server:
        Echo(server, dress, clip, refuse)
        session = sw.connect(CANARY, server.url, tmp_path / "home", requests_per_minute=60_000)
        shown = [repr(session.models(refresh=True)), str(session.doctor(network=True))]
        job: Job | None = None
        try:
            job = session.submit("A boat")
            job.wait(timeout=20 if refuse != "GET" else 2)
        except sw.SeedanceError as error:
            shown.append(told(error))
        if job is not None:
            shown += [repr(job.row), json.dumps(durable_bundle(job)), job.status_text, repr(vars(job))]
            try:
                job.cancel()
            except sw.SeedanceError as error:
                shown.append(told(error))
        session.close()
        fetched = [seen for seen in server.requests if ".mp4" in seen.path]
    assert sightings("".join(shown)) == []
    assert all(sightings(seen.path) == [] for seen in fetched)
    assert (fetched != []) is (refuse == "")
    assert in_files(tmp_path / "home", tmp_path / "seedance_clips") == []
    assert sightings(logged(caplog)) == []


@pytest.mark.parametrize("before", range(REASON_LENGTH - 60, REASON_LENGTH + 1, 4))
def test_a_reason_is_cut_after_the_key_was_taken_out_of_it(before: int) -> None:
    """It was cut first: of half a key nothing knew that it is one, and it was shown."""
    error = httpx.RemoteProtocolError(f"{'x' * before} {CANARY} and https://h.example/?sig={CANARY}")
    said = broken(error, None, Secret(CANARY))
    assert not any(CANARY[:size] in said for size in range(6, len(CANARY)))
    assert len(said) <= REASON_LENGTH


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\ncontent-length: 60\r\n\r\n<html>you sent Bearer %s</html>",
        b"HTTP/1.1 500 %s\r\ncontent-length: 5\r\n\r\noh no",
        b"Bearer %s is not HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nBearer %s\r\n\r\n",
        b"HTTP/1.1 302 OK\r\nlocation: https://evil.example/%s\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-encoding: %s\r\ncontent-length: 0\r\n\r\n",
    ],
)
def test_an_answer_of_nonsense_that_holds_the_key_is_kept_without_it(
    reply: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with ScriptedServer() as server:
        server.say(Raw(reply.replace(b"%s", CANARY.encode()) + b" " * 40))
        session = sw.connect(CANARY, server.url, tmp_path / "home")
        with pytest.raises(sw.SubmissionUncertain) as caught:
            session.submit("A boat")
        row = session.jobs()[0].row
        session.close()
    assert sightings(told(caught.value) + repr(row)) == []
    assert in_files(tmp_path) == []
    assert sightings(logged(caplog)) == []
