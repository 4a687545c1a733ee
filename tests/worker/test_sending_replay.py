"""What a take-over reads from the paper trail is read once, and takes nothing back that the database knows."""

import pytest

from seedance_widgets import life
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest


@pytest.mark.timeout(20)
def test_taking_over_a_job_that_was_turned_away_twice_ends(tmp_path):
    path = tmp_path / "history.db"
    first = Store(path)
    row = life.Row(
        id="abcdefgh", service="https://x", request=GenerationRequest(prompt="a", model="seedance-2.0"), created_at=1.0
    )
    first.add(row, owner="a")
    for n in (1.0, 2.0):
        assert first.begin_sending(row, n, owner="a") is not None
        first.apply(row.id, life.Delayed(n, n + 60.0), owner="a")
    first.close()
    lines = (tmp_path / "submissions.jsonl").read_bytes().count(b"\n")
    second = Store(path)
    # it must end
    n = 0
    events = second._trail.events

    def bounded(ids):
        nonlocal n
        for each in events(ids):
            n += 1
            assert n < 200, "the trail is read while it is appended to: it never ends"
            yield each

    second._trail.events = bounded
    [taken] = second.take_over("https://x", "b", is_gone=lambda owner: True)
    assert taken.status == "failed"
    assert (tmp_path / "submissions.jsonl").read_bytes().count(b"\n") == lines + 1


def test_a_create_that_left_after_a_429_is_unconfirmed_when_its_kernel_dies(tmp_path):
    path = tmp_path / "history.db"
    first = Store(path)
    row = life.Row(
        id="abcdefgh", service="https://x", request=GenerationRequest(prompt="a", model="seedance-2.0"), created_at=1.0
    )
    first.add(row, owner="a")
    assert first.begin_sending(row, 1.0, owner="a") is not None
    first.apply(row.id, life.Delayed(1.0, 2.0), owner="a")
    assert first.begin_sending(row, 3.0, owner="a") is not None  # it leaves, and the kernel dies before the answer
    first.close()
    second = Store(path)
    [taken] = second.take_over("https://x", "b", is_gone=lambda owner: True)
    assert taken.status == "unconfirmed", taken.problem


def test_a_paper_trail_that_missed_the_last_sending_takes_nothing_back(tmp_path, monkeypatch):
    """The trail's disk is full, the history's is not: the create leaves, and only the database knows."""
    path = tmp_path / "history.db"
    first = Store(path, trail=tmp_path / "other" / "submissions.jsonl")
    (tmp_path / "other").mkdir()
    row = life.Row(
        id="abcdefgh", service="https://x", request=GenerationRequest(prompt="a", model="seedance-2.0"), created_at=1.0
    )
    first.add(row, owner="a")
    assert first.begin_sending(row, 1.0, owner="a") is not None
    first.apply(row.id, life.Delayed(1.0, 2.0), owner="a")
    monkeypatch.setattr(first._trail, "_write", _full)
    assert first.begin_sending(row, 3.0, owner="a") is not None
    first.close()
    second = Store(path, trail=tmp_path / "other" / "submissions.jsonl")
    [taken] = second.take_over("https://x", "b", is_gone=lambda owner: True)
    assert taken.status == "unconfirmed", taken.problem


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")
