"""What a take-over learns is kept: also when the history was locked, in memory, or when the machine slept."""

import pytest

from seedance_widgets import life
from seedance_widgets.errors import StoreError
from seedance_widgets.store import Store
from seedance_widgets.store.leases import Lease, Observer
from seedance_widgets.types import GenerationRequest, Problem

SERVICE = "https://x"


def row(name="abcdefgh", **more):
    request = GenerationRequest(prompt="a", model="seedance-2.0")
    return life.Row(**{"id": name, "service": SERVICE, "request": request, "created_at": 1.0, **more})


def test_an_acceptance_on_paper_is_not_forgotten_when_the_history_was_locked_at_the_moment(tmp_path, monkeypatch):
    path = tmp_path / "history.db"
    first, second = Store(path), Store(path)
    first.add(row(), owner="a")
    first.begin_sending(row(), 1.0, owner="a")
    first.apply("abcdefgh", life.Uncertain(2.0, Problem(code="answer_lost", message="lost")))
    first._trail.happened("abcdefgh", life.Acknowledged(3.0, "req_1"))  # on paper, and its kernel died
    second.take_over(SERVICE, "b")  # sees the line, and leaves its writer time
    real, fail = second._run, [True]

    def run(work, *, reading):
        if fail and not reading:
            fail.clear()
            raise StoreError("locked")
        return real(work, reading=reading)

    monkeypatch.setattr(second, "_run", run)
    with pytest.raises(StoreError):
        second.take_over(SERVICE, "b")
    second.take_over(SERVICE, "b")
    second.take_over(SERVICE, "b")
    assert second.get("abcdefgh").request_id == "req_1"


def test_what_a_take_over_learns_while_in_memory_is_written_once_the_disk_works_again(tmp_path):
    path = tmp_path / "history.db"
    first = Store(path)
    first.add(row(), owner="a")
    first.begin_sending(row(), 1.0, owner="a")
    first.apply("abcdefgh", life.Uncertain(2.0, Problem(code="answer_lost", message="lost")))
    first._trail.happened("abcdefgh", life.Acknowledged(3.0, "req_1"))
    second = Store(path)
    second.get("abcdefgh")
    second._go_on_in_memory("disk full")
    second.take_over(SERVICE, "b")
    second.take_over(SERVICE, "b")
    assert second.get("abcdefgh").request_id == "req_1"
    second._back_to_file()
    assert not second.is_in_memory
    assert second.get("abcdefgh").request_id == "req_1"


def test_a_machine_that_was_suspended_takes_no_kernel_of_its_own_for_dead():
    """Two kernels of one machine: both stand still for an hour. Whoever wakes first has watched nothing."""
    now = [0.0]
    observer = Observer(lambda: now[0])
    lease = Lease("abcdefgh", "other", 5, 100.0)
    assert observer.silent([lease]) == []
    now[0] += 10.0
    assert observer.silent([lease]) == []
    now[0] += 3_600.0
    assert observer.silent([lease]) == []


def test_a_second_acceptance_remembers_which_key_made_it():
    first = row(request_id="req_other", status="queued", key_hash="salt:hash")
    second = life.second_acceptance(first, life.Acknowledged(2.0, "req_1"), "zzzzzzzz")
    assert second.key_hash == "salt:hash"


def test_a_second_acceptance_that_only_the_paper_trail_knows_is_a_row_of_its_own(tmp_path):
    path = tmp_path / "history.db"
    first = Store(path)
    first.add(row(), owner="a")
    first.begin_sending(row(), 1.0, owner="a")
    first.apply("abcdefgh", life.Uncertain(2.0, Problem(code="answer_lost", message="lost")))
    first.apply("abcdefgh", life.Adopted(2.5, "req_found"))
    first._trail.happened("abcdefgh", life.Acknowledged(3.0, "req_1"))  # on paper, and its kernel died
    second = Store(path)
    for _ in range(3):
        second.take_over(SERVICE, "b")
    assert {each.request_id for each in second.rows()} == {"req_found", "req_1"}


def test_the_twin_of_a_request_with_a_signed_link_is_found(tmp_path):
    import seedance_widgets as sw

    session = sw.simulate(home=tmp_path, faults=["create:lost"])
    try:
        link = "https://bucket.example.com/a.png?X-Amz-Signature=abc&X-Amz-Expires=60"
        job = session.start("a boat", media_urls=[link])
        with pytest.raises(sw.SubmissionUncertain):
            job.wait_accepted()
        request = session.plan("a boat", media_urls=[link]).request
        assert session.twin(request, 10.0) is not None
    finally:
        session.close()


def test_a_copy_in_memory_takes_no_living_kernel_for_dead(tmp_path):
    """Two kernels, one of which cannot write the file: in its copy nobody's lease moves, and it paid for all again."""
    now = [0.0]
    first, second = Store(tmp_path / "history.db"), Store(tmp_path / "history.db", awake=lambda: now[0])
    first.add(row(), owner="a")
    second.get("abcdefgh")
    second._go_on_in_memory("read-only")
    for _ in range(6):
        assert second.take_over(SERVICE, "b") == []
        now[0] += 10.0
    assert second.get("abcdefgh").status == "submitting"
