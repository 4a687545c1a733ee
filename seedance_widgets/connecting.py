"""The two ways to a session: `connect` speaks to the API, `simulate` to a simulator inside this process."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from .caps import Caps
from .caps import read as read_cap
from .errors import SettingsInvalid
from .keys import Environment
from .secret import Secret
from .session import Session
from .settings import MAX_CLIP_BYTES, find_home, read_settings

CAP_VARIABLE = "SEEDANCE_CAP_PER_DAY_USD"


def connect(
    api_key: str | Secret | None = None,
    base_url: str | None = None,
    home: str | Path | None = None,
    *,
    create_timeout_s: float = 120.0,
    read_timeout_s: float = 30.0,
    requests_per_minute: float = 60.0,
    max_clip_bytes: int = MAX_CLIP_BYTES,
    cap_per_job_usd: float | None = None,
    cap_per_session_usd: float | None = None,
    cap_per_day_usd: float | None = None,
) -> Session:
    """A session with the API.

    Args:
        api_key: Instead of one typed into %seedance_key, SEEDANCE_API_KEY, Colab's secrets or the keyring. Better
            not in a cell: cells are saved.
        base_url: Instead of SEEDANCE_BASE_URL or the vendor's address. https, or http on loopback.
        home: The data folder, instead of SEEDANCE_HOME or the platform's own place.
        create_timeout_s: From the first byte of a create to the last byte of its answer, in seconds.
        read_timeout_s: The same for everything else.
        requests_per_minute: Our own bound, at least 1: in no 60 seconds do more requests leave for the API.
        max_clip_bytes: No larger video is fetched.
        cap_per_job_usd: No job that is estimated to cost more is sent, in US dollars.
        cap_per_session_usd: The same for all that this session submits.
        cap_per_day_usd: The same for a day, over all sessions on this history; SEEDANCE_CAP_PER_DAY_USD unless given.

    Raises:
        SettingsMissing: there is no key.
        SettingsInvalid: a setting that cannot work.
    """
    if isinstance(api_key, str):
        api_key = Secret(api_key)  # a traceback may show what is in a frame
    caps = _caps(cap_per_job_usd, cap_per_session_usd, cap_per_day_usd)
    settings = read_settings(
        api_key,
        base_url,
        home,
        create_timeout_s=create_timeout_s,
        read_timeout_s=read_timeout_s,
        requests_per_minute=requests_per_minute,
        max_clip_bytes=max_clip_bytes,
    )
    return Session(settings, home=settings.home, caps=caps)


def simulate(
    speed: float = 30.0,
    credits: int = 1_000_000,
    home: str | Path | None = None,
    *,
    faults: Iterable[str] = (),
    cap_per_job_usd: float | None = None,
    cap_per_session_usd: float | None = None,
    cap_per_day_usd: float | None = None,
) -> Session:
    """A session with a simulator inside this process: real mp4 clips, no key, nothing charged, no network.

    Args:
        speed: How much faster than life: at 30 a job of 90 s takes 3 s; `math.inf` ends it at the first look.
        credits: What the pretended account holds, over all that was ever simulated in `home`; a job beyond it is
            refused as the API would.
        home: The data folder, instead of SEEDANCE_HOME or the platform's own place. Running jobs go on there after a
            restart of the kernel.
        faults: What goes wrong and when, such as `create:lost` or `get:503@3x20`; docs/simulator.md lists them.
        cap_per_job_usd, cap_per_session_usd, cap_per_day_usd: As for `connect`, in pretended dollars.
    """
    from .simulator import Simulator, SimulatorSettings

    if not speed > 0:
        raise SettingsInvalid(f"speed is a number above 0, not {speed!r}.")
    folder = find_home(home, Environment())
    caps = _caps(cap_per_job_usd, cap_per_session_usd, cap_per_day_usd)
    try:
        rules = SimulatorSettings(speed=speed, credits=credits, home=folder / "simulator", faults=tuple(faults))
    except ValueError as error:
        raise SettingsInvalid(str(error)) from None
    return Session(None, home=folder, simulator=Simulator(rules), caps=caps)


def _caps(per_job_usd: float | None, per_session_usd: float | None, per_day_usd: float | None) -> Caps:
    if per_day_usd is None:
        per_day_usd = read_cap(Environment().get(CAP_VARIABLE) or "", CAP_VARIABLE)
    return Caps(per_job_usd=per_job_usd, per_session_usd=per_session_usd, per_day_usd=per_day_usd)
