"""What a person remembers of jobs: stars, ratings, tags and notes, finding by them, lists and frames, deleting."""

from __future__ import annotations

import math
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.errors import JobNotFound, PackageMissing, SeedanceError
from seedance_widgets.jobs.listing import Jobs
from seedance_widgets.life import Row
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store
from seedance_widgets.types import ClipFacts
from seedance_widgets.when import instant

MakeRow = Callable[..., Row]
FACTS = ClipFacts(size_bytes=1, width=2, height=3, duration_s=4.5, fps=24.0, has_audio=True)
NOW = time.mktime((2026, 11, 22, 15, 30, 0, 0, 0, -1))


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


@pytest.fixture
def put(session: Session, row_of: MakeRow, tmp_path: Path) -> Callable[..., sw.Job]:
    """A job that has ended, with clip, poster and sidecar."""

    def make(job_id: str = "abcd2345", *, files: bool = True, **changes: Any) -> sw.Job:
        folder = tmp_path / "seedance_clips"
        folder.mkdir(exist_ok=True)
        clip = folder / f"paper-boat-{job_id}.mp4"
        row = row_of(id=job_id, status="succeeded", request_id=f"req_{job_id}", cost_usd=0.5, credits_charged=40)
        row = replace(row, folder=str(folder), clip_path=str(clip), poster_path=str(clip.with_suffix(".jpg")))
        if files:
            for ending in (".mp4", ".jpg", ".json"):
                clip.with_suffix(ending).write_text("x")
        session.store.add(replace(row, clip_facts=FACTS, **changes))
        return session.job(job_id)

    return make


# --- marks ------------------------------------------------------------------------------------------------------------
def test_a_reject_is_a_tag_that_finds_it_again(put: Callable[..., sw.Job], session: Session) -> None:
    job, other = put("rejected1"), put("other2222")
    assert job.reject().rejected
    assert [each.id for each in session.jobs(tag="rejected")] == [job.id]
    assert job.clip is not None, "nothing is deleted"
    assert not job.reject(False).rejected
    assert not other.rejected
    assert list(session.jobs(tag="rejected")) == []


def test_nothing_is_both_starred_and_rejected(put: Callable[..., sw.Job]) -> None:
    job = put()
    job.tag("rain")
    assert (job.mark(starred=True).reject().starred, job.rejected) == (False, True)
    assert (job.mark(starred=True).starred, job.rejected, job.tags) == (True, False, ("rain",))


def test_a_job_is_rated_tagged_and_noted(put: Callable[..., sw.Job], session: Session) -> None:
    job = put().rate(4).tag("boat", " heavy  rain ", "boat").mark(starred=True, note="โน้ต")
    again = session.store.get(job.id)
    assert (job.rating, job.tags, job.starred, job.note) == (4, ("boat", "heavy rain"), True, "โน้ต")
    assert again is not None
    assert (again.rating, again.tags) == (4, ("boat", "heavy rain"))
    assert job.untag("boat").tags == ("heavy rain",)
    assert job.untag().tags == ()
    assert job.rate(None).rating is None
    assert job.mark(rating=2, tags=["a", "b"]).tags == ("a", "b")


@pytest.mark.parametrize("rating", [0, 6, -1, 4.5, "4", True, math.nan])
def test_a_rating_that_is_none_is_refused_and_nothing_changes(put: Callable[..., sw.Job], rating: Any) -> None:
    job = put().rate(3)
    with pytest.raises(SeedanceError, match="1 to 5"):
        job.rate(rating)
    assert job.rating == 3


@pytest.mark.parametrize("tag", ["", "  ", "x" * 101, 7, "a\x00b"])
def test_a_tag_that_is_no_word_is_refused(put: Callable[..., sw.Job], tag: Any) -> None:
    job = put()
    with pytest.raises(SeedanceError, match="A tag is a word"):
        job.tag("fine", tag)
    assert job.tags == ()


def test_two_kernels_that_tag_at_once_lose_no_tag(put: Callable[..., sw.Job], session: Session) -> None:
    job = put()
    other = Store(session.home / "history.db")
    other.apply(job.id, life.Marked(tagged=("theirs",)))
    assert job.tag("ours").tags == ("theirs", "ours")
    other.close()


def test_marks_survive_a_history_that_is_built_anew(put: Callable[..., sw.Job], session: Session) -> None:
    job = put().tag("boat", "sea").untag("sea").rate(5)
    (session.home / "history.db").unlink()
    with pytest.warns(sw.HistoryWarning):
        (again,) = session.jobs(tag="boat")
    assert (again.id, again.tags, again.rating) == (job.id, ("boat",), 5)


# --- finding ----------------------------------------------------------------------------------------------------------
def test_jobs_are_found_by_every_mark(put: Callable[..., sw.Job], session: Session) -> None:
    put("aaa", sweep_id="s1").tag("Boat").rate(5)
    put("bbb").tag("boathouse", 'say "boat"').rate(3).mark(starred=True)
    find = lambda **wanted: sorted(job.id for job in session.jobs(**wanted))  # noqa: E731
    assert find(tag="boat") == ["aaa"]
    assert find(tag='say "boat"') == ["bbb"]
    assert find(rating=3) == ["aaa", "bbb"]
    assert find(rating=4) == ["aaa"]
    assert find(starred=True) == ["bbb"]
    assert find(sweep="s1") == ["aaa"]
    assert find(text="boathouse") == ["bbb"]
    assert find(model="seedance-2.0", tag="none") == []
    assert session.count(tag="boat") == 1


def test_jobs_are_found_by_when_they_were_made(put: Callable[..., sw.Job], session: Session) -> None:
    for name, days in (("today", 0), ("week", 5), ("month", 30)):
        put(name, created_at=time.time() - days * 86400)
    assert [job.id for job in session.jobs(since="7d")] == ["today", "week"]
    assert [job.id for job in session.jobs(until="7d")] == ["month"]
    assert [job.id for job in session.jobs(since=datetime.now(UTC) - timedelta(days=1))] == ["today"]


@pytest.mark.parametrize(
    ("said", "local"),
    [
        ("today", (2026, 11, 22)),
        ("Yesterday", (2026, 11, 21)),
        ("2026-11-01", (2026, 11, 1)),
        (date(2026, 11, 1), (2026, 11, 1)),
        (datetime(2026, 11, 1, 6, 30), (2026, 11, 1, 6, 30)),
        ("2026-11-01T06:30", (2026, 11, 1, 6, 30)),
        ("7d", (2026, 11, 15, 15, 30)),
        ("90 min", (2026, 11, 22, 14, 0)),
        ("now", (2026, 11, 22, 15, 30)),
    ],
)
def test_an_instant_is_what_a_person_says(said: Any, local: tuple[int, ...]) -> None:
    assert instant(said, name="since", now=NOW) == datetime(*local).timestamp()  # type: ignore[arg-type, misc]


def test_a_zone_that_is_named_counts_and_a_number_is_itself() -> None:
    assert instant("2026-11-01T00:00+00:00", name="since") == datetime(2026, 11, 1, tzinfo=UTC).timestamp()
    assert instant(5, name="since") == 5.0


@pytest.mark.parametrize(
    ("said", "day"), [("today", (2026, 11, 23)), ("2026-11-01", (2026, 11, 2)), (date(2026, 11, 1), (2026, 11, 2))]
)
def test_until_a_day_has_all_of_that_day(said: Any, day: tuple[int, int, int]) -> None:
    assert instant(said, name="until", end=True, now=NOW) == datetime(*day).timestamp()


@pytest.mark.parametrize(
    "said", ["", "soon", "2026-13-01", "7 fortnights", math.nan, math.inf, True, None, [], "9" * 40]
)
def test_what_names_no_instant_is_one_sentence(said: Any) -> None:
    with pytest.raises(SeedanceError, match="since does not take"):
        instant(said, name="since")


# --- the list ---------------------------------------------------------------------------------------------------------
def test_a_list_of_jobs_is_a_sequence_and_a_table(put: Callable[..., sw.Job], session: Session) -> None:
    job = put()
    found = session.jobs()
    assert isinstance(found, Jobs)
    assert found == [job]
    assert (found[0], len(found), list(found)) == (job, 1, [job])
    assert isinstance(found[:1], Jobs)
    assert found[:1] == [job]
    assert "abcd2345" in repr(found)
    assert "<table" in found._repr_html_()
    assert "marks" not in repr(found)
    job.tag("sea").rate(2).mark(starred=True)
    assert "★ 2/5 sea" in repr(session.jobs())


def test_an_empty_list_says_whether_something_was_asked_for(session: Session) -> None:
    assert "No jobs yet" in repr(session.jobs())
    assert repr(session.jobs(tag="x")) == "No such jobs."


def test_hostile_words_in_a_table_are_text(put: Callable[..., sw.Job], session: Session, request_of: Any) -> None:
    prompt = "<img src=x onerror=alert(1)> \x1b[31m $x$ \u202e"
    put("hostile", request=request_of(prompt=prompt)).tag("<b>bold</b>").mark(note="<script>")
    html = session.jobs()._repr_html_()
    assert "<img" not in html
    assert "<b>" not in html
    assert "\x1b" not in html + repr(session.jobs())


def test_a_word_that_jobs_does_not_know_is_an_error(session: Session) -> None:
    with pytest.raises(TypeError, match="colour"):
        session.jobs(colour="red")  # type: ignore[call-arg]


def test_a_frame_has_types_that_say_what_is_in_it(put: Callable[..., sw.Job], session: Session) -> None:
    pandas = pytest.importorskip("pandas")
    put("aaa").rate(4).tag("sea")
    put("bbb", credits_charged=None, cost_usd=None, final_at=NOW)
    frame = session.jobs().to_frame()
    kinds = {name: str(kind) for name, kind in frame.dtypes.items()}
    assert kinds["created_at"] == kinds["final_at"] == "datetime64[ns, UTC]"
    assert kinds["status"] == kinds["model"] == "category"
    assert (kinds["credits_charged"], kinds["rating"], kinds["starred"]) == ("Int64", "Int64", "boolean")
    assert frame.set_index("id").loc["aaa", "tags"] == ("sea",)
    assert frame["rating"].isna().sum() == 1
    assert frame["cost_usd"].sum() == 0.5
    assert list(session.jobs(tag="none").to_frame().columns) == list(frame.columns)
    assert isinstance(frame, pandas.DataFrame)


def test_without_pandas_a_frame_is_one_clear_sentence(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(PackageMissing, match="pip install pandas"):
        session.jobs().to_frame()


# --- deleting ---------------------------------------------------------------------------------------------------------
def files(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "seedance_clips").iterdir())


def test_a_deleted_job_is_gone_with_its_clip_poster_and_sidecar(
    put: Callable[..., sw.Job], session: Session, tmp_path: Path
) -> None:
    job = put()
    gone = job.delete()
    assert str(gone) == "Deleted 1 job and 3 files."
    assert files(tmp_path) == []
    assert (session.jobs(), session.count(), job.status_text) == ([], 0, "Deleted")
    for name in (job.id, "req_abcd2345", "abcd"):
        with pytest.raises(JobNotFound):
            session.job(name)
    with pytest.raises(JobNotFound, match="was deleted"):
        job.rate(3)
    with pytest.raises(JobNotFound, match="was deleted"):
        job.wait()


@pytest.mark.parametrize("by_another_kernel", [False, True])
def test_a_download_of_a_deleted_job_says_what_happened_and_what_to_do(
    put: Callable[..., sw.Job], session: Session, by_another_kernel: bool
) -> None:
    """It said "There is no job" of a job that the person held in the hand."""
    job = put()
    if by_another_kernel:
        session.store.apply(job.id, life.Removed(1.0))
    else:
        job.delete()
    with pytest.raises(JobNotFound) as caught:
        job.download()
    assert caught.value.what == f"Job {job.id} was deleted from the history."
    assert "nothing is charged" in caught.value.charged
    assert "req_abcd2345 finds it in the vendor's dashboard" in caught.value.next_step


def test_a_job_whose_row_is_missing_says_so_when_its_clip_is_asked_for(
    put: Callable[..., sw.Job], session: Session
) -> None:
    job = put()
    with closing(sqlite3.connect(session.home / "history.db")) as database, database:
        database.execute("DELETE FROM jobs")
    with pytest.raises(JobNotFound, match=r"its row was deleted.*nothing is charged.*session\.jobs\(\) lists"):
        job.download()


def test_what_a_deleted_job_cost_stays_counted_and_its_words_do_not_stay(
    put: Callable[..., sw.Job], session: Session
) -> None:
    put(note="mine", tags=("t",)).delete()
    row = session.store.get("abcd2345")
    assert row is not None
    assert session.spent_usd(0.0) == [(0.5, 0)]
    assert (row.request.prompt, row.note, row.tags, row.clip_path) == ("", "", (), None)
    assert (row.status, row.cost_usd, row.credits_charged, row.request.model) == ("succeeded", 0.5, 40, "seedance-2.0")


def test_a_deleted_job_does_not_come_back_when_the_history_is_built_anew(
    put: Callable[..., sw.Job], session: Session
) -> None:
    put().delete()
    (session.home / "history.db").unlink()
    with pytest.warns(sw.HistoryWarning):
        assert session.jobs() == []
    assert session.spent_usd(0.0) == [(0.5, 0)]


def test_the_place_of_a_deleted_job_in_its_sweep_stays_taken(
    put: Callable[..., sw.Job], session: Session, row_of: MakeRow
) -> None:
    """A sweep that goes on must not pay for it again."""
    place: dict[str, Any] = {"sweep_id": "s1", "sweep_values": {"animal": "fox"}}
    put(**place).delete()
    with pytest.raises(sw.SentBefore):
        session.store.add(row_of(id="again234", **place))


def test_nobody_takes_a_deleted_job_up_again(put: Callable[..., sw.Job], session: Session) -> None:
    put().delete()
    assert session.store.take_over("simulator", "another", is_gone=lambda owner: True) == []
    row = session.store.get("abcd2345")
    assert row is not None
    assert life.advance(row, life.SaveAsked(1.0)) is row


def test_the_clip_stays_when_asked(put: Callable[..., sw.Job], session: Session, tmp_path: Path) -> None:
    put().delete(clip=False)
    assert len(files(tmp_path)) == 3
    assert session.jobs() == []


@pytest.mark.parametrize(
    "state",
    [
        {"status": "submitting", "request_id": None, "clip_path": None},
        {"status": "queued", "clip_path": None},
        {"status": "processing", "clip_path": None},
        {"status": "succeeded", "clip_path": None},  # its clip is on the way
        {"status": "unconfirmed", "request_id": None, "clip_path": None},
    ],
)
def test_a_job_at_work_or_unconfirmed_is_not_deleted_nor_any_beside_it(
    put: Callable[..., sw.Job], session: Session, state: dict[str, Any], tmp_path: Path
) -> None:
    ended = put("ended")
    other = put("other", **{**state, "service": "simulator"})
    with pytest.raises(SeedanceError, match="nothing was deleted"):
        session.delete([ended, other])
    assert session.count() == 2
    assert "paper-boat-ended.mp4" in files(tmp_path)


def test_an_unconfirmed_job_is_deleted_by_force(put: Callable[..., sw.Job], session: Session) -> None:
    put("lost", status="unconfirmed", request_id=None, clip_path=None).delete(force=True)
    assert session.jobs() == []
    assert session.spent_usd(0.0)[0][0] == 0.5


def test_a_clip_elsewhere_or_behind_a_link_stays_and_is_named(
    put: Callable[..., sw.Job], session: Session, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "mine-aaa.mp4"
    elsewhere.write_text("precious")
    link = tmp_path / "seedance_clips" / "link-bbb.mp4"
    jobs = [put("aaa", clip_path=str(elsewhere)), put("bbb", clip_path=str(link))]
    link.symlink_to(elsewhere)
    gone = session.delete(jobs)
    assert elsewhere.read_text() == "precious"
    assert link.is_symlink()
    assert [("outside" in said, "link" in said) for said in gone.kept] == [(True, False), (False, True)]
    assert str(elsewhere) in str(gone)


def test_a_file_that_is_gone_already_is_no_trouble(put: Callable[..., sw.Job], tmp_path: Path) -> None:
    assert put(files=False).delete().files == ()


def test_a_real_job_is_deleted_from_end_to_end(session: Session, tmp_path: Path) -> None:
    job = session.submit("A paper boat", duration=4, resolution="480p", model="seedance-2.0-fast")
    clip = job.wait(timeout=60)
    gone = session.delete(job)
    assert not clip.path.exists()
    assert clip.path in gone.files
    assert list((tmp_path / "seedance_clips").glob("*.mp4")) == []
