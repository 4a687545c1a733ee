"""A job's request once more, as the bar of actions asks for it outside the Studio."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from ...jobs.job import Home, Job
from ...life import TAKE
from ...session.session import Session
from ..studio.content import amount
from ..studio.origin import options_of


def send_again(home: Home, job: Job, content: dict[str, Any]) -> Job:
    """Send a job's request once more, for no more than the button names: `shown_usd`. **Spends credits.**

    One that was begun in the last ten seconds and runs is that job: a doubled click pays once. Raises SeedanceError.
    """
    session = cast(Session, home)
    plan = session.plan(job.request.prompt, **options_of(job.request))
    return session.start(replace(plan, cost_usd=amount(content.get("shown_usd"))), parent_id=job.id, relation=TAKE)
