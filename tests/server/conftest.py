"""A Jupyter server with the extension on a home of its own, and jobs in its history."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_server import *  # noqa: F403  its fixtures, and the hooks that run coroutines
from tornado.httpclient import HTTPResponse

from seedance_widgets.life import Row
from seedance_widgets.server import loading
from seedance_widgets.server.extension import Extension
from seedance_widgets.store import Store

Ask = Callable[..., Any]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data folder that the server's environment names; nothing is in it."""
    folder = tmp_path / "seedance_home"
    monkeypatch.setenv("SEEDANCE_HOME", str(folder))
    return folder


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    """The history of that home, as a kernel opens it."""
    store = Store(home / "history.db", trail=home / "submissions.jsonl")
    yield store
    store.close()


@pytest.fixture
def jp_server_config(home: Path) -> dict[str, Any]:
    return {"ServerApp": {"jpserver_extensions": {"seedance_widgets.server": True, "jupyter_server_terminals": False}}}


@pytest.fixture
def extension(jp_serverapp: Any, jp_asyncio_loop: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Extension]:
    """The extension in the server; its own turns never come, and it starts no worker: a test looks itself."""
    monkeypatch.setattr(loading, "FIRST_LOOK_S", 3600.0)
    jp_asyncio_loop.run_until_complete(asyncio.sleep(0))  # it is loaded by the first turn of the loop
    found: Extension = jp_serverapp.web_app.settings["seedance"]
    monkeypatch.setattr(found, "begin", lambda: None)
    monkeypatch.setattr(found.supervisor, "attend", lambda wanted: None)
    yield found
    found.stop()


@pytest.fixture
def ask(jp_fetch: Any, extension: Extension) -> Ask:
    """Ask a route; returns status and what came, decoded."""

    async def ask(*parts: str, method: str = "GET", body: Any = None, **more: Any) -> tuple[int, Any]:
        sent = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        got: HTTPResponse = await jp_fetch(
            "seedance", *parts, method=method, body=sent, allow_nonstandard_methods=True, raise_error=False, **more
        )
        return got.code, json.loads(got.body) if got.body else None

    return ask


@pytest.fixture
def saved(store: Store, row_of: Callable[..., Row], clip: Path, jp_root_dir: Path) -> Callable[..., Row]:
    """Puts a job with its clip and poster into the history, in a folder that the server shows."""

    def save(job_id: str = "abcd2345", **changes: Any) -> Row:
        folder = jp_root_dir / "seedance_clips"
        folder.mkdir(exist_ok=True)
        film, poster = folder / f"a-paper-boat-{job_id}.mp4", folder / f"a-paper-boat-{job_id}.jpg"
        shutil.copy(clip, film)
        poster.write_bytes(b"\xff\xd8\xff\xe0 a picture")
        facts = {
            "size_bytes": film.stat().st_size,
            "width": 160,
            "height": 96,
            "duration_s": 2.0,
            "fps": 24.0,
            "has_audio": True,
        }
        row = row_of(
            id=job_id,
            **{
                "status": "succeeded",
                "request_id": f"req_{job_id}",
                "final_at": 4e9,
                "clip_path": str(film),
                "poster_path": str(poster),
                "clip_facts": facts,
                "folder": str(folder),
                **changes,
            },
        )
        return store.add(row)

    return save
