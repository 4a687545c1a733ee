"""A server of one clip, a row that wants it, and what is left in the folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from samples import NOW
from scripted import Raw, ScriptedServer, Seen, answer

from seedance_widgets.api.files import Files
from seedance_widgets.life import Row, Saved, SaveFailed
from seedance_widgets.worker import download
from seedance_widgets.worker.download import provenance

MakeRow = Callable[..., Row]
Save = Callable[..., Saved | SaveFailed]


@pytest.fixture
def server(clip: Path) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.say(answer(200, clip.read_bytes(), etag='"v1"'))
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "seedance_clips"


@pytest.fixture
def ready(row_of: MakeRow, server: ScriptedServer, folder: Path) -> Row:
    """A row whose video is there to fetch."""
    return row_of(
        status="succeeded",
        request_id="req_1",
        final_at=NOW + 90,
        credits_charged=40,
        cost_usd=0.5,
        output_url=f"{server.url}/secret-signature/a.mp4",
        folder=str(folder),
    )


@pytest.fixture
def save(server: ScriptedServer) -> Iterator[Save]:
    files = Files(server.url, read_timeout_s=2.0)
    heard: list[tuple[int, int | None]] = []

    def run(row: Row) -> Saved | SaveFailed:
        run.heard = heard  # type: ignore[attr-defined]
        return download.save(row, files, now=lambda: NOW, progress=lambda *told: heard.append(told))

    yield run
    files.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def story_of(row: Row, saved: Saved) -> Any:
    return provenance(replace(row, clip_facts=saved.clip_facts))


def halves(clip: Path, first: Raw) -> Callable[[Seen], Raw]:
    """A server that sends `first`, then honours a Range."""
    data, asked = clip.read_bytes(), []

    def reply(seen: Seen) -> Raw:
        asked.append(seen)
        if len(asked) == 1:
            return first
        start = int(seen.headers.get("range", "bytes=0-")[6:-1])
        if start == 0:
            return answer(200, data, etag='"v1"')
        return answer(206, data[start:], content_range=f"bytes {start}-{len(data) - 1}/{len(data)}", etag='"v1"')

    return reply


def cut_after(data: bytes, size: int) -> Raw:
    head = f'HTTP/1.1 200 OK\r\netag: "v1"\r\ncontent-length: {len(data)}\r\n\r\n'
    return Raw(head.encode() + data[:size])
