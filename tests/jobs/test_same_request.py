"""The same request is one definition: the store, a cell that is run twice and a second click in the Studio agree."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import seedance_widgets as sw
from seedance_widgets.errors import SentBefore
from seedance_widgets.life import Row, new_job_id
from seedance_widgets.life.same_request import RECENT_S, SameRequest
from seedance_widgets.request.check import make_request
from seedance_widgets.session.session import Session

IMAGES = ["https://example.com/a.png", "https://example.com/b.png"]
PROMPT = "A paper boat"

REQUESTS: dict[str, tuple[str, dict[str, Any], bool]] = {
    "the same words and options": (PROMPT, {"duration": 5}, True),
    "a default that is spelled out": (PROMPT, {"duration": 5, "model": "seedance-2.0"}, True),
    "white space around the prompt": (f" {PROMPT}", {"duration": 5}, False),
    "white space within the prompt": ("A  paper boat", {"duration": 5}, False),
    "another letter case": (PROMPT.lower(), {"duration": 5}, False),
    "another duration": (PROMPT, {"duration": 10}, False),
    "another model": (PROMPT, {"duration": 5, "model": "seedance-2.0-fast"}, False),
    "a model's name in capitals": (PROMPT, {"duration": 5, "model": "SEEDANCE-2.0"}, False),
    "metadata, such as a seed of one's own": (PROMPT, {"duration": 5, "metadata": {"seed": 7}}, False),
    "metadata that is empty": (PROMPT, {"duration": 5, "metadata": {}}, True),
    "a medium more": (PROMPT, {"duration": 5, "media_urls": IMAGES[:1]}, False),
}
"""A request beside `A paper boat` of 5 s, and whether it is the same."""

ROWS: dict[str, tuple[dict[str, Any], bool, bool, bool]] = {
    "being sent": ({}, True, True, False),
    "running": ({"status": "processing", "request_id": "r1"}, True, True, False),
    "of a status that nobody knows": ({"status": "dreaming", "request_id": "r1"}, True, True, False),
    "made too long ago": ({"status": "processing", "request_id": "r1", "age_s": RECENT_S + 5}, False, False, False),
    "to be cancelled": ({"status": "processing", "request_id": "r1", "cancel_asked_at": 1.0}, False, False, False),
    "saving its clip": ({"status": "succeeded", "request_id": "r1", "final_at": 1.0}, True, True, False),
    "saved": ({"status": "succeeded", "request_id": "r1", "clip_path": "a.mp4"}, False, True, False),
    "failed": ({"status": "failed", "final_at": 1.0}, False, False, False),
    "cancelled": ({"status": "cancelled", "final_at": 1.0}, False, False, False),
    "unconfirmed": ({"status": "unconfirmed"}, False, True, True),
    "unconfirmed and old": ({"status": "unconfirmed", "age_s": 90_000.0}, False, True, True),
    "deleted": ({"status": "unconfirmed", "removed_at": 1.0}, False, False, False),
    "of another service": ({"service": "elsewhere"}, False, False, False),
}
"""How the row of the same request stands: whether a cell shows it, the Studio asks about it, a submit is refused."""


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """One that looks after nothing that it did not send."""
    monkeypatch.chdir(tmp_path)
    simulator = sw.Simulator(sw.SimulatorSettings(home=tmp_path / "simulator"))
    session = Session(None, home=tmp_path / "home", simulator=simulator, takes_over=False)
    yield session
    session.close()


@pytest.fixture
def add(session: Session) -> Callable[..., Row]:
    def put(prompt: str = PROMPT, *, age_s: float = 0.0, **facts: Any) -> Row:
        options = facts.pop("options", {"duration": 5})
        row = Row(
            id=new_job_id(),
            service=facts.pop("service", session.service),
            request=make_request(prompt, options),
            created_at=time.time() - age_s,
            **facts,
        )
        session.store.add_all([row])
        return row

    return put


def shown_by_a_cell(session: Session, prompt: str, options: dict[str, Any]) -> bool:
    return session.running_twin(prompt, **options) is not None


def asked_about(session: Session, prompt: str, options: dict[str, Any]) -> bool:
    return session.twin(make_request(prompt, options), RECENT_S) is not None


def written_anew(session: Session, prompt: str, options: dict[str, Any]) -> str:
    """What the store does with a row that may be merged: "written", "merged" or "refused"."""
    request = make_request(prompt, options)
    row = Row(id=new_job_id(), service=session.service, request=request, created_at=time.time())
    try:
        kept = session.store.add(row, merge_within_s=RECENT_S, again=False)
    except SentBefore:
        return "refused"
    return "written" if kept.id == row.id else "merged"


@pytest.mark.parametrize("case", REQUESTS)
def test_a_cell_the_studio_and_the_store_agree_on_what_the_same_request_is(
    session: Session, add: Callable[..., Row], case: str
) -> None:
    prompt, options, same = REQUESTS[case]
    row = add()
    assert SameRequest.of(replace(row, id="other", request=make_request(prompt, options)), 10.0).is_recent(row) is same
    assert shown_by_a_cell(session, prompt, options) is same
    assert asked_about(session, prompt, options) is same
    assert written_anew(session, prompt, options) == ("merged" if same else "written")


def test_media_in_another_order_are_another_request_and_a_new_signature_is_not(
    session: Session, add: Callable[..., Row]
) -> None:
    add(options={"media_urls": IMAGES})
    signed = [f"{IMAGES[0]}?X-Amz-Signature=abc&X-Amz-Expires=60", IMAGES[1]]
    for media, same in ((IMAGES, True), (IMAGES[::-1], False)):
        assert asked_about(session, PROMPT, {"media_urls": media}) is same
        assert shown_by_a_cell(session, PROMPT, {"media_urls": media}) is same
        assert written_anew(session, PROMPT, {"media_urls": media}) == ("merged" if same else "written")
    add("Signed", options={"media_urls": signed})
    resigned = [signed[0].replace("abc", "xyz"), IMAGES[1]]
    assert asked_about(session, "Signed", {"media_urls": resigned})
    assert written_anew(session, "Signed", {"media_urls": resigned}) == "merged"


@pytest.mark.parametrize("case", ROWS)
def test_a_cell_the_studio_and_the_store_agree_on_which_rows_count(
    session: Session, add: Callable[..., Row], case: str
) -> None:
    facts, is_shown, is_asked_about, is_refused = ROWS[case]
    row = add(**facts)
    options = {"duration": 5}
    same = SameRequest(request=row.request, service=session.service, at=time.time(), within_s=RECENT_S)
    assert (same.is_recent(row), same.is_unconfirmed(row)) == (is_shown, is_refused)
    assert shown_by_a_cell(session, PROMPT, options) is is_shown
    assert asked_about(session, PROMPT, options) is is_asked_about
    expected = "merged" if is_shown else "refused" if is_refused else "written"
    assert written_anew(session, PROMPT, options) == expected


def test_a_row_that_another_hand_broke_hides_no_other(session: Session, add: Callable[..., Row]) -> None:
    first, broken = add(), add()
    with sqlite3.connect(session.store.where) as connection:
        connection.execute("UPDATE jobs SET request = ? WHERE id = ?", (json.dumps({"no": "prompt"}), broken.id))
    connection.close()
    found = session.twin(first.request, RECENT_S)
    assert found is not None
    assert found.id == first.id


def test_a_job_that_is_not_written_yet_counts_for_the_studio_too(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(session.store), "find_same", lambda *_: None)
    job = session.start(PROMPT, duration=5)
    assert session.twin(job.request, RECENT_S) is job
    assert session.running_twin(PROMPT, duration=5) is job
