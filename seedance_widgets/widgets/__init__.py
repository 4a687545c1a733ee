"""The views of a job: a live card while it runs, plain HTML when it has ended. Loaded on first display."""

from __future__ import annotations

from ..jobs.job import Job
from ..notebook import environment


def show(job: Job) -> None:
    """Show a job where the person is looking: a card or its durable output in a notebook, lines of text elsewhere."""
    if not environment.in_kernel():
        from .card.saved import plain_text

        print(plain_text(job))
        return
    from .card.hub import hub_of

    hub_of(job.session).show(job)


__all__ = ["show"]
