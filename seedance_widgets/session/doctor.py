"""A report of what works here and what does not, with what to do about it. Names no secret."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING

from ..clips import folder
from ..clips.private_file import is_writable
from ..errors import SeedanceError, SettingsInvalid, StoreError
from ..jobs import tidy
from ..notebook import environment
from ..render import html
from ..settings import webhooks
from ..settings.keys import find_key
from ..storage.bucket import checked_url
from ..text.printable import for_stdout, visible
from . import media_check

if TYPE_CHECKING:
    from ..jobs.engine import Engine
    from ..settings.settings import Settings

PACKAGES = ("seedance-widgets", "ipykernel", "jupyterlab", "ipywidgets", "anywidget", "httpx", "av", "sqlalchemy")


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at. `ok` is `None` where it is neither good nor bad."""

    name: str
    ok: bool | None
    detail: str
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All checks; shows itself as a table."""

    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Tell whether nothing is wrong."""
        return all(check.ok is not False for check in self.checks)

    def __str__(self) -> str:
        marks = {True: "ok  ", False: "FAIL", None: "    "}
        lines = []
        for check in self.checks:
            lines.append(f"{marks[check.ok]}  {check.name:<12} {check.detail}")
            if check.next_step:
                lines.append(f"{'':<18} -> {check.next_step}")
        return for_stdout(visible("\n".join(lines)))

    __repr__ = __str__

    def _repr_html_(self) -> str:
        marks = {True: "✓", False: "✗", None: "·"}
        words = {True: "ok", False: "failed", None: "for information"}
        rows = []
        for check in self.checks:
            step = f"<br><em>{html.told(check.next_step)}</em>" if check.next_step else ""
            detail = html.told(check.detail) + step
            rows.append(html.fact(check.name, detail, mark=marks[check.ok], means=words[check.ok]))
        return html.facts_table(rows, "sdw-doctor")


def examine(engine: Engine, settings: Settings | None, label: str, problem: str | None, *, network: bool) -> Report:
    """Look at everything. Asks the server only with `network`: `/models`, which costs nothing.

    Args:
        engine: What is looked at.
        settings: What it was made with; `None` for the simulator.
        label: Where jobs go, in one line.
        problem: What went wrong last, if anything.
        network: Ask the server, too.
    """
    steps: list[Callable[[], Iterator[Check]]] = [
        _versions,
        _place,
        lambda: _clips(engine),
        lambda: _service(settings, label),
        lambda: _history(engine, problem),
    ]
    steps += [lambda: _media(media_check.looked_at(engine.media)), _video, _page]
    if network:
        steps += [
            lambda: _server(engine),
            lambda: _clips_tried(engine),
            lambda: _media(media_check.tried(engine.media)),
        ]
        steps.append(lambda: _webhook_reached(settings))
    return Report(tuple(check for step in steps for check in step()))


def _versions() -> Iterator[Check]:
    yield Check("python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.system()}")
    yield Check("packages", None, ", ".join(f"{name} {_version(name)}" for name in PACKAGES))


def _place() -> Iterator[Check]:
    kind = (
        "a Jupyter kernel"
        if environment.in_kernel()
        else "IPython in a terminal"
        if environment.shell()
        else "a script"
    )
    yield Check("running in", None, kind)
    kernel = _version("ipykernel")
    if kernel.startswith("7.0."):
        yield Check("kernel", False, f"ipykernel {kernel} loses updates of widgets", "pip install -U ipykernel")
    elif environment.in_kernel() and int(kernel.split(".")[0]) < 7:
        yield Check(
            "kernel", None, f"ipykernel {kernel}: Cancel takes effect when the running cell ends (7.1: at once)"
        )


def _clips(engine: Engine) -> Iterator[Check]:
    choice = folder.find(engine.given_clips, engine.home)
    if choice.bucket is not None:
        yield from _stored(choice.bucket, choice.path, engine.clips.copies.max_bytes)
    elif choice.instead_of is None and is_writable(choice.path):
        yield Check("clips", True, f"saved in {choice.path}")
    else:
        problem = choice.notice or f"{choice.path} cannot be written, and {folder.spare_of(engine.home)} cannot either"
        step = "Give the folder its rights back, or name another one: connect(clips=), SEEDANCE_CLIPS or %config "
        yield Check("clips", False, problem, step + "SeedanceMagics.clips.")
    try:
        yield Check("room", None, str(tidy.measure(engine)), "seedance tidy removes parts and films, never a clip.")
    except StoreError:
        return  # the history says so itself


def _stored(bucket: str, copies: Path, max_bytes: int) -> Iterator[Check]:
    try:
        place = checked_url(bucket, folder.VARIABLE)
    except SeedanceError as error:
        yield Check("clips", False, error.what, error.next_step)
    else:
        yield Check("clips", True, f"put into {place}; copies in {copies}, {max_bytes / 1e9:.1f} GB at most")


def _clips_tried(engine: Engine) -> Iterator[Check]:
    """Put a tiny file where clips go, look whether it is there, and delete it."""
    bucket = folder.find(engine.given_clips, engine.home).bucket
    if bucket is None:
        return
    try:
        engine.clips.try_out(bucket)
    except SeedanceError as error:
        step = error.next_step or "Clips stay here as long as it takes none."
        yield Check("clips", False, error.what, step)
    else:
        yield Check("clips", True, f"{bucket}: a tiny file was put, looked at and deleted")


def _service(settings: Settings | None, label: str) -> Iterator[Check]:
    if settings is None:
        why = "asked for by simulate()" if _is_key_there() else "no key was found; %seedance_key asks for one"
        yield Check("service", True, f"{label} ({why})")
        return
    yield Check("service", True, label)
    yield Check("key", True, f"found in {settings.key_source}; it is not shown")
    yield from _webhooks(settings)


def _webhooks(settings: Settings) -> Iterator[Check]:
    state = webhooks.read(settings.base_url)
    if state.address is not None:
        yield Check("webhook", True, f"jobs name {state.address}, unless you name another address")
    elif state.why_not:
        step = f"Jobs are looked at as before. Set {webhooks.PUBLIC_URL} to the https address of this Jupyter server, "
        yield Check("webhook", False, state.why_not, step + f"and {webhooks.SECRET} to the vendor's secret.")


def _is_key_there() -> bool:
    try:
        return find_key() is not None
    except SettingsInvalid:
        return True


def _history(engine: Engine, problem: str | None) -> Iterator[Check]:
    try:
        rows = engine.store.rows(service=engine.service, limit=1000)
    except SeedanceError as error:
        yield Check("history", False, error.what, error.next_step)
        return
    open_ones = sum(1 for row in rows if not row.settled)
    many = "1000 or more" if len(rows) == 1000 else str(len(rows))
    yield Check("history", True, f"{engine.store.where}: {many} jobs, {open_ones} of them open")
    if engine.store.notice:
        yield Check("history", not engine.store.is_in_memory, engine.store.notice)
    if problem:
        yield Check("worker", False, problem, "Nothing is lost by it; it is tried again every few seconds.")


def _media(found: Iterator[media_check.Found]) -> Iterator[Check]:
    for ok, detail, step in found:
        yield Check("media", ok, detail, step)


def _video() -> Iterator[Check]:
    try:
        import av

        av.codec.Codec("h264", "r")
    except (ImportError, ValueError, OSError) as error:
        yield Check("video", False, f"PyAV cannot read H.264 ({error})", "pip install -U av")
    else:
        yield Check("video", True, f"PyAV {av.__version__} reads H.264")


def _page() -> Iterator[Check]:
    patched = "applied by this notebook" if _nested() else "not applied, and not needed"
    yield Check("asyncio", None, f"nest_asyncio: {patched}")


def _server(engine: Engine) -> Iterator[Check]:
    try:
        models = engine.models(refresh=True)
    except SeedanceError as error:
        yield Check("server", False, error.what, error.next_step)
    else:
        yield Check("server", True, f"answers; models: {', '.join(model.id for model in models)}")


def _webhook_reached(settings: Settings | None) -> Iterator[Check]:
    address = None if settings is None else webhooks.address(settings.base_url)
    if address is None:
        return
    from ..api.reaching import why_not_reached

    if (why := why_not_reached(address)) is None:
        yield Check("webhook", True, f"{address} answers, and refuses what is not signed")
    else:
        yield Check("webhook", False, f"{address}: {why}", "Jobs are looked at as before; docs/jupyterlab.md has more.")


def _nested() -> bool:
    import asyncio

    return bool(getattr(asyncio, "_nest_patched", False))


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
