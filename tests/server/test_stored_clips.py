"""The clips that lie in a bucket, as the Jupyter server gives them to a page."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from s3_server import BUCKET, Server, s3, s3_here

from seedance_widgets.clips.hashes import sha256_of
from seedance_widgets.life import Row
from seedance_widgets.server.extension import Extension
from seedance_widgets.storage.bucket import Bucket

__all__ = ["s3", "s3_here"]

pytestmark = pytest.mark.slow

HERE = f"s3://{BUCKET}/films"
Stored = Callable[..., Row]
Ask = Callable[..., Any]


@pytest.fixture
def stored(s3_here: Server, saved: Callable[..., Row], clip: Path, tmp_path: Path) -> Stored:
    """Puts a job into the history whose clip and poster lie in a bucket, and not here."""

    def store(job_id: str = "abcd2345", **changes: Any) -> Row:
        name, poster = f"a-paper-boat-{job_id}", tmp_path / "poster.jpg"
        poster.write_bytes(b"\xff\xd8\xff\xe0 a picture")
        film = tmp_path / "film.mp4"
        shutil.copy(clip, film)
        Bucket(HERE).put_new(f"{name}.mp4", film, "video/mp4")
        Bucket(HERE).put_new(f"{name}.jpg", poster, "image/jpeg")
        facts = {"size_bytes": film.stat().st_size, "vendor_bytes": film.stat().st_size}
        facts |= {"width": 160, "height": 96, "duration_s": 2.0, "fps": 24.0, "has_audio": True}
        named = {"clip_path": f"{HERE}/{name}.mp4", "poster_path": f"{HERE}/{name}.jpg", "folder": HERE}
        clip_facts = {**facts, "vendor_sha256": sha256_of(film)}
        return saved(job_id, **{**named, "clip_facts": clip_facts, **changes})

    return store


async def test_a_clip_that_is_not_here_comes_in_pieces_while_it_is_fetched_and_then_whole(
    jp_fetch: Any, extension: Extension, stored: Stored, clip: Path, home: Path
) -> None:
    row, data = stored(), clip.read_bytes()
    part = await jp_fetch("seedance", "jobs", "abcd2345", "clip", headers={"Range": "bytes=0-"})
    assert (part.code, part.headers["Content-Type"]) == (206, "video/mp4")
    assert part.body == data[: len(part.body)]
    assert part.headers["Content-Range"] == f"bytes 0-{len(part.body) - 1}/{len(data)}"
    whole = await jp_fetch("seedance", "jobs", "abcd2345", "clip")
    assert (whole.code, whole.body) == (200, data)
    assert (home / "clips" / (row.clip_path or "").rpartition("/")[2]).is_file()
    again = await jp_fetch("seedance", "jobs", "abcd2345", "clip", headers={"Range": "bytes=10-19"})
    assert (again.code, again.body) == (206, data[10:20])


async def test_a_poster_that_is_not_here_is_fetched(jp_fetch: Any, extension: Extension, stored: Stored) -> None:
    stored()
    got = await jp_fetch("seedance", "jobs", "abcd2345", "poster")
    assert (got.code, got.headers["Content-Type"], got.body) == (200, "image/jpeg", b"\xff\xd8\xff\xe0 a picture")


async def test_the_list_names_the_clip_without_its_bucket(ask: Ask, stored: Stored) -> None:
    stored()
    _, answer = await ask("jobs", "abcd2345")
    assert answer["job"]["clip"] == "a-paper-boat-abcd2345.mp4"
    assert BUCKET not in str(answer)


async def test_a_clip_that_is_gone_from_its_bucket_says_so(ask: Ask, stored: Stored) -> None:
    stored()
    Bucket(HERE).delete("a-paper-boat-abcd2345.mp4")
    status, answer = await ask("jobs", "abcd2345", "clip")
    assert status == 502
    assert "It is not in s3://" in answer["error"]["what"]


@pytest.mark.parametrize(
    "url", [f"{HERE}/another-job.mp4", f"{HERE}/abcd2345.html", f"{HERE}/..", f"{HERE}/", "s3://abcd2345.mp4"]
)
async def test_an_address_that_is_none_of_this_jobs_clip_is_not_asked_for(
    ask: Ask, stored: Stored, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored(clip_path=url)
    asked: list[str] = []
    monkeypatch.setattr(Bucket, "pieces", lambda bucket, name, start=0: asked.append(name) or iter([b"x"]))
    status, answer = await ask("jobs", "abcd2345", "clip")
    assert status in (404, 502)
    assert "error" in answer
    assert asked == []


async def test_deleting_the_job_deletes_its_clip_in_the_bucket(
    ask: Ask, stored: Stored, s3: Server, jp_asyncio_loop: asyncio.AbstractEventLoop
) -> None:
    stored("wxyz2345")
    status, answer = await ask("jobs", "wxyz2345", method="DELETE")
    assert (status, answer["kept"]) == (200, [])
    assert set(answer["files"]) >= {"a-paper-boat-wxyz2345.mp4", "a-paper-boat-wxyz2345.jpg"}
    assert [name for name in s3.names() if "wxyz2345" in name] == []
