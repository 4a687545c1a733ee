"""What 0.1.0 left is opened and gone on with: nothing that was sent is sent again, nothing that is there is lost.

`golden/make_history_0_1_0.py` made the history, `golden_history` puts it where these tests can use it. All of it is
asked in the words of the public API, since it must hold for every later version.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import nbformat
import pytest
from golden_history import FOLDER, prepared, resume_all, said_of
from samples import until
from scripted import Raw, ScriptedServer, Seen, answer

import seedance_widgets as sw
from seedance_widgets.clips import video

pytestmark = pytest.mark.timeout(300)

EXPECTED: dict[str, Any] = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))
SWEEPS: list[dict[str, Any]] = json.loads((FOLDER / "calls.json").read_text(encoding="utf-8"))
NOTEBOOK_SWEEP = {
    "name": None,
    "prompts": "a {colour} boat",
    "with": {"colour": ["red", "green"], "duration": 4, "resolution": "480p"},
    "sent": 2,
    "of": 2,
}


@dataclass
class Left:
    """The history of 0.1.0 as a person's, with a session for each service in it."""

    place: Path
    server: ScriptedServer
    simulated: sw.Session
    called: sw.Session

    def creates(self) -> int:
        """How many jobs there are at the simulator and were asked of the API."""
        return len(list((self.place / "home" / "simulator" / "generations").glob("*.json"))) + len(
            self.server.of("POST", "/generations")
        )

    def said(self) -> dict[str, Any]:
        return {"simulator": said_of(self.simulated, self.place), "api": said_of(self.called, self.place)}


def reply(seen: Seen) -> Raw:
    """The API that took three jobs: one has ended, one runs on, of one the answer was lost."""
    if seen.path.endswith("/models") or seen.method == "POST":
        return answer(404)
    request_id = seen.path.rpartition("/")[2]
    return answer(200, {"success": True, "requestId": request_id, "status": "processing"})


@contextmanager
def opened(place: Path, server: ScriptedServer) -> Iterator[Left]:
    simulated = sw.simulate(home=place / "home", speed=float("inf"))
    called = sw.connect("sd2_live_simulator", server.url, place / "home", requests_per_minute=6000)
    try:
        yield Left(place, server, simulated, called)
    finally:
        simulated.close()
        called.close()


@pytest.fixture(scope="module")
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.say(reply)
        yield server


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory, server: ScriptedServer) -> Iterator[Left]:
    """Opened, and gone on with until all has ended that can. Tests share it, and change nothing in it."""
    place = prepared(tmp_path_factory.mktemp("person"), server.url)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place / "project")
        with opened(place, server) as left:
            resume_all(left.simulated, left.called)
            yield left


@pytest.fixture(scope="module")
def said(left: Left) -> dict[str, Any]:
    return left.said()


@pytest.fixture
def place(tmp_path: Path, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of one's own, that nobody has opened."""
    monkeypatch.chdir(prepared(tmp_path, server.url) / "project")
    return tmp_path


@pytest.fixture
def anew(place: Path, server: ScriptedServer) -> Iterator[Left]:
    """The same, just opened."""
    with opened(place, server) as left:
        yield left


@pytest.mark.parametrize("service", ["simulator", "api"])
def test_every_job_is_there_as_it_was_with_all_its_marks(said: dict[str, Any], service: str) -> None:
    assert said[service]["jobs"] == EXPECTED[service]["jobs"]


@pytest.mark.parametrize("service", ["simulator", "api"])
@pytest.mark.parametrize("by", ["model", "sweep", "notebook"])
def test_what_was_spent_adds_up_to_the_same(said: dict[str, Any], service: str, by: str) -> None:
    assert said[service]["costs"][by] == EXPECTED[service]["costs"][by]


def test_every_sweep_is_there_with_its_name_and_its_jobs(said: dict[str, Any]) -> None:
    assert said["simulator"]["sweeps"] == EXPECTED["simulator"]["sweeps"]


def test_going_on_with_what_was_open_sends_nothing(left: Left) -> None:
    assert left.creates() == len(list((FOLDER / "home" / "simulator" / "generations").glob("*.json")))


def test_every_clip_is_read_with_its_poster_and_its_facts(left: Left) -> None:
    jobs = [job for session in (left.simulated, left.called) for job in session.jobs(status="succeeded", limit=1000)]
    assert len(jobs) > 20
    for job in jobs:
        assert job.clip is not None, job
        assert job.clip.poster_path is not None
        assert job.clip.poster_path.read_bytes()[:2] == b"\xff\xd8"
        assert video.probe(job.clip.path)["duration_s"] == job.clip.duration_s
        assert job.clip.path.stat().st_size == job.clip.size_bytes


def test_the_clips_are_byte_for_byte_what_they_were(left: Left) -> None:
    clips = list((FOLDER / "project" / "seedance_clips").iterdir())
    assert len(clips) > 60
    for path in clips:
        assert (left.place / "project" / "seedance_clips" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("told_by", ["tag", "sidecar"])
def test_every_clip_tells_what_it_was_made_from(left: Left, tmp_path: Path, told_by: str) -> None:
    jobs = {job.id: job for session in (left.simulated, left.called) for job in session.jobs(limit=1000)}
    deleted = 0
    for path in (FOLDER / "project" / "seedance_clips").glob("*.mp4"):
        alone = tmp_path / "renamed.mp4"  # so that its sidecar is not beside it
        shutil.copy(path, alone)
        told = sw.open(alone if told_by == "tag" else path.with_suffix(".json"))
        assert told.source == told_by
        if (job := jobs.get(told.job_id or "")) is None:
            deleted += 1
            continue
        assert (told.request.prompt, told.request_id) == (job.request.prompt, job.request_id)
        assert (told.request.metadata, told.request.media_urls) == (job.request.metadata, job.request.media_urls)
        assert (told.cost, told.credits) == (job.cost, job.credits_charged)
    assert deleted == 1, "the one whose clip was kept"


def test_what_was_deleted_stays_deleted(left: Left) -> None:
    with closing(sqlite3.connect(f"file:{FOLDER / 'home' / 'history.db'}?mode=ro&immutable=1", uri=True)) as database:
        deleted = [job_id for (job_id,) in database.execute("SELECT id FROM jobs WHERE removed_at IS NOT NULL")]
    assert len(deleted) == 4
    for job_id in deleted:
        with pytest.raises(sw.JobNotFound):
            left.simulated.job(job_id)
    assert not left.simulated.jobs(text="deleted")


@pytest.mark.parametrize("call", [*SWEEPS, NOTEBOOK_SWEEP], ids=lambda call: str(call["name"] or call["prompts"]))
def test_the_same_call_sends_only_what_was_not_sent(anew: Left, call: dict[str, Any]) -> None:
    before = anew.creates()
    sweep = anew.simulated.sweep(call["prompts"], name=call["name"], **call["with"])
    until(lambda: not sweep.is_running, 60)
    assert anew.creates() - before == call["of"] - call["sent"]
    assert sweep.id in EXPECTED["simulator"]["sweeps"]
    assert not sweep.unsent


@pytest.mark.parametrize("call", [call for call in SWEEPS if call["name"]], ids=lambda call: call["name"])
def test_the_name_goes_on_with_what_was_not_sent(anew: Left, call: dict[str, Any]) -> None:
    before = anew.creates()
    sweep = anew.simulated.sweep_of(call["name"]).resume()
    until(lambda: not sweep.is_running, 60)
    assert anew.creates() - before == call["of"] - call["sent"]
    assert not sweep.unsent


@pytest.mark.filterwarnings("ignore::seedance_widgets.HistoryWarning")
def test_the_paper_trail_alone_tells_all_of_it_again(place: Path, server: ScriptedServer) -> None:
    (place / "home" / "history.db").unlink()
    with opened(place, server) as left:
        resume_all(left.simulated, left.called)
        said = left.said()
    for service in ("simulator", "api"):
        assert said[service] == EXPECTED[service]


def test_the_saved_notebook_shows_clips_that_are_there(left: Left) -> None:
    book = nbformat.read(left.place / "project" / "first.ipynb", as_version=4)
    nbformat.validate(book)
    pages = [output["data"].get("text/html", "") for cell in book.cells for output in cell.outputs if "data" in output]
    links = [unquote(unescape(link)) for page in pages for link in re.findall(r'<video[^>]* src="([^"]+)"', page)]
    assert links
    for link in links:
        assert (left.place / "project" / link).is_file(), link
