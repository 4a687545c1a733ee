"""What a Hub takes for a person's activity: a click, and nothing that a page which is left open asks for by itself."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest

from seedance_widgets.life import Row
from seedance_widgets.server.extension import Extension

Call: TypeAlias = tuple[str, str, Any]
Moving = Callable[[tuple[Call, ...]], Any]
IDS = {"ids": ["abcd2345"]}
BY_ITSELF = (
    ("GET", "new", None),  # every minute, and with each event that brought news
    ("GET", "jobs", None),  # the list, with each event
    ("GET", "jobs/abcd2345", None),  # the selected job, with each event; the job of a notice
    ("GET", "jobs/abcd2345/poster", None),
    ("GET", "jobs/abcd2345/clip", None),
    ("POST", "jobs/told", IDS),
    ("POST", "jobs/seen", IDS),
    ("GET", "costs", None),
)
CLICKED = (
    ("GET", "doctor", None),
    ("POST", "jobs/abcd2345/mark", {"starred": True}),
    ("POST", "jobs/abcd2345/cancel", None),
    ("DELETE", "jobs/bbbb2345", None),
    ("POST", "jobs/abcd2345/download", None),  # last: from here on a job runs, which is activity by itself
)


@pytest.fixture
def moving(jp_fetch: Any, extension: Extension, jp_serverapp: Any) -> Moving:
    """Makes some calls; returns those that moved the server's last activity."""

    async def moving(calls: tuple[Call, ...]) -> list[str]:
        moved = []
        for method, path, body in calls:
            before = jp_serverapp.web_app.last_activity()
            sent = None if method == "GET" else json.dumps(body)
            await jp_fetch("seedance", *path.split("/"), method=method, body=sent, allow_nonstandard_methods=True)
            if jp_serverapp.web_app.last_activity() != before:
                moved.append(f"{method} {path}")
        return moved

    return moving


async def test_a_page_that_is_only_open_does_not_keep_a_hubs_server_up(
    moving: Moving,
    extension: Extension,
    jp_serverapp: Any,
    jp_ws_fetch: Any,
    http_server: Any,
    saved: Callable[..., Row],
) -> None:
    saved()
    assert await moving(BY_ITSELF) == []
    before = jp_serverapp.web_app.last_activity()
    stream = await jp_ws_fetch("api", "events", "subscribe")
    saved("bbbb2345")
    await extension.look()
    assert await asyncio.wait_for(stream.read_message(), 10)
    stream.close()
    assert jp_serverapp.web_app.last_activity() == before


async def test_a_click_of_a_person_is_activity(moving: Moving, saved: Callable[..., Row]) -> None:
    saved()
    saved("bbbb2345")
    assert await moving(CLICKED) == [f"{method} {path}" for method, path, _ in CLICKED]
