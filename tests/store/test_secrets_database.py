"""The passwords of a team's database are in no error, repr, report, problem or traceback, however deep."""

from __future__ import annotations

import io
import itertools
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest
from IPython import version_info as ipython_version
from IPython.core.ultratb import VerboseTB
from rich.console import Console
from rich.traceback import Traceback

import seedance_widgets as sw
from seedance_widgets.errors import StoreError
from seedance_widgets.secret import Secret
from seedance_widgets.settings.settings import read_settings
from seedance_widgets.store import Store
from seedance_widgets.store.engine import shared_engine

WORD = "pw4canary"
ENCODED = "pw4can%61ry%2Fx"  # of which a driver sees pw4canary/x
NOWHERE = "127.0.0.1:1"
ADDRESSES = {
    "in the user part": f"postgresql://me:{WORD}@{NOWHERE}/d",
    "as a parameter": f"postgresql://me@{NOWHERE}/d?password={WORD}",
    "in both": f"postgresql://me:other@{NOWHERE}/d?password={WORD}",
    "percent-encoded": f"postgresql://me:{ENCODED}@{NOWHERE}/d",
    "percent-encoded as a parameter": f"postgresql://me@{NOWHERE}/d?password={ENCODED}",
    "of the TLS key": f"postgresql://me@{NOWHERE}/d?sslpassword={WORD}&sslmode=disable",
    "of a parameter that there is not": f"postgresql://me@{NOWHERE}/d?passwordd={WORD}",
    "in a parameter pass": f"postgresql://me@{NOWHERE}/d?pass={WORD}",
    "in a parameter apikey": f"postgresql://me@{NOWHERE}/d?apikey={WORD}",
    "in a parameter token": f"postgresql://me@{NOWHERE}/d?token={WORD}",
    "in a parameter in capitals": f"postgresql://me@{NOWHERE}/d?PASSWORD={WORD}&dbPass={WORD}",
    "in a name that is encoded twice": f"postgresql://me@{NOWHERE}/d?pass%2577ord={WORD}",
    "several times": f"postgresql://me@{NOWHERE}/d?password={WORD}&password=other&password={WORD}",
    "in the options": f"postgresql://me@{NOWHERE}/d?options=-c%20my.password%3D{WORD}",
    "behind a semicolon": f"postgresql://me@{NOWHERE}/d;password={WORD}",
    "behind a semicolon of a parameter": f"postgresql://me@{NOWHERE}/d?sslmode=disable;password={WORD}",
    "in the fragment": f"postgresql://me@{NOWHERE}/d#token={WORD}",
    "in the user's name": f"postgresql://me;password={WORD}@{NOWHERE}/d",
    "in a connection string": f"mssql+pyodbc://?odbc_connect=DRIVER%3Dx%3BPWD%3D{WORD}",
    "of a SQLite file": f"sqlite:///d.db?password={WORD}",
    "in the name of a SQLite file": f"sqlite:///d.db;password={WORD}",
    "of no driver": f"postgresql+nodriver://me:{WORD}@{NOWHERE}/d",
    "of another database": f"mysql://me:{WORD}@{NOWHERE}/d?passwd={WORD}",
    "not encoded, with a slash": f"postgresql://me:{WORD}/x@{NOWHERE}/d",
    "not encoded, with an at sign": f"postgresql://me:x@{WORD}@{NOWHERE}/d",
    "not encoded, with a question mark": f"postgresql://me:x?{WORD}@{NOWHERE}/d",
    "without a user": f"postgresql://:{WORD}@{NOWHERE}/d",
    "with half a character": f"postgresql://me:{WORD}\ud83d@{NOWHERE}/d",
    "with a NUL": f"postgresql://me:{WORD}%00@{NOWHERE}/d",
    "no address": f"://{WORD}",
}
NUMBERS = itertools.count()
IN_ENVIRONMENT = {name: address for name, address in ADDRESSES.items() if "\ud83d" not in address}
"""No environment holds half a character."""
PLAIN: dict[str, Any] = {"theme_name": "nocolor"} if ipython_version >= (9,) else {"color_scheme": "NoColor"}


@pytest.fixture
def anywhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[sw.Session]]:
    monkeypatch.chdir(tmp_path)
    sessions: list[sw.Session] = []
    yield sessions
    for session in sessions:
        session.close()


def told(error: BaseException, skip: TracebackType | None = None) -> str:
    """All that any traceback of an error shows, with the variables of every frame and of all that came before it."""
    shown = [str(error), repr(error), "".join(traceback.format_exception(error))]
    for each in chain(error):
        frames = each.__traceback__.tb_next if each is error and each.__traceback__ else each.__traceback__
        shown += ["".join(traceback.TracebackException(type(each), each, frames, capture_locals=True).format())]
        file = io.StringIO()
        pretty = Traceback.from_exception(type(each), each, frames, show_locals=True, locals_max_string=None)
        Console(file=file, width=300).print(pretty)
        verbose = VerboseTB(include_vars=True, **PLAIN)
        shown += [file.getvalue(), verbose.text(type(each), each, frames)]
    return "\n".join(shown)


def chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.fixture(autouse=True)
def nothing_is_left_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def used(place: list[Secret]) -> None:
    store = Store(place.pop())
    store.rows()


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_no_traceback_of_a_history_that_cannot_be_opened_holds_its_password(address: str) -> None:
    with pytest.raises(StoreError) as caught:
        used([Secret(address)])
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
    text = told(caught.value)
    assert [word for word in (WORD, ENCODED, "pw4canary/x") if word in text] == []
    assert "folder" not in str(caught.value)


@pytest.mark.parametrize("address", IN_ENVIRONMENT.values(), ids=IN_ENVIRONMENT)
def test_nothing_that_a_session_says_holds_the_password(
    address: str, anywhere: list[sw.Session], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEEDANCE_DATABASE_URL", address)
    key = f"a-key-of-mine-{next(NUMBERS)}"  # what one asks counts for no other
    settings = read_settings(key, "http://127.0.0.1:9", tmp_path / "home")
    assert WORD not in f"{settings!r} {settings} {vars(settings)}"
    session = sw.connect(key, "http://127.0.0.1:9", tmp_path / "home")
    anywhere.append(session)
    shown = [repr(session), str(vars(session)), session.label]
    for ask in (session.doctor, session.jobs, lambda: session.submit("A boat"), lambda: session.job("abc")):
        try:
            shown.append(repr(ask()))
        except sw.SeedanceError as error:
            shown.append(told(error))
    shown.append(str(session.problem))
    assert WORD not in "\n".join(shown)
    assert ENCODED not in "\n".join(shown)


def test_no_repr_of_what_opens_the_database_holds_a_password() -> None:
    address = f"postgresql://me:{WORD}@{NOWHERE}/d?password={WORD}&sslpassword={WORD}&connect_timeout=3"
    engine, read = shared_engine(Secret(address))
    assert WORD not in f"{engine!r} {engine.url!r} {engine.url.query} {engine.url.password} {read!r} {vars(engine)}"
    assert engine.url.query["connect_timeout"] == "3"
    store = Store(address)
    assert store.where == f"postgresql+psycopg://me@{NOWHERE}/d?connect_timeout=3"
    assert WORD not in f"{store!r} {vars(store)}"


def test_what_is_no_secret_is_shown() -> None:
    store = Store(f"postgresql://me@{NOWHERE}/d?passfile=p.pgpass&sslkey=k.pem&application_name=film&password={WORD}")
    assert store.where == (f"postgresql+psycopg://me@{NOWHERE}/d?application_name=film&passfile=p.pgpass&sslkey=k.pem")


def test_a_driver_is_handed_every_secret_when_it_connects(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"postgresql://me:{ENCODED}@{NOWHERE}/d?sslpassword={WORD}&connect_timeout=3"
    engine, _ = shared_engine(Secret(address))
    seen: dict[str, Any] = {}

    def connect(*_: Any, **named: Any) -> None:
        seen.update(named)
        raise engine.dialect.loaded_dbapi.OperationalError(f"no: {WORD}")

    monkeypatch.setattr(engine.dialect, "connect", connect)
    with pytest.raises(Exception, match="no"):
        engine.connect()
    assert (seen["password"], seen["sslpassword"]) == ("pw4canary/x", WORD)


def test_a_driver_that_quotes_the_password_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(Secret(f"postgresql://me:{ENCODED}@{NOWHERE}/d"))
    dialect = store._engine.dialect

    def connect(*_: Any, **named: Any) -> None:
        raise dialect.loaded_dbapi.OperationalError(f"bad password {named['password']!r}")

    monkeypatch.setattr(dialect, "connect", connect)
    with pytest.raises(StoreError, match=r"\(OperationalError\)") as caught:
        store.rows()
    assert "pw4canary" not in told(caught.value)
