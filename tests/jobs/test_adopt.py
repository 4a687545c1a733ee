"""A request id that a person found is given to the job that it is of, and to no other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from samples import NOW
from scripted import CUT, Raw, ScriptedServer, Seen, answer

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.errors import AdoptRefused
from seedance_widgets.life import Row
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store
from seedance_widgets.types import Problem

MakeRow = Callable[..., Row]
LOST = life.Uncertain(NOW, Problem(code="answer_lost", message="lost"))


class Api:
    """Loses the answers to creates while `lost`; `prompt` is what it says of every generation."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server, self.lost, self.prompt = server, True, "A boat"
        server.say(self._reply)

    def _reply(self, seen: Seen) -> Raw:
        if seen.method == "POST":
            return CUT if self.lost else answer(200, {"success": True, "requestId": "req_theirs", "status": "queued"})
        if seen.path.endswith("/models"):
            return answer(500, {})
        body = {"success": True, "requestId": seen.path.rpartition("/")[2], "status": "processing"}
        return answer(200, body | ({"prompt": self.prompt} if self.prompt else {}))


@pytest.fixture
def api() -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server)


@pytest.fixture
def session(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    key = "sd2_live_do_not_show_me_4711"
    session = sw.connect(key, api.server.url, tmp_path / "home", requests_per_minute=60_000)
    yield session
    session.close()


@pytest.fixture
def lost(session: Session, api: Api) -> sw.Job:
    with pytest.raises(sw.SubmissionUncertain):
        session.submit("A boat")
    api.lost = False
    return session.jobs()[0]


def test_a_request_id_that_another_job_has_is_refused_naming_it(session: Session, lost: sw.Job) -> None:
    other = session.submit("A boat, again")
    with pytest.raises(sw.AdoptRefused, match=rf"req_theirs belongs to job {other.id} \('A boat, again'\)") as caught:
        lost.adopt("req_theirs")
    assert caught.value.job is lost
    assert (lost.status, lost.request_id) == ("unconfirmed", None)
    assert lost.adopt("req_mine").request_id == "req_mine"


def test_a_request_id_of_another_prompt_is_refused_naming_it(lost: sw.Job, api: Api) -> None:
    api.prompt = "A lighthouse"
    with pytest.raises(sw.AdoptRefused, match="another prompt .'A lighthouse'.*asked for 'A boat'"):  # noqa: RUF043
        lost.adopt("req_x")
    assert (lost.status, lost.request_id) == ("unconfirmed", None)


@pytest.mark.parametrize("said", ["A boat", "  A\n boat ", ""])
def test_a_prompt_that_is_the_same_or_not_told_is_adopted(lost: sw.Job, api: Api, said: str) -> None:
    api.prompt = said
    assert lost.adopt("req_x").request_id == "req_x"


def test_a_long_prompt_may_come_back_cut(row_of: MakeRow, request_of: Callable[..., sw.GenerationRequest]) -> None:
    from seedance_widgets.life.adoption import refuse_other_prompt

    row = row_of(request=request_of(prompt="A boat. " * 50))
    refuse_other_prompt(row, "req_x", ("A boat. " * 50)[:200] + "…")
    with pytest.raises(AdoptRefused):
        refuse_other_prompt(row, "req_x", "A boat. A…")


# --- in the history ---------------------------------------------------------------------------------------------------
def test_two_kernels_that_adopt_one_request_id_for_two_jobs_do_it_once(place: Path | str, row_of: MakeRow) -> None:
    store, other = Store(place), Store(place)
    for job_id in ("first", "second"):
        store.add(row_of(id=job_id))
        store.apply(job_id, LOST)
    assert store.apply("first", life.Adopted(NOW, "req_x")).request_id == "req_x"
    with pytest.raises(AdoptRefused, match="belongs to job first"):
        other.apply("second", life.Adopted(NOW, "req_x"))
    row = store.get("second")
    assert row is not None
    assert (row.status, row.request_id) == ("unconfirmed", None)
    store.close()
    other.close()


def test_a_deleted_job_keeps_its_request_id(place: Path | str, row_of: MakeRow) -> None:
    store = Store(place)
    store.add(row_of(id="gone", status="failed", request_id="req_x", final_at=NOW))
    store.apply("gone", life.Removed(NOW, forced=False))
    store.add(row_of(id="lost"))
    store.apply("lost", LOST)
    with pytest.raises(AdoptRefused, match="belongs to job gone, which was deleted"):
        store.apply("lost", life.Adopted(NOW, "req_x"))
    store.close()


def test_what_was_refused_is_not_in_the_paper_trail(tmp_path: Path, row_of: MakeRow) -> None:
    store = Store(tmp_path / "history.db")
    store.add(row_of(id="theirs", request_id="req_x", status="queued"))
    store.add(row_of(id="lost"))
    store.apply("lost", LOST)
    with pytest.raises(AdoptRefused):
        store.apply("lost", life.Adopted(NOW, "req_x"))
    store.close()
    (tmp_path / "history.db").unlink()
    rebuilt = Store(tmp_path / "history.db")
    row = rebuilt.get("lost")
    assert row is not None
    assert (row.status, row.request_id) == ("unconfirmed", None)
    rebuilt.close()
