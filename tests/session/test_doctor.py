"""The doctor tells what works and what to do, and never a secret."""

from __future__ import annotations

import contextlib
import math
import sqlite3
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from scripted import ScriptedServer, answer, error

import seedance_widgets as sw
from seedance_widgets.session.doctor import Check, Report
from seedance_widgets.session.session import Session

KEY = "sd2_live_do_not_show_me_4711"


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.say(answer(200, {"success": True, "data": [{"id": "seedance-9"}]}))
        yield server


@pytest.fixture
def session(server: ScriptedServer, tmp_path: Path) -> Iterator[Session]:
    session = sw.connect(KEY, server.url, tmp_path / "home")
    yield session
    session.close()


def check_of(report: Report, name: str) -> Check:
    return next(check for check in report.checks if check.name == name)


def test_without_being_asked_it_sends_nothing(session: Session, server: ScriptedServer) -> None:
    report = session.doctor()
    assert report.ok
    assert server.requests == []
    assert {"python", "packages", "service", "history", "video"} <= {check.name for check in report.checks}


def test_when_asked_it_asks_for_the_models_and_nothing_else(session: Session, server: ScriptedServer) -> None:
    report = session.doctor(network=True)
    assert check_of(report, "server").ok
    assert "seedance-9" in check_of(report, "server").detail
    assert {seen.path for seen in server.requests} == {"/api/open/v1/models"}


def test_a_server_that_refuses_is_a_fault_with_a_next_step(session: Session, server: ScriptedServer) -> None:
    server.say(error(401, "unauthorized", "Invalid API key"))
    report = session.doctor(network=True)
    assert not report.ok
    assert check_of(report, "server").ok is False
    assert "SEEDANCE_API_KEY" in check_of(report, "server").next_step


@pytest.mark.parametrize("reply", [answer(200, {"data": []}), error(401, "unauthorized", f"bad key {KEY[:4]}…")])
def test_no_secret_is_in_the_report(session: Session, server: ScriptedServer, reply: object) -> None:
    report = session.doctor(network=True)
    shown = f"{report} {report!r} {report._repr_html_()} {report.checks}"
    assert KEY not in shown
    assert "found in argument" in shown


def test_a_history_that_cannot_be_read_is_a_fault_and_not_an_exception(tmp_path: Path, server: ScriptedServer) -> None:
    session = sw.connect(KEY, server.url, tmp_path)
    session.count()
    with contextlib.closing(sqlite3.connect(tmp_path / "history.db", isolation_level=None)) as file:
        file.execute("UPDATE seedance_meta SET value = '99'")
    session.close()
    session = sw.connect(KEY, server.url, tmp_path)
    report = session.doctor()
    session.close()
    assert check_of(report, "history").ok is False
    assert "newer version" in check_of(report, "history").detail


def test_a_history_that_was_rebuilt_says_so(tmp_path: Path, server: ScriptedServer) -> None:
    (tmp_path / "history.db").write_bytes(b"this is no database" * 300)
    session = sw.connect(KEY, server.url, tmp_path)
    report = session.doctor()
    session.close()
    assert "It is kept as history-damaged-" in str(report)


def test_the_simulator_says_that_it_is_one(tmp_path: Path) -> None:
    session = sw.simulate(speed=math.inf, home=tmp_path)
    report = session.doctor()
    session.close()
    assert "no key used, nothing charged" in check_of(report, "service").detail


REPORT = Report(
    (
        Check("good", True, "fine"),
        Check("bad", False, "<script>alert(1)</script>", "do <b>this</b>"),
        Check("so", None, "neither"),
    )
)


def test_a_report_is_well_only_when_nothing_failed() -> None:
    assert not REPORT.ok
    assert Report((REPORT.checks[0], REPORT.checks[2])).ok


def test_a_report_reads_as_lines_with_their_next_steps() -> None:
    lines = str(REPORT).splitlines()
    assert lines[0].startswith("ok")
    assert lines[1].startswith("FAIL")
    assert "-> do <b>this</b>" in lines[2]


def test_a_report_shows_what_others_wrote_as_text() -> None:
    tags: list[str] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: object) -> None:
            tags.append(tag)

    Reader().feed(REPORT._repr_html_())
    assert set(tags) <= {"table", "tbody", "tr", "td", "th", "br", "em"}
    assert 'aria-label="failed"' in REPORT._repr_html_()
