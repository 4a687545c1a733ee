"""The story that a clip tells: in a JSON file beside it, and behind it where one may stand.

The vendor's bytes are never changed: a story behind them is a `free` box, which players pass over.

A clip is made to be shared, so its story never holds the address of a webhook, the output URL, or metadata that is
named like a secret.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..errors import MediaError
from ..life import VARIATION, Row
from ..request.options import OPTIONS
from ..text.secret_names import names_secret, words_of
from ..types import GenerationRequest, Json
from . import containers
from .containers import MAX_STORY_BYTES

TOOL = "seedance-widgets"
ENDING = ".json"

TOLD = ("prompt", *(option.name for option in OPTIONS if option.told))
"""The fields of a request that a story holds."""
OWN = ("job_id", "request_id", "credits_charged", "cost_usd_estimate")
"""What only concerns whoever made it; a plain export leaves it out."""


def provenance(row: Row) -> dict[str, Json]:
    """The story of a clip: prompt, options, request id, model, times and cost. Never the output URL."""
    request = shareable(row.request)
    facts: Mapping[str, Any] = row.clip_facts or {}
    return {
        "tool": TOOL,
        "job_id": row.id,
        "request_id": row.request_id,
        "service": row.service,
        "request": {
            key: value for key, value in asdict(request).items() if key in TOLD and value not in (None, (), {})
        },
        "created_at": _utc(row.created_at),
        "final_at": _utc(row.final_at),
        "credits_charged": row.credits_charged,
        "cost_usd_estimate": row.cost_usd,
        **{name: facts[name] for name in ("vendor_bytes", "vendor_sha256") if name in facts},
        **({"media": [dict(each) for each in row.media]} if row.media else {}),
        **({"parent_id": row.parent_id} if row.parent_id and row.relation != VARIATION else {}),
        **({"relation": row.relation} if row.relation != VARIATION else {}),
    }


def shareable(request: GenerationRequest) -> GenerationRequest:
    """A request that others may see: no webhook, no metadata named like a secret, and no link with what signs it."""
    request = request.kept
    hidden: dict[str, Any] = {option.name: option.empty for option in OPTIONS if not option.told}
    objects = {o.name: getattr(request, o.name) for o in OPTIONS if o.told and o.kind == "json"}
    bare = {name: _without_secrets(value) for name, value in objects.items() if value is not None}
    return replace(request, **hidden, **bare)


def path_of(clip: Path) -> Path:
    """Where the sidecar of a clip lies."""
    return clip.with_suffix(ENDING)


def text_of(story: Mapping[str, Json]) -> str:
    """A story as the text of its sidecar."""
    return json.dumps(story, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def write(clip: Path, story: Mapping[str, Json]) -> Path:
    """Write the sidecar of a clip, never over another file nor through a link, and read it back.

    Returns where it lies.

    Raises:
        OSError: it cannot be written; nothing is left of it.
        MediaError: what was read back is not what was written; nothing is left of it.
    """
    path = path_of(clip)
    with open(path, "xb") as file:
        try:
            file.write(encoded(text_of(story)))
            file.flush()
            check_same(story, json.loads(path.read_bytes()), "sidecar")
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    return path


def put_behind(clip: Path, story: Mapping[str, Json]) -> bool:
    """Write the story behind a clip of ISO boxes, durably, and read it back. Says whether there may be one.

    Raises:
        OSError: it cannot be written; the clip is as it was.
        MediaError: what was read back is not what was written; the clip is as it was.
    """
    text = encoded(json.dumps(story, ensure_ascii=False, sort_keys=True))
    with open(clip, "r+b") as file:
        size = os.fstat(file.fileno()).st_size
        kind = containers.container_of(file.read(containers.HEAD_BYTES))
        if kind is None or not kind.is_iso or len(text) > MAX_STORY_BYTES or not containers.has_end(file, size):
            return False
        try:
            file.seek(size)
            file.write(containers.story_box(text))
            file.flush()
            check_same(story, json.loads(containers.read_story(file) or b"null"), "own metadata")
        except BaseException:
            file.truncate(size)
            raise
        os.fsync(file.fileno())
    return True


def encoded(text: str) -> bytes:
    """JSON as UTF-8; where it holds half of a character, which UTF-8 has no bytes for, as escapes of JSON."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text).encode()


def check_same(story: Mapping[str, Json], loaded: object, where: str) -> None:
    """Raise MediaError when what was read back is not the story that was written."""
    written = json.loads(json.dumps(story))
    if json.dumps(loaded, sort_keys=True) != json.dumps(written, sort_keys=True):  # as text: no NaN equals itself
        raise MediaError(f"The clip's {where} does not hold what was written to it.")


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_secrets(inner) for name, inner in value.items() if not _is_secret(name)}
    return [_without_secrets(inner) for inner in value] if isinstance(value, list | tuple) else value


def _is_secret(name: str) -> bool:
    return names_secret(name) or "webhook" in words_of(name).replace("_", "")


def _utc(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
