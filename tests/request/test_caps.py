"""No way in spends more than a cap allows: not many at once, not two kernels together, not at an unknown price."""

from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from accepting import HALF, KEY, Api
from samples import NOW, Clock
from scripted import ScriptedServer

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.errors import CapExceeded, SettingsInvalid
from seedance_widgets.life import Row
from seedance_widgets.request.caps import Caps, Spent
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest, Problem
from seedance_widgets.when import midnight

MakeRow = Callable[..., Row]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


@pytest.fixture
def api() -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server)


# --- what a cap may be ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("value", [0, -1, -0.5, math.nan, math.inf, True, "5", "", b"5", [], 10**400])
@pytest.mark.parametrize("name", ["per_job_usd", "per_session_usd", "per_day_usd"])
def test_a_cap_that_is_no_amount_is_one_sentence(name: str, value: Any) -> None:
    with pytest.raises(SettingsInvalid, match=f"cap_{name} is a number of dollars above 0, not .*None sets no cap"):
        Caps(**{name: value})


@pytest.mark.parametrize("door", [sw.simulate, sw.connect])
def test_the_front_doors_refuse_it_too(door: Callable[..., Session], tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match="cap_per_day_usd"):
        door(home=tmp_path, cap_per_day_usd=0)


def test_the_environment_sets_the_cap_of_the_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDANCE_CAP_PER_DAY_USD", " 2.5 ")
    for session in (
        sw.simulate(home=tmp_path),
        sw.connect(api_key=KEY, base_url="http://127.0.0.1:9", home=tmp_path),
    ):
        assert session.caps == Caps(per_day_usd=2.5)
        session.close()
    explicit = sw.simulate(home=tmp_path, cap_per_day_usd=7, cap_per_job_usd=1)
    assert explicit.caps == Caps(per_day_usd=7, per_job_usd=1)
    explicit.close()


@pytest.mark.parametrize("value", ["five", "0", "-3", "nan", "1e999"])
def test_a_variable_that_is_no_amount_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SEEDANCE_CAP_PER_DAY_USD", value)
    with pytest.raises(SettingsInvalid, match="SEEDANCE_CAP_PER_DAY_USD"):
        sw.simulate(home=tmp_path)


def test_the_caps_of_a_session_can_be_changed_and_take_nothing_else(session: Session) -> None:
    session.caps = sw.Caps(per_day_usd=5)
    session.caps = session.caps.with_(per_job_usd=1)
    assert session.caps == Caps(per_day_usd=5, per_job_usd=1)
    with pytest.raises(SettingsInvalid, match="Caps"):
        session.caps = {"per_day_usd": 5}  # type: ignore[assignment]
    with pytest.raises(SettingsInvalid):
        session.caps.with_(per_day_usd=0)


# --- what they do -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("caps", "cap"),
    [
        (Caps(per_job_usd=0.49), "job"),
        (Caps(per_session_usd=0.99), "session"),
        (Caps(per_day_usd=0.99), "day"),
    ],
)
def test_a_job_beyond_a_cap_is_refused_before_anything_is_sent(session: Session, caps: Caps, cap: str) -> None:
    if cap != "job":
        session.submit("A boat", **HALF)
    before = session.count()
    session.caps = caps
    with pytest.raises(CapExceeded, match=r"Nothing was sent, nothing was charged") as caught:
        session.submit("A second boat", **HALF)
    error = caught.value
    assert (error.cap, error.cost_usd, error.request.prompt) == (cap, 0.5, "A second boat")
    assert error.spent_usd == (0.0 if cap == "job" else 0.5)
    assert f"cap_per_{cap}_usd = " in str(error)
    assert "$0.50" in str(error)
    assert session.count() == before
    trail = session.home / "submissions.jsonl"
    assert not trail.exists() or "A second boat" not in trail.read_text()


def test_what_the_sentence_proposes_is_enough(session: Session) -> None:
    session.caps = Caps(per_day_usd=0.4)
    with pytest.raises(CapExceeded) as caught:
        session.submit("A boat", **HALF)
    assert "with_(per_day_usd=0.5)" in str(caught.value)
    session.caps = session.caps.with_(per_day_usd=0.5)
    assert session.submit("A boat", **HALF).request_id


def test_a_cap_is_used_to_the_last_cent(session: Session) -> None:
    session.caps = Caps(per_day_usd=1.5)
    for number in range(3):
        session.submit(f"Boat {number}", **HALF)
    assert session.cap_left_usd() == pytest.approx(0.0)
    with pytest.raises(CapExceeded):
        session.submit("One more", duration=4, resolution="480p", model="seedance-2.0")


def test_a_job_of_unknown_price_is_refused_while_a_cap_is_set(
    tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    session = sw.connect(api_key=KEY, base_url=api.server.url, home=tmp_path / "home", cap_per_day_usd=100)
    with pytest.raises(CapExceeded, match="fast names no price") as caught:
        session.submit("A boat", model="seedance-2.0-fast")
    assert caught.value.cost_usd is None
    assert api.creates == 0
    session.caps = Caps()
    session.submit("A boat", model="seedance-2.0-fast")
    assert api.creates == 1
    session.close()


def test_many_submissions_in_flight_never_pass_a_cap_together(
    tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    session = sw.connect(api_key=KEY, base_url=api.server.url, home=home, requests_per_minute=6e4, cap_per_day_usd=2)
    jobs = [session.start(f"Boat {number}", **HALF) for number in range(12)]
    ends = []
    for job in jobs:
        try:
            job.wait_accepted(timeout=30)
            ends.append("sent")
        except CapExceeded:
            ends.append("refused")
    assert (ends.count("sent"), api.creates, session.count()) == (4, 4, 4)
    session.close()


@pytest.mark.parametrize("caps", [Caps(per_day_usd=1), Caps(per_session_usd=1)])
def test_a_sweep_stops_at_the_cap_and_says_so(session: Session, caps: Caps) -> None:
    session.caps = caps
    sweep = session.sweep("a {animal}", animal=["fox", "owl", "cat", "dog"], **HALF)
    with pytest.raises(CapExceeded):
        sweep.wait(timeout=40)
    assert session.count() == 2
    assert session.costs("sweep").total.total_usd == 1.0


RACER = """
import sys
import seedance_widgets as sw

url, home, who = sys.argv[1:]
session = sw.connect(api_key="sd2_live_do_not_show_me_4711", base_url=url, home=home, requests_per_minute=60_000)
session.caps = sw.Caps(per_day_usd=3.5)
session.store.count()
print("ready", flush=True)
sys.stdin.readline()
jobs = [session.start(f"{who}/{n}", duration=5, resolution="720p", model="seedance-2.0") for n in range(4)]
sent = 0
for job in jobs:
    try:
        job.wait_accepted(timeout=40)
        sent += 1
    except sw.CapExceeded:
        pass
print(sent, flush=True)
session.close()
"""


def test_eight_kernels_that_race_a_cap_never_send_more_than_it_allows(api: Api, tmp_path: Path) -> None:
    """Each would have room for seven of its own: the sum and the row are one transaction."""
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", RACER, api.server.url, str(tmp_path / "home"), f"k{number}"],
            stdin=-1,
            stdout=-1,
            stderr=-1,
            text=True,
            cwd=tmp_path,
        )
        for number in range(8)
    ]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    ends = [racer.communicate(timeout=55) for racer in racers]
    assert [racer.returncode for racer in racers] == [0] * 8, ends
    assert sum(int(said) for said, _ in ends) == api.creates == 7


# --- what counts ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("state", "counts"),
    [
        ({"status": "submitting"}, True),
        ({"status": "queued", "request_id": "r"}, True),
        ({"status": "succeeded", "request_id": "r"}, True),
        ({"status": "failed", "request_id": "r"}, True),
        ({"status": "cancelled", "request_id": "r"}, True),
        ({"status": "unconfirmed"}, True),
        ({"status": "failed"}, False),  # refused, or never sent
        ({"status": "succeeded", "request_id": "r", "removed_at": NOW}, True),
        ({"status": "succeeded", "request_id": "r", "service": "elsewhere"}, False),
        ({"status": "succeeded", "request_id": "r", "created_at": NOW - 1}, False),  # the day before
    ],
)
def test_what_was_or_may_be_charged_counts_and_nothing_else(
    place: Path | str, row_of: MakeRow, state: dict[str, Any], counts: bool
) -> None:
    store = Store(place)
    store.add(row_of(id="first", cost_usd=0.5, **state))
    assert store.spent("simulator", None, NOW).day_usd == (0.5 if counts else 0.0)
    caps = Caps(per_day_usd=0.9)
    if counts:
        with pytest.raises(CapExceeded):
            store.add(row_of(id="second", cost_usd=0.5), caps=caps, day_at=NOW)
    else:
        store.add(row_of(id="second", cost_usd=0.5), caps=caps, day_at=NOW)
    assert store.get("second") is None or not counts
    store.close()


def test_a_job_dated_in_the_future_counts_on_its_own_day_only(place: Path | str, row_of: MakeRow) -> None:
    """A clock that was wrong for a minute blocked the cap of every day until then."""
    store, caps, day = Store(place), Caps(per_day_usd=0.5), midnight(NOW)
    store.add(row_of(id="later", cost_usd=0.5, created_at=midnight(NOW, 3) + 60))
    assert store.spent("simulator", None, day).day_usd == 0.0
    assert store.spent("simulator", None, midnight(NOW, 3)).day_usd == 0.5
    assert store.spent("simulator", None, midnight(NOW, 4)).day_usd == 0.0
    store.add(row_of(id="today", cost_usd=0.5), caps=caps, day_at=day)
    store.close()


def test_sums_of_many_small_amounts_are_exact(place: Path | str, row_of: MakeRow) -> None:
    """Ten times ten cents are a dollar, and not a ten thousandth of a millionth less."""
    store = Store(place)
    store.add_all(row_of(id=f"job{number:05}", cost_usd=0.1, session_id="ours") for number in range(10_000))
    assert store.spent("simulator", "ours", 0.0) == Spent(session_usd=1000.0, day_usd=1000.0)
    with pytest.raises(CapExceeded):
        store.add(row_of(id="more", cost_usd=0.000_001), caps=Caps(per_day_usd=1000))
    store.add(row_of(id="last", cost_usd=0.1), caps=Caps(per_day_usd=1000.1))
    store.close()


@pytest.mark.parametrize("odd", [-1.0, -1e308, math.nan, -math.inf])
def test_an_amount_that_can_be_none_makes_no_room(place: Path | str, row_of: MakeRow, odd: float) -> None:
    """An earlier version wrote what the server said, and a negative price made a cap grow."""
    store = Store(place)
    store.add_all([row_of(id="odd", cost_usd=odd), row_of(id="first", cost_usd=0.5)])
    assert store.spent("simulator", None, 0.0).day_usd >= 0.5
    assert store.sums("simulator", "model")[0].estimated_usd >= 0.5
    store.close()


@pytest.mark.parametrize("odd", [1e308, math.inf])
def test_an_amount_beyond_all_reason_fills_every_cap_and_breaks_no_sum(
    place: Path | str, row_of: MakeRow, odd: float
) -> None:
    store = Store(place)
    store.add_all(row_of(id=f"odd{number}", cost_usd=odd) for number in range(3))
    assert math.isfinite(store.spent("simulator", None, 0.0).day_usd)
    with pytest.raises(CapExceeded):
        store.add(row_of(id="next", cost_usd=0.1), caps=Caps(per_day_usd=1e6))
    store.close()


@pytest.mark.parametrize("cost_usd", [None, math.nan, -0.5, math.inf])
def test_a_cost_that_is_none_fits_no_cap(cost_usd: float | None) -> None:
    with pytest.raises(CapExceeded, match="names no price"):
        Caps(per_job_usd=1e6).check(GenerationRequest(prompt="p", model="m"), cost_usd, Spent())


def test_a_session_counts_its_own_jobs_only(place: Path | str, row_of: MakeRow) -> None:
    store = Store(place)
    for number, name in enumerate(("ours", "ours", "theirs", None)):
        store.add(row_of(id=f"job{number}", cost_usd=0.5, session_id=name))
    assert store.spent("simulator", "ours", NOW) == Spent(session_usd=1.0, day_usd=2.0)
    store.close()


def test_a_refused_create_gives_its_room_back(place: Path | str, row_of: MakeRow) -> None:
    store, caps = Store(place), Caps(per_day_usd=0.5)
    store.add(row_of(id="first", cost_usd=0.5), caps=caps)
    store.apply("first", life.Refused(NOW, Problem(code="c", message="m")))
    store.add(row_of(id="second", cost_usd=0.5), caps=caps)
    store.close()


def test_in_memory_a_cap_still_holds_and_what_was_sent_is_written_later(
    tmp_path: Path, row_of: MakeRow, clock: Clock
) -> None:
    store, caps = Store(tmp_path / "history.db", clock=clock), Caps(per_day_usd=1)
    store.add(row_of(id="first", cost_usd=0.5), caps=caps)
    store._go_on_in_memory("disk full")
    store.add(row_of(id="second", cost_usd=0.5), caps=caps)
    with pytest.raises(CapExceeded):
        store.add(row_of(id="third", cost_usd=0.5), caps=caps)
    other = Store(tmp_path / "history.db")
    other.add(row_of(id="another", cost_usd=0.5))  # fills the cap meanwhile
    other.close()
    store._back_to_file()
    assert [row.id for row in store.rows() if row.id != "another"] == ["first", "second"]
    store.close()


def test_eight_threads_on_one_store_never_pass_a_cap(place: Path | str, row_of: MakeRow) -> None:
    store, refused = Store(place), []

    def submit(number: int) -> None:
        try:
            store.add(row_of(id=f"job{number}", cost_usd=0.5), caps=Caps(per_day_usd=1.5))
        except CapExceeded as error:
            refused.append(error)

    threads = [threading.Thread(target=submit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (store.count(), len(refused)) == (3, 5)
    store.close()


def test_what_is_left_is_the_tighter_of_day_and_session() -> None:
    caps = Caps(per_session_usd=2, per_day_usd=5)
    assert caps.left_usd(Spent(session_usd=0.5, day_usd=4)) == 1
    assert caps.left_usd(Spent(session_usd=1.5, day_usd=2)) == 0.5
    assert caps.left_usd(Spent(session_usd=9, day_usd=9)) == 0
    assert Caps(per_job_usd=1).left_usd(Spent()) is None


def test_a_job_without_a_cost_on_record_counts_as_none_and_blocks_nothing_else() -> None:
    request = GenerationRequest(prompt="p", model="m")
    Caps(per_day_usd=1).check(request, 0.0, Spent(day_usd=1))
    with pytest.raises(CapExceeded):
        Caps(per_day_usd=1).check(request, math.nan, Spent())


def test_the_day_begins_at_midnight_here(session: Session, row_of: MakeRow) -> None:
    midnight = time.mktime((*time.localtime()[:3], 0, 0, 0, 0, 0, -1))
    for name, at in (("before", midnight - 1), ("after", midnight)):
        session.store.add(row_of(id=name, cost_usd=0.5, status="queued", request_id="r", created_at=at))
    session.caps = Caps(per_day_usd=2)
    assert session.cap_left_usd() == pytest.approx(1.5)
