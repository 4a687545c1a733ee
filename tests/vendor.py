"""The API with its ledger, and a client of it that stops at every call: for workers whose steps interleave."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from stepping import HERE, Kernel

from seedance_widgets.api.limiter import Turn
from seedance_widgets.errors import (
    AnswerLost,
    ConnectionFailed,
    InsufficientCredits,
    NotFound,
    RequestRefused,
)
from seedance_widgets.request.models import BUNDLED_MODELS
from seedance_widgets.types import FINAL_STATUSES, Accepted, Generation, GenerationRequest

SERVICE = "https://vendor.example"
CREATES = ("fine", "fine", "fine", "lost", "cut", "refused", "no credits", "unreachable")


@dataclass
class Vendor:
    """The API with its ledger."""

    charged: dict[str, str] = field(default_factory=dict)
    """The tag of the submit that each request id was charged for."""
    status: dict[str, str] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    """How many creates came for each submit, charged or refused."""
    heard: dict[str, Kernel] = field(default_factory=dict)
    """Which process heard of each acceptance."""
    fault: str = "fine"

    def create(self, request: GenerationRequest) -> str:
        tag = str((request.metadata or {})["tag"])
        request_id = f"req_{len(self.charged):06}"
        self.charged[request_id] = tag
        self.status[request_id] = "queued"
        self.prompts[request_id] = request.prompt
        return request_id


class Client:
    """What a worker takes for its client."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    async def models(self, *_: object, **__: object) -> tuple[Any, ...]:
        await HERE.get().pause("models")
        return BUNDLED_MODELS

    async def create(self, request: GenerationRequest, turn: Turn | None = None) -> Accepted:
        kernel = HERE.get()
        fault, vendor = self._vendor.fault, self._vendor
        await kernel.pause("create")
        if fault == "unreachable":
            raise ConnectionFailed("The server was not reached.")
        if turn is not None:
            turn.spend()  # or it would cost nothing, and nobody would ever wait
        vendor.creates[str((request.metadata or {})["tag"])] += 1
        if fault in ("refused", "no credits"):
            await kernel.pause("refused")
            kind = RequestRefused if fault == "refused" else InsufficientCredits
            raise kind("no", status_code=400 if fault == "refused" else 402, code="no")
        request_id = vendor.create(request)
        await kernel.pause("created")
        if fault in ("lost", "cut"):
            raise AnswerLost("The line broke.")
        vendor.heard[request_id] = kernel
        return Accepted(request_id=request_id, status="queued", credits_charged=40)

    async def get(self, request_id: str, turn: Turn | None = None) -> Generation:
        await HERE.get().pause("look")
        if turn is not None:
            turn.spend()
        return self._generation(request_id)

    async def cancel(self, request_id: str, *_: object, **__: object) -> Generation:
        await HERE.get().pause("cancel")
        if self._vendor.status.get(request_id) not in (None, *FINAL_STATUSES):
            self._vendor.status[request_id] = "cancelled"
        await HERE.get().pause("cancelled")
        return self._generation(request_id)

    def _generation(self, request_id: str) -> Generation:
        status = self._vendor.status.get(request_id)
        if status is None:
            raise NotFound("no", status_code=404, code="not_found")
        url = f"{SERVICE}/{request_id}.mp4" if status == "succeeded" else None
        prompt = self._vendor.prompts.get(request_id)
        return Generation(request_id=request_id, status=status, output_url=url, prompt=prompt)

    async def aclose(self) -> None:
        """Nothing is open."""
