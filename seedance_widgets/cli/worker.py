"""`seedance worker`: one process that looks after the open jobs of a history. It sends no create, whatever it finds.

main thread        waits for a signal, then closes in at most `CLOSING_S`
  └─ the watch     asks the history every `LOOK_S` which services have open jobs, and starts an engine for each
       └─ engines  one a service that can be reached: looks, downloads, cancels; shares rows by their leases
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .. import life
from ..clips.folder import spare_of
from ..errors import SeedanceError, SettingsInvalid, SettingsMissing, StoreError
from ..jobs.engine import Engine, Quiet
from ..life.row import SIMULATOR
from ..secret import Secret
from ..session.wiring import needs_of
from ..settings.keys import Environment
from ..settings.settings import Settings, find_database, find_home, read_settings
from ..storage.clips import ClipStorage
from ..store import OpenJobs, Store
from .worker_lines import Lines, told_of, totals

if TYPE_CHECKING:
    from ..simulator import Simulator

LOOK_S = 1.0
"""Between looks at the history: a cheap question, which costs the server nothing."""
KEY_EVERY_S = 30.0
"""Between looks for a key where there was none, or for another where the server refuses it: a keyring may be slow."""
HOPE_S = 60.0
"""With `until_idle`: how long jobs may need another key before they are left. A gateway may err."""
CLOSING_S = 0.8
"""The longest that closing takes; what is not given up by then is free for others when the process is gone."""

DONE, FAILED, NEEDS_KEY = 0, 1, 3
"""Exit codes: stopped, or nothing is open; it broke; jobs are left that a worker with another key can look after."""


@dataclass(frozen=True, slots=True)
class History:
    """Whose jobs are looked after: the file in a data folder, or a database."""

    home: Path
    database: Secret | None = None
    requests_per_minute: float = 60.0

    @property
    def place(self) -> Secret | Path:
        """What the store opens."""
        return self.database or self.home / "history.db"

    @property
    def is_there(self) -> bool:
        """Whether it may hold anything: a file that nobody has made is not made by looking."""
        return not isinstance(self.place, Path) or self.place.exists()

    def store(self) -> Store:
        """The history itself, with the paper trail in the data folder."""
        return Store(self.place, trail=self.home / "submissions.jsonl")

    def settings(self) -> Settings | None:
        """Where the API is and the key for it; `None` without a key. Raises SettingsInvalid."""
        try:
            settings = read_settings(home=self.home, requests_per_minute=self.requests_per_minute)
        except SettingsMissing:
            return None
        return replace(settings, database_url=self.database)


def history_of(home: Path | None, database: str | None, requests_per_minute: float) -> History:
    """The history that a command line or the environment names.

    Raises SettingsInvalid, also for a password on the command line, where every user of the machine can read it.
    """
    environment = Environment()
    address = find_database(environment)
    if database is not None:
        if "://" not in database:
            raise SettingsInvalid(
                "--database takes the address of a database, such as postgresql://host/name.",
                next_step="A history in a data folder is named by --home.",
            )
        address = Secret(database)
        if _holds_secret(address):
            raise SettingsInvalid(
                "The address that --database names holds a password, which everybody on this machine can read.",
                next_step="Put the address into SEEDANCE_DATABASE_URL, or the password into ~/.pgpass.",
            )
    return History(find_home(home, environment), address, requests_per_minute)


def _holds_secret(address: Secret) -> bool:
    from ..store.address import has_secrets

    return has_secrets(address)


class Subscriber(Quiet):
    """Prints what happens to the jobs of one service, one line for each change."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._known: dict[str, life.Row] = {}
        self.saved = 0
        self.is_refused = False
        """Whether the server has refused the key that it has."""

    def on_row(self, row: life.Row) -> None:
        """Print what changed, where a person would want to know."""
        before = self._known.get(row.id)
        if row.settled and row.status != "submitting":
            self._known.pop(row.id, None)
        else:
            self._known[row.id] = row
        if row.clip_path is not None and (before is None or before.clip_path is None):
            self.saved += 1
        if (sentence := told_of(before, row)) is not None:
            self._lines.say(f"{row.id}: {sentence}")

    def on_key_refused(self, reason: str) -> None:
        """The jobs wait for another key."""
        self.is_refused = True
        self._lines.say(
            f"The server refuses the key ({reason}). Its jobs wait and nothing is lost. Give this worker a key that it "
            "takes: SEEDANCE_API_KEY and a restart, or `%seedance_key --save` in a notebook of this machine."
        )


class Watch:
    """Looks at the history until it is told to stop, or until nothing is left to do."""

    def __init__(self, history: History, lines: Lines, *, until_idle: bool) -> None:
        self._history = history
        self._lines = lines
        self._until_idle = until_idle
        self._settings = history.settings()
        self._cache_bytes = None if self._settings is None else self._settings.clips_cache_bytes
        self._key_looked_at = time.monotonic()
        self._store = history.store()
        self._engines: dict[str, tuple[Engine, Subscriber]] = {}
        self._failed: set[str] = set()
        """Services for which an engine could not be opened when it was last tried."""
        self._simulator: Simulator | None = None
        self._notices: set[str] = set()
        self._hopeless_since: float | None = None
        self._open: dict[str, OpenJobs] = {}

    def run(self, stop: threading.Event) -> int | None:
        """Look until `stop` is set, or until nothing is left to do: returns the exit code then.

        Raises StoreError where the first look fails.
        """
        is_first = True
        while True:
            try:
                self._open = self._store.open_jobs() if self._history.is_there else {}
            except StoreError as error:
                if is_first:
                    raise
                self._say_once(f"{error.what} It is tried again. {error.next_step}".strip())
            else:
                is_first = False
                self._look_after_all()
                if self._until_idle and (code := self._code_if_idle()) is not None:
                    return code
            self._lines.show(totals(self._open, sum(each.saved for _, each in self._engines.values())))
            if stop.wait(LOOK_S):
                return None

    def left(self) -> int:
        """How many jobs were open when it looked last."""
        return sum(each.any for each in self._open.values())

    def closers(self) -> list[Callable[[], None]]:
        """What gives up the leases and ends the threads; they may run side by side."""
        return [lambda engine=engine: engine.worker.stop(CLOSING_S) for engine, _ in self._engines.values()]  # type: ignore[misc]

    def close(self) -> None:
        """After those: end what they used."""
        if self._simulator is not None:
            self._simulator.stop()
        self._store.close()

    # --- engines --------------------------------------------------------------------------------------------------
    def _look_after_all(self) -> None:
        self._look_for_key()
        for service, jobs in self._open.items():
            if service not in self._engines and (made := self._engine(service, jobs)) is not None:
                self._engines[service] = made
                made[0].start()
        for service, (engine, _) in list(self._engines.items()):
            failure = engine.worker.failure
            for problem in (engine.notice, engine.problem, failure.what if failure else None):
                if problem:
                    self._say_once(problem)
            if failure is not None:  # it could not be opened, so another one is tried
                del self._engines[service]
                self._failed.add(service)
            elif engine.worker.has_opened:
                self._failed.discard(service)

    def _engine(self, service: str, jobs: OpenJobs) -> tuple[Engine, Subscriber] | None:
        """Who looks after a service; `None`, with a word, where it cannot be reached from here."""
        if service == SIMULATOR:
            needs = needs_of(lambda: None, self._history.home, self._made_simulator())
        elif self._settings is not None and service == self._settings.origin:
            needs = needs_of(lambda: self._settings, self._history.home, None)
        else:
            self._say_once(self._why_not(service), f"{jobs.any} open at {service}. ")
            return None
        subscriber = Subscriber(self._lines)
        home = self._history.home
        clips = partial(ClipStorage, home, max_bytes=self._cache_bytes, folder=lambda: spare_of(home))
        needs = replace(needs, store=self._history.store, clips=clips)
        self._lines.say(f"Looks after the jobs at {'the simulator' if service == SIMULATOR else service}.")
        return Engine(needs, home=self._history.home, subscriber=subscriber), subscriber

    def _made_simulator(self) -> Simulator:
        from ..simulator import Simulator, SimulatorSettings

        if self._simulator is None:
            self._simulator = Simulator(SimulatorSettings(home=self._history.home / "simulator"))
        return self._simulator

    def _why_not(self, service: str) -> str:
        if self._settings is None:
            return (
                "Their clips are not fetched: no API key was found here. Set SEEDANCE_API_KEY for this worker, or save "
                "a key with `%seedance_key --save`."
            )
        return (
            f"Their clips are not fetched: this worker asks {self._settings.origin}. Start another one with "
            f"SEEDANCE_BASE_URL={service} and its key."
        )

    def _look_for_key(self) -> None:
        """Take a key that has come meanwhile; go on with another one where the server refuses the one that it had."""
        refused = [each for each in self._engines.values() if each[1].is_refused]
        is_missing = self._settings is None and any(service != SIMULATOR for service in self._open)
        if not (refused or is_missing) or time.monotonic() - self._key_looked_at < KEY_EVERY_S:
            return
        self._key_looked_at, before = time.monotonic(), self._settings
        settings = self._history.settings()
        if settings is None or (before is not None and settings.api_key.is_same(before.api_key)):
            return
        self._settings = settings
        for engine, subscriber in refused:
            subscriber.is_refused = False
            engine.change_key()

    # --- until idle -----------------------------------------------------------------------------------------------
    def _code_if_idle(self) -> int | None:
        """How to end, if there is nothing to wait for."""
        if not self._open:
            self._lines.say("No job is open any more.")
            return DONE
        failed = self._failed & self._open.keys()
        if any(self._open[service].workable for service in self._engines.keys() & self._open.keys() - failed):
            self._hopeless_since = None
            return None
        waited_for = failed or self._engines.keys() & self._open.keys()
        self._hopeless_since = self._hopeless_since or time.monotonic()
        if waited_for and time.monotonic() - self._hopeless_since < HOPE_S:
            return None
        if failed:
            self._lines.say("Given up. The open jobs go on at the server; the next worker or kernel looks after them.")
            return FAILED
        self._lines.say("What is still open needs another key.")
        return NEEDS_KEY

    def _say_once(self, text: str, before: str = "") -> None:
        """Print a text once; a different `before` does not make it news."""
        if text not in self._notices:
            self._notices.add(text)
            self._lines.say(before + text)


def run_worker(history: History, lines: Lines, stop: threading.Event, *, until_idle: bool) -> int:
    """Look after the open jobs of a history until `stop` is set. Never sends a create. Returns the exit code.

    Args:
        until_idle: End also when no job is open, whoever looks after it.

    Raises:
        StoreError: the history cannot be opened.
        SettingsInvalid: a setting that cannot work.
    """
    watch = Watch(history, lines, until_idle=until_idle)
    codes: list[int | None] = []
    failures: list[SeedanceError] = []

    def look() -> None:
        try:
            codes.append(watch.run(stop))
        except SeedanceError as error:
            failures.append(error)
        finally:
            stop.set()

    watching = threading.Thread(target=look, name="seedance-watch", daemon=True)
    watching.start()  # not here: a signal is handled between two steps of this thread, and a locked file takes long
    stop.wait()
    end_at = time.monotonic() + CLOSING_S
    _run_all(watch.closers(), end_at)
    _run_all([watch.close, watching.join], end_at)
    if failures:
        raise failures[0]
    if not codes and not watching.is_alive():
        return FAILED
    code = codes[0] if codes else None
    if code is None and (left := watch.left()):
        many = "1 open job goes on" if left == 1 else f"{left} open jobs go on"
        lines.say(f"Stopped. {many} at the server; the next worker or kernel looks after them.")
    return DONE if code is None else code


def _run_all(many: list[Callable[[], None]], end_at: float) -> None:
    """Run all at once, and wait for them until then."""
    threads = [threading.Thread(target=each, daemon=True) for each in many]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, end_at - time.monotonic()))


def follow_parent(stop: threading.Event, deadline_s: float = 2.0) -> None:
    """End with whoever holds the other end of standard input, however that process ends."""

    def wait() -> None:
        try:
            while os.read(0, 1):
                pass
        except OSError:  # no standard input, so no parent to follow
            pass
        stop.set()
        time.sleep(deadline_s)
        os._exit(DONE)

    threading.Thread(target=wait, name="seedance-parent", daemon=True).start()
