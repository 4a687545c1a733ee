"""A server that means harm, in every view of a real page: its words are read and never run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from nbconvert import HTMLExporter
from notebook_page import NotebookPage, OpenNotebook
from playwright.sync_api import Page, expect
from scripted import Raw, ScriptedServer, Seen, answer, error

TAG = "<img src=x onerror=window.pwned=1>"
HOSTILE = " ".join(
    (
        TAG,
        "</script><script>window.pwned=1</script>",
        "<svg onload=window.pwned=1><a href='javascript:window.pwned=1'>svg</a></svg>",
        "\"'><iframe srcdoc='<script>parent.pwned=1</script>'></iframe>",
        "javascript:window.pwned=1",
        r"$\href{javascript:window.pwned=1}{x}$ \(x^2\) $$y$$",
        "[x](javascript:window.pwned=1) ![x](javascript:window.pwned=1)",
        "\x1b[31mred\x1b]8;;javascript:window.pwned=1\x07link\x1b]8;;\x07",
        "\u202eexe.4pm\u202c",
        "{{constructor.constructor('window.pwned=1')()}}",
    )
)
SHORT = HOSTILE[:190]
"""As long as the name of a model may be."""
LONG = HOSTILE + "x" * 100_000
CARD, FAILED, STUDIO, JOBS, MODELS, DOCTOR, REPR = range(1, 8)
SETUP = """\
import seedance_widgets as sw
%load_ext seedance_widgets
session = sw.connect("sd2_live_browser_test", {url!r}, "seedance-home", requests_per_minute=60_000)
sw.use_session(session)
hostile = {hostile!r}
"""


class HostileServer:
    """The API with harm in every text: names of models, request ids, reasons, file names and URLs."""

    def __init__(self, server: ScriptedServer, clip: Path) -> None:
        self.server = server
        self.clip = clip.read_bytes()
        self.refuse = False
        self.failed = False
        server.say(self.reply)

    def reply(self, seen: Seen) -> Raw:
        if seen.path.endswith(".mp4"):
            harm = quote(TAG)
            return answer(200, self.clip, content_type=f"text/html;{harm}", content_disposition=f"inline;f={harm}.html")
        if seen.path.endswith("/models"):
            theirs = {"durations": [4], "aspectRatios": [SHORT], "resolutions": [SHORT], "type": HOSTILE}
            usual = {"durations": [4, 5], "aspectRatios": ["16:9"], "resolutions": ["480p", "720p"]}
            models = [
                {"id": "seedance-2.0", **usual},
                {"id": SHORT, "usdPerSecond": {SHORT: 1.0}, **theirs},
                {"id": LONG, **theirs},
            ]
            return answer(200, {"success": True, "data": models})
        if self.refuse:
            return error(402, HOSTILE, LONG)
        request_id = f"req-{int(self.failed)} {HOSTILE}"
        body = {"success": True, "requestId": request_id, "status": "queued", "prompt": HOSTILE, "model": HOSTILE}
        if seen.method == "POST":
            return answer(200, body)
        if self.failed:
            return answer(200, {**body, "status": "failed", "error": {"code": HOSTILE, "message": HOSTILE + LONG}})
        output = {"type": HOSTILE, "url": f"{self.server.url}/{quote(HOSTILE)}.html/..%2f..%2f{quote(TAG)}.mp4"}
        return answer(200, {**body, "status": "succeeded", "output": output})


@pytest.fixture
def hostile(clip: Path) -> Iterator[HostileServer]:
    with ScriptedServer() as server:
        yield HostileServer(server, clip)


def test_no_view_runs_what_a_server_says_and_all_show_it(
    hostile: HostileServer, open_notebook: OpenNotebook, tmp_path: Path
) -> None:
    notebook = open_notebook(
        SETUP.format(url=hostile.server.url, hostile=HOSTILE),
        "job = session.start(hostile, model='seedance-2.0', duration=4)\njob",
        "failed = session.start(hostile, model='seedance-2.0', duration=5)\nfailed",
        "studio = sw.Studio(prompt=hostile, duration=4)\nstudio",
        "%seedance_jobs",
        "%seedance_models",
        "%seedance_doctor --network",
        "print(repr(_), job, failed.error, session.models())",
    )
    page, dialogs = notebook.page, watched(notebook.page)
    notebook.run(0)
    notebook.run(CARD)
    expect(notebook.output(CARD).locator("figcaption")).to_contain_text(TAG)
    hostile.failed = True
    notebook.run(FAILED)
    expect(notebook.output(FAILED).locator(".sdw-durable")).to_contain_text("The generation failed")
    for words in (TAG, r"$\href{javascript:window.pwned=1}{x}$", "[x](javascript:window.pwned=1)"):
        expect(notebook.output(FAILED).locator(".sdw-durable")).to_contain_text(words)
    expect_harmless(page, dialogs)

    notebook.run(STUDIO)
    studio = notebook.studio(STUDIO)
    expect(studio.jobs.first).to_contain_text(TAG)
    expect(studio.model.locator("option").filter(has_text=TAG).first).to_be_attached()
    hostile.refuse = True
    studio.generate.click()
    expect(studio.root.get_by_text("The server refused").first).to_be_visible()
    expect(studio.root).to_contain_text(f"HTTP 402 {TAG}")
    for job in studio.jobs.all():
        job.click()
        expect_harmless(page, dialogs)
    hostile.refuse = False

    for cell in (JOBS, MODELS, DOCTOR, REPR):
        notebook.run(cell)
    for cell in (JOBS, MODELS, DOCTOR):
        expect(notebook.output(cell).locator("table")).to_contain_text(TAG[:12])
    expect_harmless(page, dialogs)
    expect_harmless_export(notebook, tmp_path)


def expect_harmless_export(notebook: NotebookPage, folder: Path) -> None:
    """The HTML of the saved notebook, opened from disk by somebody else."""
    saved = notebook.save()
    assert "window.pwned" in json.dumps(saved["cells"][CARD]["outputs"])
    exported = folder / "notebook.html"
    exported.write_text(HTMLExporter().from_filename(str(notebook.path))[0], encoding="utf-8")
    page = notebook.page.context.new_page()  # one that may complain: nbconvert's template asks for scripts of a CDN
    dialogs = watched(page)
    page.goto(exported.as_uri(), wait_until="domcontentloaded")
    expect(page.locator("figure figcaption")).to_contain_text(TAG)
    expect(page.locator("table").first).to_contain_text(TAG[:12])
    expect_harmless(page, dialogs)
    page.close()


def watched(page: Page) -> list[str]:
    """The dialogs that a page opens from here on."""
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    return dialogs


INJECTED = "img[src='x'], svg[onload], iframe[srcdoc], a[href^='javascript' i], mjx-container, script:text('pwned')"


def expect_harmless(page: Page, dialogs: list[str]) -> None:
    """Nothing of it ran, and nothing of it became an element of an output or was typeset."""
    assert page.evaluate("typeof window.pwned") == "undefined"
    assert dialogs == []
    expect(page.locator(f":is(.jp-OutputArea, .jp-Cell-outputArea) :is({INJECTED})")).to_have_count(0)
