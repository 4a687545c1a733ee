"""A bundle opens anywhere, holds nothing that should stay here, and is there whole or not at all."""

from __future__ import annotations

import math
import os
import re
import stat
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

import seedance_widgets as sw
from seedance_widgets.errors import ExportFailed
from seedance_widgets.jobs.job import Job
from seedance_widgets.life import Row
from seedance_widgets.session.session import Session
from seedance_widgets.types import Problem

HOSTILE = '</p></script><script>window.pwned=1</script><img src=x onerror=\'window.pwned=1\'>" onclick="x" $x$ {a}'
WEBHOOK = "https://hooks.example/T0/verysecret"


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("work"))
        session = sw.simulate(speed=math.inf, home=tmp_path_factory.mktemp("home"))
        yield session
        session.close()


@pytest.fixture(scope="module")
def jobs(session: Session) -> list[Job]:
    """Two with clips, newest last, the second hostile and with a webhook; and one that failed. Tests share them."""
    small: dict[str, Any] = {"duration": 4, "resolution": "480p"}
    first = session.submit("เรือกระดาษ 🚣 in rain", **small)
    secrets = {"shot": 3, "api_token": "s3cr3t"}
    second = session.submit(HOSTILE, **small, webhook_url=WEBHOOK, metadata=secrets, parent_id=first.id)
    failed = session.submit("a boat that fails", **small, metadata={"simulator": {"outcome": "failed"}})
    for job in (first, second):
        job.wait(timeout=60)
    failed.wait_until(lambda: failed.settled, 60)
    first.mark(starred=True, note="a private note")
    return [first, second, failed]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "my clips"


def unpacked(path: Path, into: Path) -> Path:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(into)
    (top,) = into.iterdir()
    return top


def names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


# --- what is in it ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ending", ["", ".zip"])
def test_a_bundle_holds_clips_posters_sidecars_and_one_page(
    session: Session, jobs: list[Job], tmp_path: Path, ending: str
) -> None:
    bundle = session.export(tmp_path / f"boats{ending}", jobs)
    folder = unpacked(bundle.path, tmp_path / "out") if ending else bundle.path
    assert folder.name == "boats"
    stems = [f"clips/{job.clip.path.stem}" for job in jobs[:2] if job.clip]
    assert names(folder) == sorted(["index.html", *(f"{s}.{end}" for s in stems for end in ("mp4", "jpg", "json"))])
    assert (bundle.clips, bundle.without) == (2, 1)
    for stem, job in zip(stems, jobs, strict=False):
        assert job.clip is not None
        assert (folder / f"{stem}.mp4").read_bytes() == job.clip.path.read_bytes()
        assert sw.open(folder / f"{stem}.mp4").request_id == job.request_id
        assert sw.open(folder / f"{stem}.json").request_id == job.request_id


def test_links_of_the_page_are_relative_and_lead_to_its_files(session: Session, jobs: list[Job], target: Path) -> None:
    page = session.export(target, jobs).page
    text = page.read_text("utf-8")
    links = re.findall(r' (?:src|href|poster)="([^"]+)"', text)
    assert len(links) == 2 * 4
    for link in links:
        assert (page.parent / unquote(link)).is_file()
    assert text.count("<article") == 3
    assert not re.findall(r"https?://(?!hooks)", text.replace("http-equiv", ""))


def test_without_jobs_all_of_the_history_goes_out_newest_first(session: Session, jobs: list[Job], target: Path) -> None:
    text = session.export(target).page.read_text("utf-8")
    assert re.findall(r'<article id="(\w+)"', text) == [job.id for job in reversed(jobs)]


def test_filters_of_the_list_of_jobs_choose(session: Session, jobs: list[Job], target: Path) -> None:
    text = session.export(target, starred=True).page.read_text("utf-8")
    assert re.findall(r'<article id="(\w+)"', text) == [jobs[0].id]


def test_a_long_history_is_read_a_page_at_a_time_and_each_job_once(
    session: Session, jobs: list[Job], target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedance_widgets.sharing.bundle.EVERY_PAGE", 2)
    assert session.export(target).page.read_text("utf-8").count("<article") == 3


def test_a_job_without_a_clip_is_listed_with_its_reason(session: Session, jobs: list[Job], target: Path) -> None:
    text = unescape(session.export(target, [jobs[2]]).page.read_text("utf-8"))
    problem = jobs[2].row.problem
    assert problem is not None
    assert f"Failed: {problem.message}" in text
    assert "<video" not in text


def test_a_clip_that_was_deleted_is_listed_as_gone(
    session: Session, jobs: list[Job], target: Path, tmp_path: Path, row_of: Callable[..., Row]
) -> None:
    row = replace(jobs[0].row, id="gone2345", clip_path=str(tmp_path / "gone.mp4"))
    bundle = session.export(target, [Job(session, row)])
    assert (bundle.clips, bundle.without) == (0, 1)
    assert "no longer where it was saved" in bundle.page.read_text("utf-8")


# --- what is not ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ending", ["", ".zip"])
def test_no_webhook_secret_note_or_path_of_this_machine_is_in_it(
    session: Session, jobs: list[Job], tmp_path: Path, ending: str
) -> None:
    folder = session.export(tmp_path / f"boats{ending}", jobs).path
    folder = unpacked(folder, tmp_path / "out") if ending else folder
    told = b"".join((folder / name).read_bytes() for name in names(folder))
    here = [str(session.home), str(tmp_path), str(Path.cwd()), str(Path.home())]
    for secret in (WEBHOOK, "verysecret", "s3cr3t", "a private note", *here):
        assert secret.encode() not in told, secret


def test_a_save_problem_that_names_a_folder_stays_here(
    session: Session, target: Path, row_of: Callable[..., Row]
) -> None:
    problem = "The clip cannot be written to /films/me/secret-project."
    row = row_of(status="succeeded", request_id="req_1", saves=9, save_problem=problem, output_url="https://x.example")
    text = session.export(target, [Job(session, row)]).page.read_text("utf-8")
    assert "secret-project" not in text
    assert "the clip could not be saved" in text


def test_hostile_words_are_only_text_on_the_page(
    session: Session, jobs: list[Job], target: Path, row_of: Callable[..., Row]
) -> None:
    row = row_of(
        status="failed",
        request_id=HOSTILE,
        problem=Problem(code="x", message=HOSTILE),
        tags=(HOSTILE,),
        request=replace(jobs[1].request, model=HOSTILE, aspect_ratio=HOSTILE),
        parent_id=HOSTILE,
    )
    text = session.export(target, [jobs[1], Job(session, row)]).page.read_text("utf-8")
    assert text.count("<script") == 1
    assert "<img" not in text
    assert "' onclick" not in text
    assert '" onclick="' not in text


@pytest.mark.parametrize("ending", ["", ".zip"])
def test_a_plain_export_has_no_ids_and_no_costs_in_any_file(
    session: Session, jobs: list[Job], tmp_path: Path, ending: str
) -> None:
    made = session.export(tmp_path / f"friends{ending}", jobs, plain=True).path
    folder = unpacked(made, tmp_path / "unpacked") if ending else made
    said = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for job in jobs:
        assert job.id.encode() not in said
        assert job.request_id is None or job.request_id.encode() not in said
    page = (folder / "index.html").read_text("utf-8")
    for word in ("(estimate)", "credits", "expensive", "data-cost", session.label):
        assert word not in page
    assert not any(job.id in path.name for path in folder.rglob("*") for job in jobs)
    assert "Show code" in page
    whole = session.export(tmp_path / f"mine{ending}", jobs).path
    mine = unpacked(whole, tmp_path / "mine-unpacked") if ending else whole
    assert jobs[0].id in (mine / "index.html").read_text("utf-8"), "what is yours has them"


def test_the_page_forbids_every_network(session: Session, jobs: list[Job], target: Path) -> None:
    text = session.export(target, jobs).page.read_text("utf-8")
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    assert "http" not in policy


# --- whole or not at all ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ending", ["", ".zip"])
@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_what_is_there_is_not_overwritten(
    session: Session, jobs: list[Job], tmp_path: Path, ending: str, there: str
) -> None:
    path = tmp_path / f"boats{ending}"
    if there == "file":
        path.write_text("mine")
    elif there == "folder":
        path.mkdir()
    else:
        path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(ExportFailed, match="there already"):
        session.export(path, jobs)
    assert [path.name for path in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("ending", ["", ".zip"])
@pytest.mark.parametrize("trouble", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_nothing_is_left_of_an_export_that_did_not_end(
    session: Session, jobs: list[Job], tmp_path: Path, ending: str, trouble: BaseException
) -> None:
    def troubled() -> Iterator[Job]:
        yield jobs[0]
        raise trouble

    wanted = KeyboardInterrupt if isinstance(trouble, KeyboardInterrupt) else ExportFailed
    with pytest.raises(wanted):
        session.export(tmp_path / f"boats{ending}", troubled())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", ["", ".zip"])
def test_a_target_that_came_in_the_meantime_is_not_overwritten(
    session: Session, jobs: list[Job], tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"boats{ending}"

    def late() -> Iterator[Job]:
        yield jobs[0]
        path.write_text("mine")

    with pytest.raises(ExportFailed):
        session.export(path, late())
    assert [path.name for path in tmp_path.iterdir()] == [path.name]
    assert path.read_text() == "mine"


def test_without_hard_links_the_zip_still_gets_its_name(
    session: Session, jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", no_links)
    session.export(tmp_path / "boats.zip", jobs)
    assert [path.name for path in tmp_path.iterdir()] == ["boats.zip"]


@pytest.mark.parametrize("path", ["no/such/folder/boats", "no/such/folder/boats.zip", "a\0b", "x" * 5_000])
def test_a_place_that_cannot_be_is_told(
    session: Session, jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ExportFailed, match="was not made"):
        session.export(path, jobs)


def test_jobs_and_filters_together_are_refused(session: Session, jobs: list[Job], target: Path) -> None:
    with pytest.raises(TypeError, match="not both"):
        session.export(target, jobs, starred=True)
    assert not target.exists()


def test_an_export_of_no_jobs_is_refused(session: Session, target: Path) -> None:
    with pytest.raises(ExportFailed, match="there are no such jobs"):
        session.export(target, [])
    assert not target.exists()


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_a_bundle_has_the_rights_of_any_new_file(session: Session, jobs: list[Job], tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    folder, archive = session.export(tmp_path / "a", jobs), session.export(tmp_path / "a.zip", jobs)
    mode = lambda path: stat.S_IMODE(path.stat().st_mode)  # noqa: E731
    assert mode(folder.path) == mode(tmp_path / "folder")
    assert mode(archive.path) == mode(folder.page) == mode(tmp_path / "file")


# --- memory -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("ending", ["", ".zip"])
def test_no_clip_is_ever_in_memory_as_a_whole(session: Session, jobs: list[Job], tmp_path: Path, ending: str) -> None:
    big = tmp_path / "big.mp4"
    with open(big, "wb") as file:
        file.truncate(64 << 20)
    rows = [replace(jobs[0].row, id=f"big{n}", clip_path=str(big)) for n in range(3)]
    tracemalloc.start()
    try:
        session.export(tmp_path / f"boats{ending}", (Job(session, row) for row in rows))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20


def test_two_jobs_with_one_name_are_two_clips(session: Session, jobs: list[Job], target: Path) -> None:
    assert session.export(target, [jobs[0], Job(session, jobs[0].row)]).clips == 2
    assert len(list((target / "clips").glob("*.mp4"))) == 2


def test_a_bundle_says_what_it_is(session: Session, jobs: list[Job], target: Path) -> None:
    bundle = session.export(target, jobs)
    assert repr(bundle).startswith("<Bundle of 2 clips, 1 job without a clip, ")
    assert os.fspath(bundle) == str(target)
