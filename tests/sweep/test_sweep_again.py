"""A sweep that goes on: after a hold, at a raised cap, with values written otherwise, and from an older version."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samples import until
from scripted import Raw, answer
from sweep_service import Connect, api, connect, session
from sweeping import SweepApi

import seedance_widgets as sw
from seedance_widgets.request import braces
from seedance_widgets.session.session import Session
from seedance_widgets.sweep import keep, make_plan
from seedance_widgets.text.links import without_signature

LINK = "https://media.example/fox.png"


__all__ = ["api", "connect", "session"]


# --- held, stopped, changed -------------------------------------------------------------------------------------------
def test_a_held_sweep_goes_on_at_once_although_its_last_jobs_are_still_being_sent(
    session: Session, api: SweepApi
) -> None:
    """2 of 6 were sent, and `wait()` returned as if all were well."""
    slow: Callable[[], Raw] = lambda: Raw(answer(500, b"").data, hang_s=0.5)  # noqa: E731
    api.answers = {1: slow, 2: slow}
    sweep = session.sweep("shot {n}", n=range(6), at_once=2)
    until(lambda: len(api.prompts) == 2)
    sweep.hold().resume()
    until(lambda: sweep.settled, 30)
    assert len(api.prompts) == 6


def test_a_sweep_goes_on_as_soon_as_its_cap_is_raised(session: Session, api: SweepApi) -> None:
    session.caps = sw.Caps(per_session_usd=1.0)
    sweep = session.sweep("shot {n}", n=range(6), at_once=3)
    until(lambda: isinstance(sweep.problem, sw.CapExceeded), 30)
    session.caps = sw.Caps(per_session_usd=3.0)
    sweep.resume().wait(timeout=30)
    assert len(api.charged) == 6


@pytest.mark.parametrize("by_resume", [True, False])
def test_how_many_run_at_once_is_changed_while_it_runs(session: Session, api: SweepApi, by_resume: bool) -> None:
    api.at_once = False
    sweep = session.sweep("shot {n}", n=range(6), at_once=1)
    until(lambda: len(api.prompts) == 1)
    if by_resume:
        sweep.resume(at_once=5)
    else:
        sweep.at_once = 5
    until(lambda: len(api.prompts) == 5, 30)
    assert sweep.at_once == 5
    sweep.cancel()


@pytest.mark.parametrize("many", [0, 101, True, "3", 2.5])
def test_a_number_at_once_that_is_none_is_refused_and_changes_nothing(session: Session, many: Any) -> None:
    sweep = keep(session.registry, session.plan_sweep("shot {n}", n=range(2)))
    with pytest.raises(sw.RequestInvalid, match="at_once"):
        sweep.at_once = many
    assert sweep.at_once == 4


# --- what is the same -------------------------------------------------------------------------------------------------
SAME = [
    (5, 5.0),
    (1, "1"),
    ("5", 5.0),
    (f"{LINK}?X-Amz-Signature=a&X-Amz-Date=1", f"{LINK}?X-Amz-Signature=b&X-Amz-Date=2"),
    (f"{LINK}?v=3&Expires=1&Signature=a", f"{LINK}?v=3&Expires=2&Signature=b"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_equal_combinations_are_refused_however_they_are_written(session: Session, one: Any, other: Any) -> None:
    with pytest.raises(sw.RequestInvalid, match="Combinations 1 and 2 are the same"):
        session.plan_sweep("shot {n}", n=[one, other])


@pytest.mark.parametrize(("one", "other"), SAME)
def test_a_combination_that_is_written_otherwise_is_the_same_place(
    connect: Connect, api: SweepApi, one: Any, other: Any
) -> None:
    first = connect().sweep("shot {n}", n=[one, "last"])
    first.wait(timeout=30)
    second = connect().sweep("shot {n}", n=[other, "last"])
    second.wait(timeout=30)
    assert first.id == second.id
    assert len(api.prompts) == 2
    assert second.job(n=one).id == second.job(n=other).id


@pytest.mark.parametrize(
    ("one", "other"), [(True, 1), ("5.0", 5.0), ("fox", "Fox"), (f"{LINK}?v=1", f"{LINK}?v=2"), (1, 1.5)]
)
def test_what_reads_otherwise_is_another_combination(session: Session, one: Any, other: Any) -> None:
    assert len(session.plan_sweep("shot {n}", n=[one, other])) == 2


@pytest.mark.parametrize("name", [None, "mine"])
def test_a_link_that_was_signed_anew_is_sent_for_what_is_left_and_nothing_is_paid_twice(
    connect: Connect, api: SweepApi, name: str | None
) -> None:
    first = connect().sweep("shot {n}", n=[1, 2], media_urls=f"{LINK}?X-Amz-Signature=old", at_once=1, name=name)
    until(lambda: len(api.prompts) == 1)
    first.hold()
    until(lambda: first.settled)
    sent = len(api.prompts)
    connect().sweep("shot {n}", n=[1, 2], media_urls=f"{LINK}?X-Amz-Signature=new", name=name).wait(timeout=30)
    assert len(api.prompts) == 2
    last = api.server.of("POST", "/generations")[-1].json["mediaUrls"]
    assert last == [f"{LINK}?X-Amz-Signature={'new' if sent == 1 else 'old'}"]


def test_a_plan_in_the_history_holds_no_signature_and_its_link_must_be_given_again(
    connect: Connect, api: SweepApi
) -> None:
    session = connect()
    keep(
        session.registry, session.plan_sweep("shot {n}", n=[1, 2], media_urls=f"{LINK}?X-Amz-Signature=secret"), "mine"
    )
    (row,) = session.store.sweeps.all(session.service, 5)
    assert "secret" not in json.dumps(row.plan)
    with pytest.raises(sw.RequestInvalid, match=r"signatures are not kept.*Run its cell again"):
        connect().sweep_of("mine").resume()
    assert api.prompts == []


# --- an older version -------------------------------------------------------------------------------------------------
def as_0_1_0(plan: sw.SweepPlan, values: list[dict[str, Any]]) -> str:
    """The digest as version 0.1.0 made it, written out: every field of the request that it knew, said or not."""
    told = []
    for place, raw in zip(plan.places, values, strict=True):
        asked = dataclasses.asdict(place.request)
        told.append(json.dumps([raw, asked], sort_keys=True, ensure_ascii=False, default=str))
    return hashlib.sha256("\n".join(sorted(told)).encode("utf-8", "replace")).hexdigest()


@pytest.mark.parametrize("name", [None, "hero shots"])
def test_a_sweep_of_0_1_0_goes_on_without_a_create(
    connect: Connect, api: SweepApi, monkeypatch: pytest.MonkeyPatch, name: str | None
) -> None:
    values = [{"n": 5}, {"n": 6.0}, {"n": "fox"}]
    n = [each["n"] for each in values]
    with monkeypatch.context() as old:
        digest = as_0_1_0(make_plan(connect(), "shot {n}", {"n": n}), values)
        old.setattr(sw.SweepPlan, "digest", digest)
        before = connect().sweep("shot {n}", n=n, name=name)
        before.wait(timeout=30)
    assert before.row.digest == digest
    after = connect().sweep("shot {n}", n=n, name=name)
    after.wait(timeout=30)
    assert (after.id, len(api.prompts)) == (before.id, 3)
    assert [job.id for job in after.jobs] == [job.id for job in before.jobs]


def test_two_places_that_0_1_0_took_for_two_are_never_paid_again(
    connect: Connect, api: SweepApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It sent 5 and 5.0 both; today they are the same combination."""
    with monkeypatch.context() as old:
        old.setattr(braces, "key_of", lambda values: repr(values))
        connect().sweep("shot {n}", n=[5, 5.0], name="old").wait(timeout=30)
    found = connect().sweep_of("old")
    assert found.resume().wait(timeout=30).unsent == []
    assert len(api.prompts) == 2


@pytest.mark.parametrize("name", [None, "hero shots"])
def test_a_sweep_of_0_1_0_with_signed_links_goes_on_with_links_that_are_signed_anew(
    connect: Connect, api: SweepApi, tmp_path: Path, name: str | None
) -> None:
    """Its digest and its values hold what signed the links: without a name every place was sent once more."""
    first = connect()
    links = [[f"{LINK}?v={n}&X-Amz-Signature=old"] for n in range(2)]
    with pytest.MonkeyPatch.context() as old:
        values = [{"media_urls": each} for each in links]
        plan = make_plan(first, "a fox", {"media_urls": links})
        asked = [dataclasses.replace(place, request=place.wire_request or place.request) for place in plan.places]
        digest = as_0_1_0(dataclasses.replace(plan, places=tuple(asked)), values)
        old.setattr(sw.SweepPlan, "digest", digest)
        before = first.sweep("a fox", media_urls=links, name=name).wait(timeout=30)
    first.close()
    with sqlite3.connect(tmp_path / "home" / "history.db") as database:
        for table, column in (("jobs", "sweep_values"), ("jobs", "request"), ("sweeps", "plan")):
            kept, raw = "#signature-removed", "&X-Amz-Signature=old"
            database.execute(f"UPDATE {table} SET {column} = replace({column}, ?, ?)", (kept, raw))
    database.close()
    anew = [[link.replace("old", "new") for link in each] for each in links]
    after = connect().sweep("a fox", media_urls=anew, name=name).wait(timeout=30)
    assert (after.id, len(api.prompts)) == (before.id, 2)


def test_what_was_not_said_leaves_the_digest_as_it_is(session: Session) -> None:
    """One new field in the request made every old sweep a new one, which was paid again."""
    plan = session.plan_sweep("shot {n}", n=[1, 2])
    empty = [
        dataclasses.replace(place, request=dataclasses.replace(place.request, metadata={}, webhook_url=None))
        for place in plan.places
    ]
    assert dataclasses.replace(plan, places=tuple(empty)).digest == plan.digest
    other = [
        dataclasses.replace(place, request=dataclasses.replace(place.request, metadata={"a": 1}))
        for place in plan.places
    ]
    assert dataclasses.replace(plan, places=tuple(other)).digest != plan.digest


# --- links ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "plain"),
    [
        (f"{LINK}?X-Amz-Algorithm=A&X-Amz-Signature=s", LINK),
        (f"{LINK}?a=1&sig=s&b=2", f"{LINK}?a=1&b=2"),
        (f"{LINK}?sv=1&se=2&sp=r&sig=x", LINK),
        (f"{LINK}?Policy=p&Key-Pair-Id=k&Signature=s&Expires=1", LINK),
        (f"{LINK}?X-Goog-Credential=c&x-goog-signature=s#t", f"{LINK}#t"),
        (LINK, LINK),
        ("a fox? token=1", "a fox? token=1"),
        ("https://[", "https://["),
    ],
)
def test_a_link_loses_what_signs_it_and_nothing_else(url: str, plain: str) -> None:
    assert without_signature(url) == plain
