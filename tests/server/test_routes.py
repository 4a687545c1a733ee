"""What the routes answer: the list, a job, its files, marks and wishes, what is new, what was spent."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.jobs.listing import FRAME
from seedance_widgets.life import Row
from seedance_widgets.server import watching
from seedance_widgets.server.extension import Extension
from seedance_widgets.server.records import NEEDS_KEY
from seedance_widgets.store import Store
from tests.browser.fake_history import fake_job

Ask = Callable[..., Any]
Saved = Callable[..., Row]
API = "https://api.test"


async def test_without_a_history_there_is_nothing_and_none_is_made(ask: Ask, home: Path) -> None:
    assert (await ask("jobs"))[1]["jobs"] == []
    status, new = await ask("new")
    assert (status, new["history"], new["open"], new["new"]) == (200, "none", 0, [])
    assert (await ask("costs"))[1]["services"] == []
    assert (await ask("jobs", "seen", method="POST", body={"ids": ["abcd2345"]}))[1] == {"seen": []}
    assert not home.exists()


async def test_a_job_has_the_names_of_the_frame(ask: Ask, saved: Saved) -> None:
    saved()
    status, answer = await ask("jobs", "abcd2345")
    assert status == 200
    assert FRAME.keys() <= answer["job"].keys()
    assert answer["job"]["prompt"] == "A paper boat crosses a puddle"
    assert answer["job"]["cells"]["show"] == "%seedance_show abcd2345"
    assert answer["job"]["cells"]["again"].startswith("%%seedance --model seedance-2.0")


async def test_the_pages_that_are_tested_without_a_server_get_the_names_that_a_server_gives(
    ask: Ask, saved: Saved
) -> None:
    saved()
    whole, (listed,) = (await ask("jobs", "abcd2345"))[1]["job"], (await ask("jobs"))[1]["jobs"]
    assert fake_job(2, whole=True).keys() == whole.keys()
    assert fake_job(2).keys() == listed.keys()


async def test_a_job_of_a_kernel_that_died_with_the_only_key_says_what_to_do(
    ask: Ask, store: Store, row_of: Callable[..., Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(row_of(service=API, status="processing", request_id="r", accepted_at=1.0), owner="kernel")
    await ask("new")
    while_it_lives = (await ask("jobs", "abcd2345"))[1]["job"]
    assert (while_it_lives["needs_key"], while_it_lives["status_text"]) == (False, "Generating")
    monkeypatch.setattr(watching, "LEFT_S", -1.0)  # from here on a lease that has not moved is of one who has died
    await ask("new")
    left = (await ask("jobs", "abcd2345"))[1]["job"]
    assert (left["status"], left["needs_key"], left["status_text"]) == ("processing", True, NEEDS_KEY)
    assert "set SEEDANCE_API_KEY where this server is started" in NEEDS_KEY


async def test_a_job_that_was_left_asks_for_no_key_where_the_server_has_it(
    ask: Ask, store: Store, row_of: Callable[..., Row], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDANCE_API_KEY", "sd2_live_x")
    store.add(row_of(service=API, status="processing", request_id="r", accepted_at=1.0))
    await ask("new")
    job = (await ask("jobs", "abcd2345"))[1]["job"]
    assert (job["needs_key"], job["status_text"]) == (False, "Generating")


async def test_files_are_named_from_the_folder_that_the_server_shows(ask: Ask, saved: Saved) -> None:
    saved(notebook="/somewhere/else/of mine/boats.ipynb")
    job = (await ask("jobs", "abcd2345"))[1]["job"]
    assert job["clip"] == "seedance_clips/a-paper-boat-abcd2345.mp4"
    assert job["notebook"] == "boats.ipynb"


async def test_the_list_is_the_newest_first_in_parts_and_counts_all(
    ask: Ask, store: Store, row_of: Callable[..., Row]
) -> None:
    for number in range(7):
        store.add(row_of(id=f"abcd234{number}", created_at=1000.0 + number))
    answer = (await ask("jobs", params={"limit": 3, "offset": 2}))[1]
    assert [job["id"] for job in answer["jobs"]] == ["abcd2344", "abcd2343", "abcd2342"]
    assert (answer["total"], answer["limit"], answer["offset"]) == (7, 3, 2)


async def test_the_list_is_searched_and_filtered(ask: Ask, store: Store, row_of: Callable[..., Row]) -> None:
    store.add(row_of(id="aaaa2345", starred=True))
    store.add(row_of(id="bbbb2345", status="failed", final_at=1.0, note="the owl"))

    async def ids(**params: Any) -> list[str]:
        return [job["id"] for job in (await ask("jobs", params=params))[1]["jobs"]]

    assert await ids(text="owl") == ["bbbb2345"]
    assert await ids(starred="true") == ["aaaa2345"]
    assert await ids(starred="false", status="failed") == ["bbbb2345"]
    assert await ids(model="seedance-2.0-fast") == []
    assert await ids(service="simulator", text="paper") == ["aaaa2345", "bbbb2345"]


async def test_words_in_a_list_are_cut_and_a_job_has_them_whole(
    ask: Ask, store: Store, row_of: Callable[..., Row], request_of: Callable[..., Any]
) -> None:
    store.add(row_of(request=request_of(prompt="long " * 1_000)))
    listed = (await ask("jobs"))[1]["jobs"][0]
    whole = (await ask("jobs", "abcd2345"))[1]["job"]
    assert (len(listed["prompt"]), listed["is_cut"]) == (1_000, True)
    assert (len(whole["prompt"]), whole["is_cut"]) == (5_000, False)


@pytest.mark.parametrize(
    "params",
    [
        *({"limit": "0"}, {"limit": "201"}, {"limit": "-1"}, {"offset": "x"}, {"starred": "yes"}, {"open": "1"}),
        *({"status": "nonsense"}, {"rating": "9"}, {"rating": "²"}, {"since": "never"}, {"text": "a " * 200}),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_words(ask: Ask, saved: Saved, params: dict[str, str]) -> None:
    saved()
    status, answer = await ask("jobs", params=params)
    assert status == 400
    assert answer["error"]["what"]
    assert answer["error"]["what"] in answer["message"]


# --- files ------------------------------------------------------------------------------------------------------------
async def test_a_clip_comes_whole_or_in_a_range(jp_fetch: Any, extension: Extension, saved: Saved, clip: Path) -> None:
    saved()
    whole = await jp_fetch("seedance", "jobs", "abcd2345", "clip")
    assert (whole.code, whole.body) == (200, clip.read_bytes())
    assert whole.headers["Content-Type"] == "video/mp4"
    assert whole.headers["Accept-Ranges"] == "bytes"
    part = await jp_fetch("seedance", "jobs", "abcd2345", "clip", headers={"Range": "bytes=10-19"})
    assert (part.code, part.body) == (206, clip.read_bytes()[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{clip.stat().st_size}"


async def test_a_clip_that_a_page_has_is_not_sent_again(ask: Ask, jp_fetch: Any, saved: Saved) -> None:
    saved()
    first = await jp_fetch("seedance", "jobs", "abcd2345", "poster")
    assert first.headers["Content-Type"] == "image/jpeg"
    status, body = await ask("jobs", "abcd2345", "poster", headers={"If-None-Match": first.headers["Etag"]})
    assert (status, body) == (304, None)


@pytest.mark.parametrize("name", ["notes.txt", "abcd2345.html", "abcd2345", "other.mp4"])
async def test_only_a_film_that_bears_the_jobs_id_is_sent(ask: Ask, saved: Saved, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("<script>alert(1)</script>", encoding="utf-8")
    saved(clip_path=str(tmp_path / name))
    status, answer = await ask("jobs", "abcd2345", "clip")
    assert status == 404
    assert "no clip here" in answer["error"]["what"]


async def test_a_link_in_the_place_of_a_clip_is_not_followed(ask: Ask, saved: Saved, tmp_path: Path) -> None:
    secret, link = tmp_path / "secret.mp4", tmp_path / "abcd2345.mp4"
    secret.write_bytes(b"private")
    link.symlink_to(secret)
    saved(clip_path=str(link))
    assert (await ask("jobs", "abcd2345", "clip"))[0] == 404


# --- marks and wishes -------------------------------------------------------------------------------------------------
async def test_a_mark_changes_what_it_names_and_nothing_else(ask: Ask, saved: Saved, store: Store) -> None:
    saved(note="keep")
    status, answer = await ask(
        "jobs", "abcd2345", "mark", method="POST", body={"starred": True, "rating": 4, "tags": ["a b"]}
    )
    assert (status, answer["job"]["starred"], answer["job"]["rating"], answer["job"]["tags"]) == (200, True, 4, ["a b"])
    row = store.get("abcd2345")
    assert row is not None
    assert (row.starred, row.rating, row.tags, row.note) == (True, 4, ("a b",), "keep")
    assert (await ask("jobs", "abcd2345", "mark", method="POST", body={"rating": None}))[1]["job"]["rating"] is None


@pytest.mark.parametrize(
    "body", [{"rating": 9}, {"tags": [1]}, {"note": 1}, {"starred": "perhaps"}, {"prompt": "x"}, [1], "{"]
)
async def test_a_mark_that_cannot_be_meant_changes_nothing(ask: Ask, saved: Saved, store: Store, body: Any) -> None:
    before = saved()
    status, answer = await ask("jobs", "abcd2345", "mark", method="POST", body=body)
    assert status == 400
    assert answer["error"]["what"]
    assert store.get("abcd2345") == before


async def test_a_cancel_is_a_wish_in_the_row(ask: Ask, store: Store, row_of: Callable[..., Row]) -> None:
    store.add(row_of(status="processing", request_id="req_1", accepted_at=2.0))
    status, answer = await ask("jobs", "abcd2345", "cancel", method="POST")
    assert (status, answer["job"]["status"], answer["job"]["status_text"]) == (202, "processing", "Cancelling")
    row = store.get("abcd2345")
    assert row is not None
    assert row.cancel_asked_at is not None


async def test_what_has_not_left_is_cancelled_at_once(ask: Ask, store: Store, row_of: Callable[..., Row]) -> None:
    store.add(row_of(sent_at=None))
    job = (await ask("jobs", "abcd2345", "cancel", method="POST"))[1]["job"]
    assert (job["status"], job["status_text"]) == ("failed", "Not sent")


async def test_an_unconfirmed_job_is_not_cancelled_and_says_that_it_may_have_been_charged(
    ask: Ask, store: Store, row_of: Callable[..., Row]
) -> None:
    store.add(row_of(status="unconfirmed"))
    status, answer = await ask("jobs", "abcd2345", "cancel", method="POST")
    assert status == 409
    assert answer["error"]["charged"] == "You may have been charged."


async def test_a_download_is_a_wish_that_keeps_the_clip_that_is_there(ask: Ask, saved: Saved, store: Store) -> None:
    before = saved(saves=6, save_problem="no such file", output_url="https://x.test/y.mp4")
    status, answer = await ask("jobs", "abcd2345", "download", method="POST")
    assert (status, answer["job"]["is_settled"], answer["job"]["clip"]) == (
        202,
        False,
        "seedance_clips/a-paper-boat-abcd2345.mp4",
    )
    row = store.get("abcd2345")
    assert row is not None
    assert (row.settled, row.saves, row.output_url, row.clip_there) == (False, 0, None, before.clip_path)


async def test_what_has_no_video_is_not_downloaded(ask: Ask, store: Store, row_of: Callable[..., Row]) -> None:
    store.add(row_of(status="failed", final_at=1.0))
    status, answer = await ask("jobs", "abcd2345", "download", method="POST")
    assert status == 409
    assert "has no video" in answer["error"]["what"]


@pytest.mark.kernel
async def test_a_deleted_job_is_gone_with_its_files(ask: Ask, saved: Saved, jp_root_dir: Path) -> None:
    saved()
    status, answer = await ask("jobs", "abcd2345", method="DELETE", request_timeout=60)
    assert (status, answer["deleted"]) == (200, "abcd2345")
    assert sorted(answer["files"]) == ["a-paper-boat-abcd2345.jpg", "a-paper-boat-abcd2345.mp4"]
    assert list((jp_root_dir / "seedance_clips").iterdir()) == []
    assert (await ask("jobs", "abcd2345"))[0] == 404


async def test_a_job_that_goes_on_is_not_deleted(ask: Ask, store: Store, row_of: Callable[..., Row]) -> None:
    store.add(row_of(status="queued", request_id="req_1"))
    status, answer = await ask("jobs", "abcd2345", method="DELETE")
    assert status == 409
    assert "still at work" in answer["error"]["what"]


# --- what is new ------------------------------------------------------------------------------------------------------
async def test_new_is_what_ended_after_the_extension_first_ran_until_it_is_seen(
    ask: Ask, saved: Saved, store: Store, row_of: Callable[..., Row]
) -> None:
    saved("aaaa2345", final_at=1.0)
    saved("bbbb2345")
    store.add(row_of(id="cccc2345", status="processing", request_id="r"))
    new = (await ask("new"))[1]
    assert (new["history"], new["open"], new["statuses"]) == ("ok", 1, {"processing": 1})
    assert [(each["id"], each["kind"]) for each in new["new"]] == [("bbbb2345", "saved")]
    assert (await ask("jobs", "bbbb2345"))[1]["job"]["is_new"] is True
    assert (await ask("jobs", "seen", method="POST", body={"ids": ["bbbb2345", "aaaa2345"]}))[1] == {
        "seen": ["aaaa2345", "bbbb2345"]
    }
    assert (await ask("jobs", "seen", method="POST", body={"ids": ["bbbb2345"]}))[1] == {"seen": []}
    again = (await ask("new"))[1]
    assert again["new"] == []
    assert again["changes"] != new["changes"]


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"status": "failed", "final_at": 4e9}, "failed"),
        ({"status": "unconfirmed", "created_at": 4e9}, "unconfirmed"),
        ({"status": "processing", "request_id": "r", "look_problem": "the key was refused"}, "needs_key"),
        ({"status": "succeeded", "request_id": "r", "final_at": 4e9, "saves": 6}, "unsaved"),
    ],
)
async def test_what_needs_a_person_is_new_too(
    ask: Ask, store: Store, row_of: Callable[..., Row], changes: dict[str, Any], kind: str
) -> None:
    store.add(row_of(**changes))
    assert [each["kind"] for each in (await ask("new"))[1]["new"]] == [kind]


async def test_a_job_is_told_by_one_page_also_after_a_restart_of_the_server(ask: Ask, saved: Saved, home: Path) -> None:
    saved()
    assert (await ask("jobs", "told", method="POST", body={"ids": ["abcd2345"]}))[1] == {"tell": ["abcd2345"]}
    assert (await ask("jobs", "told", method="POST", body={"ids": ["abcd2345"]}))[1] == {"tell": []}
    assert json.loads((home / "jupyter.json").read_text(encoding="utf-8"))["told"] == ["abcd2345"]


async def test_costs_are_told_of_each_service_apart(ask: Ask, saved: Saved, store: Store) -> None:
    saved("aaaa2345", cost_usd=0.5, accepted_at=1.0, created_at=1.0)
    saved("bbbb2345", cost_usd=2.0, accepted_at=2.0, created_at=2.0, service="https://api.test")
    answer = (await ask("costs", params={"by": "model"}))[1]
    assert [(each["service"], each["total"]["estimated_usd"]) for each in answer["services"]] == [
        ("https://api.test", 2.0),
        ("simulator", 0.5),
    ]
    assert (await ask("costs", params={"by": "hour"}))[0] == 400
