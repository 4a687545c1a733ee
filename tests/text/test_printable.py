"""What a terminal would obey is shown escaped, wherever words of a server come out; one function does it for all."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from scripted import ScriptedServer, Seen, answer, error

import seedance_widgets as sw
from seedance_widgets import errors
from seedance_widgets.text.printable import cut, for_stdout, one_line, visible

HOSTILE = {
    "an escape sequence": "\x1b[31mred",
    "a window's name": "\x1b]0;owned\x07",
    "the clipboard": "\x1b]52;c;ZXZpbA==\x1b\\",
    "an escape of one character": "\x9b31mred",
    "an operating system command of one character": "\x9d0;owned\x9c",
    "a carriage return": "refused\rAccepted",
    "a backspace": "no\b\byes",
    "an override": "\u202etxet",
    "an isolate": "\u2067a\u2069",
    "a mark": "a\u200fb\u061cc",
    "a line separator": "a\u2028b",
    "a delete": "a\x7f",
    "a NUL": "a\0b",
    "half a character": "a\ud83d",
}
ALL = " ".join(text for text in HOSTILE.values() if "\ud83d" not in text)


def is_tame(text: str) -> bool:
    return visible(text) == text


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_a_terminal_obeys_is_shown_escaped_and_not_left_out(text: str) -> None:
    shown = visible(text)
    assert all(character.isprintable() for character in shown)
    assert "\\" in shown
    assert len(shown) > len(text)


WORDS = ["two\nlines\tand a tab", "crossing\r\nlines", "紙の船", "عربي", "👩\u200d🚀", "می\u200cخواهم", "e\u0301"]


@pytest.mark.parametrize("text", WORDS)
def test_words_of_every_script_stay_as_they_are(text: str) -> None:
    assert visible(text) == text.replace("\r\n", "\n")


def test_one_line_is_one_line() -> None:
    assert one_line("a \n\t b\r\nc") == "a b c"


def every_error() -> list[type[errors.SeedanceError]]:
    found, left = [], [errors.SeedanceError]
    while left:
        kind = left.pop()
        found.append(kind)
        left += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == errors.__name__]


@pytest.mark.parametrize("kind", every_error(), ids=lambda kind: kind.__name__)
def test_no_error_hands_a_terminal_what_it_would_obey(kind: type[errors.SeedanceError]) -> None:
    needed: dict[str, Any] = {
        "RequestInvalid": {"field": "duration", "allowed": [ALL], "nearest": ALL},
        "CapExceeded": {"cap": "day", "cap_usd": 1, "spent_usd": 1, "cost_usd": 1, "request": None, "next_step": ALL},
        "HistoryUnwritable": {"where": ALL},
        "PriceChanged": {"shown_usd": 1.0, "now_usd": 2.0, "plan": None},
        "AnswerUnreadable": {"status_code": 200},
        "RateLimited": {"code": ALL},
    }
    more = needed.get(kind.__name__, {})
    if issubclass(kind, errors.ApiError) and not more:
        more = {"status_code": 400, "code": ALL}
    if issubclass(kind, errors.JobError):
        more = {"job": None}
    raised = kind(ALL, **more)
    for text in (str(raised), raised.what, raised.charged, raised.next_step, raised.args[0]):
        assert is_tame(text)
    assert "\\x1b[31mred" in str(raised)


class Api:
    """Says everything in the words of the enemy."""

    def __init__(self) -> None:
        self.status = ALL[:90]

    def __call__(self, seen: Seen) -> Any:
        if seen.path.endswith("/models"):
            prices = {"720p": 0.1}
            model = {"id": f"m{ALL}", "aspectRatios": ["16:9"], "resolutions": ["720p"], "usdPerSecond": prices}
            return answer(200, {"success": True, "data": [{"id": "seedance-2.0", "durations": [5]}, model]})
        if seen.method == "POST":
            if seen.json["prompt"] == "refuse this":
                return error(400, ALL, ALL)
            return answer(200, {"success": True, "requestId": f"req{ALL}", "status": self.status})
        failed = {"code": ALL, "message": ALL}
        body = {"success": True, "requestId": f"req{ALL}", "status": self.status, "error": failed}
        return answer(200, body)


def test_nothing_that_shows_a_servers_words_hands_them_to_a_terminal_raw(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None
) -> None:
    monkeypatch.chdir(tmp_path)
    with ScriptedServer() as server:
        api = Api()
        server.say(api)
        session = sw.connect("a-key-of-mine", server.url, tmp_path / "home", requests_per_minute=60_000)
        job = session.submit(f"A boat {ALL}")
        shown = [repr(job), job.status_text, repr(session.jobs()), repr(session.doctor(network=True))]
        shown += [repr(job.row), repr(session.tree(job)), repr(session.costs("model"))]
        with pytest.raises(sw.SeedanceError) as refused:
            session.submit("refuse this")
        api.status = "failed"
        with pytest.raises(sw.GenerationFailed) as failed:
            job.wait(timeout=30)
        shown += [str(refused.value), str(failed.value), repr(job), repr(session.jobs()), repr(session.models())]
        with pytest.raises(sw.RequestInvalid) as unknown:
            session.plan("A boat", model="seedance")
        shown += [str(unknown.value), repr(session.plan_sweep(f"a {{x}} {ALL}", x=[ALL, 1]))]
        session.close()
    assert [text for text in shown if not is_tame(text)] == []


# --- a narrow code page -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "cp437", "no-such-encoding"])
def test_a_table_is_printed_on_a_narrow_code_page(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    class Narrow(io.StringIO):
        pass

    monkeypatch.setattr(Narrow, "encoding", encoding)
    monkeypatch.setattr(sys, "stdout", Narrow())
    shown = for_stdout("── 紙の船 …")
    assert "\\u7d19" in shown
    shown.encode("ascii" if encoding.startswith("no") else encoding)


def test_jobs_are_printed_where_output_is_ascii(tmp_path: Path) -> None:
    code = (
        "import seedance_widgets as sw\n"
        "session = sw.simulate(1e9, home='home')\n"
        "job = session.submit('紙の船', duration=4, resolution='480p')\n"
        "job.mark(starred=True)\n"
        "print(session.jobs()); print(session.models()); print(session.doctor()); print(job); session.close()\n"
    )
    environment = {"PYTHONIOENCODING": "ascii", "PATH": "", "HOME": str(tmp_path), "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert b"\\u7d19" in done.stdout


@pytest.mark.parametrize(
    ("text", "width", "left"),
    [
        ("a boat", 6, "a boat"),
        ("a boat", 5, "a bo…"),
        ("a boat", 3, "a…"),
        (visible("boat\x1b[31m"), 7, "boat…"),
        (visible("boat\u202e!"), 9, "boat…"),
        (visible("boat\u202e!"), 11, "boat\\u202e!"),
        ("boat\ud83d\ude00!", 6, "boat…"),
    ],
)
def test_a_text_is_cut_between_its_characters_and_never_within_an_escape(text: str, width: int, left: str) -> None:
    assert cut(text, width) == left
