"""The money rule against a server, a line and a kernel that do anything in any order.

every submit of a person's is charged at most once, whatever is lost, repeated, killed or set back
whatever was charged is in the history; what is said not to have been charged was not
an end is an end
"""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from impatience import no_waiting
from samples import Clock
from scripted import CUT, Raw, ScriptedServer, Seen, answer, error

from seedance_widgets import life
from seedance_widgets.api.client import AsyncClient
from seedance_widgets.api.files import Files
from seedance_widgets.errors import SeedanceError
from seedance_widgets.jobs.job import new_job_id
from seedance_widgets.store import LEASE_S, Store
from seedance_widgets.types import FINAL_STATUSES, ClipFacts, GenerationRequest
from seedance_widgets.worker import Needs, Worker, download

T = TypeVar("T")
FACTS = ClipFacts(size_bytes=9, width=160, height=96, duration_s=2.0, fps=12.0, has_audio=True)
PAGE = answer(200, b"<html>log in</html>", content_type="text/html")
PORTAL = answer(302, b"", location="http://login.invalid/")

CREATES = ("fine", "lost", "cut", "500", "html", "no id", "dropped", "portal", "429", "402", "400", "killed")
LOOKS = ("fine", "lost", "503", "html", "portal", "404", "401", "deep", "odd", "other", "no url", "lie", "back")
CANCELS = ("fine", "lost", "dropped", "500", "409")
SAVES = ("fine", "failed", "stale")


class Killed(BaseException):
    """SIGKILL: nothing more is written."""


class Mortal(Worker):
    """A worker that can be killed between any two things it writes."""

    killed = False

    def _forget(self) -> None:
        super()._forget()
        run = self._database.run

        async def unless_killed(work: Callable[[Store], T]) -> T:
            if self.killed:
                raise Killed
            return await run(work)

        self._database.run = unless_killed  # type: ignore[method-assign]


class Quiet:
    """Nobody is told anything."""

    def on_row(self, row: life.Row) -> None: ...

    def on_progress(self, job_id: str, received_bytes: int, total_bytes: int | None) -> None: ...

    def on_tick(self) -> None: ...

    def waits_for(self) -> Iterable[str]:
        return ()


class Vendor:
    """The API as it really is behind a line that does what a test says."""

    def __init__(self) -> None:
        self.server = ScriptedServer().listen()
        self.server.say(self.reply)
        self.charged: Counter[str] = Counter()
        self.request_ids: dict[str, str] = {}
        self.status: dict[str, str] = {}
        self.told: set[str] = set()
        """Those whose end was heard: about these it may lie from now on."""
        self.create_fault = self.look_fault = self.cancel_fault = "fine"
        self.on_create: Callable[[], None] = lambda: None

    def reply(self, seen: Seen) -> Raw:
        if seen.path.endswith("/models"):
            return answer(404)
        if seen.path.endswith("/cancel"):
            return self.cancel(seen.path.split("/")[-2])
        return self.create(seen) if seen.method == "POST" else self.look(seen.path.split("/")[-1])

    def create(self, seen: Seen) -> Raw:
        fault = self.create_fault
        if fault in ("429", "402", "400"):
            self.create_fault = "fine" if fault == "429" else fault
            return error(
                int(fault), {"429": "rate_limited", "402": "insufficient_credits"}.get(fault, "invalid_request")
            )
        if fault in ("dropped", "portal"):
            return CUT if fault == "dropped" else PORTAL
        tag = seen.json["metadata"]["tag"]
        request_id = f"req_{len(self.status)}"
        self.charged[tag] += 1
        self.request_ids[tag] = request_id
        self.status[request_id] = "queued"
        body = {"success": True, "requestId": request_id, "status": "queued", "creditsCharged": 40}
        if fault == "killed":
            self.on_create()
        return {
            "lost": CUT,
            "cut": Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 90\r\n\r\n{"),
            "500": answer(500, b"<html>"),
            "html": PAGE,
            "no id": answer(200, {"success": True, "status": "queued"}),
        }.get(fault, answer(200, body))

    def look(self, request_id: str) -> Raw:
        fault, status = self.look_fault, self.status.get(request_id)
        if status is None:
            return error(404, "not_found")
        if fault == "lie" and request_id in self.told:
            status = {"succeeded": "failed", "failed": "cancelled", "cancelled": "succeeded"}[status]
        status = {"odd": "paused", "back": "queued"}.get(fault, status)
        if status in FINAL_STATUSES and fault in ("fine", "lie", "no url"):
            self.told.add(request_id)
        url = f"{self.server.url}/{request_id}.mp4" if status == "succeeded" and fault != "no url" else None
        body = {"success": True, "requestId": "req_other" if fault == "other" else request_id, "status": status}
        return {
            "lost": CUT,
            "503": answer(503, b"<html>"),
            "html": PAGE,
            "portal": PORTAL,
            "404": error(404, "not_found"),
            "401": error(401, "unauthorized"),
            "deep": answer(200, b"[" * 50_000),
        }.get(fault, answer(200, {**body, "output": url and {"type": "video", "url": url}}))

    def cancel(self, request_id: str) -> Raw:
        if self.cancel_fault == "dropped":
            return CUT
        if self.cancel_fault == "409" or self.status.get(request_id) in FINAL_STATUSES:
            return error(409, "conflict")
        self.status[request_id] = "cancelled"
        return {"lost": CUT, "500": answer(500)}.get(self.cancel_fault, answer(200, {"success": True}))


class MoneyRule(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.loop = asyncio.new_event_loop()
        self.clock = Clock()
        self.awake = Clock(0.0)
        self.vendor = Vendor()
        self.save_fault = "fine"
        self.meant: list[str] = []
        self.ends: dict[str, str] = {}
        self.boot()

    def boot(self) -> None:
        """A new kernel over the same history."""
        doors = Needs(
            store=lambda: Store(self.home / "history.db", clock=self.clock, awake=self.awake),
            client=lambda: AsyncClient("sd2_live_x", self.vendor.server.url, read_timeout_s=5, create_timeout_s=5),
            files=lambda: Files(self.vendor.server.url),
            service=self.vendor.server.url,
            requests_per_minute=1e9,
            clock=self.clock,
            awake=self.awake,
        )
        self.worker, self.closing = Mortal(doors, Quiet()), AsyncExitStack()
        self.run(self.worker.open(self.closing))

    def run(self, work: Coroutine[Any, Any, T]) -> T | None:
        """Do something as a cell would: what goes wrong is said, and ends nothing."""
        try:
            return self.loop.run_until_complete(work)
        except (SeedanceError, Killed):
            return None

    def die(self) -> None:
        self.worker.killed = True
        self.run(self.worker._connection.client.aclose())
        self.boot()

    def rows(self) -> list[life.Row]:
        return self.worker._database.store.rows(limit=100)

    # --- what a person does ------------------------------------------------------------------------------------------
    @rule(fault=st.sampled_from(CREATES))
    def submit(self, fault: str) -> None:
        tag = f"job {len(self.meant)}"
        self.meant.append(tag)
        self.vendor.create_fault = fault
        worker = self.worker
        self.vendor.on_create = lambda: setattr(worker, "killed", True)
        request = GenerationRequest(prompt=tag, model="seedance-2.0", duration=5, metadata={"tag": tag})
        row = life.Row(
            id=new_job_id(),
            service=self.vendor.server.url,
            request=request,
            created_at=self.clock(),
            folder=str(self.home),
        )
        self.run(worker.submit(row))
        if worker.killed:
            self.die()

    @precondition(lambda self: self.meant)
    @rule(which=st.integers(0, 9), fault=st.sampled_from(CANCELS), look=st.sampled_from(LOOKS))
    def cancel(self, which: int, fault: str, look: str) -> None:
        self.vendor.cancel_fault, self.vendor.look_fault = fault, look
        rows = self.rows()
        self.run(self.worker.cancel(rows[which % len(rows)].id)) if rows else None

    @precondition(lambda self: self.meant)
    @rule(which=st.integers(0, 9), look=st.sampled_from(LOOKS))
    def adopt(self, which: int, look: str) -> None:
        self.vendor.look_fault = look
        lost = [row for row in self.rows() if row.status == "unconfirmed" and row.request.prompt in self.vendor.charged]
        if lost:
            row = lost[which % len(lost)]
            self.run(self.worker.adopt(row.id, self.vendor.request_ids[row.request.prompt]))

    @precondition(lambda self: self.meant)
    @rule(which=st.integers(0, 9))
    def download_again(self, which: int) -> None:
        done = [row for row in self.rows() if row.status == "succeeded"]
        if done:
            self.run(self.worker.save_again(done[which % len(done)].id))

    # --- what time, the server and the machine do --------------------------------------------------------------------
    @rule(look=st.sampled_from(LOOKS), save=st.sampled_from(SAVES))
    def time_passes(self, look: str, save: str) -> None:
        self.vendor.look_fault, self.save_fault = look, save
        self.round()

    def round(self) -> None:
        for _ in range(4):  # who holds a lease is watched for as long as it lasts
            self.clock.pass_s(LEASE_S / 3)
            self.awake.pass_s(LEASE_S / 3)
            self.run(self.worker._leasing.renew())
            self.run(self.worker._leasing.take_over())
        for care in list(self.worker._rows.care.values()):
            action = life.next_action(care.row)
            if action is not life.Action.NOTHING:
                self.run(self.worker._attend(care, action))

    @precondition(lambda self: self.vendor.status)
    @rule(which=st.integers(0, 9), status=st.sampled_from(["processing", "succeeded", "failed"]))
    def the_server_gets_on(self, which: int, status: str) -> None:
        going = [name for name, now in self.vendor.status.items() if now not in FINAL_STATUSES]
        if going:
            self.vendor.status[going[which % len(going)]] = status

    @rule()
    def the_kernel_is_killed(self) -> None:
        self.die()

    @rule(jump_s=st.sampled_from([-86_400.0, -60.0, 3_600.0, 86_400.0]))
    def the_clock_jumps(self, jump_s: float) -> None:
        self.clock.pass_s(jump_s)

    def save(self, row: life.Row, files: Files, *, now: Callable[[], float], progress: Any) -> Any:
        if self.save_fault == "fine":
            return life.Saved(now(), str(self.home / f"{row.id}.mp4"), None, FACTS)
        return life.SaveFailed(now(), "no", stale_url=self.save_fault == "stale")

    # --- what must hold ----------------------------------------------------------------------------------------------
    @invariant()
    def no_submit_is_charged_twice(self) -> None:
        assert all(self.vendor.charged[tag] <= 1 for tag in self.meant)
        assert sum(self.vendor.charged.values()) <= len(self.meant)

    @invariant()
    def everything_charged_is_in_the_history(self) -> None:
        assert set(self.vendor.charged) <= {row.request.prompt for row in self.rows()}

    @invariant()
    def what_is_said_not_to_be_charged_is_not(self) -> None:
        for row in self.rows():
            if row.status == "failed" and row.request_id is None:
                assert self.vendor.charged[row.request.prompt] == 0

    @invariant()
    def an_end_is_an_end(self) -> None:
        for row in self.rows():
            assert self.ends.get(row.id, row.status) == row.status
            if row.final:
                self.ends[row.id] = row.status

    def teardown(self) -> None:
        """With a healthy server everything that it ended is soon known to have ended."""
        self.vendor.look_fault = self.save_fault = self.vendor.cancel_fault = "fine"
        self.clock.pass_s(2 * 86_400.0)
        for _ in range(4):
            self.round()
        for row in self.rows():
            if row.request_id is not None and (end := self.vendor.status[row.request_id]) in FINAL_STATUSES:
                assert (row.status, row.settled) == (end, True), row
        self.run(self.worker.close())
        self.run(self.closing.aclose())
        self.loop.close()
        self.vendor.server.close()
        shutil.rmtree(self.home)


def test_whatever_happens_a_submit_is_charged_once_and_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    machines: list[MoneyRule] = []

    class Watched(MoneyRule):
        def __init__(self) -> None:
            super().__init__()
            machines[:] = [self]

    monkeypatch.setattr(download, "save", lambda *args, **more: machines[0].save(*args, **more))
    from hypothesis.stateful import run_state_machine_as_test

    with no_waiting():
        run_state_machine_as_test(
            Watched, settings=settings(max_examples=20, stateful_step_count=20, phases=[Phase.generate])
        )
