"""A job's life as a machine that tries every event in every order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from life_samples import URL, saved

from seedance_widgets.life import (
    Acknowledged,
    Action,
    Adopted,
    CancelAsked,
    CancelEnded,
    Event,
    Looked,
    LookFailed,
    NotSent,
    Refused,
    Row,
    SaveAsked,
    SaveFailed,
    Uncertain,
    advance,
    next_action,
)
from seedance_widgets.types import FINAL_STATUSES, Generation, GenerationRequest, Problem

STATUSES = st.sampled_from(["queued", "processing", "succeeded", "failed", "cancelled", "moderating", "", "SUCCEEDED"])
INSTANTS = st.floats(0, 1e9)
PROBLEMS = st.builds(Problem, code=st.text(max_size=9), message=st.text(max_size=9))


class Life(RuleBasedStateMachine):
    """Every event in every order: what is promised holds after each."""

    @initialize()
    def begin(self) -> None:
        request = GenerationRequest(prompt="p", model="seedance-2.0")
        self.row = self.before = Row(id="a", service="s", request=request, created_at=0.0)
        self.ids: set[str] = set()

    def happen(self, event: Event) -> None:
        self.before, self.row = self.row, advance(self.row, event)
        if self.before.request_id:
            self.ids.add(self.before.request_id)

    @rule(at=INSTANTS, name=st.sampled_from(["req_1", "req_2"]), status=STATUSES, credits=st.none() | st.integers(0))
    def acknowledged(self, at: float, name: str, status: str, credits: int | None) -> None:
        self.happen(Acknowledged(at, name, status, credits))

    @rule(at=INSTANTS, problem=PROBLEMS, kind=st.sampled_from([Refused, NotSent, Uncertain]))
    def not_accepted(self, at: float, problem: Problem, kind: Any) -> None:
        self.happen(kind(at, problem))
        if self.before.request_id:
            assert self.row is self.before

    @rule(at=INSTANTS, status=STATUSES, url=st.none() | st.just(URL), problem=st.none() | PROBLEMS)
    def looked(self, at: float, status: str, url: str | None, problem: Problem | None) -> None:
        if self.row.request_id is None:
            return  # the worker never looks at what has no name
        seen = Generation(request_id=self.row.request_id, status=status, output_url=url, problem=problem)
        self.happen(Looked(at, seen))
        assert self.row.looked_at == at
        assert self.row.look_failures == 0
        if not self.before.final and not (self.before.processing_at is not None and status == "queued"):
            assert self.row.status == status
        if self.before.output_url:
            assert self.row.output_url

    @rule(at=INSTANTS)
    def look_failed(self, at: float) -> None:
        self.happen(LookFailed(at, "cut"))
        assert (self.row.status, next_action(self.row)) == (self.before.status, next_action(self.before))

    @rule(at=INSTANTS, kind=st.sampled_from([CancelAsked, CancelEnded]))
    def cancel(self, at: float, kind: Any) -> None:
        self.happen(kind(at))
        assert (self.row.status, next_action(self.row)) == (self.before.status, next_action(self.before))

    @rule(at=INSTANTS, stale=st.booleans())
    def save_failed(self, at: float, stale: bool) -> None:
        if next_action(self.row) is Action.DOWNLOAD:
            self.happen(SaveFailed(at, "cut", stale_url=stale))

    @rule(at=INSTANTS)
    def saved(self, at: float) -> None:
        if next_action(self.row) is Action.DOWNLOAD:
            self.happen(saved(at))
            assert self.row.settled

    @rule(at=INSTANTS)
    def save_asked(self, at: float) -> None:
        self.happen(SaveAsked(at))
        assert next_action(self.row) is not Action.DOWNLOAD or self.row is self.before

    @rule(at=INSTANTS, name=st.sampled_from(["req_1", "req_3"]))
    def adopted(self, at: float, name: str) -> None:
        self.happen(Adopted(at, name))

    @invariant()
    def an_end_that_the_server_said_is_sticky(self) -> None:
        if self.before.final and self.before.request_id is not None:
            assert self.row.status == self.before.status
            assert self.row.final_at == self.before.final_at
            assert self.row.problem == self.before.problem

    @invariant()
    def rev_grows_by_one_with_each_change_and_only_then(self) -> None:
        if self.row is self.before:
            return
        assert self.row.rev == self.before.rev + 1
        assert replace(self.row, rev=0) != replace(self.before, rev=0)

    @invariant()
    def an_accepted_job_keeps_its_request_id(self) -> None:
        if self.before.request_id is not None:
            assert self.row.request_id == self.before.request_id
        assert len(self.ids) <= 1

    @invariant()
    def final_means_one_of_the_three_words(self) -> None:
        assert self.row.final is (self.row.status in FINAL_STATUSES)
        assert (self.row.final_at is not None) is self.row.final

    @invariant()
    def what_is_next_is_always_known(self) -> None:
        action = next_action(self.row)
        assert action in Action
        if self.row.request_id is not None and not self.row.final:
            assert action is Action.POLL
        if action is Action.DOWNLOAD:
            assert self.row.output_url
        if self.row.request_id is None:
            assert action is Action.NOTHING

    @invariant()
    def what_a_person_asked_for_never_changes(self) -> None:
        same = ("id", "service", "request", "created_at")
        assert all(getattr(self.row, name) == getattr(self.before, name) for name in same)


TestLife = Life.TestCase
TestLife.settings = settings(settings.get_profile("repeatable"), max_examples=100, stateful_step_count=30)
