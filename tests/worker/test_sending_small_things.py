"""Small things about sending that a person would notice."""

from __future__ import annotations

from pathlib import Path

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest


def test_a_row_of_a_table_that_does_not_fit_shows_no_signature(tmp_path: Path) -> None:
    session = sw.simulate(home=tmp_path)
    try:
        link = "https://bucket.example.com/a.png?X-Amz-Signature=deadbeef"
        plan = session.plan_sweep([{"prompt": "a", "duration": 99, "media_urls": [link]}, {"prompt": "b"}])
        assert plan.misfits
        assert "deadbeef" not in repr(plan.misfits)
    finally:
        session.close()


def test_a_job_that_is_being_cancelled_is_not_taken_for_a_new_click(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    request = GenerationRequest(prompt="a", model="seedance-2.0")
    first = life.Row(id="aaaaaaaa", service="https://x", request=request, created_at=100.0)
    store.add(first, owner="a")
    store.begin_sending(first, 101.0, owner="a")
    store.cancel_unsent("aaaaaaaa", 102.0)
    again = life.Row(id="bbbbbbbb", service="https://x", request=request, created_at=104.0)
    assert store.add(again, owner="a", merge_within_s=10.0).id == "bbbbbbbb"


def test_the_step_before_a_create_leaves_the_row_as_the_paper_trail_tells_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "history.db")
    request = GenerationRequest(prompt="a", model="seedance-2.0")
    first = life.Row(id="aaaaaaaa", service="https://x", request=request, created_at=100.0)
    store.add(first, owner="a")
    store.begin_sending(first, 101.0, owner="a")
    store.apply("aaaaaaaa", life.Delayed(101.0, 102.0), owner="a")
    row = store.begin_sending(first, 102.0, owner="a")
    assert row is not None
    assert row.not_before_at is None


def test_who_was_never_reached_is_not_said_to_have_asked_us_to_wait(tmp_path: Path, monkeypatch) -> None:
    from seedance_widgets.api.client import AsyncClient
    from seedance_widgets.errors import ConnectionFailed

    async def fails(self, *given, **more):
        raise ConnectionFailed("The server could not be reached.")

    said: list[str] = []
    session = sw.simulate(home=tmp_path)
    monkeypatch.setattr(AsyncClient, "create", fails)
    try:
        job = session.start("a boat")
        try:
            for text in job.updates(timeout=10):
                said.append(text)
        except sw.SeedanceError:
            pass
    finally:
        session.close()
    assert not [text for text in said if "asked us to wait" in text], said
