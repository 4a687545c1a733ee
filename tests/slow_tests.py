"""The tests that `pytest` leaves out unless it is asked for them: whole files, or single tests of one."""

from __future__ import annotations

SLOW = (
    *(
        "test_wheel.py",
        "notebook/test_batch.py",
        "notebook/test_batch_programs.py",
        "notebook/test_consoles.py",
        "notebook/test_terminals.py",
        "test_snippets.py::test_the_cells_of_a_page_run",
    ),
    "test_site.py::test_the_site_is_built_without_a_warning_and_its_links_lead_somewhere",
    "test_site.py::test_the_built_reference_has_every_public_name_with_what_it_inherits_from_us",
    "test_site.py::test_the_built_reference_does_not_repeat_what_others_have_written",
    *("worker/test_kill.py", "worker/test_two_kernels.py", "worker/test_owner_lock.py", "faults/test_interleaving.py"),
    *("faults/test_money_rule.py", "store/test_store_isolation.py", "store/test_secrets_database.py"),
    *("session/test_only_looks.py", "test_odd_places.py", "test_golden_history.py", "test_quickstart.py"),
    *("cli/test_worker.py", "cli/test_worker_kill.py", "cli/test_worker_terminal.py", "worker/test_rate_processes.py"),
    *("test_notebook_iterate.py", "test_secrets_notebook.py", "values/test_odd_values.py", "test_adding_an_option.py"),
    *("faults/test_create.py", "faults/test_looks.py", "faults/test_files.py", "faults/test_cancel.py"),
    *("test_secrets_nowhere.py", "simulator/test_simulator_clips.py", "worker/test_sending_turned_away.py"),
    *("worker/test_take_over.py", "jobs/test_price_shown.py", "worker/test_key_refused.py", "store/test_store_news.py"),
    "store/test_store.py::test_eight_processes_at_once_lose_nothing",
    "store/test_store_recovery.py::test_eight_kernels_that_find_it_so_at_once_build_it_once",
    "request/test_caps.py::test_eight_kernels_that_race_a_cap_never_send_more_than_it_allows",
    "request/test_caps.py::test_sums_of_many_small_amounts_are_exact",
    "sweep/test_sweep.py::test_what_waits_for_the_rate_limit_is_not_sent_after_a_cancel",
    "sweep/test_sweep_once.py::test_a_kernel_that_is_killed_midway_loses_nothing_and_pays_nothing_twice",
    "worker/test_small_steps.py::test_a_request_is_marked_as_sent_when_it_leaves_and_not_before",
    "worker/test_small_steps.py::test_what_was_made_at_the_very_end_of_a_span_is_not_in_it",
    "store/test_team_history.py::test_a_database_that_goes_away_loses_no_end_of_a_job",
    "api/test_bad_lines.py::test_nothing_of_ours_is_logged_into_peoples_cells",
    "text/test_printable.py::test_jobs_are_printed_where_output_is_ascii",
    "session/test_session_apart.py::test_sixty_submissions_ask_for_the_models_once",
    "session/test_session_apart.py::test_no_more_leaves_at_once_than_a_quarter_of_the_minute_whatever_it_is",
    "session/test_session_apart.py::test_jobs_work_with_and_without_a_patched_asyncio",
    "jobs/test_family.py::test_a_large_sweep_is_cut_with_the_one_that_was_asked_for_in_it",
    "session/test_webhook_shown.py::test_the_costs_of_sweeps_are_by_their_names",
    "sweep/test_sweep_table.py::test_a_table_is_sent_with_a_name_for_each_clip_and_never_twice",
    "server/test_real_server.py",
    "worker/test_rate_sharing.py::test_no_minute_anywhere_holds_more_requests_than_the_limit",
    "store/test_search.py::test_the_index_finds_exactly_what_looking_at_every_row_finds",
    "widgets/studio/test_studio_kernel.py",
    "jobs/test_engine.py::test_a_plain_process_sends_a_request_and_saves_its_clip",
    *("api/test_bad_lines.py", "clips/test_clip_folder.py", "clips/test_kept_bytes.py"),
    *("jobs/test_family.py", "jobs/test_live_line.py", "jobs/test_merged.py", "jobs/test_one_row_builder.py"),
    *("jobs/test_reactive.py", "magic/test_media_magic.py", "magic/test_memory_magics.py", "magic/test_sweep_magic.py"),
    *("media/test_media_sent.py", "session/test_pushes.py", "session/test_session_apart.py"),
    *("session/test_session_history.py", "session/test_session_lasting.py", "store/test_search.py"),
    *("sweep/test_sweep_again.py", "sweep/test_sweep_once.py", "sweep/test_sweep_table.py", "worker/test_sending.py"),
    *("simulator/test_simulator_fence.py", "text/test_signed_links.py", "values/test_plain.py"),
    *("jobs/test_marks_and_deletion.py", "widgets/studio/test_studio_hostile.py", "widgets/studio/test_studio_life.py"),
    "api/test_client.py::test_a_packed_bomb_is_refused_within_sixteen_megabytes",
    "api/test_limiter.py::test_in_no_minute_of_a_thousand_storms_do_more_requests_arrive_than_were_set",
    "request/test_caps.py::test_a_sweep_stops_at_the_cap_and_says_so",
    "session/test_session.py::test_no_bad_look_ends_a_job",
    "widgets/studio/test_studio_actions.py::test_a_continued_clip_begins_with_the_last_picture_of_the_other_and_is_its_child",
)
"""They kill processes, race them, walk far, start many, or wait: most of them take more than two seconds."""


def is_slow(path: str, name: str) -> bool:
    """Whether a test is left out: by the path of its file, and its name without parameters."""
    return path.endswith(SLOW) or f"{path}::{name}".endswith(SLOW)
