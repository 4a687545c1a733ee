"""The server extension's answers out of a list in memory, for pages whose requests to `/seedance/` are caught."""

from __future__ import annotations

import io
import json
import re
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlparse

from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from playwright.sync_api import Route

PROMPTS = (
    "a paper boat in heavy rain, drifting past a street lamp, close to the water",
    "a quiet lighthouse at dusk, waves far below",
    "Wide shot. A courier cycles through wet neon streets.",
    "a fox in fresh snow, seen from far above",
    "tea being poured, macro, steam in morning light",
)
LOOKS = (
    ("processing", "Generating"),
    ("queued", "Waiting in the queue"),
    ("succeeded", "Succeeded"),
    ("succeeded", "Succeeded"),
    ("failed", "Failed"),
    ("succeeded", "Succeeded"),
    ("cancelled", "Cancelled"),
)
SKIES = ((38, 48, 84), (92, 64, 104), (22, 66, 74), (150, 170, 188), (120, 84, 58))


def fake_job(number: int, *, whole: bool = False) -> dict[str, Any]:
    """The job in a place of the list, newest first; `whole` as `GET jobs/ID` has it."""
    status, words = LOOKS[number % len(LOOKS)] if number < 40 or number % 7 > 1 else LOOKS[2]
    done = status == "succeeded"
    id = id_of(number)
    facts = {
        "size_bytes": 2_300_000,
        "width": 1280,
        "height": 720,
        "duration_s": 5.04,
        "fps": 24,
        "has_audio": True,
        "codec": "h264",
    }
    problem = {"code": "content", "message": "The prompt was refused by the content filter."}
    cells = {"show": f"%seedance_show {id}", "again": f"%%seedance --duration 5\n{PROMPTS[number % 5]}"}
    return {
        "id": id,
        "status": status,
        "status_text": words,
        "prompt": PROMPTS[number % 5],
        "model": "seedance-2.0",
        "duration": 5,
        "aspect_ratio": "16:9",
        "resolution": "720p",
        "created_at": time.time() - 170 * number - 20,
        "run_s": None,
        "final_at": None if number < 2 else time.time(),
        "cost_usd": 0.5,
        "credits_charged": 50 if done else None,
        "starred": number == 2,
        "rating": 4 if number == 2 else None,
        "tags": ["rain"] if number == 2 else [],
        "note": "",
        "sweep": None,
        "sweep_values": None,
        "parent": None,
        "relation": None,
        "request_id": f"req-{number}",
        "notebook": "a.ipynb",
        "clip": f"seedance_clips/clip-{id}.mp4" if done else None,
        "clip_facts": facts if done else None,
        "service": "https://api.invalid",
        "is_final": status not in ("processing", "queued"),
        "is_settled": True,
        "needs_key": False,
        "is_new": number == 2,
        "seen_at": None,
        "cancel_asked_at": None,
        "save_problem": None,
        "problem": problem if status == "failed" else None,
        "has_poster": done,
        "rev": 1,
        "is_cut": False,
        "can_cancel": status in ("processing", "queued"),
        "can_download": done,
        "can_delete": status != "processing",
        **({"cells": cells} if whole else {}),
    }


def id_of(number: int) -> str:
    """Eight characters as ids have them; `number_of` goes the other way."""
    return "jabc" + "".join("23456789ab"[int(digit)] for digit in f"{number:04}")


def number_of(id: str) -> int:
    """The other way round."""
    return int("".join(str("23456789ab".index(letter)) for letter in id[4:]))


def fake_poster(number: int) -> bytes:
    """A small landscape."""
    picture = Image.new("RGB", (320, 180), SKIES[number % 5])
    draw = ImageDraw.Draw(picture)
    draw.ellipse((190, 30, 250, 90), fill=(250, 226, 180))
    ground = tuple(part // 2 for part in SKIES[number % 5])
    draw.polygon([(0, 180), (0, 120), (90, 84), (190, 132), (320, 96), (320, 180)], fill=ground)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=88)
    return out.getvalue()


class FakeHistory:
    """What the requests of one page are answered with, and what they were."""

    def __init__(self, many: int) -> None:
        self.many = many
        self.version, self.api = "0.1.0", 1
        self.new = [{"id": id_of(2), "status": "succeeded", "kind": "saved", "at": 1.0}] if many else []
        self.told: set[str] = set()
        self.deleted: list[str] = []
        self.asked: list[str] = []

    def answer(self, route: Route) -> None:
        """Fulfil one request."""
        request = route.request
        url = urlparse(request.url)
        path = url.path.split("/seedance/", 1)[1]
        self.asked.append(f"{request.method} {path}")
        body = json.loads(request.post_data or "{}")
        if found := re.fullmatch(r"jobs/(jabc\w{4})(?:/(\w+))?", path):
            self._one(route, found[1], found[2])
        elif path == "jobs/told":
            ids = [id for id in body["ids"] if id not in self.told]
            self.told.update(ids)
            route.fulfill(json={"tell": ids})
        elif path == "jobs/seen":
            self.new = [each for each in self.new if each["id"] not in body["ids"]]
            route.fulfill(json={"seen": body["ids"]})
        elif path in (answers := self._answers(url.query)):
            route.fulfill(json=answers[path])
        else:
            route.fulfill(status=404, json={"error": {"what": "No such route.", "charged": "", "next_step": ""}})

    def _answers(self, query: str) -> dict[str, Any]:
        said = {"version": self.version, "api": self.api, "history": "ok" if self.many else "none", "said": None}
        service = {"service": "https://api.invalid", "today_usd": 3.2, "today_unknown": 0, "cap_per_day_usd": 20.0}
        checks = [
            {"name": "Key", "ok": True, "detail": "SEEDANCE_API_KEY is set.", "next_step": ""},
            {"name": "Disk", "ok": False, "detail": "3 MB are left.", "next_step": "Make room."},
        ]
        return {
            "new": {
                **said,
                "changes": f"{len(self.deleted)}",
                "open": 2 if self.many else 0,
                "statuses": {},
                "new": self.new,
                "more": 0,
            },
            "jobs": self._list({name: values[0] for name, values in parse_qs(query).items()}),
            "costs": {"by": "day", "services": [service]},
            "doctor": {"ok": False, "checks": checks},
        }

    def _list(self, asked: dict[str, str]) -> dict[str, Any]:
        first, limit = int(asked.get("offset", 0)), int(asked.get("limit", 50))
        numbers = [n for n in range(self.many) if id_of(n) not in self.deleted]
        if text := asked.get("text"):
            numbers = [n for n in numbers if text in PROMPTS[n % 5]]
        jobs = [fake_job(n) for n in numbers[first : first + limit]]
        return {"jobs": jobs, "total": len(numbers), "limit": limit, "offset": first, "changes": f"{len(self.deleted)}"}

    def _one(self, route: Route, id: str, order: str | None) -> None:
        number = number_of(id)
        if route.request.method == "DELETE":
            self.deleted.append(id)
            route.fulfill(json={"deleted": id, "files": [], "kept": []})
        elif order == "poster":
            route.fulfill(body=fake_poster(number), content_type="image/jpeg")
        elif number >= self.many or id in self.deleted:
            route.fulfill(
                status=404, json={"error": {"what": f"There is no job {id}.", "charged": "", "next_step": ""}}
            )
        else:
            route.fulfill(json={"job": fake_job(number, whole=True)})
