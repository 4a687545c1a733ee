"""How smoothly a page runs while the clips of a grid play together, and how far two of them are ever apart.

Without a screen Chromium draws 30 frames a second while any clip plays, so that bound is taken off: counted is how many
frames the page could make. 60 and more means that clips never hold it up.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from .figures import Figure, figure

CLIPS = 24
ROUNDS = 3
SECONDS = 5

SETUP = """\
import seedance_widgets as sw
sw.use_session(sw.simulate(speed=300))
"""
STUDIO = "sw.Studio(height='420px')"
SCROLL = """(root, seconds) => new Promise(done => {
    const list = [...root.querySelectorAll('*')].find(each => each.scrollHeight > each.clientHeight + 40
        && getComputedStyle(each).overflowY !== 'visible') ?? root;
    let frames = 0, began = performance.now();
    const step = now => {
        list.scrollTop = (list.scrollTop + 4) % Math.max(1, list.scrollHeight - list.clientHeight);
        frames += 1;
        if (now - began < seconds * 1000) return requestAnimationFrame(step);
        done({ frames: frames / ((now - began) / 1000), way: list.scrollHeight - list.clientHeight });
    };
    requestAnimationFrame(step);
})"""
"""The Studio's list of jobs, scrolled by four pixels a frame."""

LOOK = """(root, seconds) => new Promise(done => {
    const videos = [...root.querySelectorAll('video[data-job]')], gaps = [], began = performance.now();
    let before = began, apart = 0;
    const look = now => {
        gaps.push(now - before);
        before = now;
        const times = videos.filter(v => !v.paused).map(v => v.currentTime);
        if (times.length > 1) apart = Math.max(apart, Math.max(...times) - Math.min(...times));
        if (now - began < seconds * 1000) return requestAnimationFrame(look);
        const shown = videos.map(v => v.getVideoPlaybackQuality()).map(q => q.totalVideoFrames - q.droppedVideoFrames);
        const wall = (now - began) / 1000;
        gaps.sort((a, b) => a - b);
        done({ frames: gaps.length / wall, p95: gaps[Math.floor(gaps.length * 0.95)], playing: times.length, apart,
               shown: shown.reduce((a, b) => a + b, 0) / videos.length });
    };
    setTimeout(() => { before = performance.now(); requestAnimationFrame(look) }, 0);
})"""

BARE = """root => {
    const bare = Object.assign(document.createElement('div'), { id: 'bare' });
    for (const video of root.querySelectorAll('video[data-job]')) {
        const { left, top, width, height } = video.getBoundingClientRect();
        const twin = Object.assign(document.createElement('video'), { src: video.src, muted: true, loop: true });
        twin.dataset.job = '';
        twin.style.cssText =
            `position:fixed;left:${left}px;top:${top}px;width:${width}px;height:${height}px;object-fit:contain`;
        bare.append(twin);
        video.pause();
    }
    [...root.querySelectorAll('button')].find(each => each.textContent === 'Pause').click();
    root.style.visibility = 'hidden';
    document.body.append(bare);
    for (const twin of bare.children) twin.play();
}"""
"""The same clips as plain `<video>` elements of the same size: what is theirs, and what is ours."""


def measure() -> list[Figure]:
    """One JupyterLab page: frames a second by requestAnimationFrame, at rest and while all clips play."""
    sys.path.append(str(Path(__file__).parents[1] / "tests" / "browser"))
    from cells import FILL
    from lab_server import LabServer
    from notebook_page import NotebookPage, write_notebook
    from playwright.sync_api import expect, sync_playwright

    browser_path = os.environ.get("SEEDANCE_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    server = LabServer()
    try:
        with sync_playwright() as playwright:
            arguments = ["--no-sandbox", "--disable-gpu", "--disable-frame-rate-limit"]
            browser = playwright.chromium.launch(executable_path=browser_path, args=arguments)
            page = browser.new_page(viewport={"width": 1600, "height": 2300})
            path = server.root / "benchmark" / "notebook.ipynb"
            grid = f"grid = sw.Grid(session.jobs(limit={CLIPS}))\ngrid"
            write_notebook(path, [SETUP, f"{FILL}fill({CLIPS})", grid, STUDIO])
            notebook = NotebookPage(page, server, path)
            notebook.open()
            expect.set_options(timeout=30_000)
            for cell in (0, 1, 2, 3):
                notebook.run(cell)
            root = notebook.output(2).get_by_role("region", name="Seedance grid")
            expect(root.locator("img")).to_have_count(CLIPS)
            page.wait_for_timeout(2000)
            rest = [root.evaluate(LOOK, SECONDS) for _ in range(ROUNDS)]
            root.get_by_role("button", name="Play all").click()
            all_play = f"root => [...root.querySelectorAll('video')].filter(v => v.currentTime > 0).length === {CLIPS}"
            page.wait_for_function(all_play, arg=root.element_handle())
            page.wait_for_timeout(2000)
            play = [root.evaluate(LOOK, SECONDS) for _ in range(ROUNDS)]
            studio = notebook.output(3).get_by_role("list", name="Jobs")
            scroll = [studio.evaluate(SCROLL, SECONDS) for _ in range(ROUNDS)]
            root.evaluate(BARE)
            page.wait_for_timeout(4000)
            look = f"seconds => ({LOOK})(document.querySelector('#bare'), seconds)"
            bare = [page.evaluate(look, SECONDS) for _ in range(ROUNDS)]
            browser.close()
    finally:
        server.stop()
    name = f"grid: {CLIPS} clips"
    return [
        figure(f"{name} at rest: frames of the page a second", [each["frames"] for each in rest], "1/s", digits=1),
        figure(f"{name} playing: frames of the page a second", [each["frames"] for each in play], "1/s", digits=1),
        figure(
            f"{name} playing, Studio's list scrolled: the same", [each["frames"] for each in scroll], "1/s", digits=1
        ),
        figure(f"{name} as bare video elements: the same", [each["frames"] for each in bare], "1/s", digits=1),
        figure(f"{name} playing: 95th percentile between frames", [each["p95"] for each in play], "ms", digits=1),
        figure(f"{name} playing: how many played", [each["playing"] for each in play], "", digits=0),
        figure(f"{name} playing: furthest apart", [each["apart"] * 1000 for each in play], "ms", digits=0),
    ]
