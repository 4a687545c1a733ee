"""What a person sees of a job: a live card while it runs, plain HTML when it has ended. Loaded on first display."""

from __future__ import annotations

from .. import notebook
from ..job import Job


def show(job: Job) -> None:
    """Show a job where the person is looking: a card or its durable output in a notebook, lines of text elsewhere."""
    if not notebook.in_kernel():
        from .durable import plain_text

        print(plain_text(job))
        return
    from .hub import hub_of

    hub_of(job.session).show(job)


__all__ = ["show"]
