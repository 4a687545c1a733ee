"""Media served by the Jupyter server itself, where the internet reaches it: an unguessable path for one file.

home/media/served/<file>/<hash of a token>   that the file is served under that token, for whom, and until when
home/media/served/server                     which server looks after this folder

A kernel writes a line for each link; the server's extension, which has the same data folder, serves what the lines say.
Only the hash of a token is written down, so no file and no row holds a link. Where a job has ended its line is deleted.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ..clips.private_file import write_anew
from ..errors import MediaNotPut
from ..request import media
from ..request.media import LONGEST_S

FOLDER, SERVER = "served", "server"
PATH = "/seedance/media"
"""Below the server's public address; then come the token and the name of the file."""
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
"""32 random bytes."""


class Served:
    """The place of a kernel whose notebook server is reached by the internet.

    Args:
        folder: The copies of the data folder.
        public: The server's address and base path.
        clock: Seconds since 1970.
    """

    told = "this notebook server"
    address = "server://media"
    is_local = False

    def __init__(self, folder: Path, public: str, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._public = public.rstrip("/")
        self._clock = clock

    def put(self, name: str, data: bytes, content_type: str) -> None:
        """See that there is a copy that can be served: it is in the data folder already, unless that is full."""
        path = self._folder / _file_of(name)
        if path.is_file():
            return
        with _told():
            write_anew(path, data)

    def link(self, name: str, lifetime_s: float) -> str:
        token, file = secrets.token_urlsafe(32), _file_of(name)
        line = json.dumps({"name": name, "expires": self._clock() + lifetime_s})
        with _told():
            write_anew(self._folder / FOLDER / file / _hash(token), line.encode())
        return f"{self._public}{PATH}/{token}/{file}"

    def get(self, name: str) -> bytes | None:
        return None

    def delete(self, name: str) -> None:
        """Serve it no more for this history; the copy stays in the data folder."""
        lines = self._folder / FOLDER / _file_of(name)
        for path in [*lines.glob("*")] if lines.is_dir() else []:
            if (read := _read(path)) is None or read[0] == name:
                with _told():
                    path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # others are served still
            lines.rmdir()

    def lifetime_s(self) -> float:
        return LONGEST_S

    def close(self) -> None:
        """The server serves on, until the jobs have ended."""


def found(folder: Path, token: str, file: str, now: float) -> Path | None:
    """The file that is served under a token now; `None` for what is not, was, or never was."""
    if not TOKEN.fullmatch(token) or not media.is_reference(f"{media.SCHEME}{file}"):
        return None
    read = _read(folder / FOLDER / file / _hash(token))
    path = folder / file
    return path if read is not None and now <= read[1] and path.is_file() and not path.is_symlink() else None


def attend(folder: Path) -> None:
    """Say that this process serves what lies here. Raises OSError."""
    write_anew(folder / FOLDER / SERVER, json.dumps({"pid": os.getpid(), "host": socket.gethostname()}).encode())


def attend_no_more(folder: Path) -> None:
    """Take that back."""
    with contextlib.suppress(OSError):
        (folder / FOLDER / SERVER).unlink(missing_ok=True)


def is_attended(folder: Path) -> bool:
    """Tell whether a server serves what lies here; of one on another machine, or on Windows, its word is taken."""
    try:
        server = json.loads((folder / FOLDER / SERVER).read_bytes())
        if server["host"] == socket.gethostname() and os.name != "nt":  # there it would send Ctrl-C
            os.kill(int(server["pid"]), 0)
    except PermissionError:  # it lives, and belongs to somebody else
        return True
    except (OSError, ValueError, KeyError, TypeError, OverflowError):
        return False
    return True


def _read(path: Path) -> tuple[str, float] | None:
    try:
        line = json.loads(path.read_bytes())
        return str(line["name"]), float(line["expires"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _file_of(name: str) -> str:
    return name.rpartition("/")[2]


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise MediaNotPut(
            f"The data folder, from which this notebook server serves files, cannot be written ({error.strerror}).",
            next_step="Make room in it, or name a bucket in SEEDANCE_MEDIA.",
        ) from None
