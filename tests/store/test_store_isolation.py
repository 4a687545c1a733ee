"""Caps and the places of a sweep hold exactly, whatever a database does by default and however it is named.

Real processes on a real database: what two transactions see of each other is decided there and nowhere else.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa

from seedance_widgets.errors import StoreError
from seedance_widgets.life import Row
from seedance_widgets.store import Store
from seedance_widgets.types import SweepRow

ADDS = """
import sys, time
from seedance_widgets.request.caps import Caps
from seedance_widgets.errors import CapExceeded, SentBefore, StoreError
from seedance_widgets.life import Row
from seedance_widgets.life import Row
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest
address, who, what, start_at = sys.argv[1:]
store, added = Store(address), 0
if what != "first":
    store.count()
while time.time() < float(start_at):
    time.sleep(0.001)
for number in range(3):
    more = {"sweep_id": "one", "sweep_values": {"n": number}} if what == "sweep" else {}
    request = GenerationRequest(prompt="p", model="m")
    row = Row(id=f"job{who}{number}", service="api", request=request, created_at=100.0, cost_usd=1.0, **more)
    try:
        store.add(row, owner=who, caps=Caps(per_day_usd=2.0) if what == "cap" else None)
        added += 1
    except (CapExceeded, SentBefore):
        pass
print(added)
"""


def added(address: str, what: str, processes: int = 6) -> int:
    """How many rows so many processes came to write in all, who each tried three at the same instant."""
    start_at = str(time.time() + 3.0)
    command = [sys.executable, "-c", ADDS, address]
    piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    running = [subprocess.Popen([*command, str(who), what, start_at], **piped) for who in range(processes)]
    said = [process.communicate(timeout=60) for process in running]
    assert [err for _, err in said if err] == []
    return sum(int(out) for out, _ in said)


@pytest.fixture(params=["read committed", "repeatable read", "serializable"])
def strict_address(request: pytest.FixtureRequest, team_server: str) -> Iterator[str]:
    """A database whose owner set another isolation level than the usual one for it."""
    name = request.param.replace(" ", "_")
    engine = sa.create_engine(team_server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET default_transaction_isolation = '{request.param}'")
    yield sa.make_url(team_server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    engine.dispose()


@pytest.mark.parametrize("what", ["cap", "sweep", "first"])
def test_what_may_happen_once_holds_at_any_default_isolation(strict_address: str, what: str) -> None:
    """Under `repeatable read` seven jobs passed a cap that allows two: a snapshot was older than the lock."""
    if what == "sweep":
        plan_a_sweep(strict_address)
    assert added(strict_address, what) == {"cap": 2, "sweep": 3, "first": 18}[what]


@pytest.mark.parametrize("what", ["cap", "sweep", "first"])
def test_a_sqlite_file_that_is_named_by_an_address_is_as_exact_as_one_by_its_path(tmp_path: Path, what: str) -> None:
    """It had no BEGIN IMMEDIATE, and two first openers raced each other."""
    address = f"sqlite:///{tmp_path}/team/history.db"
    if what == "sweep":
        plan_a_sweep(address)
    assert added(address, what) == {"cap": 2, "sweep": 3, "first": 18}[what]


def plan_a_sweep(address: str) -> None:
    store = Store(address)
    store.sweeps.add(SweepRow(id="one", service="api", name=None, digest="d", created_at=1.0, plan={}, notebook=None))
    store.close()


@pytest.mark.parametrize(
    "address", ["sqlite:///{}/a/history.db", "sqlite+pysqlite:///{}/a/history.db"], ids=["sqlite", "with a driver"]
)
def test_a_sqlite_address_is_the_file_with_its_paper_trail(
    tmp_path: Path, row_of: Callable[..., Row], address: str
) -> None:
    store = Store(address.format(quote(str(tmp_path))))
    store.add(row_of())
    assert store.where == str(tmp_path / "a" / "history.db")
    (tmp_path / "a" / "history.db").unlink()
    assert [row.id for row in store.rows()] == ["abcd2345"]
    store.close()


@pytest.mark.parametrize(
    "address", ["sqlite://", "sqlite:///:memory:", "sqlite:////tmp/x.db?mode=ro", "sqlite:///file::memory:?uri=true"]
)
def test_a_sqlite_address_that_names_no_lasting_file_is_refused(address: str) -> None:
    """What a kernel alone can see is no history, and would be lost with it."""
    with pytest.raises(StoreError, match="SEEDANCE_DATABASE_URL"):
        Store(address)
