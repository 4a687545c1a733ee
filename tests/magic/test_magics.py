"""The magics in a real IPython shell, over a session that only remembers."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from fake_session import FakeSession
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell

from seedance_widgets.errors import GenerationFailed, InsufficientCredits, JobNotFound, WaitTimeout
from seedance_widgets.languages import spoken
from seedance_widgets.magic import load, unload
from seedance_widgets.magic.reading.prompt import FLAGS

PROMPTS = ["can a cat fly?", "the dog's $HOME {x}", "stop;", "show me", "a  b\tc", "🚣 قارب ?", "x = 'y"]


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("cell", ["%seedance {}", "j = %seedance {}", "%%seedance\n{}", "%seedance --no-wait {}"])
def test_a_prompt_goes_from_the_cell_to_the_session_whole(
    run: Any, page: Any, session: FakeSession, cell: str, prompt: str
) -> None:
    assert run(cell.replace("{}", prompt)).error is None
    assert session.prompts == [prompt]


def test_options_become_keywords_of_the_session(run: Any, page: Any, session: FakeSession) -> None:
    run("%seedance --model seedance-2.0-fast a boat --duration 9 --media https://a.example/1.png")
    request = session.started[0].request
    assert (request.model, request.duration) == ("seedance-2.0-fast", 9)
    assert request.media_urls == ("https://a.example/1.png",)


def test_the_card_is_shown_before_the_server_answers_and_once(run: Any, page: Any, session: FakeSession) -> None:
    done = run("%seedance a boat")
    assert done.cards == ["card of 'a boat', submitting"]
    assert done.result is session.started[0]
    assert session.started[0].calls == ["wait_accepted"]


def test_an_assigned_job_is_shown_once_and_again_when_asked_for(run: Any, page: Any) -> None:
    assert len(run("job = %seedance a boat").cards) == 1
    assert len(run("job").cards) == 1


def test_a_semicolon_is_prompt_and_does_not_hide_the_card(run: Any, page: Any, session: FakeSession) -> None:
    assert len(run("%seedance a boat;").cards) == 1
    assert session.prompts == ["a boat;"]


def test_the_same_request_again_shows_the_running_job_under_a_badge(run: Any, page: Any, session: FakeSession) -> None:
    run("%seedance a boat")
    session.twin = session.started[0]
    done = run("%seedance a boat --out again")
    assert done.result is session.started[0] is run("again").result
    (badge,) = done.badges
    assert badge.startswith("Reused: The same request was sent 130 s ago")
    assert "--fresh" in badge
    assert len(session.started) == 1


def test_fresh_sends_the_same_request_again(run: Any, page: Any, session: FakeSession) -> None:
    run("%seedance a boat")
    session.twin = session.started[0]
    assert run("%seedance a boat --fresh").result is session.started[1]
    assert session.fresh == [False, True]


def test_unrecorded_is_handed_on_only_where_a_person_says_so(run: Any, page: Any, session: FakeSession) -> None:
    run("%seedance a boat")
    run("%seedance a boat --unrecorded --fresh")
    assert session.unrecorded == [False, True]


def test_quiet_shows_nothing_and_returns_the_job(run: Any, page: Any, session: FakeSession) -> None:
    done = run("%seedance a boat --quiet")
    assert done.shown == ""
    assert done.cards == []
    assert done.result is session.started[0]


def test_out_names_a_variable_even_when_the_server_refuses(
    run: Any, page: Any, shell: InteractiveShell, session: FakeSession
) -> None:
    session.end = "refused"
    assert isinstance(run("%%seedance --out hero\na boat").error, InsufficientCredits)
    assert shell.user_ns["hero"] is session.started[0]
    assert session.out_names == ["hero"]


def test_wait_on_a_page_waits_under_the_card_without_a_word(run: Any, page: Any, session: FakeSession) -> None:
    done = run("%seedance a boat --wait")
    assert session.started[0].calls == ["wait_accepted", "wait"]
    assert done.stdout == ""
    assert len(done.cards) == 1


def test_without_a_kernel_it_waits_tells_each_change_and_shows_the_job(run: Any, session: FakeSession) -> None:
    done = run("%seedance a boat")
    assert session.started[0].calls == ["wait_accepted", "updates 1800", "wait"]
    assert done.stdout.splitlines() == ["queued, in words", "processing, in words", "succeeded, in words"]
    assert done.cards == ["card of 'a boat', succeeded"]


def test_in_a_batch_it_waits_and_shows_the_job_at_its_end(run: Any, page: Any, session: FakeSession) -> None:
    page.parent["content"]["allow_stdin"] = False
    done = run("%seedance a boat")
    assert done.stdout == "queued, in words\nprocessing, in words\nsucceeded, in words\n"
    assert done.cards == ["card of 'a boat', succeeded"]


def test_voila_and_silent_front_ends_count_as_pages(
    run: Any, page: Any, session: FakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    page.parent["content"] = {}
    run("%seedance a boat")
    page.parent["content"] = {"allow_stdin": False}
    monkeypatch.setenv("SERVER_SOFTWARE", "voila/0.5.13")
    run("%seedance a boat")
    assert [job.calls for job in session.started] == [["wait_accepted"]] * 2


@pytest.mark.parametrize(
    ("config", "line", "waits"), [("True", "", True), ("False", "", False), ("True", "--no-wait", False)]
)
def test_config_decides_on_waiting_and_the_line_decides_last(
    run: Any, page: Any, session: FakeSession, config: str, line: str, waits: bool
) -> None:
    run(f"%config SeedanceMagics.wait = {config}")
    run(f"%seedance a boat {line}")
    assert ("wait" in session.started[0].calls) is waits


def test_no_wait_in_a_batch_shows_the_card_at_once(run: Any, session: FakeSession) -> None:
    assert run("%seedance a boat --no-wait").cards == ["card of 'a boat', submitting"]
    assert session.started[0].calls == ["wait_accepted"]


def test_a_failed_job_fails_the_run_after_it_was_shown(run: Any, session: FakeSession) -> None:
    session.end = "failed"
    done = run("%seedance a boat")
    assert isinstance(done.error, GenerationFailed)
    assert done.cards == ["card of 'a boat', failed"]


def test_a_wait_ends_at_its_deadline(run: Any, session: FakeSession) -> None:
    session.end = "endless"
    run("%config SeedanceMagics.wait_timeout_s = 7.5")
    done = run("%seedance a boat")
    assert isinstance(done.error, WaitTimeout)
    assert done.cards == ["card of 'a boat', processing"]
    assert session.started[0].calls == ["wait_accepted", "updates 7.5"]


def test_config_sets_defaults_and_the_line_wins(run: Any, page: Any, session: FakeSession) -> None:
    run("%config SeedanceMagics.duration = 9\n%config SeedanceMagics.aspect_ratio = '9:16'")
    run("%seedance a boat --duration 4")
    assert session.started[0].request.duration == 4
    assert session.started[0].request.aspect_ratio == "9:16"


def test_a_dry_run_prints_request_and_cost_and_sends_nothing(run: Any, page: Any, session: FakeSession) -> None:
    done = run("%seedance un café? --dry-run --duration 5")
    assert session.started == []
    assert done.result is None
    assert "nothing was sent" in done.stdout
    assert "$0.50 (estimate)" in done.stdout
    assert json.loads(done.stdout[done.stdout.index("{") :])["prompt"] == "un café?"


def test_a_dry_run_without_a_known_price_says_so(run: Any, session: FakeSession) -> None:
    assert "not known" in run("%seedance a boat --dry-run --model seedance-2.0-fast").stdout


REFUSED = [
    ("%seedance a boat --durration 5", "Did you mean --duration?"),
    ("%seedance a boat --duration 3", "--duration: seedance-2.0 does not take duration 3 s."),
    ("%seedance a boat --duration five", "--duration takes a whole number"),
    ("%seedance a boat --model seedance-3", "--model: There is no model 'seedance-3'."),
    ("%seedance a boat --media http://a.example/1.png", "--media: "),
    ("%seedance --duration 5", "There is no prompt"),
    ("%%seedance a boat\nin rain", "takes options only"),
    ("%%seedance", "empty below its first line"),
    ("%%seedance\n# a boat", "commented out"),
    ("%seedance_models now", "%seedance_models takes no words"),
    ("%seedance_jobs --status done", "--status takes one of"),
    ("%seedance_jobs --limit 0", "--limit takes a whole number"),
    ("%seedance_jobs --rating 6", "--rating takes 1 to 5"),
    ("%seedance_jobs --since nowish", "--since does not take 'nowish'"),
    ("%seedance_delete", "%seedance_delete takes one id or several"),
    ("%seedance_show", "%seedance_show takes one id"),
    ("%seedance_cancel a b", "%seedance_cancel takes one id"),
    ("%seedance_doctor now", "%seedance_doctor takes no words"),
    ("%seedance_compare", "takes the ids of two to four jobs, such as %seedance_jobs lists; none given"),
    ("%seedance_compare a", "takes the ids of two to four jobs, such as %seedance_jobs lists; 1 given"),
    ("%seedance_compare a b c d e", "two to four jobs, such as %seedance_jobs lists; 5 given"),
]


@pytest.mark.parametrize(("cell", "said"), REFUSED)
def test_a_bad_line_is_a_usage_error_of_one_line_and_sends_nothing(
    run: Any, session: FakeSession, cell: str, said: str
) -> None:
    done = run(cell)
    assert type(done.error) is UsageError
    assert said in str(done.error)
    assert len(done.shown.strip().splitlines()) == 1
    assert session.started == []
    if cell.lstrip("%").startswith("seedance "):
        assert "Nothing was sent" in str(done.error)


def test_a_value_from_config_is_named_as_such(run: Any, session: FakeSession) -> None:
    run("%config SeedanceMagics.duration = 3")
    assert "--duration (from %config SeedanceMagics.duration): " in str(run("%seedance a boat").error)


def test_an_error_of_the_service_keeps_its_class_and_shows_only_its_text(run: Any, session: FakeSession) -> None:
    session.end = "refused"
    shown = run("%seedance a boat").shown
    assert "InsufficientCredits: The server refused" in shown
    assert "Traceback" not in shown
    assert "\x1b[31m have" not in shown  # text from outside does not paint the terminal
    run("import seedance_widgets.errors as e\ntry:\n    %seedance a boat\nexcept e.InsufficientCredits:\n    ok = 1")
    assert run("ok").result == 1


def test_an_interrupt_ends_the_waiting_and_says_how_to_find_the_job_again(run: Any, session: FakeSession) -> None:
    session.end = "interrupted"
    done = run("%seedance a boat")
    assert isinstance(done.error, KeyboardInterrupt)
    assert done.shown.splitlines()[-1] == (
        "KeyboardInterrupt: the job goes on. %seedance_show job1 shows it, %seedance_cancel job1 cancels it."
    )


def test_the_bare_magic_says_how_it_is_used(run: Any, session: FakeSession) -> None:
    done = run("%seedance")
    assert done.stdout.startswith("Usage: %seedance PROMPT")
    assert (done.result, session.started) == (None, [])


def test_the_help_names_every_option(shell: InteractiveShell) -> None:
    text = shell.find_line_magic("seedance").__doc__
    assert all(re.search(rf"(?<!\S){flag}\b", text) for flag in FLAGS)


# The companions


def test_models_are_listed_with_what_they_take_and_cost(run: Any, session: FakeSession) -> None:
    table = run("%seedance_models").result
    assert [model.id for model in table][:2] == ["seedance-2.0", "seedance-2.0-fast"]
    first = repr(table).splitlines()[2]
    assert "4–15" in first
    assert "$0.10 at 720p" in first
    assert "5, 10" in repr(table)


def test_jobs_are_listed_newest_first_and_escaped(run: Any, page: Any, session: FakeSession) -> None:
    run("%seedance <b>bold</b> \x1b[31m move")
    run("%seedance " + "very " * 30 + "long")
    table = run("%seedance_jobs").result
    assert [job.id for job in table] == ["job2", "job1"]
    assert len(table) == 2
    html = table._repr_html_()
    assert "&lt;b&gt;bold" in html
    assert "<b>" not in html
    assert "\x1b" not in html + repr(table)
    assert "2 min" in repr(table)
    assert "$0.50" in repr(table)
    assert " ve…  " in repr(table)


def test_jobs_are_asked_for_by_status_number_and_words(run: Any, session: FakeSession) -> None:
    assert "No such jobs" in repr(run("%seedance_jobs --status failed --limit 3 paper boat").result)
    assert session.asked == [{"status": "failed", "text": "paper boat", "limit": 3}]
    run("%seedance_jobs --starred --rating 4 --tag 'paper boat' --model m --sweep s1 --since 7d --until 2026-11-01 fox")
    assert session.asked[1] == {
        "text": "fox",
        "starred": True,
        "rating": 4,
        "tag": "paper boat",
        "model": "m",
        "sweep": "s1",
        "since": "7d",
        "until": "2026-11-01",
        "limit": 20,
    }


def test_columns_line_up_for_wide_characters(run: Any, page: Any) -> None:
    from rich.cells import cell_len

    for prompt in ("紙の船", "🚣 boat", "plain"):
        run(f"%seedance {prompt}")
    rows = repr(run("%seedance_jobs").result).splitlines()
    assert len({cell_len(row[: row.index("seedance-2.0")]) for row in rows[2:]}) == 1


def test_show_shows_again_once_and_returns_the_job(run: Any, page: Any, session: FakeSession) -> None:
    run("%seedance a boat")
    done = run("%seedance_show job1")
    assert len(done.cards) == 1
    assert done.result is session.started[0]
    assert isinstance(run("%seedance_show job9").error, JobNotFound)


def test_cancel_tells_what_became_of_the_job(run: Any, page: Any) -> None:
    run("%seedance a boat")
    assert run("%seedance_cancel job1").stdout == "job1: cancelled, in words\n"


def test_compare_takes_the_jobs_in_the_order_of_the_line(run: Any) -> None:
    assert run("%seedance_compare job2 job1 job3").result == ("job2", "job1", "job3")


def test_the_doctor_asks_the_network_only_when_told_to(run: Any) -> None:
    assert not run("%seedance_doctor").result.network
    assert run("%seedance_doctor --network").result.network


# Loading


def fingerprint(shell: InteractiveShell) -> dict[str, Any]:
    manager = shell.input_transformer_manager
    return {
        "line": sorted(shell.magics_manager.magics["line"]),
        "cell": sorted(shell.magics_manager.magics["cell"]),
        "registry": sorted(shell.magics_manager.registry),
        "configurables": len(shell.configurables),
        "cleanup": list(manager.cleanup_transforms),
        "tokens": list(manager.token_transformers),
        "post": list(manager.line_transforms),
        "matchers": list(shell.Completer.custom_matchers),
    }


def test_unloading_leaves_ipython_as_it_was(bare_shell: InteractiveShell) -> None:
    before = fingerprint(bare_shell)
    load(bare_shell)
    loaded = fingerprint(bare_shell)
    load(bare_shell)
    assert fingerprint(bare_shell) == loaded != before
    unload(bare_shell)
    unload(bare_shell)
    assert fingerprint(bare_shell) == before


def test_loading_again_after_a_reload_of_the_code_does_not_double_anything(bare_shell: InteractiveShell) -> None:
    import importlib

    from seedance_widgets.magic import complete
    from seedance_widgets.magic.reading import transform

    before = fingerprint(bare_shell)
    load(bare_shell)
    kept = [(module, vars(module).copy()) for module in (complete, transform)]
    try:
        for module, _ in kept:
            importlib.reload(module)
        unload(bare_shell)
        assert fingerprint(bare_shell) == before
    finally:  # for the other tests of this process, which hold the first load of this code
        for module, names in kept:
            vars(module).update(names)


def test_the_source_that_two_question_marks_show_has_the_lines_of_the_table() -> None:
    import inspect

    from seedance_widgets.magic.magics import SeedanceMagics, _explained
    from seedance_widgets.request.options import OPTIONS

    source = inspect.getsource(SeedanceMagics.seedance)
    assert [line.strip() for line in source.splitlines() if line.strip() in set(map(_explained, OPTIONS))] == list(
        map(_explained, OPTIONS)
    )


def test_the_language_of_pages_is_configured_and_one_that_we_do_not_speak_is_refused(
    run: Any, caplog: pytest.LogCaptureFixture
) -> None:
    try:
        assert run("%config SeedanceMagics.language = 'th'").error is None
        assert spoken.language() == "th"
        run("%config SeedanceMagics.language = 'xx'")
        assert "language is one of en, th, zh" in caplog.text
        assert spoken.language() == "th"
    finally:
        spoken.configure(None)
