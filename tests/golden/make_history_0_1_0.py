"""Made `history-0.1.0/` once, with the code of 0.1.0. Not to be run again: no later version writes what 0.1.0 wrote.

It stays here to tell how the folder came to be. What it makes:

home/history.db, home/submissions.jsonl     the history and its paper trail
home/simulator/                             the simulator's memory: its ledger is what was charged
project/first.ipynb                         a notebook that was run against it, with its outputs
project/seedance_clips/                     clips with posters and sidecars, as they lay beside the notebook
calls.json                                  the calls that made the sweeps, and how much of each was sent
expected.json                               what 0.1.0 itself said of it all, after it had opened a copy and gone on

Two things differ from what 0.1.0 wrote, so that the folder can be read anywhere: the folder that it lay in is written
as `@ROOT@`, and the address of the API that took the jobs of `connect` as `@API@`. A reader puts its own there, see
`tests/golden_history.py`. Films are smaller than the simulator's, but for one.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import av  # noqa: E402
import nbformat  # noqa: E402
from golden_history import API, FOLDER, ROOT, prepared, resume_all, said_of  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from PIL import Image  # noqa: E402
from scripted import CUT, Raw, ScriptedServer, Seen, answer  # noqa: E402

import seedance_widgets as sw  # noqa: E402

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0"}
FAST = {**SMALL, "model": "seedance-2.0-fast"}
KEY = "sd2_live_simulator"
REAL_FILM = "A real film of the simulator"
FAR = 4_000_000_000.0  # seconds since 1970: nobody reads this folder then

SWEEPS: list[dict[str, Any]] = [
    {
        "name": "weather",
        "prompts": "a {animal} in {weather}",
        "with": {"animal": ["fox", "owl"], "weather": ["rain", "snow"], **SMALL},
        "sent": 4,
        "of": 4,
    },
    {"name": None, "prompts": ["a harbour", "a lighthouse"], "with": {**SMALL, "duration": [4, 5]}, "sent": 4, "of": 4},
    {
        "name": "pairs",
        "prompts": "a {thing}, number {n}",
        "with": {"thing": ["kite", "swan"], "n": [1, 2.5], "zip": True, **SMALL},
        "sent": 2,
        "of": 2,
    },
    {
        "name": "half",
        "prompts": "{n} paper boats",
        "with": {"n": [1, 2, 3, 4, 5], **SMALL},
        "sent": 2,
        "of": 5,
        "cap": 2,
    },
    {
        "name": None,
        "prompts": "a {colour} balloon over a field",
        "with": {"colour": ["red", "white", "blue"], "metadata": {"shot": "7a"}, **SMALL},
        "sent": 1,
        "of": 3,
        "cap": 1,
    },
    {
        "name": "media",
        "prompts": "the cup turns",
        "with": {
            "aspect_ratio": ["16:9", "1:1"],
            "media_urls": ["https://cdn.example/cup.png"],
            "webhook_url": "https://hooks.example/seedance",
            **SMALL,
        },
        "sent": 2,
        "of": 2,
    },
]

SMALL_FILMS = """
import shutil
from seedance_widgets.simulator import clips
def render(spec, path, *, checkpoint=lambda: None, real=clips.render):
    if spec.prompt == {real_film!r}:
        real(spec, path, checkpoint=checkpoint)
    else:
        shutil.copy({small_film!r}, path)
clips.render = render
"""

DIES = """
import os, sys, threading
import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.store import Store
Store.take_over = lambda *args, **more: []  # what the others left stays open
session = sw.simulate(speed=float("inf"))
how, small = sys.argv[1], {"duration": 4, "resolution": "480p", "model": "seedance-2.0"}
if how == "waiting":  # for its turn: a request goes out, and the limiter lets no second one through
    from aiolimiter import AsyncLimiter
    session.models()
    session._worker._line.limiter = AsyncLimiter(1, 3600)
    session.submit("the one before", **small)
    session.start("killed while it waited", **small)
    while not session.store.rows(text="waited"):
        pass
elif how == "sent":  # the server has it, the answer is not there yet
    session.start("killed before the answer", metadata={"simulator": {"faults": ["create:late=60"]}}, **small)
    folder = session.home / "simulator" / "generations"
    while not any("killed before" in path.read_text() for path in folder.glob("*.json")):
        pass
else:  # the answer is on paper, and not in the database
    happened = Store.apply
    def dies(store, job_id, event):
        if isinstance(event, life.Acknowledged):
            store._trail.happened(job_id, event)
            os._exit(9)
        return happened(store, job_id, event)
    Store.apply = dies
    session.start("killed between paper and database", **small).wait()
os._exit(9)
"""

CELLS = [
    "%load_ext seedance_widgets\nimport seedance_widgets as sw\nsession = sw.default_session()",
    "job = %seedance a notebook's own boat --duration 4 --resolution 480p --wait",
    "job.mark(starred=True, note='from the notebook')",
    "sweep = session.sweep('a {colour} boat', colour=['red', 'green'], duration=4, resolution='480p')\nsweep.wait()",
    "session.jobs(limit=3)",
]


def main() -> None:
    assert sw.__version__ == "0.1.0", "only 0.1.0 writes what 0.1.0 wrote"
    assert not FOLDER.exists(), "it was made, and is not made again"
    films = Path(tempfile.mkdtemp())
    small_film = make_small_film(films / "small.mp4")
    use_small_films = SMALL_FILMS.format(small_film=str(small_film), real_film=REAL_FILM)
    exec(use_small_films, {})
    startup = films / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "films.py").write_text(use_small_films)
    os.environ["IPYTHONDIR"] = str(films / "ipython")
    place = Path(tempfile.mkdtemp()) / "person"
    (place / "project").mkdir(parents=True)
    os.chdir(place / "project")
    os.environ.pop("SEEDANCE_API_KEY", None)
    with_simulator(place)
    notebook(place)
    left_open(place)
    for how in ("waiting", "sent", "acknowledged"):
        ended = subprocess.run([sys.executable, "-c", DIES, how], env=env_of(place), check=False)
        assert ended.returncode == 9, how
    with ScriptedServer() as server:
        vendor = Vendor(server, small_film)
        with_api(place, server.url)
        keep(place, server.url)
    (FOLDER / "calls.json").write_text(json.dumps(SWEEPS, indent=1) + "\n")
    with ScriptedServer() as server:
        vendor = Vendor(server, small_film)
        again = Path(tempfile.mkdtemp()) / "again"
        expected = expect(again, server)
    (FOLDER / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True, ensure_ascii=False) + "\n")
    assert vendor.creates == 0
    films_there = again / "home" / "simulator" / "clips"  # with those of the jobs that had not ended
    shutil.copytree(films_there, FOLDER / "home" / "simulator" / "clips", dirs_exist_ok=True)


def env_of(place: Path) -> dict[str, str]:
    env = {**os.environ, "SEEDANCE_HOME": str(place / "home"), "PYTHONPATH": str(HERE.parent.parent)}
    return {**env, "JPY_SESSION_NAME": str(place / "project" / "first.ipynb")}


def with_simulator(place: Path) -> None:
    """Jobs of every kind, and sweeps that were sent, or half sent."""
    session = sw.simulate(speed=float("inf"), home=place / "home")
    first = session.submit("A paper boat crosses a puddle", **SMALL)
    first.wait()
    first.mark(starred=True, note="the best of them")
    first.rate(5).tag("boats", "to show")
    child = session.submit("A paper boat crosses a lake", parent_id=first.id, **SMALL)
    child.wait()
    child.rate(3).tag("boats")
    session.submit("No price is known", out_name="named", **FAST).wait()
    session.submit(REAL_FILM, **SMALL).wait()
    session.submit(
        "With all that can be said",
        media_urls=["https://cdn.example/a.png", "https://cdn.example/b.mp4"],
        webhook_url="https://hooks.example/seedance",
        metadata={"project": "harbour", "shot": 12, "nested": {"take": [1, 2]}},
        aspect_ratio="9:16",
        **SMALL,
    ).wait()
    session.submit("Ein Boot, ein Fluß, 雨の中の狐, 🦊", **SMALL).wait()
    ends(lambda: session.submit("It fails", metadata={"simulator": {"outcome": "failed"}}, **SMALL).wait())
    ends(lambda: session.submit("Refused", metadata={"simulator": {"faults": ["create:402"]}}, **SMALL))
    cancelled = session.submit("Cancelled", metadata={"simulator": {"seconds": 3600}}, **SMALL)
    cancelled.cancel()
    for prompt in ("Unconfirmed", "Discarded", "Adopted", "Unconfirmed, deleted"):
        lost = {"simulator": {"faults": ["create:lost"]}, "tag": prompt}
        ends(lambda prompt=prompt, lost=lost: session.submit(prompt, metadata=lost, **SMALL))
    (discarded,) = session.jobs(text="Discarded")
    discarded.discard()
    (adopted,) = session.jobs(text="Adopted")
    adopted.adopt(request_id_of(place, "Adopted"))
    adopted.wait()
    (unconfirmed,) = session.jobs(text="deleted")
    unconfirmed.delete(force=True)
    for prompt, clip in (("Deleted with its clip", True), ("Deleted without its clip", False)):
        job = session.submit(prompt, **SMALL)
        job.wait()
        job.delete(clip=clip)
    (failed,) = session.jobs(text="fails")
    failed.mark(note="what was wrong with this?")
    for sweep in SWEEPS:
        send(session, sweep)
    session.sweep_of("weather").jobs[1].delete()
    session.close()


def left_open(place: Path) -> None:
    """Jobs that run on at the server when their session is closed."""
    session = sw.simulate(home=place / "home")
    session.submit("Ends while nobody looks", metadata={"simulator": {"seconds": 600}}, **SMALL)
    session.submit("Never ends", metadata={"simulator": {"seconds": 86_400}}, **SMALL)
    time.sleep(1)
    session.close()
    for path in (place / "home" / "simulator" / "generations").glob("*.json"):
        told = json.loads(path.read_text())
        if told["prompt"] in ("Never ends", "Ends while nobody looks"):
            ends_at = FAR if told["prompt"] == "Never ends" else told["created_at"] + 2
            path.write_text(
                json.dumps({**told, "processing_at": told["created_at"] + 1, "final_at": ends_at}, indent=1)
            )


def send(session: sw.Session, told: dict[str, Any]) -> None:
    """A sweep, or as much of it as a cap allows."""
    given, cap = dict(told["with"]), told.get("cap")
    plan = session.plan_sweep(told["prompts"], **given)
    if cap is not None:
        per_job = max(place.cost_usd or 0.0 for place in plan.places)
        spent_usd = session.store.spent(session.service, session.id, 0.0).session_usd
        session.caps = session.caps.with_(per_session_usd=spent_usd + (cap + 0.5) * per_job)
    sweep = session.sweep(told["prompts"], name=told["name"], at_once=1, **given)
    if cap is None:
        sweep.wait(60)
    else:
        ends(lambda: sweep.wait(60))
    session.caps = session.caps.with_(per_session_usd=None)
    sent = sum(job.request_id is not None for job in sweep.jobs)
    assert (sent, len(sweep)) == (told["sent"], told["of"]), (told, sweep.status)


def with_api(place: Path, url: str) -> None:
    """Jobs that were made with `connect`: finished, open, unconfirmed."""
    session = sw.connect(KEY, url, place / "home", requests_per_minute=6000)
    session.submit("At the API", metadata={"shot": 1}, **SMALL).wait()
    session.submit("At the API, still running", **SMALL)
    ends(lambda: session.submit("At the API, lost", **SMALL))
    session.close()


class Vendor:
    """An API that accepts every create, and ends those that are not to run on."""

    def __init__(self, server: ScriptedServer, film: Path) -> None:
        self.server, self.film, self.creates = server, film, 0
        server.say(self.reply)

    def reply(self, seen: Seen) -> Raw:
        if seen.path.endswith("/models"):
            return answer(404)
        if seen.path.endswith(".mp4"):
            return answer(200, self.film.read_bytes(), content_type="video/mp4")
        if seen.method == "POST":
            self.creates += 1
            request_id = f"req_GoldenHistory{self.creates}"
            accepted = {"success": True, "requestId": request_id, "status": "queued", "creditsCharged": 32}
            return CUT if "lost" in seen.json["prompt"] else answer(200, accepted)
        request_id = seen.path.rpartition("/")[2]
        body = {"success": True, "requestId": request_id, "status": "processing"}
        if request_id.endswith("1"):
            output = {"type": "video", "url": f"{self.server.url}/{request_id}.mp4"}
            body = {**body, "status": "succeeded", "output": output}
        return answer(200, body)


def notebook(place: Path) -> None:
    """Run the notebook, and save it with its outputs."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    client = NotebookClient(
        book, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(place / "project")}}
    )
    client.execute(env=env_of(place))
    nbformat.write(book, place / "project" / "first.ipynb")


def keep(place: Path, url: str) -> None:
    """Make it portable, and put it into the repository."""
    database = sqlite3.connect(place / "home" / "history.db")
    with database:
        for table in ("jobs", "sweeps"):
            for _, name, kind, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                if kind == "TEXT":
                    for before, after in ((str(place), ROOT), (url, API)):
                        database.execute(f"UPDATE {table} SET {name} = replace({name}, ?, ?)", (before, after))
        owners = [owner for (owner,) in database.execute("SELECT DISTINCT lease_owner FROM jobs").fetchall() if owner]
        for number, owner in enumerate(sorted(owners)):
            name = f"a-laptop/{99_999_000 + number}/{number:08x}"  # a machine and a process that are not there
            database.execute("UPDATE jobs SET lease_owner = ? WHERE lease_owner = ?", (name, owner))
    database.execute("VACUUM")
    database.close()
    for path in (place / "home" / "submissions.jsonl", place / "project" / "first.ipynb"):
        path.write_text(path.read_text().replace(str(place), ROOT).replace(url, API))
    shutil.copytree(place, FOLDER, ignore=shutil.ignore_patterns("*.lock", ".ipynb_checkpoints"))


def make_small_film(path: Path) -> Path:
    """Four seconds in a few kilobytes: a square crosses the picture."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=12, options={"crf": "34", "g": "48"})
        video.width, video.height, video.pix_fmt = 96, 54, "yuv420p"
        for number in range(48):
            image = Image.new("RGB", (96, 54), (30, 60, 120))
            image.paste((230, 160, 60), (number * 2, 20, number * 2 + 12, 32))
            container.mux(video.encode(av.VideoFrame.from_image(image)))
        container.mux(video.encode(None))
    return path


def expect(place: Path, server: ScriptedServer) -> dict[str, Any]:
    """What 0.1.0 says of it, after it has opened a copy and gone on."""
    prepared(place, server.url)
    os.chdir(place / "project")
    simulated = sw.simulate(home=place / "home")
    called = sw.connect(KEY, server.url, place / "home", requests_per_minute=6000)
    resume_all(simulated, called)
    told = {"simulator": said_of(simulated, place), "api": said_of(called, place)}
    simulated.close()
    called.close()
    return told


def request_id_of(place: Path, tag: str) -> str:
    """As a person finds it in the vendor's dashboard."""
    for path in (place / "home" / "simulator" / "generations").glob("*.json"):
        told = json.loads(path.read_text())
        if (told["metadata"] or {}).get("tag") == tag:
            return str(told["request_id"])
    raise AssertionError(tag)


def ends(work: Callable[[], object]) -> None:
    """Do what raises, as a cell would."""
    try:
        work()
    except sw.SeedanceError as error:
        print(type(error).__name__, str(error)[:90])
    else:
        raise AssertionError("it should have gone wrong")


if __name__ == "__main__":
    main()
