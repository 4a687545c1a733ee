"""Where to send, with which key, and where to keep things. Read once, checked at once, never shown."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import SettingsInvalid, SettingsMissing
from ..request.urls import check_base_url, is_loopback_host
from ..secret import Secret
from ..values.plain import check_timeout, number, shown
from .keys import Environment, find_key

DEFAULT_BASE_URL = "https://www.seedance2.ink"
MAX_CLIP_BYTES = 2_000_000_000
CLIPS_CACHE_BYTES = 5_000_000_000


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What a session needs to know of the world."""

    api_key: Secret = field(repr=False)
    base_url: str
    home: Path
    """The folder of the history."""
    key_source: str = "argument"
    """Where the key was found; never the key."""
    create_timeout_s: float = 120.0
    """How long a create may take to answer: it may charge late, so we listen long."""
    read_timeout_s: float = 30.0
    requests_per_minute: float = 60.0
    """Our own bound on what leaves for the API in any 60 seconds; the vendor documents none."""
    max_clip_bytes: int = MAX_CLIP_BYTES
    """No larger file is fetched."""
    database_url: Secret | None = field(default=None, repr=False)
    """A team's shared history instead of the file in `home`."""

    clips_cache_bytes: int = CLIPS_CACHE_BYTES
    """What the copies of clips may take together that lie in a bucket."""
    media: str | None = None
    """The bucket that files and pictures are put into for the vendor to fetch, such as `s3://bucket/prefix`."""

    @property
    def is_here(self) -> bool:
        """Whether jobs go to this machine, as to a simulator that `seedance simulate` started."""
        return is_loopback_host(urlsplit(self.base_url).hostname or "")

    @property
    def origin(self) -> str:
        """Scheme, host and port of the API: the name under which its jobs are kept."""
        parts = urlsplit(self.base_url)
        host = parts.hostname or ""
        host = f"[{host}]" if ":" in host else host
        usual = {"https": 443, "http": 80}.get(parts.scheme)
        return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")

    @property
    def history(self) -> Secret | Path:
        """The store's address: the team's URL, or the file in the home folder."""
        return self.database_url or self.home / "history.db"


def read_settings(
    api_key: str | Secret | None = None,
    base_url: str | None = None,
    home: str | Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    create_timeout_s: float = 120.0,
    read_timeout_s: float = 30.0,
    requests_per_minute: float = 60.0,
    max_clip_bytes: int = MAX_CLIP_BYTES,
    clips_cache_bytes: int | None = None,
    media: str | None = None,
) -> Settings:
    """Arguments first, then the environment, then defaults. For the key see `settings.keys.find_key`.

    Raises:
        SettingsMissing: no key anywhere.
        SettingsInvalid: a key that could not be a header, an address without https, a time that is no time.
    """
    if isinstance(api_key, str):
        api_key = Secret(api_key)
    env = Environment(environment)
    del environment  # a traceback may show what is in a frame
    key_and_source = find_key(api_key, env)
    if key_and_source is None:
        raise SettingsMissing(
            "No API key was found: no argument, none typed into %seedance_key, SEEDANCE_API_KEY is not set, and "
            "there is none in Colab's secrets or a keyring."
        )
    create_timeout_s = check_timeout(create_timeout_s, "create_timeout_s")
    read_timeout_s = check_timeout(read_timeout_s, "read_timeout_s")
    rate = check_rate(requests_per_minute)
    bound = number(max_clip_bytes)
    if bound is None or not bound > 0:
        raise SettingsInvalid(f"max_clip_bytes is a number of bytes above 0, not {shown(max_clip_bytes)}.")
    return Settings(
        api_key=key_and_source[0],
        key_source=key_and_source[1],
        base_url=check_base_url(_base_url(base_url, env)),
        home=find_home(home, env),
        create_timeout_s=create_timeout_s,
        read_timeout_s=read_timeout_s,
        requests_per_minute=rate,
        max_clip_bytes=max_clip_bytes,
        database_url=find_database(env),
        clips_cache_bytes=find_cache_bytes(clips_cache_bytes, env),
        media=find_media(media, env),
    )


def check_rate(requests_per_minute: object) -> float:
    """A number of requests: at least 1 and finite, and not a truth or a text. Raises SettingsInvalid."""
    rate = number(requests_per_minute)
    if rate is not None and 1 <= rate < math.inf:
        return rate
    raise SettingsInvalid(
        f"requests_per_minute is a number of at least 1, not {shown(requests_per_minute)}.",
        next_step="60 is the default. It bounds every request to the API in any 60 seconds.",
    )


def _base_url(given: object, env: Environment) -> Any:
    if given is None or (isinstance(given, str) and not given):
        return env.get("SEEDANCE_BASE_URL") or DEFAULT_BASE_URL
    return given


def find_database(environment: Environment) -> Secret | None:
    """Where a team's history is; `None` where it is not set, or blank."""
    address = Secret((environment.get("SEEDANCE_DATABASE_URL") or "").strip())
    return address if address.reveal() else None


def find_cache_bytes(given: object, environment: Environment) -> int:
    """What the copies of clips may take that lie in a bucket, in bytes; 0 keeps none. Raises SettingsInvalid."""
    text = environment.get("SEEDANCE_CLIPS_CACHE_BYTES") if given is None else given
    text = text.strip() if isinstance(text, str) else text
    if text is None or text == "":
        return CLIPS_CACHE_BYTES
    size = number(float(text) if isinstance(text, str) and text.replace(".", "", 1).isdecimal() else text)
    if size is None or not 0 <= size < math.inf:
        raise SettingsInvalid(f"clips_cache_bytes is a number of bytes from 0, not {shown(text)}.")
    return int(size)


def find_media(given: object, environment: Environment | Mapping[str, str]) -> str | None:
    """The bucket for media; `None` where none is named. Raises SettingsInvalid; whether it works is seen when used."""
    address = environment.get("SEEDANCE_MEDIA") if given is None else given
    if address is not None and not isinstance(address, str):
        raise SettingsInvalid(f"media is the address of a bucket, such as s3://bucket/prefix, not {shown(address)}.")
    return (address or "").strip() or None


def check_path(path: object, name: str) -> None:
    """Raise SettingsInvalid unless it can name a folder; `None` names none."""
    if path is not None and not isinstance(path, str | os.PathLike):
        raise SettingsInvalid(f"{name} is the path of a folder, not {shown(path)}.")
    if path is not None and "\0" in os.fspath(path):
        raise SettingsInvalid(f"{name} holds a NUL character, which no path has: {shown(os.fspath(path))}.")


def find_home(home: str | Path | None, environment: Environment | Mapping[str, str]) -> Path:
    """The data folder: the argument, SEEDANCE_HOME, else the platform's own place. Does not make it."""
    check_path(home, "home")
    chosen = home or environment.get("SEEDANCE_HOME")
    try:
        if chosen:
            return Path(chosen).expanduser().absolute()
        import platformdirs

        folder = Path(platformdirs.user_data_dir("seedance_widgets", appauthor=False))
    except RuntimeError:  # `~` of somebody without a home
        folder = Path()
    except FileNotFoundError:
        raise SettingsInvalid(
            f"The data folder {str(chosen)[:200]!r} lies in the current folder, which was deleted.",
            next_step="Name it by its whole path.",
        ) from None
    if folder.is_absolute():  # else it begins with a `~` that nobody knows, and would lie in the current folder
        return folder
    raise SettingsInvalid(
        "No home folder is known here, so there is no place for the history.",
        next_step="Set SEEDANCE_HOME to a folder by its whole path, or HOME.",
    )


__all__ = ["DEFAULT_BASE_URL", "Settings", "check_base_url", "find_home", "find_key", "read_settings"]
