"""The bucket that the tests of clips in object storage put them into."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s3_server import BUCKET, Server

import seedance_widgets as sw
from seedance_widgets.storage.bucket import Bucket

HERE = f"s3://{BUCKET}/films"
SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
Connect = Callable[..., sw.Session]


def empty(server: Server) -> None:
    for name in server.names():
        Bucket(f"s3://{BUCKET}").delete(name)
