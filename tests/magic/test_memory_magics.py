"""The magics of memory, money and templates, in a real shell over a real session with the simulator."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.interactiveshell import InteractiveShell

import seedance_widgets as sw
from seedance_widgets import session as sessions
from seedance_widgets.session import Session

SMALL = "--duration 4 --resolution 480p --model seedance-2.0"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session of the simulator where the magics look for the default one."""
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    monkeypatch.setattr(sessions, "_default", session)
    yield session
    session.close()


@pytest.fixture
def job(session: Session) -> sw.Job:
    job = session.submit("A paper boat", duration=4, resolution="480p", model="seedance-2.0")
    job.wait(timeout=60)
    return job


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Any], list[str]]:
    """What a person types, or the error of a front end where nobody can; returns the questions."""

    def says(answer: Any) -> list[str]:
        asked: list[str] = []

        def ask(question: str = "") -> str:
            asked.append(question)
            if isinstance(answer, Exception):
                raise answer
            return str(answer)

        monkeypatch.setattr("builtins.input", ask)
        return asked

    return says


# --- deleting ---------------------------------------------------------------------------------------------------------
def test_delete_asks_first_and_deletes_after_a_yes(run: Any, session: Session, job: sw.Job, answers: Any) -> None:
    clip = job.wait().path
    (question,) = [answers("y")]
    done = run(f"%seedance_delete {job.id}")
    assert "Delete this for good?" in question[0]
    assert "A paper boat" in done.stdout
    assert "Deleted 1 job and 2 files." in done.stdout
    assert not clip.exists()
    assert session.jobs() == []


@pytest.mark.parametrize("answer", ["", "n", "what?"])
def test_anything_but_a_yes_deletes_nothing(run: Any, session: Session, job: sw.Job, answers: Any, answer: str) -> None:
    answers(answer)
    assert "Nothing was deleted." in run(f"%seedance_delete {job.id}").stdout
    assert session.jobs() == [job]


@pytest.mark.parametrize("error", [StdinNotImplementedError("no"), EOFError()])
def test_where_nobody_can_be_asked_it_says_yes_and_deletes_nothing(
    run: Any, session: Session, job: sw.Job, answers: Any, error: Exception
) -> None:
    answers(error)
    done = run(f"%seedance_delete {job.id}")
    assert type(done.error) is UsageError
    assert "--yes" in str(done.error)
    assert session.jobs() == [job]


def test_yes_deletes_without_a_question_and_a_clip_can_stay(
    run: Any, session: Session, job: sw.Job, answers: Any
) -> None:
    asked = answers("n")
    run(f"%seedance_delete --yes --keep-clip {job.id}")
    assert asked == []
    assert session.jobs() == []
    assert len(list(Path("seedance_clips").glob("*.mp4"))) == 1


def test_a_running_job_is_not_even_asked_about(run: Any, session: Session, answers: Any) -> None:
    asked = answers("y")
    running = sessions.life.Row(
        id="running2",
        service=session.service,
        request=sessions.catalog.make_request("a", {}),
        created_at=1.0,
        status="queued",
    )
    session.store.add(running, owner="another")
    done = run("%seedance_delete running2")
    assert "still at work" in str(done.error)
    assert asked == []


def test_ids_are_offered_to_delete_one_after_the_other(shell: InteractiveShell, session: Session, job: sw.Job) -> None:
    from IPython.core.completer import provisionalcompleter

    with provisionalcompleter():
        cell = "%seedance_delete "
        offered = [found.text for found in shell.Completer.completions(cell, len(cell))]
    assert {job.id, "--yes", "--keep-clip"} <= set(offered)
