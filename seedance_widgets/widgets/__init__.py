"""The views of a job: a live card while it runs, plain HTML when it has ended. Loaded on first display."""

from __future__ import annotations

from typing import Any

from ..jobs.job import Job
from ..notebook import environment
from ..text.printable import print_visible

WAIT = "job.wait() waits for the clip and shows how far it is."


def show(job: Job) -> None:
    """Show a job where the person is looking: a card or its durable output in a notebook, lines of text elsewhere."""
    if not environment.in_kernel():
        from .card.saved import plain_text

        lines = [plain_text(job)] if job.settled else [plain_text(job), WAIT]
        print_visible("\n  ".join(lines))
        return
    from .card.hub import hub_of

    hub_of(job.session).show(job)


def widget_of(job: Job) -> Any:
    """The live card of a job as a widget: for an `HBox`, and for notebooks that are not Jupyter's."""
    from .card.hub import hub_of

    return hub_of(job.session).widget_of(job)


__all__ = ["show", "widget_of"]
