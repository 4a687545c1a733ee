"""Transactions on the history, whatever its file is up to: missing, damaged, locked, or not to be written.

Where the file cannot be written the work is done in memory, and done again in the file once that works. What is done
about a damaged or missing file is in `recovery`; `Transactions.notice` tells a person.
"""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from ..errors import HistoryUnwritable, JobNotFound, SeedanceError, StoreError
from ..secret import Secret
from ..threads.interrupts import sheltered
from ..when import awake_s
from . import leases, recovery
from .address import Address
from .engine import database_time, file_engine, file_of, memory_engine, shared_engine
from .recovery import Trouble
from .schema import jobs, meta, migrate
from .trail import Trail

T = TypeVar("T")

BACK_TO_FILE_S = 30.0
"""Between tries to write to the file again, while the history is kept in memory."""


class Transactions:
    """One database. Thread-safe; cheap to open, the first use creates file and folder (0700).

    Args:
        url: A SQLAlchemy URL, or the path of a SQLite file.
        trail: The paper trail; `submissions.jsonl` beside the file unless told otherwise.
        clock: Seconds since 1970; a test passes its own, which then is the database's clock, too.
        awake: Seconds of a clock that is never set, by which leases are watched.
        patience_s: How long a file that others hold locked is waited for; half a minute unless told otherwise.
    """

    def __init__(
        self,
        url: str | Path | Secret,
        *,
        trail: Path | None = None,
        clock: Callable[[], float] = time.time,
        awake: Callable[[], float] = awake_s,
        patience_s: float | None = None,
    ) -> None:
        if isinstance(url, str) and "://" in url:
            url = Secret(url)  # a traceback may show what is in a frame
        self._clock = clock
        self._observer = leases.Observer(awake)
        self._path = file_of(url)
        self._address: Address | None = None
        if self._path is not None:
            self._engine = file_engine(self._path, patience_s=patience_s)
        else:
            assert isinstance(url, Secret), "what is no path is an address"
            self._engine, self._address = shared_engine(url)
        self._trail = Trail(trail or (self._path.with_name("submissions.jsonl") if self._path else None))
        self._ready = False
        self._lock = threading.RLock()
        self._memory: sa.Engine | None = None
        self._known: set[str] = set()
        """The ids of the rows that were there when the history went into memory."""
        self._is_catching_up = False
        """Whether what was changed in memory is just being changed in the file."""
        self._tried_file_at = 0.0
        self._unwritten: list[Callable[[sa.Connection], object]] = []
        self.notice: str | None = None
        """What a person should know about the history: rebuilt, or kept in memory. `None` while all is well."""

    @property
    def where(self) -> str:
        """The file, or the database's address without its passwords."""
        return str(self._path) if self._path else self._engine.url.render_as_string(hide_password=True)

    def _cannot_use(self, error: SQLAlchemyError | OverflowError) -> StoreError:
        """An error of the database in our words. Raise it where the driver's is no longer at hand: that one's frames
        hold the password."""
        cause = getattr(error, "orig", None) or error
        reason = f"{type(cause).__name__}: {str(cause)[:200]}"
        if self._address is None and "locked" in reason:
            step = "Close the program that has it open (a viewer of databases, say), then try again."
        elif self._address is None:
            step = "Check the folder's rights and space, or set SEEDANCE_HOME to another one."
        else:
            reason = type(cause).__name__ if self._address.tells(str(cause)) else reason
            step = "Check that the database runs and lets you in, and SEEDANCE_DATABASE_URL."
        failure = StoreError(f"The history at {self.where} cannot be used ({reason}).", next_step=step)
        failure.__cause__ = error if self._address is None else None
        return failure

    @property
    def is_in_memory(self) -> bool:
        """Whether the file cannot be written, so that this kernel's changes are kept in memory for now."""
        return self._memory is not None

    def is_writable(self) -> bool:
        """Whether a change would be in the history itself and not in the memory of this process; tried, without one."""
        same = sa.update(meta).where(meta.c.key == "schema").values(value=meta.c.value)
        self._run(lambda connection: connection.execute(same).rowcount, reading=False)
        return self._memory is None

    def close(self) -> None:
        """Close the connections. The store may be used again."""
        sheltered(self._close)

    def _close(self) -> None:
        with self._lock:
            if self._memory is not None:
                self._back_to_file()
            self._engine.dispose()

    def _behind_s(self, connection: sa.Connection) -> float:
        """How far our clock is behind that of a shared database, in seconds, where it is off by more than one.

        What all machines must agree on goes by the database's. A SQLite file has no clock: there the writing
        machine's counts.
        """
        if connection.dialect.name == "sqlite" or self._clock is not time.time:
            return 0.0
        behind_s = database_time(connection) - self._clock()
        return behind_s if abs(behind_s) > 1.0 else 0.0

    # --- one transaction ------------------------------------------------------------------------------------------
    def _write(
        self, work: Callable[[sa.Connection], T], *, first: Callable[[sa.Connection], None] = lambda connection: None
    ) -> T:
        """Change rows; a change that is made in memory is made again in the file later, without what comes `first`."""

        def do(connection: sa.Connection) -> T:
            first(connection)
            done = work(connection)
            if self._memory is not None:
                self._unwritten.append(work)
            return done

        return self._run(do, reading=False)

    def _read(self, work: Callable[[sa.Connection], T]) -> T:
        return self._run(work, reading=True)

    def _run(self, work: Callable[[sa.Connection], T], *, reading: bool) -> T:
        """Do it in one transaction, which an interrupt does not cut in two."""
        return sheltered(lambda: self._transact(work, reading=reading))

    def _transact(self, work: Callable[[sa.Connection], T], *, reading: bool) -> T:
        """Do it in one transaction; where the file is in trouble, mend that and do it once more."""
        for again in (True, False):
            try:
                self._prepare()
                turn = self._lock if self._memory is not None else contextlib.nullcontext()
                with turn, (self._memory or self._engine).connect() as connection:
                    connection = connection.execution_options(seedance_read=reading)
                    with connection.begin():
                        return work(connection)
            except (SQLAlchemyError, OverflowError) as error:
                if recovery.is_of_a_value(error):
                    failure: SeedanceError = SeedanceError(
                        "The history was given something that it cannot hold or look for "
                        f"({str(getattr(error, 'orig', None) or error)[:200]}).",
                        charged="",
                        next_step="It takes text, numbers and True or False; nothing is wrong with its file.",
                    )
                elif not isinstance(error, OverflowError) and again and self._mend(error):
                    continue
                else:
                    failure = self._cannot_use(error)
            raise failure
        raise AssertionError("the second try returns or raises")

    def _prepare(self) -> None:
        if self._ready and self._memory is None:
            return
        with self._lock:
            if self._memory is not None:
                if self._clock() - self._tried_file_at > BACK_TO_FILE_S:
                    self._back_to_file()
                return
            if self._path is not None:
                try:
                    self._make_file()
                except OSError as error:
                    self._go_on_in_memory(error.strerror or str(error))
                    return
            with self._engine.begin() as connection:
                migrate(connection, self.where)
            self._ready = True

    def _make_file(self) -> None:
        assert self._path is not None, "a shared database is not ours to mend"
        recovery.make_folder(self._path.parent)
        if recovery.is_missing(self._path) and (many := recovery.build(self._path, self._trail)):
            self.notice = f"The history {self._path} was missing; {_jobs(many)} read back from {self._trail.name}."

    # --- trouble --------------------------------------------------------------------------------------------------
    def _mend(self, error: SQLAlchemyError) -> bool:
        """Do what an error of the file asks for. Returns whether it is worth trying again."""
        if self._path is None or self._memory is not None:
            return False
        with self._lock:
            trouble = recovery.trouble_of(error, self._path)
            if trouble is Trouble.OTHER:
                return False
            if trouble is Trouble.UNWRITABLE:
                self._go_on_in_memory(str(getattr(error, "orig", error)))
                return True
            self._ready = False
            if trouble is Trouble.DAMAGED:
                try:
                    self._rebuild()
                except OSError as refused:
                    self._go_on_in_memory(refused.strerror or str(refused))
            return True

    def _rebuild(self) -> None:
        assert self._path is not None, "a shared database is not ours to mend"
        aside, many = recovery.rebuild(self._path, self._trail)
        if aside is not None:
            self.notice = (
                f"The history {self._path} was damaged. It is kept as {aside.name}, and {_jobs(many)} read back from "
                f"{self._trail.name}."
            )

    def _go_on_in_memory(self, why: str) -> None:
        assert self._path is not None, "a shared database is not ours to mend"
        memory = memory_engine()
        weakref.finalize(self, memory.dispose)
        recovery.copy_into(memory, self._path, self._trail)
        with memory.connect() as connection:
            self._known = set(connection.execute(sa.select(jobs.c.id)).scalars())
        self._memory, self._unwritten, self._tried_file_at = memory, [], self._clock()
        self.notice = (
            f"The history {self._path} cannot be written ({why}). Jobs are kept in memory, and written as soon as that "
            "works again; until then a restart of the kernel loses them. Make room, or set SEEDANCE_HOME to a folder "
            "that you may write to."
        )

    def _back_to_file(self) -> None:
        """Try the file again, with all that was changed in the meantime in one transaction."""
        assert self._memory is not None, "only while in memory"
        self._tried_file_at = self._clock()
        notice, self.notice = self.notice, None
        if not (self._wrote_all() or self._wrote_all()):  # a file that was damaged is mended in between
            self.notice = notice
            return
        self._memory.dispose()
        self._memory, self._unwritten, self._known, self._ready = None, [], set(), True

    def _wrote_all(self) -> bool:
        assert self._memory is not None, "only while in memory"
        assert self._path is not None, "a shared database is not ours to mend"
        try:
            self._make_file()
            self._trail.catch_up()
            with self._engine.begin() as connection:
                migrate(connection, self.where)
                self._write_again(connection, self._memory)
        except (OSError, StoreError):  # also a file of a newer version, and one that another kernel builds just now
            return False
        except SQLAlchemyError as error:
            if recovery.trouble_of(error, self._path) is Trouble.DAMAGED:
                with contextlib.suppress(OSError, StoreError):
                    self._rebuild()
            return False
        return True

    def _write_again(self, connection: sa.Connection, memory: sa.Engine) -> None:
        """Change the file as the memory was changed, whatever became of the file: it may have been built anew since."""
        is_all_there, self._is_catching_up = True, True
        try:
            for change in self._unwritten:
                try:
                    with connection.begin_nested():
                        change(connection)
                except IntegrityError:  # the paper trail knew of it, and the file has it from there
                    continue
                except JobNotFound:
                    is_all_there = False
        finally:
            self._is_catching_up = False
        recovery.add_missing(memory, connection, self._known if is_all_there else None)

    def _unrecordable(self) -> HistoryUnwritable:
        return HistoryUnwritable(
            f"The history {self.where} cannot be written, and neither can {self._trail.name} beside it, so a paid job "
            "would be known to this kernel alone.",
            where=self.where,
        )


def _jobs(many: int) -> str:
    return "1 job was" if many == 1 else f"{many} jobs were"
