"""The magics of memory, money and templates, in a real shell over a real session with the simulator."""

from __future__ import annotations

import io
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import StdinNotImplementedError, UsageError
from IPython.core.interactiveshell import InteractiveShell

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.request.check import make_request
from seedance_widgets.session import default
from seedance_widgets.session.session import Session

SMALL = "--duration 4 --resolution 480p --model seedance-2.0"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A session of the simulator where the magics look for the default one."""
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    monkeypatch.setattr(default, "_default", session)
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
    assert "Deleted 1 job and 3 files." in done.stdout
    assert not clip.exists()
    assert session.jobs() == []


def test_what_is_deleted_is_named_where_the_output_is_ascii(
    shell: InteractiveShell, session: Session, answers: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug was a UnicodeEncodeError, before the question."""
    job = session.submit("A boat, 雨", duration=4, resolution="480p", model="seedance-2.0")
    job.wait(timeout=60)
    answers("y")
    written = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii", write_through=True))
        done = shell.run_cell(f"%seedance_delete {job.id}")
    assert done.success
    assert r"A boat, \u96e8" in written.getvalue().decode("ascii")
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
    running = life.Row(
        id="running2",
        service=session.service,
        request=make_request("a", {}),
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


# --- money ------------------------------------------------------------------------------------------------------------
def test_cost_shows_what_was_spent_by_what_was_asked_for(run: Any, session: Session, job: sw.Job) -> None:
    costs = run("%seedance_cost --by model --since today").result
    assert [line.name for line in costs] == ["seedance-2.0"]
    assert costs[0].estimated_usd == pytest.approx(0.2)
    assert "$0.20" in repr(run("%seedance_cost").result)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%seedance_cost --by week", "--by takes one of day, model, sweep, notebook"),
        ("%seedance_cost --since soon", "--since does not take 'soon'"),
        ("%seedance_cost please", "%seedance_cost takes no words"),
    ],
)
def test_a_bad_line_of_cost_is_a_usage_error(run: Any, session: Session, cell: str, said: str) -> None:
    done = run(cell)
    assert type(done.error) is UsageError
    assert said in str(done.error)


@pytest.fixture
def no_caps_left_over() -> Iterator[None]:
    yield
    default._configured.clear()


@pytest.mark.usefixtures("no_caps_left_over")
def test_config_caps_the_session_and_the_magic_keeps_to_it(run: Any, session: Session) -> None:
    run("%config SeedanceMagics.cap_per_day_usd = 0.3")
    assert session.caps == sw.Caps(per_day_usd=0.3)
    run(f"%seedance a boat {SMALL} --no-wait --quiet")
    done = run(f"%seedance another boat {SMALL} --no-wait --quiet")
    assert type(done.error) is sw.CapExceeded
    assert "%config SeedanceMagics.cap_per_day_usd = 0.4" in done.shown
    assert "Traceback" not in done.shown
    assert session.count() == 1
    run("%config SeedanceMagics.cap_per_day_usd = None")
    assert session.caps == sw.Caps()


@pytest.mark.usefixtures("no_caps_left_over")
@pytest.mark.parametrize("value", ["0", "-1", "float('nan')"])
def test_config_refuses_a_cap_that_is_no_amount_and_keeps_the_old_one(
    run: Any, session: Session, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    """IPython logs what %config refuses, and goes on."""
    run("%config SeedanceMagics.cap_per_day_usd = 3")
    run(f"%config SeedanceMagics.cap_per_day_usd = {value}")
    assert "cap_per_day_usd is a number of dollars above 0" in caplog.text
    assert session.caps == sw.Caps(per_day_usd=3)


@pytest.mark.usefixtures("no_caps_left_over")
def test_a_cap_that_was_configured_holds_for_a_session_that_begins_later(
    run: Any, session: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(default, "_default", None)
    monkeypatch.setenv("SEEDANCE_HOME", str(tmp_path / "later"))
    run("%config SeedanceMagics.cap_per_job_usd = 0.1")
    later = sw.default_session()
    assert later.caps.per_job_usd == 0.1
    later.close()


@pytest.mark.usefixtures("no_caps_left_over")
def test_config_sets_a_cap_again_that_code_or_the_studio_has_changed_since(run: Any, session: Session) -> None:
    """A trait that is given the value it has tells nobody: the looser cap stayed."""
    run("%config SeedanceMagics.cap_per_day_usd = 3")
    session.caps = session.caps.with_(per_day_usd=30)
    run("%config SeedanceMagics.cap_per_day_usd = 3")
    assert session.caps == sw.Caps(per_day_usd=3)


# --- templates --------------------------------------------------------------------------------------------------------
def test_the_last_job_is_saved_under_a_name_and_comes_back_with_its_options(
    run: Any, session: Session, job: sw.Job
) -> None:
    done = run("%seedance_save paper boat")
    assert f"Saved job {job.id} (A paper boat) as 'paper boat'" in done.stdout
    again = run('%seedance --with "paper boat" --no-wait --quiet --fresh').result
    assert again.request == job.request
    assert Path("seedance_prompts.toml").read_text().startswith('["paper boat"]\nprompt = "A paper boat"\n')


@pytest.mark.parametrize(
    ("cell", "prompt", "duration"),
    [
        ("%seedance --with boat --no-wait --quiet", "A paper boat", 4),
        ("%%seedance --with boat --no-wait --quiet", "A paper boat", 4),
        ("%seedance --with boat --no-wait --quiet at night --duration 5", "A paper boat at night", 5),
        ("%%seedance --with boat --no-wait --quiet\nat night\n\nin fog", "A paper boat\nat night\n\nin fog", 4),
        ("%%seedance --with boat --no-wait --quiet --duration 6\n\n", "A paper boat", 6),
    ],
)
def test_a_line_overrides_the_options_of_a_saved_prompt_and_adds_to_its_text(
    run: Any, session: Session, job: sw.Job, cell: str, prompt: str, duration: int
) -> None:
    run("%seedance_save boat")
    made = run(cell).result
    assert (made.request.prompt, made.request.duration) == (prompt, duration)
    assert made.request.resolution == "480p"


def test_a_saved_option_wins_over_config(run: Any, session: Session, job: sw.Job) -> None:
    run("%seedance_save boat")
    run("%config SeedanceMagics.duration = 9")
    assert run("%seedance --with boat --no-wait --quiet --fresh").result.request.duration == 4


def test_a_dry_run_shows_the_whole_of_it(run: Any, session: Session, job: sw.Job) -> None:
    run("%seedance_save boat")
    assert '"prompt": "A paper boat at night"' in run("%seedance --with boat at night --dry-run").stdout


def test_a_dry_run_says_what_a_cap_leaves(run: Any, session: Session, job: sw.Job) -> None:
    assert "leaves" not in run("%seedance --dry-run a boat").stdout
    session.caps = sw.Caps(per_session_usd=5)
    left = 5 - job.cost
    assert f"(estimate); a cap leaves ${left:.2f}\n" in run("%seedance --dry-run a boat").stdout
    swept = run("%%seedance --sweep animal=fox,owl --dry-run\na {animal}")
    assert f"nothing was charged; a cap leaves ${left:.2f}." in swept.stdout


def test_a_saved_prompt_with_braces_is_swept(run: Any, session: Session, job: sw.Job) -> None:
    session.save_template("beast", "a {animal} asleep", duration=4, resolution="480p")
    swept = run("%seedance --with beast --sweep animal=fox,owl --wait --quiet").result
    assert sorted(job.request.prompt for job in swept.jobs) == ["a fox asleep", "a owl asleep"]
    assert {job.request.resolution for job in swept.jobs} == {"480p"}
    again = run("%%seedance --with beast --sweep animal=cat --wait --quiet --duration 5\nin the rain").result
    assert [(job.request.prompt, job.request.duration) for job in again.jobs] == [("a cat asleep\nin the rain", 5)]


def test_another_job_is_saved_by_its_id_and_a_name_is_taken_once(run: Any, session: Session, job: sw.Job) -> None:
    session.submit("A fox", duration=5, resolution="480p", model="seedance-2.0")
    run(f"%seedance_save boat --job {job.id}")
    assert session.templates["boat"].prompt == "A paper boat"
    done = run("%seedance_save boat")
    assert type(done.error) is sw.TemplateInvalid
    assert "--replace" in str(done.error)
    run("%seedance_save boat --replace")
    assert session.templates["boat"].prompt == "A fox"


def test_the_address_of_a_webhook_does_not_get_into_git(run: Any, session: Session) -> None:
    options: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0"}
    session.submit("A boat", webhook_url="https://h.example/secret", **options)
    run("%seedance_save boat")
    assert "secret" not in Path("seedance_prompts.toml").read_text()


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("%seedance_save", "takes the name"),
        ("%seedance_save -x", "option -x|A template's name"),
        ("%seedance_save boat", "There is no job to save"),
        ("%seedance_prompts now", "takes no words"),
        ("%seedance --with", "--with needs a value"),
        ("%seedance --with nothere", "There is no template 'nothere'"),
        ("%%seedance --with nothere\nat night", "There is no template 'nothere'"),
    ],
)
def test_what_cannot_be_saved_or_used_is_a_sentence_and_nothing_is_sent(
    run: Any, session: Session, cell: str, said: str
) -> None:
    import re

    done = run(cell)
    assert re.search(said, str(done.error))
    assert "Traceback" not in done.shown
    assert session.count() == 0


def test_a_broken_file_stops_the_list_and_the_prompt(run: Any, session: Session) -> None:
    Path("seedance_prompts.toml").write_text('[a]\nprompt = "open\n')
    for cell in ("%seedance_prompts", "%seedance --with a"):
        done = run(cell)
        assert type(done.error) is sw.TemplateInvalid
        assert "line 2" in done.shown
        assert "Traceback" not in done.shown


def test_names_are_offered_after_with(shell: InteractiveShell, session: Session) -> None:
    from IPython.core.completer import provisionalcompleter

    session.save_template("paper boat", "A boat", duration=5)
    session.save_template("雨", "Rain")
    assert "paper boat" in repr(session.templates)
    with provisionalcompleter():
        cell = "%seedance --with "
        offered = [found.text for found in shell.Completer.completions(cell, len(cell))]
    assert {'"paper boat"', "雨"} <= set(offered)
