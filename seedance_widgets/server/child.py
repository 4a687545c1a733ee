"""What is done for a page in a process of its own, since it reads films or loads what a server should not hold.

    python -m seedance_widgets.server.child doctor | delete ID [--force] [--keep-clip]

Prints one JSON object: the answer, or `error` as docs/server-api.md has it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ..errors import SeedanceError
from ..storage.clips import ClipStorage
from ..store import Store
from .place import Place, find_place
from .telling import status_of, told_of


@dataclass(frozen=True, slots=True)
class _Keeper:
    store: Store
    home: Path
    clips: ClipStorage


def doctor() -> dict[str, Any]:
    """What works here and what does not. Asks nobody."""
    from ..session.connect import own_session

    session = own_session(takes_over=False)
    try:
        report = session.doctor()
    finally:
        session.close()
    return {"ok": report.ok, "checks": [asdict(check) for check in report.checks]}


def delete(place: Place, job_id: str, *, clip: bool, force: bool) -> dict[str, Any]:
    """Delete a job, and its files where they are ours. Raises SeedanceError for one that must stay."""
    from ..jobs.deletion import delete as delete_jobs
    from ..jobs.deletion import folders_of

    keeper = _Keeper(place.store(), place.home, place.clips())
    row = keeper.store.get(job_id)
    if row is None:
        return {"deleted": job_id, "files": [], "kept": []}
    deleted = delete_jobs(keeper, [row], clip=clip, force=force, gone=lambda row: None)
    kept = list(deleted.kept)
    for folder in folders_of(row, keeper):
        kept = [text.replace(f"{folder}{os.sep}", "") for text in kept]
    return {
        "deleted": job_id,
        "files": [*(path.name for path in deleted.files), *(url.rpartition("/")[2] for url in deleted.stored)],
        "kept": kept,
    }


def main(arguments: list[str]) -> int:
    """Do what was asked."""
    try:
        if arguments[:1] == ["delete"]:
            clip, force = "--keep-clip" not in arguments, "--force" in arguments
            answer = delete(find_place(), arguments[1], clip=clip, force=force)
        else:
            answer = doctor()
    except SeedanceError as error:
        answer = {**told_of(error), "status": status_of(error)}
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
