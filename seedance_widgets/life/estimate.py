"""An estimate of a request: what would be sent, its cost and its time. Nothing is sent by asking."""

from __future__ import annotations

from typing import NamedTuple

from . import Row
from .schedule import Prior


class Estimate(NamedTuple):
    """How far along a job probably is, from earlier jobs like it. The API itself reports no percentage."""

    elapsed_s: float
    median_s: float
    p90_s: float
    """Nine in ten such jobs end by then."""
    source: str
    """Where it comes from, in words: it is shown beside every estimate."""


def estimate_of(prior: Prior, elapsed_s: float) -> Estimate:
    """The estimate that follows from what is known of jobs of a kind."""
    jobs = "job" if prior.samples == 1 else "jobs"
    source = f"from {prior.samples} earlier {jobs} like this" if prior.samples else "a first guess, no earlier jobs"
    return Estimate(elapsed_s, prior.median_s, prior.quantile(0.9), source)


def began_at_of(row: Row) -> float | None:
    """Since when a job counts as running; `None` while it waits for its turn or when it has ended."""
    if row.final or row.processing_at is None:
        return None
    return row.queued_seen_at or row.accepted_at or row.processing_at
