"""Every parameter of the public calls, given what nobody should give: it is taken, or refused in a sentence.

A refusal is a SeedanceError that says what is wrong, before anything is sent: never a Python error out of our inside,
and never "may have been charged" where nothing left.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
import traitlets

import seedance_widgets as sw
from seedance_widgets.session.session import Session

KEY = "sk_test_0123456789abcdef"
HALF = "\ud83d"
ODD: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "5": lambda: 5,
    "-1": lambda: -1,
    "2.5": lambda: 2.5,
    "nan": lambda: math.nan,
    "inf": lambda: math.inf,
    "True": lambda: True,
    "10**5000": lambda: 10**5000,
    "-10**30": lambda: -(10**30),
    "1j": lambda: 1j,
    "sNaN": lambda: Decimal("sNaN"),
    "text": lambda: "x",
    "empty": lambda: "",
    "number as text": lambda: "3",
    "half a character": lambda: HALF,
    "a NUL": lambda: "a\0b",
    "long": lambda: "x" * 100_000,
    "the last day": lambda: "9999-12-31",
    "datetime.max": lambda: datetime.max,
    "bytes": lambda: b"x",
    "[]": list,
    "[None]": lambda: [None],
    "[half]": lambda: [HALF],
    "{}": dict,
    "{5: None}": lambda: {5: None},
    "a set": lambda: {1, 2},
    "an iterator": lambda: iter("ab"),
    "object": object,
    "a function": lambda: str,
    "a class": lambda: int,
    "np.int64": lambda: np.int64(5),
    "np.float64": lambda: np.float64("nan"),
    "np.bool": lambda: np.bool_(True),
    "np.array": lambda: np.array([1, 2]),
    "pd.NA": lambda: pd.NA,
    "pd.NaT": lambda: pd.NaT,
    "a Series": lambda: pd.Series(["a", None]),
    "a DataFrame": lambda: pd.DataFrame({"prompt": ["a"]}),
}


class Bench:
    """A session with a job that has a clip, one that is unconfirmed, and a sweep."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.session: Session = sw.simulate(speed=math.inf, home=folder / "home", faults=["create:lost"])
        with pytest.raises(sw.SubmissionUncertain):
            self.session.submit("a lost boat")
        self.lost = self.session.jobs()[0]
        self.job = self.session.submit("a boat")
        self.job.wait()
        self.sweep = self.session.sweep("a {animal}", animal=["fox", "owl"], resolution="480p")
        self.sweep.wait(timeout=60)
        self.session.caps = sw.Caps(per_job_usd=0.000001)  # from here on whatever is taken is not sent
        self.before = self.sent()
        self.client = sw.Client(KEY, "http://127.0.0.1:9", create_timeout_s=1, read_timeout_s=1, tries=1)
        self.made = 0

    def sent(self) -> int:
        return len(list((self.folder / "home" / "simulator" / "generations").glob("*.json")))

    def fresh(self) -> Path:
        self.made += 1
        return self.folder / f"made-{self.made}"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("odd")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SEEDANCE_HOME", str(folder / "other"))
        bench = Bench(folder)
        patch.setattr("seedance_widgets.session.connect.Session", Opened)
        sw.use_session(bench.session)  # what takes no session takes this one
        yield bench
        sw.use_session(None)
        bench.client.close()
        bench.session.close()


def started(job: sw.Job) -> None:
    job.wait_accepted()


def set_caps(session: Session, caps: Any) -> None:
    before = session.caps
    session.caps = caps
    session.caps = before


class Opened:
    """Stands for a session that was opened: what is looked at here is what it is opened with."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self.engine = SimpleNamespace(media=SimpleNamespace())

    def close(self) -> None: ...


def key(value: Any) -> Any:
    """What can be the key of a dictionary; else Python itself refuses it."""
    try:
        hash(value)
    except TypeError:
        return ()
    return value


def formed(b: Bench, name: str, value: Any) -> None:
    with contextlib.suppress(traitlets.TraitError):  # what a form's field takes, traitlets says in its own words
        b.session.studio(**{name: value}).close()


def set_at_once(sweep: sw.Sweep, at_once: Any) -> None:
    sweep.at_once = at_once


def asynced(**options: Any) -> None:
    asyncio.run(sw.AsyncClient(KEY, "http://127.0.0.1:9", **options).aclose())


def simulated(b: Bench, **options: Any) -> None:
    sw.simulate(**{"home": b.folder / "other", **options}).close()


def connected(b: Bench, **options: Any) -> None:
    given = {"api_key": KEY, "base_url": "http://127.0.0.1:9", "home": b.folder / "other", **options}
    sw.connect(**given).close()


OPTIONS = ("model", "duration", "aspect_ratio", "resolution", "media_urls", "webhook_url", "metadata")
FILTERS = ("status", "model", "text", "starred", "tag", "rating", "sweep", "since", "until")

Call = Callable[[Bench, Any], Any]
CALLS: dict[str, Call] = {
    # asking
    "models(refresh)": lambda b, v: b.session.models(v),
    "plan(prompt)": lambda b, v: b.session.plan(v),
    **{f"plan({name})": lambda b, v, name=name: b.session.plan("a", **{name: v}) for name in OPTIONS},
    "problems(prompt)": lambda b, v: b.session.problems(v),
    **{f"problems({name})": lambda b, v, name=name: b.session.problems("a", **{name: v}) for name in OPTIONS},
    # sending
    "start(prompt)": lambda b, v: started(b.session.start(v)),
    "start(fresh)": lambda b, v: started(b.session.start("a boat", fresh=v)),
    "submit(prompt)": lambda b, v: b.session.submit(v),
    "submit(out_name)": lambda b, v: b.session.submit("a", out_name=v),
    "submit(parent_id)": lambda b, v: b.session.submit("a", parent_id=v),
    "submit(unrecorded)": lambda b, v: b.session.submit("a", unrecorded=v),
    **{f"submit({name})": lambda b, v, name=name: b.session.submit("a", **{name: v}) for name in OPTIONS},
    "running_twin(prompt)": lambda b, v: b.session.running_twin(v),
    "running_twin(duration)": lambda b, v: b.session.running_twin("a", duration=v),
    "twin(request)": lambda b, v: b.session.twin(v, 5.0),
    "twin(within_s)": lambda b, v: b.session.twin(b.job.request, v),
    # sweeps
    "plan_sweep(prompts)": lambda b, v: b.session.plan_sweep(v),
    "plan_sweep(prompts with an axis)": lambda b, v: b.session.plan_sweep(v, duration=[5, 10]),
    "plan_sweep(zip)": lambda b, v: b.session.plan_sweep("a", duration=[5, 10], zip=v),
    "plan_sweep(skip_invalid)": lambda b, v: b.session.plan_sweep("a", duration=[5, 10], skip_invalid=v),
    "plan_sweep(axes)": lambda b, v: b.session.plan_sweep("a {x}", axes=v),
    "plan_sweep(variable)": lambda b, v: b.session.plan_sweep("a {x}", x=v),
    "plan_sweep(value)": lambda b, v: b.session.plan_sweep("a {x}", x=["fox", v]),
    **{f"plan_sweep({n})": lambda b, v, n=n: b.session.plan_sweep("a {x}", x=["b", "c"], **{n: v}) for n in OPTIONS},
    **{f"a cell of {n}": lambda b, v, n=n: b.session.plan_sweep([{"prompt": "a", n: v}]) for n in OPTIONS},
    "a cell of prompt": lambda b, v: b.session.plan_sweep([{"prompt": v}]),
    "a cell of out_name": lambda b, v: b.session.plan_sweep([{"prompt": "a", "out_name": v}]),
    "a cell of take": lambda b, v: b.session.plan_sweep([{"prompt": "a", "take": v}]),
    "a column": lambda b, v: b.session.plan_sweep([{"prompt": "a", key(v): "x"}]),
    "a frame's cell": lambda b, v: b.session.plan_sweep(pd.DataFrame({"prompt": ["a"], "duration": pd.Series([v])})),
    "sweep(prompts)": lambda b, v: b.session.sweep(v).wait(timeout=60),
    "sweep(name)": lambda b, v: b.session.sweep("b", duration=[5, 10], name=v).wait(timeout=60),
    "sweep(at_once)": lambda b, v: b.session.sweep("c", duration=[5, 10], at_once=v).wait(timeout=60),
    "sweep_of(name)": lambda b, v: b.session.sweep_of(v),
    "sweeps(limit)": lambda b, v: b.session.sweeps(v),
    "sweep[...]": lambda b, v: b.sweep[v],
    "sweep.job(value)": lambda b, v: b.sweep.job(animal=v),
    "sweep.resume(at_once)": lambda b, v: b.sweep.resume(at_once=v),
    "sweep.at_once": lambda b, v: set_at_once(b.sweep, v),
    "sweep.wait(timeout)": lambda b, v: b.sweep.wait(timeout=v),
    "sweep.settle(timeout)": lambda b, v: b.sweep.settle(timeout=v),
    # the history
    "job(name)": lambda b, v: b.session.job(v),
    "jobs(limit)": lambda b, v: b.session.jobs(limit=v),
    "jobs(offset)": lambda b, v: b.session.jobs(offset=v),
    **{f"jobs({name})": lambda b, v, name=name: b.session.jobs(**{name: v}) for name in FILTERS},
    "jobs(status of several)": lambda b, v: b.session.jobs(status=["succeeded", v]),
    **{f"count({name})": lambda b, v, name=name: b.session.count(**{name: v}) for name in FILTERS},
    "estimate(job)": lambda b, v: b.session.estimate(v),
    "delete(jobs)": lambda b, v: b.session.delete(v),
    "delete([job])": lambda b, v: b.session.delete([v]),
    "delete(clip)": lambda b, v: b.session.delete([], clip=v),
    "delete(force)": lambda b, v: b.session.delete([], force=v),
    "parent(job)": lambda b, v: b.session.parent(v),
    "children(job)": lambda b, v: b.session.children(v),
    "parent_sweep(job)": lambda b, v: b.session.parent_sweep(v),
    "tree(job)": lambda b, v: b.session.tree(v),
    "diff(before)": lambda b, v: repr(b.session.diff(v, b.job)),
    "diff(after)": lambda b, v: repr(b.session.diff(b.job, v)),
    "export(path)": lambda b, v: b.session.export(v),
    "export(jobs)": lambda b, v: b.session.export(b.fresh(), v),
    "export([job])": lambda b, v: b.session.export(b.fresh(), [v]),
    "export(status)": lambda b, v: b.session.export(b.fresh(), status=v),
    # money
    "caps": lambda b, v: set_caps(b.session, v),
    **{
        f"Caps({name})": lambda b, v, name=name: sw.Caps(**{name: v})
        for name in ("per_job_usd", "per_session_usd", "per_day_usd")
    },
    "Caps.with_": lambda b, v: sw.Caps().with_(per_day_usd=v),
    "check_caps(plan)": lambda b, v: b.session.check_caps(v),
    "spent_usd(since)": lambda b, v: b.session.spent_usd(v),
    "costs(by)": lambda b, v: b.session.costs(v),
    "costs(since)": lambda b, v: b.session.costs(since=v),
    "costs(until)": lambda b, v: b.session.costs(until=v),
    # templates
    "save_template(name)": lambda b, v: b.session.save_template(v, "a", replace=True),
    "save_template(prompt)": lambda b, v: b.session.save_template("one", v, replace=True),
    "save_template(replace)": lambda b, v: b.session.save_template("one", "a", replace=v),
    **{
        f"save_template({name})": lambda b, v, name=name: b.session.save_template("one", "a", replace=True, **{name: v})
        for name in OPTIONS
    },
    "templates[...]": lambda b, v: b.session.templates[v],
    "templates.find": lambda b, v: b.session.templates.find(v),
    "templates.get": lambda b, v: b.session.templates.get(v),
    # the rest of a session
    "compare(name)": lambda b, v: b.session.compare(b.job.id, v),
    "tidy(dry_run)": lambda b, v: b.session.tidy(dry_run=v),
    "doctor(network)": lambda b, v: b.session.doctor(network=v),
    "handle_webhook(body)": lambda b, v: b.session.handle_webhook(v, "00", "a secret of ours"),
    "handle_webhook(signature)": lambda b, v: b.session.handle_webhook(b"{}", v, "a secret of ours"),
    "handle_webhook(secret)": lambda b, v: b.session.handle_webhook(b"{}", "00", v),
    "verify_webhook(body)": lambda b, v: sw.verify_webhook(v, "00", "a secret of ours"),
    "verify_webhook(signature)": lambda b, v: sw.verify_webhook(b"{}", v, "a secret of ours"),
    "verify_webhook(secret)": lambda b, v: sw.verify_webhook(b"{}", "00", v),
    # jobs
    "wait_accepted(timeout)": lambda b, v: b.job.wait_accepted(v),
    "wait(timeout)": lambda b, v: b.job.wait(timeout=v),
    "updates(timeout)": lambda b, v: list(b.job.updates(v)),
    "adopt(request_id)": lambda b, v: b.lost.adopt(v),
    "mark(starred)": lambda b, v: b.job.mark(starred=v),
    "mark(note)": lambda b, v: b.job.mark(note=v),
    "mark(rating)": lambda b, v: b.job.mark(rating=v),
    "mark(tags)": lambda b, v: b.job.mark(tags=v),
    "mark([tag])": lambda b, v: b.job.mark(tags=[v]),
    "rate": lambda b, v: b.job.rate(v),
    "tag": lambda b, v: b.job.tag(v),
    "untag": lambda b, v: b.job.untag(v),
    "job.diff": lambda b, v: repr(b.job.diff(v)),
    "job.delete(force)": lambda b, v: b.lost.delete(force=v) if v is not True and type(v).__name__ != "bool" else None,
    # without a session
    "use_session": lambda b, v: (sw.use_session(v), sw.use_session(None)),
    "wait_all(timeout)": lambda b, v: sw.wait_all(v),
    "wait_all(sessions)": lambda b, v: sw.wait_all(60, v),
    "open": lambda b, v: sw.open(v),
    "connect(api_key)": lambda b, v: connected(b, api_key=v),
    "connect(base_url)": lambda b, v: connected(b, base_url=v),
    "connect(home)": lambda b, v: connected(b, home=v),
    **{
        f"connect({name})": lambda b, v, name=name: connected(b, **{name: v})
        for name in ("create_timeout_s", "read_timeout_s", "requests_per_minute", "max_clip_bytes", "clips")
    },
    **{f"connect({n})": lambda b, v, n=n: connected(b, **{n: v}) for n in ("cap_per_job_usd", "cap_per_day_usd")},
    "simulate(home)": lambda b, v: simulated(b, home=v),
    **{f"simulate({n})": lambda b, v, n=n: simulated(b, **{n: v}) for n in ("speed", "credits", "faults", "clips")},
    "Client(api_key)": lambda b, v: sw.Client(v).close(),
    "Client(base_url)": lambda b, v: sw.Client(KEY, v).close(),
    "AsyncClient(api_key)": lambda b, v: sw.AsyncClient(v),
    "AsyncClient(base_url)": lambda b, v: sw.AsyncClient(KEY, v),
    **{
        f"Client({name})": lambda b, v, name=name: sw.Client(KEY, **{name: v}).close()
        for name in ("create_timeout_s", "read_timeout_s", "tries")
    },
    **{
        f"AsyncClient({name})": lambda b, v, name=name: asynced(**{name: v})
        for name in ("create_timeout_s", "read_timeout_s", "tries", "limiter")
    },
    "client.create": lambda b, v: b.client.create(v),
    "client.get": lambda b, v: b.client.get(v),
    "client.cancel": lambda b, v: b.client.cancel(v),
    **{
        f"client.create({name})": lambda b, v, name=name: b.client.create(
            sw.GenerationRequest(**{"prompt": "a", "model": "seedance-2.0", name: v})
        )
        for name in ("prompt", *OPTIONS)
    },
    # widgets
    "Studio(session)": lambda b, v: sw.Studio(v).close(),
    **{
        f"studio({name})": lambda b, v, name=name: formed(b, name, v)
        for name in ("prompt", "model", "duration", "aspect_ratio", "resolution", "media_urls")
    },
    "Grid": lambda b, v: sw.Grid(v).close(),
    "Grid([job])": lambda b, v: sw.Grid([v]).close(),
    "Compare": lambda b, v: sw.Compare(b.job, v).close(),
}


def complaint(call: Call, bench: Bench, value: Any) -> str | None:
    """What is wrong with how a value was met; `None` where it was taken or refused in words."""
    try:
        call(bench, value)
    except sw.SeedanceError as error:
        said = str(error)
        if "may have been charged" in said or "should not have" in said:
            return f"says {said[:150]}"
        if isinstance(error, sw.StoreError):
            return f"blames the history: {said[:150]}"
        if len(said) > 3_000 or not said.isprintable() or said.rstrip()[-1:] not in ".!?)…":
            return f"is no sentence: {said[:150]!r}"
    except Exception as error:  # noqa: BLE001  each of them is what this looks for
        return f"{type(error).__name__}: {str(error)[:150]}"
    return "was sent" if bench.sent() != bench.before else None


@pytest.mark.parametrize("name", CALLS)
def test_an_odd_value_is_taken_or_refused_in_a_sentence(bench: Bench, name: str) -> None:
    sw.use_session(bench.session)  # what takes no session takes this one, whatever the test before has set
    bad = {odd: said for odd, make in ODD.items() if (said := complaint(CALLS[name], bench, make()))}
    assert not bad, "\n".join([name, *(f"    {odd}: {said}" for odd, said in bad.items())])
