"""The chosen jobs of a Studio as one file beside the notebook."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypedDict

from ...errors import SeedanceError
from ...jobs.job import Job
from ...notebook import environment
from ...session.session import Session


class ExportedView(TypedDict):
    """What came of an export."""

    type: str
    click_id: str
    text: str
    url: str | None


def export_view(
    content: dict[str, Any], session: Session, job_of: Callable[[str], Job], job_ids: Sequence[str]
) -> ExportedView:
    """Write the jobs of a message into a new archive; the answer names it, or says why there is none.

    Args:
        content: The message: with `plain` it is for others, without ids and costs.
        session: Where the jobs are.
        job_of: The job of a whole id. Raises JobNotFound.
        job_ids: Which, in the order of the page.
    """
    url, path = None, _free(environment.folder())
    try:
        jobs = [job_of(each) for each in job_ids]
        bundle = session.export(path, jobs, plain=content.get("plain") is True)
        text = f"Exported {len(jobs)} {'job' if len(jobs) == 1 else 'jobs'} to {path.name}"
        url = environment.files_url(bundle.path)
    except SeedanceError as error:
        text = f"{error.what} {error.next_step}".strip()
    return ExportedView(type="export", click_id=str(content.get("click_id")), text=text, url=url)


def _free(folder: Path) -> Path:
    """A name that no file of the folder has."""
    stem, number = f"seedance-{time.strftime('%Y-%m-%d-%H%M%S')}", 1
    path = folder / f"{stem}.zip"
    while path.exists():
        number += 1
        path = folder / f"{stem}-{number}.zip"
    return path
