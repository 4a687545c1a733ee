"""News: whether anything changed is told by one line, whoever changed it and however many rows there are."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from samples import NOW, Clock

from seedance_widgets.life import Acknowledged, LookFailed, Marked, Row
from seedance_widgets.store import Store

MakeRow = Callable[..., Row]


@pytest.fixture
def store(place: Path | str, clock: Clock) -> Iterator[Store]:
    store = Store(place, clock=clock)
    yield store
    store.close()


def test_each_change_of_a_row_is_news_and_nothing_else_is(store: Store, row_of: MakeRow) -> None:
    seen = [store.news("simulator")]
    store.add(row_of(), owner="me")
    seen.append(store.news("simulator"))
    store.apply("abcd2345", Acknowledged(NOW, "req_1", "queued", 40))
    seen.append(store.news("simulator"))
    store.apply("abcd2345", Marked(starred=True))
    seen.append(store.news("simulator"))
    assert len(set(seen)) == 4
    store.renew(["abcd2345"], "me")
    store.get("abcd2345")
    store.apply("abcd2345", Marked(starred=True))
    assert store.news("simulator") == seen[-1]


def test_news_of_one_service_is_none_of_another(store: Store, row_of: MakeRow) -> None:
    store.add(row_of())
    before = store.news("simulator")
    store.add(row_of(id="efgh6789", service="https://api.example"))
    assert store.news("simulator") == before
    assert store.news("https://api.example") != (0, 0)


def test_what_is_not_written_is_no_news(store: Store, row_of: MakeRow) -> None:
    store.add(row_of())
    before = store.news("simulator")
    with pytest.raises(Exception, match=r"UNIQUE|unique"):
        store.add(row_of())
    assert store.news("simulator") == before


def test_an_import_is_news(store: Store, row_of: MakeRow) -> None:
    store.add_all([row_of(id=f"job{number}", status="failed") for number in range(3)])
    before = store.news("simulator")
    store.add_all([row_of(id="job9", status="failed")])
    assert store.news("simulator") != before


def test_what_another_program_changes_is_news_too(store: Store, row_of: MakeRow, place: Path | str) -> None:
    """An older version that runs on knows nothing of the table that counts, and a person's own SQL neither."""
    store.add(row_of())
    before = store.news("simulator")
    engine = sa.create_engine(f"sqlite:///{place}" if isinstance(place, Path) else place)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET note = 'by hand', rev = rev + 1")
    after = store.news("simulator")
    with engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM jobs")
    engine.dispose()
    assert len({before, after, store.news("simulator")}) == 3


def test_to_ask_reads_one_line_however_many_rows_there_are(tmp_path: Path, row_of: MakeRow) -> None:
    """It added up `rev` over all rows: 0.3 to 0.5 s at 100,000, every two seconds for each Studio."""
    store = Store(tmp_path / "history.db")
    store.add_all([row_of(id=f"job{number}", status="failed") for number in range(500)])
    steps = {10: 0, 500: 0}
    with closing(sqlite3.connect(tmp_path / "history.db")) as file:
        for rows in (500, 10):
            file.execute("DELETE FROM jobs WHERE id NOT IN (SELECT id FROM jobs LIMIT ?)", (rows,))
            counted = [0]
            file.set_progress_handler(lambda counted=counted: counted.__setitem__(0, counted[0] + 1), 1)
            file.execute("SELECT history, changes FROM seedance_news WHERE service = 'simulator'").fetchone()
            file.set_progress_handler(None, 1)
            steps[rows] = counted[0]
    assert steps[500] == steps[10]
    store.close()


def test_a_history_of_the_version_before_counts_from_its_first_use_on(tmp_path: Path, row_of: MakeRow) -> None:
    store = Store(tmp_path / "history.db")
    store.add(row_of())
    store.close()
    with closing(sqlite3.connect(tmp_path / "history.db")) as file:
        for part in ("insert", "update", "delete"):
            file.execute(f"DROP TRIGGER seedance_news_{part}")
        file.execute("DROP TABLE seedance_news")
        file.commit()
    again = Store(tmp_path / "history.db")
    before = again.news("simulator")
    again.apply("abcd2345", Marked(starred=True))
    assert again.news("simulator") != before
    again.close()


def test_a_history_that_was_built_anew_is_news(tmp_path: Path, row_of: MakeRow) -> None:
    """Its count begins again, and must not be taken for the one that was seen before."""
    store = Store(tmp_path / "history.db")
    store.add(row_of())
    before = store.news("simulator")
    (tmp_path / "history.db").unlink()
    assert store.news("simulator") != before
    store.close()


def test_two_who_change_different_rows_at_once_do_not_wait_for_each_other(team_address: str, row_of: MakeRow) -> None:
    """The line that counts is locked last: locked at once, the second would wait until the first one has ended."""
    store = Store(team_address)
    for name in ("first", "second"):
        store.add(row_of(id=name))
    errors: list[Exception] = []
    both = threading.Barrier(2)

    def change(name: str) -> None:
        engine = sa.create_engine(team_address)
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql(f"UPDATE jobs SET rev = rev + 1 WHERE id = '{name}'")
                both.wait(10)
        except (sa.exc.SQLAlchemyError, threading.BrokenBarrierError) as error:
            errors.append(error)
        finally:
            engine.dispose()

    threads = [threading.Thread(target=change, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert errors == []
    store.close()


WRITES = """
import sys
from seedance_widgets.life import Marked
from seedance_widgets.store import Store
store = Store(sys.argv[1])
for number in range(10):
    store.apply("abcd2345", Marked(note=f"{sys.argv[2]}-{number}"))
"""


def test_no_change_of_several_processes_goes_uncounted(store: Store, row_of: MakeRow, place: Path | str) -> None:
    store.add(row_of())
    _, before = store.news("simulator")
    writers = [subprocess.Popen([sys.executable, "-c", WRITES, str(place), str(who)]) for who in range(4)]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    assert store.news("simulator")[1] - before == 40
    row = store.get("abcd2345")
    assert row is not None
    assert row.rev == 40


def test_a_look_that_changes_a_row_is_news(store: Store, row_of: MakeRow) -> None:
    store.add(row_of(status="queued", request_id="req_1"))
    before = store.news("simulator")
    store.apply("abcd2345", LookFailed(NOW, "no answer"))
    assert store.news("simulator") != before
