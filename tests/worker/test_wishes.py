"""What a page wished in the row is done by whoever holds it, within seconds: a cancel, a download, a look."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from accepting import HALF, KEY, Api
from samples import until
from scripted import ScriptedServer

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.life import schedule
from seedance_widgets.store import Store

pytestmark = pytest.mark.usefixtures("shared_certificates")
PUBLIC, SECRET = "http://127.0.0.1:1/user/bob", "whsec_canary"


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Store]:
    """The history as the Jupyter server opens it."""
    store = Store(tmp_path / "home" / "history.db", trail=tmp_path / "home" / "submissions.jsonl")
    yield store
    store.close()


@pytest.fixture
def simulate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[float], sw.Session]]:
    monkeypatch.chdir(tmp_path)
    made: list[sw.Session] = []

    def make(speed: float) -> sw.Session:
        made.append(sw.simulate(speed=speed, home=tmp_path / "home"))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture
def api() -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server)


@pytest.fixture
def connect(api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], sw.Session]]:
    monkeypatch.chdir(tmp_path)
    made: list[sw.Session] = []

    def make() -> sw.Session:
        home = tmp_path / "home"
        made.append(sw.connect(KEY, api.server.url, home, requests_per_minute=60_000))
        return made[-1]

    yield make
    for session in made:
        session.close()


def test_a_wish_to_cancel_is_asked_of_the_server_by_the_kernel_that_holds_the_job(
    simulate: Callable[[float], sw.Session], page: Store
) -> None:
    job = simulate(0.01).submit("A boat")
    assert not job.final
    page.cancel_unsent(job.id, 1.0)
    until(lambda: job.status == "cancelled", 9)  # sooner than at the next renewal of leases


def test_a_wish_for_a_download_is_taken_by_a_kernel_that_lives(
    simulate: Callable[[float], sw.Session], page: Store
) -> None:
    job = simulate(math.inf).submit("A boat")
    first = job.wait(timeout=60).path
    first.unlink()
    page.apply(job.id, life.SaveAsked(1.0))

    def is_back() -> bool:
        row = page.get(job.id)
        return row is not None and row.clip_path is not None and Path(row.clip_path).exists()

    until(is_back, 60)


def test_a_webhooks_word_makes_the_holder_look_at_once(
    connect: Callable[[], sw.Session], api: Api, page: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schedule, "_look_at", lambda *_: math.inf)
    job = connect().submit("A boat", **HALF)
    before = len(api.server.of("GET", "/generations/"))
    page.apply(job.id, life.LookAsked(2.0))
    until(lambda: len(api.server.of("GET", "/generations/")) > before, 20)


# --- the address that a create names ----------------------------------------------------------------------------------
@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDANCE_PUBLIC_URL", PUBLIC)
    monkeypatch.setenv("SEEDANCE_WEBHOOK_SECRET", SECRET)


@pytest.mark.usefixtures("public")
def test_a_create_names_the_webhook_on_the_wire_and_nowhere_else(
    connect: Callable[[], sw.Session], api: Api, page: Store, tmp_path: Path
) -> None:
    session = connect()
    job = session.submit("A boat", **HALF)
    (create,) = api.server.of("POST", "/generations")
    assert create.json["webhookUrl"] == f"{PUBLIC}/seedance/webhook"
    assert job.request.webhook_url is None
    kept = [path.read_bytes() for path in (tmp_path / "home").iterdir() if path.is_file()]
    assert not any(b"seedance/webhook" in text for text in kept)
    assert "seedance/webhook" not in repr(session.plan("A boat", **HALF)) + str(job.row)


@pytest.mark.usefixtures("public")
def test_a_persons_own_webhook_wins(connect: Callable[[], sw.Session], api: Api) -> None:
    connect().submit("A boat", webhook_url="https://hooks.example/mine", **HALF)
    (create,) = api.server.of("POST", "/generations")
    assert create.json["webhookUrl"] == "https://hooks.example/mine"


@pytest.mark.usefixtures("public")
def test_the_same_request_is_the_same_with_and_without_the_webhook(
    connect: Callable[[], sw.Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = connect().submit("A boat", **HALF)
    monkeypatch.delenv("SEEDANCE_PUBLIC_URL")
    second = connect()
    again = second.start("A boat", fresh=False, **HALF)
    until(lambda: again.merged, 20)
    assert again.id == job.id
    assert len(api.server.of("POST", "/generations")) == 1


@pytest.mark.usefixtures("public")
def test_the_doctor_says_which_webhook_jobs_name_and_whether_it_is_reached(connect: Callable[[], sw.Session]) -> None:
    session = connect()
    assert f"jobs name {PUBLIC}/seedance/webhook" in str(session.doctor())
    assert "it cannot be reached" in str(session.doctor(network=True))
    assert SECRET not in str(session.doctor())


def test_the_doctor_says_why_no_webhook_is_named(
    connect: Callable[[], sw.Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDANCE_PUBLIC_URL", "https://hub.example")
    assert "SEEDANCE_WEBHOOK_SECRET is not" in str(connect().doctor())
