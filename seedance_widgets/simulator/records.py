"""One generation as it is kept on disk, and what its status is at any instant. Pure; standard library only.

Nothing runs while a generation "runs": its instants are drawn when it is accepted, and its status follows from them
and the clock. So a generation goes on while no simulator lives, and two simulators over one folder always agree.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ..types import GenerationRequest, ServerStatus
from .settings import SimulatorSettings

Outcome = Literal["succeeded", "failed", "cancelled"]

MEDIAN_S = 90.0  # the API names no figure; this is what people report of five seconds at 720p
SIGMA = 0.25  # of the logarithm of the duration
QUEUED_SHARE = 0.12  # of the whole, spent waiting before `processing`
MODEL_PACE: Mapping[str, float] = {"seedance-2.0": 1.0, "seedance-2.0-fast": 0.5, "seedance-1.5-pro": 0.8}
RESOLUTION_PACE: Mapping[str, float] = {"480p": 0.6, "720p": 1.0, "1080p": 1.8}

ASKED_TO_FAIL = {"code": "content_policy", "message": "The simulator was asked to fail this generation."}


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A generation. Instants are seconds since 1970."""

    request_id: str
    created_at: float
    processing_at: float
    final_at: float
    outcome: Outcome
    credits_charged: int
    model: str
    prompt: str
    duration: int
    aspect_ratio: str
    resolution: str
    media_urls: tuple[str, ...] = ()
    webhook_url: str | None = None
    metadata: Mapping[str, Any] | None = None
    clip_seed: int = 0
    cancelled_at: float | None = None
    problem: Mapping[str, str] | None = None
    """Why it failed, where that is known: `code` and `message`."""
    first: str = ""
    """The hash of the picture that its clip begins with."""
    last: str = ""

    def status(self, now: float) -> ServerStatus:
        """The API's answer at an instant."""
        if self.cancelled_at is not None:
            return "cancelled"
        if now >= self.final_at:
            return self.outcome
        return "processing" if now >= self.processing_at else "queued"

    def ends_at(self) -> float:
        """When it became, or becomes, final."""
        return self.final_at if self.cancelled_at is None else self.cancelled_at

    def cancelled(self, now: float) -> Record:
        """The same generation, stopped."""
        return replace(self, cancelled_at=now)

    def failed(self, code: str, message: str) -> Record:
        """The same generation, come to nothing."""
        return replace(self, outcome="failed", problem={"code": code, "message": message})

    def to_json(self) -> str:
        """The file's text."""
        facts = asdict(self)
        for name in ("first", "last"):  # an older simulator over the same folder does not know them
            if not facts[name]:
                del facts[name]
        return json.dumps({"version": 1, **facts}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Record:
        """Reads what `to_json` wrote. Raises ValueError, KeyError or TypeError on anything else."""
        fields = json.loads(text)
        if fields.pop("version") != 1:
            raise ValueError("written by another version of the simulator")
        return cls(**{**fields, "media_urls": tuple(fields["media_urls"])})


def new_record(
    request: GenerationRequest,
    *,
    request_id: str,
    now: float,
    credits_charged: int,
    settings: SimulatorSettings,
    dice: random.Random,
) -> Record:
    """An accepted generation with its whole future drawn. The request has every value filled in and checked."""
    wishes = (request.metadata or {}).get("simulator", {})
    request = request.kept  # as a vendor would not: the folder is that of the person who tries this
    total_s = _total_s(request, settings, dice, wishes.get("seconds"))
    return Record(
        request_id=request_id,
        created_at=now,
        processing_at=now + total_s * QUEUED_SHARE,
        final_at=now + total_s,
        outcome=wishes.get("outcome", "succeeded"),
        credits_charged=credits_charged,
        model=request.model,
        prompt=request.prompt,
        duration=request.duration or 0,
        aspect_ratio=request.aspect_ratio or "",
        resolution=request.resolution or "",
        media_urls=request.media_urls,
        webhook_url=request.webhook_url or settings.webhook_url,
        metadata=request.metadata,
        clip_seed=wishes.get("seed", settings.seed or 0),
        problem=ASKED_TO_FAIL if wishes.get("outcome") == "failed" else None,
    )


def _total_s(
    request: GenerationRequest, settings: SimulatorSettings, dice: random.Random, asked_s: float | None
) -> float:
    """From accepted to final, in seconds: as asked, else by chance and the speed."""
    if asked_s is not None:
        return asked_s
    if settings.at_once:
        return 0.0
    median_s = MEDIAN_S * MODEL_PACE.get(request.model, 1.0) * RESOLUTION_PACE.get(request.resolution or "", 1.0)
    return median_s * dice.lognormvariate(0.0, SIGMA) / settings.speed
