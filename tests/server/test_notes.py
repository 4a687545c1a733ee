"""What the extension remembers over a restart of the server."""

from __future__ import annotations

from pathlib import Path

from seedance_widgets.server.notes import Notes


def test_what_was_told_is_not_told_again_after_the_next_server_has_looked(tmp_path: Path) -> None:
    """The next server's first look wrote when the extension first ran, and with it that nothing was told."""
    assert Notes(tmp_path, now=100.0).tell(["abcd2345"]) == ["abcd2345"]
    next_one = Notes(tmp_path, now=200.0)
    assert next_one.since == 100.0
    assert next_one.tell(["abcd2345", "bcde3456"]) == ["bcde3456"]


def test_a_page_that_tells_before_the_next_server_has_looked_does_not_set_when_it_first_ran(tmp_path: Path) -> None:
    """What had ended before that restart and was not seen was new no more."""
    assert Notes(tmp_path, now=100.0).since == 100.0
    next_one = Notes(tmp_path, now=200.0)
    next_one.tell(["abcd2345"])
    assert Notes(tmp_path, now=300.0).since == 100.0
    assert next_one.since == 100.0
