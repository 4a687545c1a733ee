"""A PostgreSQL of the tests' own: a cluster in a temporary folder, reached through a socket there, with `fsync` off."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import sqlalchemy as sa

PROGRAMS = "/usr/lib/postgresql/*/bin"  # Debian keeps the server's programs out of PATH


def find_programs() -> Path | None:
    """The folder of `initdb` and `pg_ctl`, or `None`."""
    if (found := shutil.which("initdb")) is not None:
        return Path(found).parent
    folders = sorted(Path("/").glob(f"{PROGRAMS[1:]}/initdb"))
    return folders[-1].parent if folders else None


class Server:
    """A cluster of its own. `start` and `stop` it as often as a test likes."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self.address = f"postgresql+psycopg://tester@/postgres?host={folder}"
        self._programs, self._folder = programs, folder
        self._as_user: list[str] = []
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            shutil.chown(folder, "postgres")
            self._as_user = ["runuser", "-u", "postgres", "--"]
        self._run("initdb", "-U", "tester", "-A", "trust", "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")

    def start(self) -> None:
        options = f"-c listen_addresses= -k {self._folder} -F -c max_connections=60"
        self._run("pg_ctl", "start", "-w", "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-m", "immediate")

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_user, str(self._programs / program), "-D", str(self._folder / "data"), *arguments]
        quiet = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL}
        subprocess.run(command, check=True, cwd=self._folder, timeout=60, **quiet)


@contextmanager
def running() -> Iterator[Server]:
    """A server that ends with the block; skips the test where there is none."""
    programs = find_programs()
    if programs is None:
        pytest.skip("no PostgreSQL server on this machine")
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path has 107 characters at most
    try:
        server = Server(programs, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def with_schema(address: str, name: str) -> str:
    """The same database seen through a new schema, in which everything is made."""
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {name}")
    engine.dispose()
    return f"{address}&options={quote(f'-csearch_path={name}')}"
