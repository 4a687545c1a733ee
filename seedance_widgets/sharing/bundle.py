"""Jobs as a bundle that opens anywhere: clips, sidecars, posters and one page, in a folder or a `.zip`.

Everything is copied in pieces and the page is written as it grows, so no clip is ever in memory as a whole. What is
written goes to a name beside the target first; under the target's own name there is nothing or all of it.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import shutil
import tempfile
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, Unpack, cast

from ..clips import story
from ..clips.clip import link_of, size_text
from ..clips.names import file_name, give_name, numbered, plain_name
from ..errors import ClipNotFetched, ExportFailed
from ..jobs.job import Job, checked_job, checked_jobs
from ..jobs.listing import ExportFilter, JobFilter
from ..text.html import told
from ..text.printable import for_stdout, visible
from ..types import Json
from ..values.plain import flag, shown
from . import page as page

if TYPE_CHECKING:
    from ..jobs.registry import Registry

PIECE_BYTES = 1 << 20
EVERY_PAGE = 200
"""Jobs that are read at a time where all of them are wanted."""
PAGE = "index.html"
CLIPS = "clips"
MAX_PAGE_IN_MEMORY = 1 << 20


@dataclass(frozen=True, slots=True)
class Bundle:
    """What `Session.export` made."""

    path: Path
    """The folder, or the `.zip`."""
    clips: int
    without: int
    """Jobs that are listed without a clip, with the reason."""
    size_bytes: int

    @property
    def page(self) -> Path:
        """The page to open; of a `.zip`, once it is unpacked."""
        return self.path if self.path.is_file() else self.path / PAGE

    def __fspath__(self) -> str:
        """A bundle is a path."""
        return str(self.path)

    def __str__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return for_stdout(visible(f"<Bundle of {self._contents}: {self.path}>"))

    def _repr_html_(self) -> str:
        is_file = self.path.is_file()
        words = "unpack it and open index.html" if is_file else "the page with all of them"
        link = f'<a href="{link_of(self.page)}"{" download" if is_file else ""}>{told(str(self.page))}</a>'
        return f'<div class="sdw-object"><strong>{told(self._contents)}</strong><div>{link}: {told(words)}</div></div>'

    @property
    def _contents(self) -> str:
        clips = "1 clip" if self.clips == 1 else f"{self.clips} clips"
        jobs = "1 job" if self.without == 1 else f"{self.without} jobs"
        more = f", {jobs} without a clip" if self.without else ""
        return f"{clips}{more}, {size_text(self.size_bytes)}"


class _Target(Protocol):
    """Where the files of a bundle go, by their names in it."""

    def open(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        """A new file, to be written to its end before the next."""


def export(label: str, path: Path, jobs: Iterable[Job], *, is_plain: bool = False) -> Bundle:
    """Write the bundle of some jobs, a plain one without ids and costs. Raises ExportFailed; nothing is left then."""
    jobs = jobs if isinstance(jobs, Iterator) else checked_jobs(jobs)
    path = path.expanduser()
    made = _zipped if path.suffix.lower() == ".zip" else _folder
    try:
        if os.path.lexists(path):
            raise FileExistsError(17, "it is there already, and nothing is overwritten")
        with made(path) as target:
            return _write(label, path, target, jobs, is_plain=is_plain)
    except (OSError, ValueError, zipfile.LargeZipFile) as error:  # a name that no file can have is a ValueError
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ExportFailed(
            f"The export to {str(path)[:300]!r} was not made: {why}.",
            next_step="Choose another name, or make room; the clips are where they were.",
        ) from error


def export_wanted(
    registry: Registry, label: str, path: object, jobs: Iterable[Job] | None, wanted: ExportFilter
) -> Bundle:
    """See `Session.export`."""
    plain = flag(wanted.pop("plain", False), "plain")
    if jobs is not None and wanted:
        raise TypeError("export() takes jobs or filters, not both")
    filters = cast(JobFilter, wanted)
    return export(label, checked_path(path), every(registry, **filters) if jobs is None else jobs, is_plain=plain)


def checked_path(path: object) -> Path:
    """The path of the file to make. Raises ExportFailed."""
    if not isinstance(path, str | os.PathLike) or not os.fspath(path):
        raise ExportFailed(
            f"The path of an export is text or a path, not {shown(path)}.",
            next_step='session.export("clips.zip") makes an archive, another name a folder.',
        )
    return Path(os.fsdecode(path))


def every(registry: Registry, **wanted: Unpack[JobFilter]) -> Iterator[Job]:
    """Every job that is wanted, newest first, a page at a time: a long history is never in memory as a whole."""
    seen: set[str] = set()
    for offset in itertools.count(0, EVERY_PAGE):
        page_of_jobs = registry.listed(EVERY_PAGE, offset, wanted)
        yield from (job for job in page_of_jobs if job.id not in seen)  # a new job moves the others on
        seen.update(job.id for job in page_of_jobs)
        if len(page_of_jobs) < EVERY_PAGE:
            return


def _write(label: str, path: Path, target: _Target, jobs: Iterable[Job], *, is_plain: bool) -> Bundle:
    clips = without = size_bytes = 0
    names: set[str] = set()
    with tempfile.SpooledTemporaryFile(MAX_PAGE_IN_MEMORY) as body:
        for job in jobs:
            name = _new_name(checked_job(job), names, is_plain=is_plain)
            copied = _copy_clip(job, target, f"{CLIPS}/{name}", is_plain=is_plain)
            clips, without = clips + (copied > 0), without + (copied == 0)
            size_bytes += copied
            entry = page.entry(job, f"{CLIPS}/{name}" if copied else None, _has_poster(job), is_plain=is_plain)
            body.write(entry.encode())
        if not clips + without:
            raise ValueError("there are no such jobs")
        head = page.head(label, clips, without, time.time(), is_plain=is_plain).encode()
        with target.open(PAGE) as file:
            file.write(head)
            body.seek(0)
            shutil.copyfileobj(body, file, PIECE_BYTES)
            file.write(page.TAIL.encode())
    return Bundle(path, clips, without, size_bytes)


def _copy_clip(job: Job, target: _Target, name: str, *, is_plain: bool) -> int:
    """Copy a job's clip, its poster and its story; returns the bytes of the clip, 0 where there is none to copy.

    A plain one ends where our own story begins behind it, which names the job and what it cost.
    """
    clip = None
    with contextlib.suppress(ClipNotFetched):  # the page says so
        clip = job.clip
    if clip is None:
        return 0
    try:
        source = open(clip.path, "rb")  # noqa: SIM115  closed below
    except OSError:  # moved or deleted by the person: the page says so
        return 0
    with source:
        size_bytes = os.fstat(source.fileno()).st_size
        if not size_bytes:
            return 0
        if is_plain:
            facts: Mapping[str, Any] = job.row.clip_facts or {}
            size_bytes = min(size_bytes, facts.get("vendor_bytes") or size_bytes)
        with target.open(f"{name}{clip.path.suffix}") as file:
            _copy(source, file, size_bytes)
    if _has_poster(job):
        assert clip.poster_path is not None, "it was looked for"
        with open(clip.poster_path, "rb") as poster, target.open(f"{name}.jpg") as file:
            shutil.copyfileobj(poster, file, PIECE_BYTES)
    with target.open(f"{name}{story.ENDING}") as file:
        file.write(story.text_of(_told(job, is_plain=is_plain)).encode())
    return size_bytes


def _copy(source: IO[bytes], file: IO[bytes], size_bytes: int) -> None:
    while piece := source.read(min(PIECE_BYTES, size_bytes)):
        file.write(piece)
        size_bytes -= len(piece)


def _told(job: Job, *, is_plain: bool) -> dict[str, Json]:
    told = story.provenance(job.row)
    return {name: value for name, value in told.items() if name not in story.OWN} if is_plain else told


def _has_poster(job: Job) -> bool:
    clip = job.saved_clip
    return clip is not None and clip.poster_path is not None and clip.poster_path.is_file()


def _new_name(job: Job, names: set[str], *, is_plain: bool) -> str:
    """The name that a download would give, which any file system takes; once each."""
    wanted = plain_name(job.row) if is_plain else file_name(job.row)
    name = next(name for name in numbered(wanted) if name not in names)
    names.add(name)
    return name


def _beside(path: Path) -> Path:
    """A hidden name in the same folder, which nobody has. Its rights are those of any new file of this person."""
    return path.parent / f".seedance-export-{secrets.token_hex(6)}"


@contextlib.contextmanager
def _folder(path: Path) -> Iterator[_Target]:
    partial = _beside(path)
    try:
        partial.mkdir()
        (partial / CLIPS).mkdir()
        yield _Folder(partial)
        if os.path.lexists(path):
            raise FileExistsError(17, "it has come there in the meantime, and nothing is overwritten")
        partial.rename(path)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


@dataclass(frozen=True, slots=True)
class _Folder:
    folder: Path

    def open(self, name: str) -> IO[bytes]:
        return open(self.folder / name, "xb")


@contextlib.contextmanager
def _zipped(path: Path) -> Iterator[_Target]:
    partial = _beside(path)
    try:
        with open(partial, "x+b") as file, zipfile.ZipFile(file, "w") as archive:
            yield _Zip(archive, path.stem)
        give_name(partial, path)
    finally:
        partial.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Zip:
    archive: zipfile.ZipFile
    top: str
    """The one folder that it unpacks to."""

    def open(self, name: str) -> contextlib.AbstractContextManager[IO[bytes]]:
        info = zipfile.ZipInfo(f"{self.top}/{name}", time.localtime()[:6])
        info.external_attr = 0o644 << 16
        is_text = name.endswith((".html", story.ENDING))
        info.compress_type = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
        return self.archive.open(info, "w", force_zip64=True)
