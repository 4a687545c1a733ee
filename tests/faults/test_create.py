"""The create: charged once, or not at all, and always said which. Ids are the rows of docs/reliability.md."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from impatience import Retry

import seedance_widgets as sw

from .conftest import KEY, Person, Service, is_whole

Until = Callable[..., None]


@pytest.mark.parametrize(
    ("fault", "charged"),
    [
        pytest.param("create:lost", 1, id="cut before any byte"),
        pytest.param("create:reset", 1, id="reset before any byte"),
        pytest.param("create:dropped", 0, id="cut before the server looked at it"),
        pytest.param("create:cut", 1, id="cut in the middle"),
        pytest.param("create:late=60", 1, id="later than the time-out"),
        pytest.param("create:500", 1, id="500 page"),
        pytest.param("create:502", 1, id="502 page"),
        pytest.param("create:503", 1, id="503 page"),
        pytest.param("create:504", 1, id="504 page"),
        pytest.param("create:html", 1, id="HTML page with 200"),
        pytest.param("create:portal", 0, id="redirect to a login page"),
        pytest.param("create:missing-fields", 1, id="no request id"),
        pytest.param("create:wrong-types", 1, id="wrong types"),
        pytest.param("create:empty", 1, id="empty"),
        pytest.param("create:not-json", 1, id="not JSON"),
        pytest.param("create:bad-utf8", 1, id="bad UTF-8"),
        pytest.param("create:deep-json", 1, id="deep JSON"),
        pytest.param("create:huge-json", 1, id="huge JSON"),
        pytest.param("create:bomb", 1, id="gzip bomb"),
    ],
)
def test_a_create_answer_that_is_lost_leaves_one_unconfirmed_job(person: Person, fault: str, charged: int) -> None:
    person.connect(create_timeout_s=0.3 if "late" in fault else 10.0)
    job = person.start(fault)
    with pytest.raises(sw.SubmissionUncertain, match="You may have been charged") as caught:
        job.wait(timeout=20)
    assert "job.adopt(request_id)" in str(caught.value)
    assert "job.discard()" in str(caught.value)
    assert (job.status, job.settled, person.row().status) == ("unconfirmed", True, "unconfirmed")
    assert person.service.calls("create") == person.meant == 1
    assert person.charged() == charged
    person.goes_on_working()


@pytest.mark.parametrize("name", ["html", "503", "missing-fields", "not-json", "bad-utf8"])
def test_what_came_instead_of_an_answer_is_kept(person: Person, name: str) -> None:
    with pytest.raises(sw.SubmissionUncertain):
        person.start(f"create:{name}").wait(timeout=20)
    row = person.row()
    assert row.answer
    assert len(row.answer.encode()) <= 2_000
    assert row.request.metadata["tag"] == person.tag  # and so is what was sent


def test_an_unconfirmed_job_is_not_sent_again_by_the_next_session(person: Person) -> None:
    with pytest.raises(sw.SubmissionUncertain):
        person.start("create:lost").wait(timeout=20)
    person.session.close()
    person.connect()
    person.goes_on_working()
    assert person.charged() == 1


def test_a_request_id_that_the_person_found_is_adopted_and_brings_the_clip(person: Person) -> None:
    job = person.start("create:lost")
    with pytest.raises(sw.SubmissionUncertain):
        job.wait(timeout=20)
    (found,) = person.service.charged(person.tag)
    person.session.close()
    person.connect()  # an answer within two seconds is asked for above only
    person.session.job(job.id).adopt(found).wait(timeout=60)
    assert is_whole(person.clips())
    assert person.charged() == 1


def test_an_unconfirmed_job_can_be_discarded_and_is_then_final(person: Person) -> None:
    job = person.start("create:lost")
    with pytest.raises(sw.SubmissionUncertain):
        job.wait(timeout=20)
    assert (job.discard().status, job.status_text, person.row().status) == ("failed", "Discarded", "failed")
    assert job.error is not None
    assert "You may have been charged" in str(job.error)
    with pytest.raises(sw.SeedanceError, match="only an unconfirmed job is discarded"):
        job.discard()
    assert person.charged() == 1


def test_a_job_that_the_person_submits_again_is_a_second_one(person: Person) -> None:
    with pytest.raises(sw.SubmissionUncertain):
        person.start("create:lost").wait(timeout=20)
    person.start().wait(timeout=20)
    assert person.charged() == person.meant == 2


# --- never sent -------------------------------------------------------------------------------------------------------
@pytest.fixture
def closed_port() -> Iterator[int]:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and never listens
        yield bound.getsockname()[1]


@pytest.mark.parametrize("how", ["refused", "unknown host", "TLS on a plain port", "proxy that is not there"])
def test_a_connection_that_was_never_made_is_tried_three_times_and_the_row_says_not_sent(
    person: Person, how: str, closed_port: int, retries: list[Retry], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = {
        "refused": f"http://127.0.0.1:{closed_port}",
        "unknown host": "https://api.seedance.invalid",
        "TLS on a plain port": person.service.url.replace("http:", "https:"),
        "proxy that is not there": "https://api.seedance.invalid",
    }[how]
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    if how == "proxy that is not there":
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{closed_port}")
    session = person.connect(base_url=url)
    retries.clear()
    job = person.start()
    with pytest.raises(sw.ConnectionFailed, match=r"Nothing was sent, nothing was charged\. Check the network"):
        job.wait(timeout=30)
    assert (job.status, job.status_text) == ("failed", "Not sent")
    assert session.store.get(job.id).problem.code == "not_sent"
    assert len(retries) in (4, 6)  # two for the create, two for the list of models; a slow machine asks for it again
    assert person.charged() == 0


# --- refused ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("value", "wait_s"),
    [
        pytest.param("=7", 7.0, id="seconds"),
        pytest.param("=date+7", 7.0, id="HTTP date"),
        pytest.param("=soon", None, id="nonsense"),
        pytest.param("=-5", None, id="negative"),
        pytest.param("", None, id="missing"),
    ],
)
def test_a_create_over_the_limit_waits_as_told_and_is_charged_once(
    person: Person, retries: list[Retry], value: str, wait_s: float | None
) -> None:
    person.start(f"create:429{value}").wait(timeout=20)
    (retry,) = retries
    assert retry.error.retry_after_s == (wait_s if wait_s is None else pytest.approx(wait_s, abs=1.5))
    assert retry.wait_s >= 0.5
    assert person.service.calls("create") == 2
    assert person.charged() == person.meant == 1


def test_a_create_over_the_limit_is_sent_three_times_at_most(person: Person) -> None:
    job = person.start("create:429x*=1")
    with pytest.raises(sw.RateLimited, match=r"Nothing was charged\. Try again in 1 s"):
        job.wait(timeout=20)
    assert person.service.calls("create") == 3
    assert person.charged() == 0
    person.goes_on_working()


@pytest.mark.parametrize("value", ["3600", "date+3600"])
def test_a_wait_of_more_than_a_minute_is_said_and_not_waited(person: Person, value: str) -> None:
    with pytest.raises(sw.RateLimited, match=r"Try again in 3[56]\d\d s"):
        person.start(f"create:429x*={value}").wait(timeout=20)
    assert person.service.calls("create") == 1
    assert person.charged() == 0


@pytest.mark.parametrize(
    ("status", "kind", "next_step"),
    [
        (400, sw.RequestRefused, "Change what the server names"),
        (401, sw.Unauthorized, "Make a key in the vendor's dashboard"),
        (402, sw.InsufficientCredits, "Add credits"),
        (404, sw.NotFound, "Check SEEDANCE_BASE_URL"),
    ],
)
def test_a_create_that_is_refused_says_the_servers_words_and_what_to_do_and_is_not_repeated(
    person: Person, status: int, kind: type[sw.ApiError], next_step: str
) -> None:
    job = person.start(f"create:{status}x*")
    with pytest.raises(kind) as caught:
        job.wait(timeout=20)
    assert f"asked to refuse this with {status}" in str(caught.value)
    assert next_step in str(caught.value)
    assert "Nothing was charged" in str(caught.value)
    assert person.service.calls("create") == 1
    assert person.charged() == 0
    row = person.row()
    assert (row.status, row.request.prompt, row.request.metadata["tag"]) == ("failed", "a paper boat", person.tag)
    person.goes_on_working()


def test_the_key_of_another_account_is_told_apart_from_a_lost_answer(person: Person, service: Service) -> None:
    service.let_in("sd2_live_of_somebody_else")
    with pytest.raises(sw.Unauthorized, match="Nothing was charged"):
        person.start().wait(timeout=20)
    service.let_in(KEY)
    person.start().wait(timeout=20)
    assert person.charged() == 1
