"""A history whose writer was killed in the middle of a step is whole: what was half done is undone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from half_step import leave_half_step

from seedance_widgets.life import Row
from seedance_widgets.store import Store, Trail, recovery

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")


@pytest.fixture
def path(tmp_path: Path, row_of: Callable[..., Row]) -> Path:
    """The file of a history of twenty jobs whose writer was killed."""
    path = tmp_path / "history.db"
    store = Store(path, trail=tmp_path / "submissions.jsonl")
    for number in range(20):
        store.add(row_of(id=f"abcd2{number + 300}", status="processing", request_id=f"r{number}"))
    store.close()
    leave_half_step(path)
    return path


def test_the_next_kernel_reads_every_job_as_it_was(path: Path) -> None:
    store = Store(path)
    assert {row.status for row in store.rows()} == {"processing"}
    store.close()


def test_it_is_not_taken_for_damaged_and_moved_away(path: Path) -> None:
    assert recovery.rebuild(path, Trail(path.with_name("submissions.jsonl"))) == (None, 0)
    assert [each.name for each in path.parent.glob("history-*")] == []
