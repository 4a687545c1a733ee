"""A session without a server: it checks requests as the real one does, keeps them, and plays the ends it is told.

`install()` makes it the default session of this process; the kernel tests call it inside the kernel.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from IPython import get_ipython
from IPython.display import display

from seedance_widgets.clips.clip import Clip
from seedance_widgets.errors import GenerationFailed, InsufficientCredits, JobNotFound, SeedanceError, WaitTimeout
from seedance_widgets.jobs.listing import Jobs
from seedance_widgets.request.check import check, make_request
from seedance_widgets.request.models import BUNDLED_MODELS, price_usd
from seedance_widgets.session import default
from seedance_widgets.types import GenerationRequest, Model


@dataclass
class FakeJob:
    """A job whose end is known from the start: `succeeded`, `failed`, `refused`, `interrupted` or `endless`."""

    id: str
    request: GenerationRequest
    end: str = "succeeded"
    status: str = "submitting"
    request_id: str = "req_1"
    error: SeedanceError | None = None
    cost: float | None = 0.5
    credits_charged: int | None = None
    clip: Clip | None = None
    created_at: float = field(default_factory=lambda: time.time() - 130)
    calls: list[str] = field(default_factory=list)
    shown_in: int | None = None
    starred: bool = False
    rating: int | None = None
    merged: bool = False
    tags: tuple[str, ...] = ()

    @property
    def saved_clip(self) -> Clip | None:
        return self.clip

    @property
    def row(self) -> SimpleNamespace:
        """What a table asks of it: it is nobody's take."""
        return SimpleNamespace(parent_id=None, relation="variation")

    @property
    def final(self) -> bool:
        return self.status in ("succeeded", "failed", "cancelled")

    @property
    def status_text(self) -> str:
        return f"{self.status}, in words"

    def wait_accepted(self, timeout: float | None = None) -> FakeJob:
        self.calls.append("wait_accepted")
        if self.end == "interrupted":
            raise KeyboardInterrupt
        if self.end == "refused":
            raise InsufficientCredits("need 500,\x1b[31m have 3", status_code=402, code="insufficient_credits")
        self.status = "queued"
        return self

    def updates(self, timeout: float | None = None) -> Iterator[str]:
        self.calls.append(f"updates {timeout:g}")
        for status in ("queued", "processing", self.end):
            if status == "endless":
                raise WaitTimeout("The job is not final yet.", job=self)
            self.status = status
            yield self.status_text

    def wait(self, timeout: float | None = None, *, quiet: bool = False) -> Clip:
        self.calls.append("wait")
        if self.end == "endless":
            raise WaitTimeout("The job is not final yet.", job=self)
        self.status = self.end
        if self.end == "failed":
            raise GenerationFailed("The server could not make it.", job=self)
        self.clip = Clip(
            path=Path("seedance_clips/boat.mp4"),
            poster_path=None,
            size_bytes=1,
            width=16,
            height=9,
            duration_s=5.0,
            fps=24.0,
            has_audio=True,
        )
        return self.clip

    def cancel(self) -> None:
        self.status = "cancelled"

    def mark_shown(self) -> None:
        self.shown_in = get_ipython().execution_count

    def show(self) -> None:
        display({"text/plain": f"card of {self.request.prompt!r}, {self.status}"}, raw=True)

    def _ipython_display_(self) -> None:
        if self.shown_in != get_ipython().execution_count:
            self.mark_shown()
            self.show()


@dataclass
class FakeSession:
    """Keeps every job it starts in `started`, and what it was started with."""

    end: str = "succeeded"
    label: str = "Fake: nothing charged"
    service: str = "simulator"
    started: list[FakeJob] = field(default_factory=list)
    out_names: list[str | None] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    fresh: list[bool] = field(default_factory=list)
    unrecorded: list[bool] = field(default_factory=list)
    twin: FakeJob | None = None

    @property
    def prompts(self) -> list[str]:
        return [job.request.prompt for job in self.started]

    def cap_left_usd(self) -> float | None:
        return None

    def plan(self, prompt: str, **options: Any) -> SimpleNamespace:
        request = make_request(prompt, options)
        check(request, BUNDLED_MODELS)
        return SimpleNamespace(
            request=request,
            cost_usd=price_usd(request, BUNDLED_MODELS),
            cost_note="",
            estimate=SimpleNamespace(median_s=95.0, p90_s=180.0, source="prior"),
            body={"model": request.model, "prompt": prompt},
        )

    def running_twin(self, prompt: str, **options: Any) -> FakeJob | None:
        return self.twin

    def start(
        self, prompt: str, *, out_name: str | None = None, fresh: bool = True, unrecorded: bool = False, **options: Any
    ) -> FakeJob:
        self.fresh.append(fresh)
        self.unrecorded.append(unrecorded)
        job = FakeJob(f"job{len(self.started) + 1}", self.plan(prompt, **options).request, self.end)
        self.started.append(job)
        self.out_names.append(out_name)
        return job

    def models(self, refresh: bool = False) -> tuple[Model, ...]:
        return BUNDLED_MODELS

    known_models = models

    def jobs(self, *, limit: int = 20, **wanted: Any) -> Jobs:
        self.asked.append({**wanted, "limit": limit})
        status, text = wanted.get("status"), wanted.get("text") or ""
        found = [job for job in self.started if status in (None, job.status) and text in job.request.prompt]
        return Jobs(found[::-1][:limit])  # type: ignore[arg-type]

    def job(self, id: str) -> FakeJob:
        found = [job for job in self.started if job.id == id]
        if not found:
            raise JobNotFound(f"There is no job {id!r}.")
        return found[0]

    def compare(self, *names: str) -> tuple[str, ...]:
        return names

    def doctor(self, network: bool = False) -> SimpleNamespace:
        return SimpleNamespace(network=network)


def install(**fields: Any) -> FakeSession:
    """Put a fake session where the magics look for the default one."""
    session = FakeSession(**fields)
    default.default_session = lambda: session
    default.current_session = lambda: session
    return session
