"""The step before a create, and what comes after it, in the database: one of two kernels takes it, whatever they think.

Each case that a bug earned was seen on real kernels: one was paused while its requests waited for their turn.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from samples import NOW, Clock

from seedance_widgets.errors import CapExceeded, SentBefore
from seedance_widgets.life import (
    Acknowledged,
    Adopted,
    CancelAsked,
    Discarded,
    Looked,
    NotSent,
    Refused,
    Removed,
    Row,
    Uncertain,
)
from seedance_widgets.request.caps import Caps
from seedance_widgets.store import LEASE_S, Store, Trail
from seedance_widgets.types import Generation, Problem

MakeRow = Callable[..., Row]
ID = "abcd2345"
NO = Problem(code="invalid_request", message="no")


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    return tmp_path / "submissions.jsonl"


@pytest.fixture
def stores(place: Path | str, trail: Path, clock: Clock) -> Iterator[tuple[Store, Store]]:
    """Two kernels on one history."""
    both = tuple(Store(place, trail=trail, clock=clock, awake=clock) for _ in range(2))
    yield both  # type: ignore[misc]
    for store in both:
        store.close()


@pytest.fixture
def waiting(row_of: MakeRow) -> Row:
    """A row that waits for its turn."""
    return row_of(sent_at=None, cost_usd=0.5, session_id="s1")


def taken_over(b: Store, clock: Clock) -> list[Row]:
    """What another kernel takes over once the first has been silent for long enough."""
    for _ in range(3):
        assert b.take_over("simulator", "b") == []
        clock.pass_s(LEASE_S / 3)
    return b.take_over("simulator", "b")


# --- the step before a create -----------------------------------------------------------------------------------------
def test_a_create_leaves_once(stores: tuple[Store, Store], waiting: Row) -> None:
    a, _ = stores
    a.add(waiting, owner="a")
    begun = a.begin_sending(waiting, NOW + 1, owner="a")
    assert begun is not None
    assert (begun.status, begun.sent_at) == ("submitting", NOW + 1)
    assert a.get(ID) == begun
    assert a.begin_sending(waiting, NOW + 2, owner="a") is None


def test_a_kernel_that_lost_its_row_sends_nothing(stores: tuple[Store, Store], waiting: Row, clock: Clock) -> None:
    """It was paused, and paid for a row that another kernel had closed as not sent."""
    a, b = stores
    a.add(waiting, owner="a")
    (row,) = taken_over(b, clock)
    assert (row.status, row.problem and row.problem.code) == ("failed", "not_sent")
    assert a.begin_sending(waiting, clock(), owner="a") is None
    assert a.get(ID) == row


def test_only_who_holds_the_lease_sends(stores: tuple[Store, Store], waiting: Row) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    assert b.begin_sending(waiting, NOW, owner="b") is None


def test_a_row_that_was_built_anew_from_the_paper_trail_is_still_sent(
    stores: tuple[Store, Store], waiting: Row
) -> None:
    """Leases are not on paper."""
    a, _ = stores
    a.add(waiting)
    assert a.begin_sending(waiting, NOW, owner="a") is not None


def test_a_row_that_somebody_deleted_under_us_is_written_anew_before_it_is_sent(
    stores: tuple[Store, Store], waiting: Row
) -> None:
    a, _ = stores
    assert a.begin_sending(waiting, NOW, owner="a") is not None
    assert a.get(ID) is not None


def test_of_two_threads_one_takes_the_step(stores: tuple[Store, Store], waiting: Row) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    begun: list[Row | None] = []
    threads = [
        threading.Thread(target=lambda store=store: begun.append(store.begin_sending(waiting, NOW, owner="a")))
        for store in (a, b)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [row is None for row in begun].count(False) == 1


def test_a_take_over_of_a_row_that_has_left_says_that_it_may_have_been_charged(
    stores: tuple[Store, Store], waiting: Row, clock: Clock
) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    a.begin_sending(waiting, NOW, owner="a")
    (row,) = taken_over(b, clock)
    assert (row.status, row.problem and row.problem.code) == ("unconfirmed", "kernel_died")


def test_that_it_leaves_is_on_paper_before_it_does(stores: tuple[Store, Store], waiting: Row, trail: Path) -> None:
    a, _ = stores
    a.add(waiting, owner="a")
    assert Trail(trail).rows()[0].sent_at is None
    a.begin_sending(waiting, NOW + 1, owner="a")
    assert Trail(trail).rows()[0].sent_at == NOW + 1


def test_at_the_last_step_a_cap_counts_what_has_left_and_not_what_waits(
    stores: tuple[Store, Store], waiting: Row
) -> None:
    """Else of three that wait, where two fit, none would be sent."""
    a, _ = stores
    rows = [replace(waiting, id=f"job{n}", cost_usd=0.5) for n in range(3)]
    for row in rows:
        a.add(row, owner="a")
    caps = Caps(per_day_usd=1.0)
    for row in rows[:2]:
        assert a.begin_sending(row, NOW, owner="a", caps=caps, day_at=NOW - 60)
    with pytest.raises(CapExceeded):
        a.begin_sending(rows[2], NOW, owner="a", caps=caps, day_at=NOW - 60)
    found = a.get("job2")
    assert found is not None
    assert found.sent_at is None


def test_the_price_of_the_last_step_is_what_counts(stores: tuple[Store, Store], waiting: Row) -> None:
    a, _ = stores
    a.add(waiting, owner="a")
    begun = a.begin_sending(replace(waiting, cost_usd=0.75), NOW, owner="a")
    assert begun is not None
    assert begun.cost_usd == 0.75


# --- a wish to cancel -------------------------------------------------------------------------------------------------
def test_what_has_not_left_is_cancelled_by_any_kernel_and_never_leaves(
    stores: tuple[Store, Store], waiting: Row
) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    assert b.cancel_unsent(ID, NOW).status == "failed"
    assert a.begin_sending(waiting, NOW, owner="a") is None
    assert a.ended({ID, "nothere"}) == {ID}, "one that is gone is written anew"


def test_of_what_is_being_sent_a_cancel_is_a_wish_in_the_row(stores: tuple[Store, Store], waiting: Row) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    a.begin_sending(waiting, NOW, owner="a")
    wished = b.cancel_unsent(ID, NOW + 1)
    assert (wished.status, wished.cancel_asked_at) == ("submitting", NOW + 1)
    accepted = a.apply(ID, Acknowledged(NOW + 2, "req_1"), owner="a")
    assert (accepted.status, accepted.cancel_asked_at) == ("queued", NOW + 1), "for whoever holds it"


# --- an acceptance always wins ----------------------------------------------------------------------------------------
def closed_as_not_sent(store: Store) -> None:
    store.apply(ID, NotSent(NOW, Problem(code="not_sent", message="…")))


def closed_as_refused(store: Store) -> None:
    store.apply(ID, Refused(NOW, NO))


def discarded(store: Store) -> None:
    store.apply(ID, Uncertain(NOW, NO))
    store.apply(ID, Discarded(NOW))


def unconfirmed(store: Store) -> None:
    store.apply(ID, Uncertain(NOW, NO))


@pytest.mark.parametrize("ended", [closed_as_not_sent, closed_as_refused, discarded, unconfirmed])
def test_an_acceptance_wins_over_every_end_that_we_wrote(
    stores: tuple[Store, Store], waiting: Row, ended: Callable[[Store], None], trail: Path
) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    ended(b)
    row = a.apply(ID, Acknowledged(NOW + 9, "req_1", "queued", 40), owner="a")
    assert (row.status, row.request_id, row.credits_charged, row.final_at) == ("queued", "req_1", 40, None)
    assert Trail(trail).rows() == [row], "also when the history is built anew"
    assert list(a.renew([ID], "a")) == [ID], "and who sent it looks after it"


@pytest.mark.parametrize("status", ["failed", "succeeded", "cancelled"])
def test_no_acceptance_changes_an_end_that_the_server_said(
    stores: tuple[Store, Store], waiting: Row, status: str
) -> None:
    a, _ = stores
    a.add(waiting, owner="a")
    a.apply(ID, Acknowledged(NOW, "req_1"))
    ended = a.apply(ID, Looked(NOW, Generation(request_id="req_1", status=status)))
    assert a.apply(ID, Acknowledged(NOW + 1, "req_1")) == ended


def test_a_job_that_was_deleted_before_its_acceptance_came_is_back_with_all_that_it_cost(
    stores: tuple[Store, Store], waiting: Row
) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    closed_as_not_sent(b)
    b.apply(ID, Removed(NOW))
    row = a.apply(ID, Acknowledged(NOW + 1, "req_1", "queued", 40), owner="a")
    assert (row.removed_at, row.request_id, row.cost_usd) == (None, "req_1", 0.5)
    assert row.note == "It had been accepted before you deleted it."
    assert a.spent("simulator", "s1", NOW - 60).session_usd == 0.5
    seen = a.apply(ID, Looked(NOW + 2, Generation(request_id="req_1", status="processing", prompt="A boat")))
    assert seen.request.prompt == "A boat", "the prompt is what the server says: ours was deleted"


def test_a_second_acceptance_is_a_row_of_its_own(stores: tuple[Store, Store], waiting: Row, trail: Path) -> None:
    """A person had adopted another generation for the row meanwhile."""
    a, b = stores
    a.add(waiting, owner="a")
    unconfirmed(b)
    b.apply(ID, Adopted(NOW, "req_adopted"))
    a.apply(ID, Acknowledged(NOW + 1, "req_late", "queued", 40), owner="a")
    first = a.get(ID)
    assert first is not None
    assert first.request_id == "req_adopted"
    (second,) = a.find("req_late")
    assert (second.request, second.parent_id, second.credits_charged) == (first.request, ID, 40)
    assert "a second time" in second.note
    assert {row.request_id for row in Trail(trail).rows()} == {"req_adopted", "req_late"}
    a.apply(ID, Acknowledged(NOW + 1, "req_late", "queued", 40), owner="a")
    assert a.count() == 2, "told twice, kept once"


@pytest.mark.parametrize("late", [Refused(NOW + 1, NO), NotSent(NOW + 1, NO)])
def test_who_sent_it_knows_better_than_who_took_it_over(
    stores: tuple[Store, Store], waiting: Row, clock: Clock, late: Any
) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    a.begin_sending(waiting, NOW, owner="a")
    (row,) = taken_over(b, clock)
    assert row.status == "unconfirmed"
    row = a.apply(ID, late)
    assert (row.status, row.request_id) == ("failed", None), "nothing was charged"


def test_an_acceptance_that_only_the_paper_trail_knows_reaches_a_row_that_was_closed_long_ago(
    stores: tuple[Store, Store], waiting: Row, clock: Clock, trail: Path
) -> None:
    """Its kernel slept, woke, wrote the line, and was killed before it wrote the row."""
    a, b = stores
    a.add(waiting, owner="a")
    a.begin_sending(waiting, NOW, owner="a")
    (row,) = taken_over(b, clock)
    assert row.status == "unconfirmed"
    Trail(trail).happened(ID, Acknowledged(NOW + 60, "req_1", "queued", 40))
    assert b.take_over("simulator", "b") == [], "its writer has a moment to bring it further"
    (row,) = b.take_over("simulator", "b")
    assert (row.status, row.request_id) == ("queued", "req_1")


# --- the same request -------------------------------------------------------------------------------------------------
def test_the_same_request_of_two_kernels_within_ten_seconds_is_one_row(
    stores: tuple[Store, Store], waiting: Row
) -> None:
    a, b = stores
    a.add(waiting, owner="a", merge_within_s=10)
    later = replace(waiting, id="efgh6789", created_at=NOW + 9)
    assert b.add(later, owner="b", merge_within_s=10).id == ID
    assert a.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        lambda row: replace(row, created_at=NOW + 11),
        lambda row: replace(row, service="https://www.seedance2.ink"),
        lambda row: replace(row, request=replace(row.request, prompt="Another")),
    ],
    ids=["later", "elsewhere", "another prompt"],
)
def test_another_request_is_a_row_of_its_own(
    stores: tuple[Store, Store], waiting: Row, changed: Callable[[Row], Row]
) -> None:
    a, b = stores
    a.add(waiting, owner="a", merge_within_s=10)
    other = changed(replace(waiting, id="efgh6789"))
    assert b.add(other, owner="b", merge_within_s=10).id == "efgh6789"


def test_without_merging_two_are_two(stores: tuple[Store, Store], waiting: Row) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    assert b.add(replace(waiting, id="efgh6789"), owner="b").id == "efgh6789"


def test_eight_kernels_that_click_at_once_write_one_row(place: Path | str, waiting: Row, clock: Clock) -> None:
    stores = [Store(place, clock=clock, awake=clock) for _ in range(8)]
    stores[0].count()
    written: list[str] = []

    def add(number: int) -> None:
        row = replace(waiting, id=f"job{number}")
        written.append(stores[number].add(row, owner=f"k{number}", merge_within_s=10).id)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(written) == 8
    assert len(set(written)) == stores[0].count() == 1
    for store in stores:
        store.close()


def test_a_request_that_is_unconfirmed_is_not_sent_again_unless_a_person_says_so(
    stores: tuple[Store, Store], waiting: Row
) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    unconfirmed(a)
    again = replace(waiting, id="efgh6789", created_at=NOW + 86_400)
    with pytest.raises(SentBefore) as refused:
        b.add(again, owner="b", merge_within_s=10, again=False)
    assert refused.value.job.id == ID
    assert b.add(again, owner="b").id == "efgh6789"


# --- leases -----------------------------------------------------------------------------------------------------------
def test_a_lease_that_moves_is_alive_whatever_the_clocks_say(
    stores: tuple[Store, Store], waiting: Row, clock: Clock
) -> None:
    """The other machine's clock may be an hour ahead or behind."""
    a, b = stores
    a.add(waiting, owner="a")
    for jump_s in (3_600, -7_200, LEASE_S - 1):
        assert b.take_over("simulator", "b") == []
        a.renew([ID], "a")
        a._clock = Clock(NOW + jump_s)  # what it writes into `lease_until` means nothing here
        clock.pass_s(LEASE_S - 1)
    assert b.take_over("simulator", "b") == []


def test_a_kernel_of_version_0_1_0_that_runs_on_is_seen_to_be_alive(
    stores: tuple[Store, Store], waiting: Row, clock: Clock
) -> None:
    """It knows no counter, and moves `lease_until`."""
    import sqlalchemy as sa

    from seedance_widgets.store import jobs

    a, b = stores
    a.add(waiting, owner="host/12/ab")
    for _ in range(3):
        assert b.take_over("simulator", "b") == []
        clock.pass_s(LEASE_S - 1)
        with a._engine.begin() as connection:
            connection.execute(sa.update(jobs).values(lease_until=clock() + 30))
    assert b.take_over("simulator", "b") == []


def test_the_rows_of_a_process_that_is_known_to_be_gone_are_taken_over_at_once(
    stores: tuple[Store, Store], waiting: Row
) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    assert [row.id for row in b.take_over("simulator", "b", is_gone=lambda owner: owner == "a")] == [ID]


def test_our_own_row_that_we_forgot_is_taken_up_again(stores: tuple[Store, Store], row_of: MakeRow) -> None:
    a, _ = stores
    a.add(row_of(status="queued", request_id="req_1"), owner="a")
    assert a.take_over("simulator", "a", holding={ID}) == []
    assert [row.id for row in a.take_over("simulator", "a")] == [ID]


def test_a_row_that_asks_for_nothing_more_is_leased_by_nobody(stores: tuple[Store, Store], waiting: Row) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    unconfirmed(a)
    b.apply(ID, Adopted(NOW, "req_1"))
    assert b.lease(ID, "b")


def test_a_wish_that_came_while_a_row_was_queued_is_read_at_the_next_renewal(
    stores: tuple[Store, Store], waiting: Row
) -> None:
    a, b = stores
    a.add(waiting, owner="a")
    a.apply(ID, Acknowledged(NOW, "req_1"))
    b.apply(ID, CancelAsked(NOW + 1))
    assert a.renew([ID], "a")[ID].cancel_asked_at == NOW + 1
