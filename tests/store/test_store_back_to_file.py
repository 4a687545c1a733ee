"""What was kept in memory is written once the disk works again, whatever became of the file meanwhile."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from samples import NOW, Clock

from seedance_widgets.errors import HistoryUnwritable
from seedance_widgets.life import Acknowledged, Marked, NotSent, Row
from seedance_widgets.store import Store, Trail
from seedance_widgets.store.transactions import BACK_TO_FILE_S
from seedance_widgets.types import Problem, SweepRow

MakeRow = Callable[..., Row]


class Disk:
    """A folder whose history, paper trail or both cannot be written for a while: a folder stands in their place."""

    def __init__(self, home: Path) -> None:
        self.history, self.trail = home / "history.db", home / "submissions.jsonl"
        self._aside: list[tuple[Path, Path]] = []

    def block(self, *paths: Path) -> None:
        for path in paths:
            if path.exists():
                self._aside.append((path.rename(path.with_name(f"{path.name}.kept")), path))
            path.mkdir(parents=True)

    def free(self, *, restore: bool = True) -> None:
        for path in (self.history, self.trail):
            if path.is_dir():
                path.rmdir()
        for kept, path in self._aside:
            if restore:
                kept.rename(path)
            else:
                kept.unlink()
        self._aside.clear()


@pytest.fixture
def disk(tmp_path: Path) -> Disk:
    return Disk(tmp_path / "home")


@pytest.fixture
def store(disk: Disk, clock: Clock) -> Iterator[Store]:
    store = Store(disk.history, clock=clock)
    yield store
    store.close()


def work_again(store: Store, clock: Clock) -> None:
    clock.pass_s(BACK_TO_FILE_S + 1)
    store.count()
    assert (store.is_in_memory, store.notice) == (False, None)


def on_disk(disk: Disk) -> dict[str, Row]:
    other = Store(disk.history)
    try:
        return {row.id: row for row in other.rows(limit=1000)}
    finally:
        other.close()


def test_a_file_that_another_kernel_built_from_the_paper_trail_meanwhile_gets_the_rest(
    store: Store, disk: Disk, row_of: MakeRow, clock: Clock
) -> None:
    """The rows that the paper trail had told collided, and nothing was ever written again."""
    disk.block(disk.history)
    store.add(row_of())
    store.apply("abcd2345", Acknowledged(NOW, "req_1", "queued", 40))
    store.apply("abcd2345", Marked(starred=True))
    disk.free()
    assert on_disk(disk)["abcd2345"].request_id == "req_1"
    store.add(row_of(id="efgh6789"))
    work_again(store, clock)
    assert on_disk(disk) == {row.id: row for row in store.rows()}
    assert set(on_disk(disk)) == {"abcd2345", "efgh6789"}
    assert on_disk(disk)["abcd2345"].starred


def test_a_file_that_was_damaged_meanwhile_is_mended_and_gets_the_rest(
    store: Store, disk: Disk, row_of: MakeRow, clock: Clock
) -> None:
    store.add(row_of())
    disk.block(disk.history)
    store.add(row_of(id="efgh6789"))
    disk.free()
    disk.history.write_bytes(b"This is no database. " * 300)
    clock.pass_s(BACK_TO_FILE_S + 1)
    store.count()
    assert not store.is_in_memory
    assert set(on_disk(disk)) == {"abcd2345", "efgh6789"}


def test_a_job_of_a_file_and_a_paper_trail_that_are_both_gone_is_written_as_it_was_last_known(
    store: Store, disk: Disk, row_of: MakeRow, clock: Clock
) -> None:
    store.add(row_of())
    disk.block(disk.history)
    accepted = store.apply("abcd2345", Acknowledged(NOW, "req_1", "queued", 40))
    disk.free(restore=False)
    disk.trail.unlink()
    work_again(store, clock)
    assert on_disk(disk) == {"abcd2345": accepted}


def test_an_import_that_is_there_in_part_does_not_keep_the_rest_in_memory(
    store: Store, disk: Disk, row_of: MakeRow, clock: Clock
) -> None:
    disk.block(disk.history)
    store.add_all([row_of(id=f"job{number}", status="failed") for number in range(3)])
    disk.free()
    other = Store(disk.history)
    other.add(row_of(id="job1", status="failed"))
    other.close()
    work_again(store, clock)
    assert set(on_disk(disk)) == {"job0", "job1", "job2"}


def test_a_sweep_that_was_planned_in_memory_is_written_too(
    store: Store, disk: Disk, row_of: MakeRow, clock: Clock
) -> None:
    disk.block(disk.history)
    sweep = SweepRow(id="one", service="simulator", name="n", digest="d", created_at=NOW, plan={})
    store.sweeps.add(sweep)
    disk.free()
    work_again(store, clock)
    other = Store(disk.history)
    assert other.sweeps.get("one") == sweep
    other.close()


def test_lines_that_the_paper_trail_could_not_take_are_written_before_the_next_one(
    store: Store, disk: Disk, row_of: MakeRow
) -> None:
    store.add(row_of())
    disk.block(disk.trail)
    accepted = store.apply("abcd2345", Acknowledged(NOW, "req_1", "queued", 40))
    store.add(row_of(id="efgh6789"))
    disk.free()
    marked = store.apply("abcd2345", Marked(starred=True))
    assert marked.rev > accepted.rev
    told = [json.loads(line) for line in disk.trail.read_text().splitlines()]
    assert [(line["job"], line["event"]) for line in told] == [
        ("abcd2345", "submitted"),
        ("abcd2345", "Acknowledged"),
        ("efgh6789", "submitted"),
        ("abcd2345", "Marked"),
    ]
    assert {row.id: row for row in Trail(disk.trail).rows()} == {row.id: row for row in store.rows()}


def test_a_paper_trail_that_stays_unwritable_does_not_keep_the_history_in_memory(
    store: Store, disk: Disk, row_of: MakeRow, clock: Clock
) -> None:
    disk.block(disk.history)
    store.add(row_of(sent_at=None), owner="me", recorded=True)
    assert store.begin_sending(row_of(sent_at=None), NOW, owner="me", recorded=True) is not None
    disk.block(disk.trail)
    disk.history.rmdir()
    work_again(store, clock)
    assert on_disk(disk)["abcd2345"].sent_at == NOW


# --- nothing that costs money is known to one kernel alone ------------------------------------------------------------
@pytest.mark.parametrize("which", ["history", "trail"])
def test_one_of_the_two_is_enough_for_a_record(store: Store, disk: Disk, row_of: MakeRow, which: str) -> None:
    disk.block(disk.trail if which == "history" else disk.history)
    store.add(row_of(sent_at=None), owner="me", recorded=True)
    assert store.begin_sending(row_of(sent_at=None), NOW, owner="me", recorded=True) is not None


def test_a_row_that_must_be_recorded_and_cannot_be_is_not_written(store: Store, disk: Disk, row_of: MakeRow) -> None:
    disk.block(disk.history, disk.trail)
    with pytest.raises(HistoryUnwritable) as caught:
        store.add(row_of(), owner="me", recorded=True)
    assert caught.value.where == str(disk.history)
    assert store.rows() == []
    disk.free()
    store.close()
    assert on_disk(disk) == {}
    assert Trail(disk.trail).rows() == []


def test_a_create_does_not_leave_when_the_disk_fills_up_before_its_turn(
    store: Store, disk: Disk, row_of: MakeRow, clock: Clock
) -> None:
    waiting = row_of(sent_at=None)
    store.add(waiting, owner="me", recorded=True)
    disk.block(disk.history)
    store.count()
    disk.block(disk.trail)
    with pytest.raises(HistoryUnwritable):
        store.begin_sending(waiting, NOW, owner="me", recorded=True)
    store.apply("abcd2345", NotSent(NOW, Problem(code="not_sent", message="no")))
    disk.free()
    work_again(store, clock)
    assert (on_disk(disk)["abcd2345"].status, on_disk(disk)["abcd2345"].sent_at) == ("failed", None)


def test_what_need_not_be_recorded_goes_on_in_memory(store: Store, disk: Disk, row_of: MakeRow) -> None:
    disk.block(disk.history, disk.trail)
    store.add(row_of(sent_at=None), owner="me")
    assert store.begin_sending(row_of(sent_at=None), NOW, owner="me") is not None
