"""Places and words that nobody tries: no folder, no home, ASCII file names, half an emoji. Each ends in a sentence."""

from __future__ import annotations

import json
import os
import re
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import certifi
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from scripted import ScriptedServer, answer, error
from traitlets.config import Config

import seedance_widgets as sw
from seedance_widgets import errors
from seedance_widgets.api import open_api
from seedance_widgets.api.call import Answer
from seedance_widgets.api.client import Client
from seedance_widgets.api.files import Files
from seedance_widgets.api.reasons import certificates
from seedance_widgets.errors import ClipsWarning, RequestInvalid, SettingsInvalid, WebhookInvalid
from seedance_widgets.session.session import Session
from seedance_widgets.settings.settings import find_home
from seedance_widgets.simulator import SimulatorSettings

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
HALF = "\ud83d"
KEY = "sd2_live_mine"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(1e9, home=tmp_path / "home")
    yield session
    session.close()


# --- half a character -------------------------------------------------------------------------------------------------
def test_half_a_character_is_refused_in_words_wherever_it_comes_in(session: Session, tmp_path: Path) -> None:
    job = session.submit("A boat", **SMALL)
    tries = {
        "prompt": lambda: session.submit(f"A boat {HALF}", **SMALL),
        "file name": lambda: session.submit("A boat", out_name=HALF, **SMALL),
        "metadata": lambda: session.submit("A boat", metadata={"a": HALF}, **SMALL),
        "note": lambda: job.mark(note=HALF),
        "tag": lambda: job.tag(HALF),
        "search": lambda: session.jobs(text=HALF),
        "id": lambda: session.job(HALF),
        "sweep": lambda: session.sweep(f"a {{x}} {HALF}", x=[1, 2], **SMALL),
        "name of a sweep": lambda: session.sweep("a {x}", x=[1, 2], name=HALF, **SMALL),
        "template": lambda: session.save_template("boat", HALF),
        "name of a template": lambda: session.save_template(HALF, "A boat"),
    }
    for where, attempt in tries.items():
        with pytest.raises(sw.SeedanceError) as caught:
            attempt()
        str(caught.value).encode()  # a sentence that every output takes
        assert str(caught.value), where
    assert job.wait(timeout=60).path.exists()
    assert session.count() == 1


# --- notes, tags, searches --------------------------------------------------------------------------------------------
def test_a_note_that_is_too_long_is_refused_and_not_cut(session: Session) -> None:
    job = session.submit("A boat", **SMALL).mark(note="short")
    with pytest.raises(sw.SeedanceError, match="at most 10,000 characters"):
        job.mark(note="x" * 10_001)
    assert job.note == "short"
    assert len(job.mark(note="x" * 10_000).note) == 10_000


@pytest.mark.parametrize("how", ["mark", "tag"])
def test_more_tags_than_a_job_has_room_for_are_refused_and_not_cut(session: Session, how: str) -> None:
    job = session.submit("A boat", **SMALL).tag("first")
    words = [f"tag {number}" for number in range(51)]
    with pytest.raises(sw.SeedanceError, match="at most 50 tags"):
        job.mark(tags=words) if how == "mark" else job.tag(*words[:50])
    assert job.tags == ("first",)


def test_a_search_of_many_words_is_a_sentence_that_does_not_blame_the_folder(session: Session) -> None:
    with pytest.raises(sw.SeedanceError, match="at most 100 words") as caught:
        session.jobs(text=" ".join(f"w{number}" for number in range(1_500)))
    assert "folder" not in str(caught.value)
    assert len(session.jobs(text=" ".join(f"w{number}" for number in range(100)))) == 0


# --- places -----------------------------------------------------------------------------------------------------------
def test_a_deleted_folder_is_a_sentence_and_the_clip_goes_to_the_data_folder(session: Session, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    gone.rmdir()
    try:
        with pytest.warns(ClipsWarning, match="cannot be written"):
            job = session.submit("A boat", **SMALL)
        assert "clips are saved in" in repr(session.doctor())
        with pytest.raises(SettingsInvalid, match="was deleted"):
            find_home("here", {})
    finally:
        os.chdir(tmp_path)
    assert job.row.folder == str(session.home / "clips")


def test_without_a_home_the_data_folder_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Seen: a folder named `~` in the current one."""
    monkeypatch.setattr(os.path, "expanduser", lambda path: path)
    for name in ("XDG_DATA_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsInvalid, match="SEEDANCE_HOME"):
        find_home(None, {})


def test_where_names_of_files_are_ascii_a_clip_is_saved_all_the_same(tmp_path: Path) -> None:
    code = (
        "import sys, seedance_widgets as sw\n"
        "assert sys.getfilesystemencoding() == 'ascii'\n"
        "session = sw.simulate(1e9, home='home')\n"
        "job = session.submit('Ein Schlo\\u00df, \\u7d19', duration=4, resolution='480p', model='seedance-2.0-fast')\n"
        "print(job.wait(60).path.name); session.close()\n"
    )
    environment = {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "HOME": str(tmp_path)}
    environment |= {"PYTHONPATH": ":".join(sys.path), "PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.decode().startswith("ein-schlo")


# --- certificates and proxies -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "SSL_CERT_DIR"])
def test_certificates_that_are_not_there_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    monkeypatch.setenv("SSL_CERT_FILE" if name == "SSL_CERT_DIR" else "SSL_CERT_DIR", "")
    monkeypatch.setenv(name, str(tmp_path / "missing.pem"))
    if name == "SSL_CERT_DIR":
        monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", lambda *_, **__: (_ for _ in ()).throw(OSError()))
    for make in (lambda: Client(KEY), lambda: Files("https://www.seedance2.ink")):
        with pytest.raises(SettingsInvalid, match=re.escape(f"{name} names {tmp_path / 'missing.pem'}")):
            make()


def test_a_file_that_holds_no_certificates_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "empty.pem"
    path.write_text("no certificate")
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with pytest.raises(SettingsInvalid, match=r"it holds no certificates"):
        Client(KEY)


def test_certificates_are_read_once_and_again_when_their_file_has_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "ours.pem"
    shutil.copyfile(certifi.where(), path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    first = certificates()
    assert certificates() is first
    os.utime(path, ns=(1, 1))
    assert certificates() is not first


def test_a_missing_certificate_file_is_told_by_a_session(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "missing.pem"))
    session = sw.connect(KEY, "http://127.0.0.1:9", tmp_path / "home")
    with pytest.raises(SettingsInvalid, match=r"missing\.pem"):
        session.submit("A boat")
    session.close()


def test_a_proxy_that_fails_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "all_proxy", "no_proxy", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with ScriptedServer() as proxy:
        proxy.say(answer(407))
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//me:s3cret@"))
        client = Client(KEY, "https://api.seedance.invalid", tries=1)
        with pytest.raises(sw.ConnectionFailed, match=re.escape(f"through the proxy {proxy.url}")) as caught:
            client.models()
        client.close()
    assert "s3cret" not in str(caught.value)
    assert "NO_PROXY" in caught.value.next_step


def test_an_error_of_tls_names_the_variable_that_mends_it() -> None:
    with ScriptedServer() as plain:
        client = Client(KEY, plain.url.replace("http:", "https:"), tries=1)
        with pytest.raises(sw.ConnectionFailed, match="SSL_CERT_FILE"):
            client.models()
        client.close()


# --- answers ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("body", [b"<!doctype html><h1>503</h1>", b"\n <HTML>", b"down <b>for</b> maintenance"])
def test_a_web_page_is_in_no_message(body: bytes) -> None:
    call = open_api.list_models()
    with pytest.raises(sw.ServerFailed) as caught:
        call.read(Answer(status_code=503, headers={}, body=body))
    assert "<" not in str(caught.value)
    assert str(caught.value).startswith("The server failed (HTTP 503): no reason given, but a web page")


def test_no_such_generation_is_not_called_a_refusal() -> None:
    with ScriptedServer() as server:
        server.say(error(404, "not_found", "There is no generation 'x' under this key."))
        client = Client(KEY, server.url)
        with pytest.raises(sw.NotFound, match=r"^The server has no such generation"):
            client.get("x")
        client.close()


def test_a_huge_list_of_models_is_cut_and_the_known_ones_stay() -> None:
    many = {"durations": list(range(1_000)), "resolutions": ["x" * 500, "720p"]}
    odd = [{"id": f"m{number}", **(many if number < 200 else {})} for number in range(28_000)]
    body = json.dumps({"success": True, "data": [*odd, {"id": "seedance-2.0", "durations": [5]}]}).encode()
    models = open_api.list_models().read(Answer(status_code=200, headers={}, body=body))
    assert len(models) == open_api.MAX_MODELS
    assert models[-1].id == "seedance-2.0"
    assert models[0].resolutions == ("720p",)
    assert len(models[0].durations) == open_api.MAX_VALUES
    refusal = RequestInvalid("No.", field="model", allowed=[model.id for model in models])
    assert str(refusal).endswith("and 60 more.")


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "There is no webhook secret"),
        (None, "There is no webhook secret"),
        (" ", "nothing but white space"),
        ("\n\t", "nothing but white space"),
        ("whsec_mine\n", "white space around it"),
        ("short", "fewer than 6 characters"),
        (b"whsec_bytes", "is text, not bytes"),
        (123456, "is text, not int"),
        (f"whsec_{HALF}", "half of a character"),
    ],
)
def test_a_webhook_secret_that_can_be_none_is_refused_in_words(secret: Any, said: str) -> None:
    with pytest.raises(WebhookInvalid, match=said) as caught:
        sw.verify_webhook(b"{}", "0" * 64, secret)
    assert "whsec" not in str(caught.value)
    if secret is not None:
        with pytest.raises(ValueError, match=said):
            SimulatorSettings(webhook_secret=secret)


def test_a_misspelt_setting_of_a_client_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="create_timeout"):
        Client("k", create_timeout=3)  # type: ignore[call-arg]


# --- in a cell --------------------------------------------------------------------------------------------------------
def test_an_error_from_a_python_call_shows_the_persons_lines_and_none_of_ours(session: Session) -> None:
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.user_ns["session"] = session
    cell = "def make():\n    return session.submit('A boat', duration=99)\nmake()"
    with capture_output() as shown:
        done = shell.run_cell(cell)
    assert isinstance(done.error_in_exec, RequestInvalid)
    text = re.sub(r"\x1b\[[0-9;]*m", "", shown.stdout + shown.stderr)
    assert "return session.submit('A boat', duration=99)" in text
    assert "RequestInvalid: " in text
    assert not re.search(r"seedance_widgets/|anyio|concurrent/futures|asyncio", text)


def test_what_led_to_an_error_is_not_shown_in_a_cell_and_stays_with_it() -> None:
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.user_ns["errors"] = errors
    cell = "try:\n    1/0\nexcept ZeroDivisionError as error:\n    raise errors.PackageMissing('no pandas') from error"
    with capture_output() as shown:
        done = shell.run_cell(cell)
    assert isinstance(done.error_in_exec, errors.PackageMissing)
    assert isinstance(done.error_in_exec.__cause__, ZeroDivisionError)
    assert "PackageMissing: no pandas" in re.sub(r"\x1b\[[0-9;]*m", "", shown.stdout + shown.stderr)
    assert "division by zero" not in shown.stdout + shown.stderr
