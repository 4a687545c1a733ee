"""Where letters are all that a person sees: `jupyter console`, qtconsole, Spyder. A stand-in that only prints."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager
from quick_session import quick_session

pytestmark = pytest.mark.kernel

SETUP = f"%load_ext seedance_widgets\n{quick_session()}"
DEADLINE_S = 40.0


class Console:
    """As jupyter_console 6.6 and qtconsole 5 do: prints results and displays, and no update of them."""

    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client
        self.messages: list[dict[str, Any]] = []

    def run(self, code: str, cell_id: str = "") -> None:
        """Run it: as a terminal does, or as a page does, which tells the id of the cell."""
        content = {"code": code, "silent": False, "store_history": True, "allow_stdin": True, "stop_on_error": True}
        metadata = {"cellId": cell_id} if cell_id else {}
        message = self.client.session.msg("execute_request", content | {"user_expressions": {}}, metadata=metadata)
        self.client.shell_channel.send(message)
        sent = message["header"]["msg_id"]
        self.hear(lambda message: message["parent_header"].get("msg_id") == sent and is_idle(message))

    def hear(self, enough: Any) -> None:
        """Take in what comes until it is enough."""
        until = time.monotonic() + DEADLINE_S
        while time.monotonic() < until:
            message = self.client.get_iopub_msg(timeout=DEADLINE_S)
            self.messages.append(message)
            if enough(message):
                return
        raise AssertionError(self.printed)

    @property
    def printed(self) -> str:
        shown = [m for m in self.messages if m["msg_type"] in ("display_data", "execute_result", "stream")]
        return "\n".join(
            m["content"].get("text", "") or m["content"].get("data", {}).get("text/plain", "") for m in shown
        )


def is_idle(message: dict[str, Any]) -> bool:
    return bool(message["content"].get("execution_state") == "idle")


@pytest.fixture
def console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Console]:
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with TemporaryDirectory() as folder:
        manager = KernelManager(transport="ipc", ip=f"{folder}/k")
        manager.start_kernel(cwd=str(tmp_path))
        client = manager.blocking_client()
        client.start_channels()
        client.wait_for_ready(timeout=DEADLINE_S)
        try:
            console = Console(client)
            console.run(SETUP)
            yield console
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)
            manager.cleanup_resources()


def has(console: Console, words: str) -> Any:
    return lambda _: words in console.printed


def test_a_terminal_is_told_how_a_job_goes_and_where_its_clip_is(console: Console) -> None:
    """The bug was "Sending the request", and nothing more."""
    console.run("job = session.submit('a boat', metadata={'simulator': {'seconds': 8}}, **small)\njob")
    console.hear(has(console, "seedance_clips/a-boat-"))
    assert "Generating" in console.printed
    ids = {
        m["content"]["transient"].get("display_id")
        for m in console.messages
        if m["msg_type"] == "display_data" and "Generating" in m["content"]["data"].get("text/plain", "")
    }
    assert len(ids) == 1
    assert ids != {None}, "a page that comes later takes it away"


def test_a_terminal_gets_no_picture_that_it_would_open_a_window_for(console: Console) -> None:
    console.run("job = session.submit('a boat', **small)\nclip = job.wait()\njob")
    console.run("clip")
    console.run("job.show()")
    data = [m["content"]["data"] for m in console.messages if m["msg_type"] in ("display_data", "execute_result")]
    assert "seedance_clips/a-boat-" in console.printed
    assert not any("image/jpeg" in each for each in data)


def test_a_page_that_says_hello_late_takes_the_text_away(console: Console) -> None:
    console.run("job = session.submit('a boat', metadata={'simulator': {'seconds': 60}}, **small)\njob")
    console.hear(has(console, "Generating"))
    narrated = display_id(console, "Generating")
    tell(console, {"type": "shown", "click_id": "one", "view": "v1", "beside": True})
    console.hear(is_emptied(narrated))


def display_id(console: Console, words: str) -> str:
    """Of the last output with these words."""
    shown = (m["content"] for m in reversed(console.messages) if m["msg_type"] == "display_data")
    return str(next(each["transient"]["display_id"] for each in shown if words in each["data"].get("text/plain", "")))


def tell(console: Console, content: dict[str, Any]) -> None:
    """Send what the page of the last widget would send."""
    opened = next(m["content"] for m in reversed(console.messages) if m["msg_type"] == "comm_open")
    data = {"method": "custom", "content": content}
    message = console.client.session.msg("comm_msg", {"comm_id": opened["comm_id"], "data": data})
    console.client.shell_channel.send(message)


def is_emptied(name: str) -> Any:
    def is_empty(message: dict[str, Any]) -> bool:
        of_ours = message["content"].get("transient", {}).get("display_id") == name
        return of_ours and message["msg_type"] == "update_display_data" and not message["content"]["data"]["text/plain"]

    return is_empty


# --- what is more than one job ----------------------------------------------------------------------------------------
TWO = """\
done = [session.submit(f"boat {name}", **small) for name in "ab"]
for job in done:
    job.wait()
"""


@pytest.mark.parametrize(
    ("code", "what", "instead"),
    [
        ("sw.Studio()", "Seedance Studio (", "%seedance_jobs"),
        (f"{TWO}sw.Grid(done)", "2 clips ready", "grid.contact_sheet()"),
        (f"{TWO}sw.Compare(*done)", "Compared: 2 clips", "compare.pick(job)"),
        (f"{TWO}sw.Choose(done)", "2 clips, 0 marked", "job.reject()"),
    ],
    ids=["studio", "grid", "compare", "choose"],
)
def test_a_terminal_is_told_what_it_is_and_what_can_be_done_instead(
    console: Console, code: str, what: str, instead: str
) -> None:
    """The bug was two empty outputs, and nothing more."""
    console.run(code)
    assert what in console.printed
    assert instead in console.printed
    bundles = [m["content"]["data"] for m in console.messages if m["msg_type"] == "display_data"]
    assert all(each.get("text/plain") != "" for each in bundles), "a terminal would print an empty line"
    assert bundles[0]["text/html"] == "", "a page that is not trusted would show the text beside the fallback"


SWEEP = "sweep = session.sweep('a {n}', n=['1', '2'], name='two', metadata={'simulator': {'seconds': %d}}, **small)\n"


def test_a_terminal_is_told_how_a_sweep_goes_and_a_wait_ends_with_its_table(console: Console) -> None:
    """The bug was that of a sweep nothing was seen, from its begin to its end."""
    console.run(SWEEP % 8 + "sweep")
    assert re.search(r"Sweep two: [12] \w+", console.printed), "as it stands now: one may be queued before the other"
    console.hear(has(console, "Sweep two: 2 of 2 ended: 2 succeeded"))
    before = len(console.messages)
    console.run("sweep.wait()")
    console.messages = console.messages[before:]
    assert console.printed.count("Sweep two: 2 succeeded") == 1
    assert console.printed.count(".mp4") == 2


def test_jobs_of_a_grid_that_end_at_once_are_told_too(console: Console) -> None:
    """Nothing on the grid changes after that, so nothing else would be drawn."""
    console.run("job = session.submit('a boat', metadata={'simulator': {'seconds': 1}}, **small)\nsw.Grid([job])")
    assert "0 of 1 ready" in console.printed
    console.hear(has(console, "1 of 1 ready"))


def test_of_two_views_of_a_sweep_the_newer_one_tells_how_it_goes(console: Console) -> None:
    console.run(SWEEP % 8 + "sweep")
    console.run("sweep")
    console.hear(has(console, "2 of 2 ended: 2 succeeded"))
    console.run("import time; time.sleep(1)")
    assert console.printed.count("2 of 2 ended") == 1


def test_a_page_of_a_sweep_that_says_hello_late_takes_the_text_away(console: Console) -> None:
    console.run(SWEEP % 8 + "sweep")
    console.hear(has(console, "2 of 2 ended"))
    narrated = display_id(console, "2 of 2 ended")
    tell(console, {"type": "hello", "click_id": "one"})
    console.hear(is_emptied(narrated))


def test_a_page_that_says_hello_at_once_is_told_nothing_in_text(console: Console) -> None:
    """nbclassic: it tells no ids of cells, so at first it might be a terminal."""
    console.run(SWEEP % 6 + "sweep")
    tell(console, {"type": "hello", "click_id": "one"})
    console.run("sweep.settle()\nimport time; time.sleep(1)")
    assert "of 2 ended" not in console.printed
    console.run("sw.Studio()")
    assert "Seedance Studio" not in console.printed, "it has shown that it is a page"


def test_a_terminal_beside_a_page_of_the_same_kernel_is_told_in_text(console: Console) -> None:
    """`jupyter console --existing`: the page has said hello, and tells the ids of its cells."""
    console.run("sw.Studio()", cell_id="of-a-page")
    tell(console, {"type": "hello", "click_id": "one"})
    console.run("job = session.submit('a boat', metadata={'simulator': {'seconds': 60}}, **small)\njob", cell_id="b")
    tell(console, {"type": "shown", "click_id": "two", "view": "v1", "beside": True})
    assert "Seedance Studio" not in console.printed, "a page has the Studio itself"
    console.run("sw.Studio()")
    assert "Seedance Studio" in console.printed
