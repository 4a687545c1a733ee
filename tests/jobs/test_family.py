"""A job knows where it comes from, and a tree survives what a history has lost or somebody has tangled."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from samples import NOW

import seedance_widgets as sw
from seedance_widgets.errors import JobNotFound
from seedance_widgets.jobs import family as lineage
from seedance_widgets.life import Row
from seedance_widgets.request.diff import Diff, is_made_from
from seedance_widgets.session.session import Session

Add = Callable[..., None]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


@pytest.fixture
def add(session: Session, row_of: Callable[..., Row], request_of: Any) -> Add:
    """Rows that have ended, each a second younger than the one before: id, parent, changes of the request."""
    count = iter(range(10_000))

    def put(
        job_id: str,
        parent_id: str | None = None,
        *,
        service: str | None = None,
        relation: str = "variation",
        **asked: Any,
    ) -> None:
        row = row_of(
            id=job_id,
            parent_id=parent_id,
            relation=relation,
            service=service or session.service,
            request=request_of(**asked),
            created_at=NOW + next(count),
            status="failed",
            final_at=NOW,
        )
        session.store.add_all([row])

    return put


def ids(jobs: Any) -> list[str]:
    return [job.id for job in jobs]


# --- parents and children ---------------------------------------------------------------------------------------------
def test_a_job_knows_its_parent_and_its_children_oldest_first(session: Session, add: Add) -> None:
    add("first")
    add("second", "first")
    add("third", "first")
    assert ids(session.job("first").children) == ["second", "third"]
    assert session.job("third").parent is session.job("first")
    assert session.job("first").parent is None
    assert session.job("third").children == []


def test_a_submit_can_name_its_parent(session: Session) -> None:
    first = session.submit("a boat", duration=4, resolution="480p")
    second = session.submit("a red boat", duration=4, resolution="480p", parent_id=first.id)
    assert second.parent is first


def test_a_parent_that_the_history_has_lost_is_none(session: Session, add: Add) -> None:
    add("second", "first")
    assert session.job("second").parent is None


def test_the_beginning_of_an_id_is_no_parent(session: Session, add: Add) -> None:
    add("abcdefgh")
    add("second", "abc")
    assert session.job("second").parent is None


def test_children_at_another_service_are_not_children(session: Session, add: Add) -> None:
    add("first")
    add("second", "first", service="https://api.example")
    assert session.job("first").children == []


def test_children_are_found_by_an_index(session: Session) -> None:
    session.count()  # makes the file
    with sa.create_engine(f"sqlite:///{session.home / 'history.db'}").connect() as connection:
        plan = connection.exec_driver_sql("EXPLAIN QUERY PLAN SELECT * FROM jobs WHERE parent_id IN ('a', 'b')").all()
    assert "jobs_by_parent" in str(plan)


# --- what was changed -------------------------------------------------------------------------------------------------
def test_a_diff_names_changed_options_and_words(session: Session, add: Add) -> None:
    add("first", prompt="a paper boat in rain")
    add("second", prompt="a red paper boat in snow", duration=10)
    diff = session.job("first").diff(session.job("second"))
    assert diff.options == {"duration": (5, 10)}
    assert repr(diff) == "a[+ red+] paper boat in [-rain-][+snow+]\nDuration: 5 s → 10 s"
    assert [text for kind, text in diff.words if kind != "same"] == [" red", "rain", "snow"]
    assert "<ins" in diff._repr_html_()
    assert "Duration: 5 s → 10 s" in diff._repr_html_()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("雨の中の船", "雪の中の船", "[-雨-][+雪+]の中の船"),
        ("纸船在雨中", "纸船在雪中", "纸船在[-雨-][+雪+]中"),
        ("เรือแดง", "เรือขาว", "เรือ"),
        ("a boat\nin rain", "a boat in rain", "a boat[-\n-][+ +]in rain"),
        ("a boat", "a boat!", "a boat[+!+]"),
        ("a dog's day", "a cat's day", "a [-dog's-][+cat's+] day"),
        ("a 👩‍🚀 walks", "a 👩‍🚒 walks", "a [-👩‍🚀-][+👩‍🚒+] walks"),
    ],
)
def test_words_are_compared_in_every_script(request_of: Any, before: str, after: str, said: str) -> None:
    assert repr(Diff(request_of(prompt=before), request_of(prompt=after))).startswith(said)


def test_words_that_were_replaced_do_not_run_together(request_of: Any) -> None:
    """It said "heavyfalling rainsnow"."""
    diff = Diff(request_of(prompt="a boat in heavy rain"), request_of(prompt="a boat in falling snow"))
    assert [text for kind, text in diff.words if kind != "same"] == ["heavy rain", "falling snow"]
    assert re.sub("<[^>]+>", "", diff._repr_html_()) == "a boat in heavy rain falling snow"
    assert repr(diff) == "a boat in [-heavy rain-][+falling snow+]"


def test_the_pieces_of_a_diff_are_the_two_prompts(request_of: Any) -> None:
    before, after = "a  paper boat,\n🚣 in rain", "two paper boats 🚣 in the rain."
    words = Diff(request_of(prompt=before), request_of(prompt=after)).words
    assert "".join(text for kind, text in words if kind != "new") == before
    assert "".join(text for kind, text in words if kind != "gone") == after


def test_a_diff_of_the_same_is_empty_and_says_so(request_of: Any) -> None:
    diff = Diff(request_of(), request_of())
    assert not diff
    assert repr(diff) == "the same request"
    assert diff.options == {}


def test_prompts_of_a_megabyte_are_compared_as_a_whole(request_of: Any) -> None:
    before, after = "a b " * 250_000, "c d " * 250_000
    assert Diff(request_of(prompt=before), request_of(prompt=after)).words == [("gone", before), ("new", after)]


def test_hostile_words_in_a_diff_are_text(request_of: Any) -> None:
    diff = Diff(request_of(prompt="a boat"), request_of(prompt="<img src=x onerror=alert(1)>\x1b[31m"))
    assert "<img" not in diff._repr_html_()
    assert "\x1b" not in diff._repr_html_() + repr(diff)


# --- trees ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def family(add: Add) -> None:
    """first → second → (fourth), first → third."""
    add("first", prompt="a paper boat in rain")
    add("second", "first", prompt="a paper boat in snow")
    add("third", "first", prompt="a paper boat in rain", duration=10)
    add("fourth", "second", prompt="a paper boat in snow")


@pytest.mark.usefixtures("family")
@pytest.mark.parametrize("asked", ["first", "second", "third", "fourth"])
def test_a_tree_is_the_whole_family_whoever_is_asked(session: Session, asked: str) -> None:
    assert ids(session.tree(asked)) == ["first", "second", "fourth", "third"]
    assert session.tree(session.job(asked)).focus == asked


@pytest.mark.usefixtures("family")
def test_a_tree_in_text_tells_what_each_changed(session: Session) -> None:
    assert repr(session.tree("fourth")).splitlines() == [
        "first  a paper boat in rain  (Refused by the server)",
        "├─ second  a paper boat in [-rain-][+snow+]  (Refused by the server)",
        "│  └─ fourth  the same again  (Refused by the server)  ◀",
        "└─ third  Duration: 5 s → 10 s  (Refused by the server)",
    ]


@pytest.mark.usefixtures("family")
def test_a_tree_in_html_is_nested_lists_and_marks_the_one_that_was_asked_for(session: Session) -> None:
    html = session.tree("third")._repr_html_()
    assert html.count("<ul") == html.count("</ul>") == 3
    assert html.count("<li") == html.count("</li>") == 4
    assert html.count('aria-current="true"') == 1
    assert "<script" not in html


def test_a_tree_has_posters_without_a_kernel(session: Session) -> None:
    job = session.submit("a boat", duration=4, resolution="480p")
    job.wait(timeout=60)
    assert 'src="data:image/jpeg;base64,' in session.tree(job)._repr_html_()


def test_a_job_without_a_clip_has_a_quiet_frame_in_a_tree_and_no_black_box(session: Session, add: Add) -> None:
    add("first")
    html = session.tree("first")._repr_html_()
    assert ">✕</span>" in html
    assert "background:#222" not in html


def test_a_job_of_a_sweep_knows_it_and_stands_in_the_tree_below_it_beside_the_others(session: Session) -> None:
    sweep = session.sweep("a {animal} asleep", animal=["fox", "owl"], name="beasts", duration=4, resolution="480p")
    fox, owl = sweep.wait().jobs
    again = session.submit("a fox asleep", parent_id=fox.id, duration=5, resolution="480p")
    again.wait(timeout=60)
    assert fox.sweep is sweep
    assert (again.sweep, fox.parent) == (None, None)
    for asked in (fox, owl, again):
        tree = session.tree(asked)
        assert ids(tree) == [fox.id, again.id, owl.id]
        assert (tree.job, tree.focus, tree.sweep) == (None, asked.id, "beasts: a {animal} asleep")
    assert repr(session.tree(owl)).splitlines() == [
        "sweep beasts: a {animal} asleep",
        f"├─ {fox.id}  a fox asleep  (Succeeded)",
        f"│  └─ {again.id}  Duration: 4 s → 5 s  (Succeeded)",
        f"└─ {owl.id}  a owl asleep  (Succeeded)  ◀",
    ]
    html = session.tree(owl)._repr_html_()
    assert html.count("<li") == html.count("</li>") == 4
    assert html.count("data:image/jpeg") == 3


def test_jobs_of_a_sweep_with_one_prompt_are_told_apart_by_their_options(session: Session) -> None:
    sweep = session.sweep("a fox", duration=[4, 5], model=["seedance-2.0", "seedance-2.0-fast"], resolution="480p")
    lines = repr(session.tree(sweep.wait().jobs[0])).splitlines()
    told = [line.partition("  ")[2].partition("  (")[0] for line in lines[1:]]
    assert told[0] == "a fox; Model seedance-2.0; Duration 4 s"
    assert len(set(told)) == 4


def test_a_sweep_that_the_history_has_lost_leaves_its_job_alone(session: Session, row_of: Any) -> None:
    row = row_of(id="alone", sweep_id="sgone", sweep_values={"animal": "fox"}, status="failed", final_at=NOW)
    session.store.add_all([row])
    assert session.job("alone").sweep is None
    assert ids(session.tree("alone")) == ["alone"]


def test_a_large_sweep_is_cut_with_the_one_that_was_asked_for_in_it(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lineage, "MAX_FAMILY", 3)
    asked = {"duration": 4, "resolution": "480p"}
    jobs = session.sweep("a {animal}", animal=["a", "b", "c", "d", "e"], **asked).wait().jobs
    assert ids(session.tree(jobs[4])) == ids([jobs[0], jobs[1], jobs[4]])
    assert "and 2 more" in repr(session.tree(jobs[4]))


def test_a_lost_parent_is_said(session: Session, add: Add) -> None:
    add("second", "gone<b>")
    tree = session.tree("second")
    assert ids(tree) == ["second"]
    assert "made from job gone<b>, which is not in this history" in repr(tree)
    assert "gone<b>" not in tree._repr_html_()


@pytest.mark.parametrize("circle", [{"a": "a"}, {"a": "b", "b": "a"}, {"a": "b", "b": "c", "c": "a", "d": "a"}])
def test_a_circle_is_drawn_once(session: Session, add: Add, circle: dict[str, str]) -> None:
    for job_id, parent_id in circle.items():
        add(job_id, parent_id)
    for job_id in circle:
        tree = session.tree(job_id)
        assert sorted(ids(tree)) == sorted(circle)
        assert repr(tree)
        assert tree._repr_html_()


def test_a_large_family_is_cut_and_says_so(session: Session, add: Add, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineage, "MAX_FAMILY", 5)
    add("first")
    for number in range(9):
        add(f"child{number}", "first")
    tree = session.tree("first")
    assert len(ids(tree)) == 5
    assert repr(tree).endswith("… and 5 more")


def test_a_long_line_of_descent_is_no_trouble(session: Session, row_of: Any, request_of: Any) -> None:
    rows = [
        replace(row_of(status="failed"), id=f"j{n}", parent_id=f"j{n - 1}" if n else None, created_at=NOW + n)
        for n in range(lineage.MAX_FAMILY)
    ]
    session.store.add_all(rows)
    assert len(ids(session.tree("j7"))) == lineage.MAX_FAMILY


def test_hostile_words_in_a_tree_are_text(session: Session, add: Add) -> None:
    add("first", prompt="<img src=x onerror=alert(1)>\x1b[31m")
    add("second", "first", prompt="<script>alert(1)</script>")
    tree = session.tree("first")
    assert "<img src=x" not in tree._repr_html_()
    assert "<script" not in tree._repr_html_()
    assert "\x1b" not in repr(tree)


def test_a_tree_of_an_unknown_job_is_refused(session: Session) -> None:
    with pytest.raises(JobNotFound):
        session.tree("nobody")


# --- made from it, or new ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("prompt", "earlier", "made"),
    [
        ("a paper boat in rain", "a paper boat in rain", True),
        ("a paper boat in heavy rain at night, seen from above", "a paper boat in rain", True),
        ("a boat", "a paper boat in rain", True),
        ("Lighthouse, storm, waves", "a paper boat in rain", False),
        ("雪の中の船", "雨の中の船", True),
        ("灯台", "雨の中の船", False),
        ("", "a boat", False),
        ("🚣", "🚣", True),
    ],
)
def test_a_prompt_that_keeps_a_third_of_the_words_is_made_from_the_other(prompt: str, earlier: str, made: bool) -> None:
    assert is_made_from(prompt, earlier) is made


# --- what a job is of its parent ----------------------------------------------------------------------------------
@pytest.fixture
def related(session: Session, add: Add) -> Session:
    """A job, a variation of it, what continues it, and another take."""
    add("first")
    add("second", "first", prompt="A paper boat at night")
    add("third", "first", relation="continues", prompt="She opens the door")
    add("fourth", "first", relation="take")
    return session


def test_a_list_of_jobs_says_what_continues_another_and_what_is_another_take(related: Session) -> None:
    jobs = related.jobs()
    for shown in (repr(jobs), jobs._repr_html_()):
        assert "continues first" in shown
        assert "take of first" in shown
        assert "variation" not in shown
    assert "relation" not in repr(related.jobs(limit=1, offset=3)), "where there is nothing to say there is no column"


def test_a_frame_of_jobs_has_the_relation(related: Session) -> None:
    frame = related.jobs().to_frame().set_index("id")
    assert frame["relation"].astype(object).where(frame["relation"].notna(), None).to_dict() == {
        "first": None,
        "second": "variation",
        "third": "continues",
        "fourth": "take",
    }


def test_a_diff_says_what_the_second_is_of_the_first(related: Session) -> None:
    first, third, fourth = (related.job(name) for name in ("first", "third", "fourth"))
    for shown in (repr(first.diff(third)), first.diff(third)._repr_html_()):
        assert "begins with the last picture of the first" in shown
    assert repr(first.diff(fourth)) == "another take of the same request"
    assert "Another take" in first.diff(fourth)._repr_html_()
    assert "last picture" not in repr(third.diff(first)), "that way round it continues nothing"
    assert not first.diff(fourth), "it asks for the same"


def test_a_tree_says_it_too(related: Session) -> None:
    tree = repr(related.tree(related.job("first")))
    assert "continues it: She opens the door" in tree
    assert "another take" in tree
