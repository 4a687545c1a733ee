"""The two ways to a session: `connect` speaks to the API, `simulate` to a simulator inside this process.

In a kernel a cell is run again and again, so there the same arguments give the same open session: each new one would
be a thread and a limit of its own. Elsewhere each call makes one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import ref

from ..clips.folder import check_is_folder
from ..errors import SettingsInvalid
from ..notebook import environment
from ..request.caps import Caps
from ..request.caps import read as read_cap
from ..request.urls import is_bucket
from ..secret import Secret
from ..settings.keys import Environment, find_key
from ..settings.settings import MAX_CLIP_BYTES, Settings, check_path, find_home, read_settings
from ..values.plain import flag, index, number, shown
from .session import Session

if TYPE_CHECKING:
    from ..media.places import Upload
    from ..simulator import Simulator

CAP_VARIABLE = "SEEDANCE_CAP_PER_DAY_USD"

_Simulated = tuple[float, int, Path]
"""What makes two simulated sessions the same: speed, credits and home."""

_made: list[tuple[Settings | _Simulated, str | None, ref[Session]]] = globals().get(
    "_made", []
)  # kept when the module is reloaded
_lock = threading.Lock()


def connect(
    api_key: str | Secret | None = None,
    base_url: str | None = None,
    home: str | Path | None = None,
    *,
    create_timeout_s: float = 120.0,
    read_timeout_s: float = 30.0,
    requests_per_minute: float = 60.0,
    max_clip_bytes: int = MAX_CLIP_BYTES,
    clips: str | Path | None = None,
    clips_cache_bytes: int | None = None,
    media: str | None = None,
    upload: Upload | None = None,
    keep_media: bool = False,
    cap_per_job_usd: float | None = None,
    cap_per_session_usd: float | None = None,
    cap_per_day_usd: float | None = None,
) -> Session:
    """A session with the API.

    In a kernel the same arguments give the same session as long as it is open, with the caps that are given now: a
    cell that is run again starts nothing anew. In a script each call makes a session of its own.

    Args:
        api_key: Instead of one typed into %seedance_key, SEEDANCE_API_KEY, Colab's secrets or the keyring. Better
            not in a cell: cells are saved.
        base_url: Instead of SEEDANCE_BASE_URL or the vendor's address. https, or http on loopback.
        home: The data folder, instead of SEEDANCE_HOME or the platform's own place.
        create_timeout_s: From the first byte of a create to the last byte of its answer, in seconds.
        read_timeout_s: The same for everything else.
        requests_per_minute: Our own bound over every request to the API, in any 60 s, of all processes with this key
            on this history together; the least that is named holds. Within a process the one named last does.
        max_clip_bytes: No larger video is fetched.
        clips: The folder that clips are saved in, instead of `%config SeedanceMagics.clips`, SEEDANCE_CLIPS or
            `seedance_clips` beside the notebook. Or a bucket, such as `s3://bucket/prefix`: then every clip is there.
        clips_cache_bytes: What the copies here may take of clips that lie in a bucket; SEEDANCE_CLIPS_CACHE_BYTES or
            5 GB unless given. The longest unused go first.
        media: The bucket that files and pictures are put into for the vendor to fetch, such as `s3://bucket/prefix`,
            instead of SEEDANCE_MEDIA.
        upload: A function of yours instead: it is given name, data and content type, and returns a public https link.
        keep_media: What is put there stays when the jobs that need it have ended.
        cap_per_job_usd: No job that is estimated to cost more is sent, in US dollars.
        cap_per_session_usd: The same for all that this session submits.
        cap_per_day_usd: The same for a day, over all sessions on this history; SEEDANCE_CAP_PER_DAY_USD unless given.

    Raises:
        SettingsMissing: there is no key.
        SettingsInvalid: a setting that cannot work.
    """
    if isinstance(api_key, str):
        api_key = Secret(api_key)  # a traceback may show what is in a frame
    _check_clips(clips)
    caps = _caps(cap_per_job_usd, cap_per_session_usd, cap_per_day_usd)
    settings = read_settings(
        api_key,
        base_url,
        home,
        create_timeout_s=create_timeout_s,
        read_timeout_s=read_timeout_s,
        requests_per_minute=requests_per_minute,
        max_clip_bytes=max_clip_bytes,
        clips_cache_bytes=clips_cache_bytes,
        media=media,
    )
    keeps = flag(keep_media, "keep_media")
    if upload is not None and not callable(upload):
        raise SettingsInvalid(f"upload is a function of name, data and content type, not {shown(upload)}.")

    def make() -> Session:
        return Session(settings, home=settings.home, caps=caps, clips=clips)

    session = _open(settings, make, caps, clips)
    session.engine.media.upload, session.engine.media.keeps = upload, keeps
    return session


def simulate(
    speed: float = 30.0,
    credits: int = 1_000_000,
    home: str | Path | None = None,
    *,
    faults: Iterable[str] = (),
    clips: str | Path | None = None,
    cap_per_job_usd: float | None = None,
    cap_per_session_usd: float | None = None,
    cap_per_day_usd: float | None = None,
) -> Session:
    """A session with a simulator inside this process: real mp4 clips, no key, nothing charged, no network.

    In a kernel the same arguments give the same open session, as with `connect`; with `faults`, which happen once,
    each call makes a session of its own.

    Args:
        speed: How much faster than life: at 30 a job of 90 s takes 3 s; `math.inf` ends it at the first look.
        credits: What the pretended account holds, over all that was ever simulated in `home`; a job beyond it is
            refused as the API would.
        home: The data folder, instead of SEEDANCE_HOME or the platform's own place. Running jobs go on there after a
            restart of the kernel.
        faults: What goes wrong and when, such as `create:lost` or `get:503@3x20`; docs/simulator.md lists them.
        clips, cap_per_job_usd, cap_per_session_usd, cap_per_day_usd: As for `connect`, in pretended dollars.
    """
    _check_clips(clips)
    caps = _caps(cap_per_job_usd, cap_per_session_usd, cap_per_day_usd)
    folder, simulator = _simulator(speed, credits, home, _faults(faults))

    def make() -> Session:
        return Session(None, home=folder, simulator=simulator, caps=caps, clips=clips)

    return make() if simulator.settings.faults else _open((speed, credits, folder), make, caps, clips)


def own_session(*, takes_over: bool = True) -> Session:
    """A session with the API when there is a key, else with the simulator: one that no other call is given.

    Without `takes_over` it looks after no job but its own: for commands that only look.
    """
    caps = _caps(None, None, None)
    if find_key():
        settings = read_settings()
        return Session(settings, home=settings.home, caps=caps, takes_over=takes_over)
    folder, simulator = _simulator()
    return Session(None, home=folder, simulator=simulator, caps=caps, takes_over=takes_over)


def _check_clips(clips: str | Path | None) -> None:
    """Raise SettingsInvalid, PackageMissing unless it is a folder or a bucket."""
    check_path(clips, "clips")
    if is_bucket(clips):
        from ..storage.bucket import checked_url

        checked_url(str(clips), "clips")
    elif clips is not None:
        check_is_folder(clips, "clips")


def _simulator(
    speed: float = 30.0, credits: int = 1_000_000, home: str | Path | None = None, faults: tuple[str, ...] = ()
) -> tuple[Path, Simulator]:
    """The data folder and its simulator, which is not started yet."""
    from ..simulator import Simulator, SimulatorSettings

    times = number(speed)
    if times is None or not times > 0:
        raise SettingsInvalid(f"speed is a number above 0, not {shown(speed)}.")
    account = index(credits)
    if account is None or not 0 <= account < 2**62:
        raise SettingsInvalid(f"credits is a whole number from 0, not {shown(credits)}.")
    speed, credits = times, account
    folder = find_home(home, Environment())
    try:
        return folder, Simulator(
            SimulatorSettings(speed=speed, credits=credits, home=folder / "simulator", faults=faults)
        )
    except ValueError as error:
        raise SettingsInvalid(str(error)) from None


def _faults(faults: Iterable[str]) -> tuple[str, ...]:
    names: tuple[Any, ...] = (faults,)
    if isinstance(faults, Iterable) and not isinstance(faults, str | bytes | Mapping):
        names = tuple(faults)
    if wrong := [each for each in names if not isinstance(each, str)]:
        raise SettingsInvalid(
            f"faults is a list of texts such as 'create:lost', not {shown(wrong[0])}.",
            next_step="docs/simulator.md lists them.",
        )
    return names


def _open(what: Settings | _Simulated, make: Callable[[], Session], caps: Caps, clips: str | Path | None) -> Session:
    """The open session of the same arguments in this kernel, with the caps of now; else a new one."""
    if not environment.in_kernel():
        return make()
    folder = None if clips is None else str(clips)
    with _lock:
        _made[:] = [each for each in _made if (known := each[2]()) and not known.is_closed]
        for made, its_folder, session in _made:
            known = session()
            if known is not None and its_folder == folder and _is_same(known.settings or made, what):
                known.caps = caps
                return known
        new = make()
        _made.append((what, folder, ref(new)))
        return new


def _is_same(made: Settings | _Simulated, what: Settings | _Simulated) -> bool:
    if not (isinstance(made, Settings) and isinstance(what, Settings)):
        return made == what
    if not made.api_key.is_same(what.api_key):
        return False
    return replace(made, api_key=what.api_key, key_source=what.key_source) == what


def _caps(per_job_usd: float | None, per_session_usd: float | None, per_day_usd: float | None) -> Caps:
    if per_day_usd is None:
        per_day_usd = read_cap(Environment().get(CAP_VARIABLE) or "", CAP_VARIABLE)
    return Caps(per_job_usd=per_job_usd, per_session_usd=per_session_usd, per_day_usd=per_day_usd)
