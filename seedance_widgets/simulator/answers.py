"""Every body the simulator sends, as the contract words it. Pure; standard library only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..types import Model
from .records import Record

RESULTS = "/open-api-results/"
"""Where clips lie at the files' origin, as in the reference's examples."""

Body = dict[str, Any]


class Refusal(Exception):
    """A no, on its way to becoming the error envelope (API page "errors")."""

    def __init__(self, status_code: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


def error_body(code: str, message: str) -> Body:
    """API page "errors": the envelope."""
    return {"success": False, "error": {"code": code, "message": message}}


def models_body(models: Iterable[Model]) -> Body:
    """API page "overview". A model without a published price has none here either."""
    return {
        "success": True,
        "data": [
            {
                "id": model.id,
                "type": model.type,
                "mode": model.mode,
                "durations": list(model.durations),
                "aspectRatios": list(model.aspect_ratios),
                "resolutions": list(model.resolutions),
                "usdPerSecond": dict(model.usd_per_second),
            }
            for model in models
        ],
    }


def accepted_body(record: Record) -> Body:
    """API page "text-to-video". Nothing is ever further than queued in the answer to its create."""
    return {
        "success": True,
        "requestId": record.request_id,
        "status": "queued",
        "creditsCharged": record.credits_charged,
    }


def generation_body(record: Record, status: str, files_url: str) -> Body:
    """API page "text-to-video", the answer to a look, and (by our choice) to a cancel."""
    return {
        "success": True,
        "requestId": record.request_id,
        "status": status,
        "model": record.model,
        "prompt": record.prompt,
        "duration": record.duration,
        "aspectRatio": record.aspect_ratio,
        "output": _output(record, status, files_url),
        "error": dict(record.problem) if status == "failed" and record.problem else None,
    }


def webhook_body(record: Record, status: str, files_url: str) -> Body:
    """API page "webhooks"."""
    whole = generation_body(record, status, files_url)
    return {name: whole[name] for name in ("success", "requestId", "status", "output", "error")}


def _output(record: Record, status: str, files_url: str) -> Body | None:
    if status != "succeeded":
        return None
    return {"type": "video", "url": f"{files_url}{RESULTS}{record.request_id}.mp4"}
