"""A person's own bucket, by URL: S3 and what speaks like it (R2, MinIO), Google's and Azure's. Loads obstore.

Credentials are found as that library finds them, and are in none of our settings, rows and files. What a server says of
an error may hold a key's name and a signature, so only its code is read.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..clips.hashes import sha256_of
from ..errors import MediaNotPut, PackageMissing, SettingsInvalid
from ..request.media import LONGEST_S
from ..request.urls import BUCKETS, is_loopback_host
from ..text import links

CONNECT_S, ANSWER_S, RETRYING_S = 5, 60, 20
"""How long a connection, an answer and all tries may take, in seconds: somebody waits for the card."""
PIECE_BYTES = 1 << 20

_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
_STATUS = re.compile(r"status code: (\d{3})|status: (\d{3})")


class Bucket:
    """A place in a bucket. Opened when it is first used.

    Args:
        url: Such as `s3://bucket/prefix`; see `checked_url`.
        variable: The setting that names it, for sentences.
        answer_s: How long an answer may take, in seconds, with all of its bytes.
    """

    is_local = False

    def __init__(self, url: str, *, variable: str = "SEEDANCE_MEDIA", answer_s: float | None = None) -> None:
        self.told = url
        self.variable = variable
        self._answer_s = ANSWER_S if answer_s is None else answer_s
        self._store: Any = None
        self._lock = threading.Lock()

    @property
    def address(self) -> str:
        """What the names begin with."""
        return self.told

    def put(self, name: str, data: bytes, content_type: str) -> None:
        import obstore

        with _told(self, "put into"):
            store = self._opened()
            if self._size(store, name) != len(data):
                obstore.put(store, name, data, attributes={"Content-Type": content_type}, use_multipart=False)

    def _size(self, store: Any, name: str) -> int | None:
        import obstore

        try:
            return int(obstore.head(store, name)["size"])
        except (FileNotFoundError, obstore.exceptions.NotFoundError, obstore.exceptions.PermissionDeniedError):
            return None  # who may put need not be allowed to look

    def put_new(self, name: str, path: Path, content_type: str) -> bool:
        """Put a file there, never over another one; says whether it was put, and then checks what is there.

        Raises MediaNotPut, also when it is another one than the file here; it is taken away then.
        """
        import obstore

        with _told(self, "put into"):
            store = self._opened()
            try:
                attributes = {"Content-Type": content_type}
                put = obstore.put(store, name, path, mode="create", attributes=attributes, use_multipart=False)
            except obstore.exceptions.AlreadyExistsError:
                return False
        if not self._has_same(name, path, str(put.get("e_tag") or "")):
            self.delete(name)
            raise MediaNotPut(f"What {self.told} says that it holds is not what was put there.", next_step="Try again.")
        return True

    def _has_same(self, name: str, path: Path, etag: str) -> bool:
        """By size and MD5 where the bucket tells that one, as S3 does of plain objects; else by reading it back."""
        with _told(self, "read from"):
            if self._size(self._opened(), name) == path.stat().st_size and etag.strip('"') == _md5_of(path):
                return True
        return self.is_same(name, path)

    def is_same(self, name: str, path: Path) -> bool:
        """Tell whether what lies there is what is in a file here, by size and hash. Raises MediaNotPut."""
        if self.size(name) != path.stat().st_size:
            return False
        digest = hashlib.sha256()
        for piece in self.pieces(name):
            digest.update(piece)
        return digest.hexdigest() == sha256_of(path)

    def size(self, name: str) -> int | None:
        """How many bytes lie there; `None` where nothing does. Raises MediaNotPut."""
        import obstore

        try:
            with _told(self, "read from"):
                return int(obstore.head(self._opened(), name)["size"])
        except MediaGone:
            return None

    def pieces(self, name: str, start: int = 0) -> Iterator[bytes]:
        """What lies there, from a byte on. Raises MediaNotPut, also in the middle; MediaGone where nothing does."""
        import obstore

        with _told(self, "read from"):
            options: Any = {"range": {"offset": start}} if start else {}
            for piece in obstore.get(self._opened(), name, options=options).stream(min_chunk_size=PIECE_BYTES):
                yield bytes(piece)

    def link(self, name: str, lifetime_s: float) -> str:
        import obstore

        with _told(self, "signed for"):
            link = obstore.sign(self._opened(), "GET", name, timedelta(seconds=min(lifetime_s, self.lifetime_s())))
        return str(link)

    def get(self, name: str) -> bytes | None:
        """What lies there, whole; `None` where nothing does."""
        import obstore

        try:
            with _told(self, "read from"):
                return bytes(obstore.get(self._opened(), name).bytes())
        except MediaGone:
            return None

    def delete(self, name: str) -> None:
        import obstore

        try:
            with _told(self, "deleted from"):
                obstore.delete(self._opened(), name)
        except MediaGone:
            return

    def lifetime_s(self) -> float:
        """Of temporary credentials no longer than they live, where that is known."""
        ends = os.environ.get("AWS_CREDENTIAL_EXPIRATION") if self.told.startswith("s3") else None
        try:
            ends_at = datetime.fromisoformat(ends).timestamp() if ends else None
        except ValueError:
            return LONGEST_S
        return LONGEST_S if ends_at is None else max(0.0, min(LONGEST_S, ends_at - time.time()))

    def close(self) -> None:
        """Nothing runs."""

    def _opened(self) -> Any:
        with self._lock:
            if self._store is None:
                from obstore.store import from_url

                options: dict[str, Any] = {
                    "connect_timeout": timedelta(seconds=CONNECT_S),
                    "timeout": timedelta(seconds=self._answer_s),
                    "allow_http": _is_plain_allowed(),
                }
                retries: Any = {"max_retries": 2, "retry_timeout": timedelta(seconds=RETRYING_S)}
                self._store = from_url(self.told, client_options=options, retry_config=retries)  # type: ignore[call-overload]
            return self._store


def checked_url(url: str, variable: str = "SEEDANCE_MEDIA") -> str:
    """The address of a bucket, as a setting names it. Raises SettingsInvalid, PackageMissing."""
    text = url.strip().rstrip("/")
    try:
        parts = urlsplit(text)
        text = f"{parts.scheme}{text[len(parts.scheme) :]}"  # in lower case
        fits = parts.scheme in BUCKETS and bool(parts.hostname) and text.isprintable() and " " not in text
    except ValueError:
        fits = False
    if not fits:
        raise SettingsInvalid(
            f"{variable} is {links.without_signature(text)[:80]!r}, which is no bucket.",
            next_step="It is like s3://bucket/prefix; gs:// and az:// work, too.",
        )
    if parts.query or parts.fragment or "@" in parts.netloc or ":" in parts.netloc:
        raise SettingsInvalid(
            f"{variable} names more than {parts.scheme}://bucket/prefix.",
            next_step="Keys stand in the environment or the profile of the bucket's own tools (AWS_ACCESS_KEY_ID, …); "
            "a container of Azure is az://container/prefix.",
        )
    names = parts.path.split("/")[1:]
    if any(name in ("", ".", "..") or "\\" in name or "%" in name for name in names):
        raise SettingsInvalid(
            f"{variable} has a prefix that a bucket would keep under another name.",
            next_step="Name it with plain words between single slashes, such as s3://bucket/team/films.",
        )
    try:
        import obstore  # noqa: F401
    except ImportError:
        raise PackageMissing(
            "A bucket needs the package obstore.", next_step="pip install 'seedance-widgets[media]'"
        ) from None
    return text


def _is_plain_allowed() -> bool:
    """Tell whether the bucket's own settings name a server on this machine, or say that http is meant."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT") or ""
    is_here = is_loopback_host(urlsplit(endpoint).hostname or "")
    return is_here or os.environ.get("AWS_ALLOW_HTTP", "").lower() in ("1", "true", "yes")


class MediaGone(MediaNotPut):
    """It is not there."""


def _md5_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


class _told:
    """Turn what obstore raises into a sentence: what was to be done, why not, and what to do."""

    def __init__(self, bucket: Bucket, doing: str) -> None:
        self._bucket = bucket
        self._doing = doing

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if not isinstance(error, Exception) or isinstance(error, MediaNotPut):
            return
        text = str(error)
        code = next(iter(_CODE.findall(text)), "")
        status = next((first or second for first, second in _STATUS.findall(text)), "")
        if code in ("NoSuchKey", "BlobNotFound") or (not code and _is_not_found(error)):
            raise MediaGone(f"It is not in {self._bucket.told}.") from None
        seconds = time.monotonic() - self._began
        why, step = _reason(code, status, text, seconds)
        step = step and step.replace("SEEDANCE_MEDIA", self._bucket.variable)
        raise MediaNotPut(f"Nothing could be {self._doing} {self._bucket.told}: {why}.", next_step=step) from None


def _is_not_found(error: BaseException) -> bool:
    return isinstance(error, FileNotFoundError) or type(error).__name__ == "NotFoundError"


def _reason(code: str, status: str, text: str, seconds: float) -> tuple[str, str | None]:
    """Why, in words, and what to do; of the server's own answer only its code."""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if status == "507":
        return _BY_CODE["QuotaExceeded"]
    if re.search(r"kind: Timeout|TimedOut|timed out", text):
        return f"it did not answer within {seconds:.0f} s", "Try again, or look at the network and the endpoint."
    if re.search(r"kind: (Connect|Request|Interrupted)|dns error|error sending request", text):
        return "it could not be reached", "Look at the network and at AWS_ENDPOINT_URL."
    if "BadScheme" in text:
        return "its endpoint is http, so that the file would travel unencrypted", "Use https."
    if re.search(r"169\.254\.169\.254|(?<![\w/-])[Cc]redentials?(?![\w/-])", text):
        return "no credentials were found", "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or your platform's own."
    known = " ".join(filter(None, (f"HTTP {status}" if status else "", code))) or "an unexpected answer"
    return f"it answered with {known}", None


_BY_CODE: dict[str, tuple[str, str | None]] = {
    "NoSuchBucket": ("there is no such bucket", "Make it, or correct SEEDANCE_MEDIA."),
    "AccessDenied": (
        "these credentials may not do that",
        "They need to put, get, list and delete below that prefix; without list, what is not there is forbidden, too.",
    ),
    "InvalidAccessKeyId": ("it does not know the access key", "Look at AWS_ACCESS_KEY_ID and the endpoint."),
    "SignatureDoesNotMatch": ("the secret key is not that of the access key", "Look at AWS_SECRET_ACCESS_KEY."),
    "RequestTimeTooSkewed": ("the clock of this machine is off", "Set the clock: a signature holds the time."),
    "ExpiredToken": ("the temporary credentials have ended", "Get fresh ones, and restart the kernel or set them."),
    "QuotaExceeded": ("it is full", "Make room, or name another bucket."),
    "XMinioStorageFull": ("it is full", "Make room, or name another bucket."),
    "InsufficientStorage": ("it is full", "Make room, or name another bucket."),
    "EntityTooLarge": ("it takes no file of this size", None),
    "SlowDown": ("it asks for fewer requests", "Try again in a minute."),
    "PermanentRedirect": ("the bucket is in another region", "Set AWS_REGION to the bucket's."),
    "AuthorizationHeaderMalformed": ("the bucket is in another region", "Set AWS_REGION to the bucket's."),
}
