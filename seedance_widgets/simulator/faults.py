"""Faults by name: each can be made to happen, at a call of an endpoint. Pure; standard library only.

    create:lost            the first create is charged, and its answer never comes
    get:503@3x20           the third look and the nineteen after it meet an error page
    create:429x2=30        two creates are refused, with `Retry-After: 30`
    file:403x*             every download is forbidden

`endpoint:name`, then `@first` call (1), `xtimes` in a row (1; `*` for ever) and `=value`, each where wanted.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

ENDPOINTS = ("create", "get", "cancel", "models", "file")
API = ("create", "get", "cancel", "models")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fault, and where it can happen."""

    meaning: str
    endpoints: tuple[str, ...] = ENDPOINTS


KINDS: Mapping[str, Kind] = {
    "lost": Kind("done, and the connection closed before any byte of the answer"),
    "reset": Kind("the same, with a reset instead of an orderly end"),
    "dropped": Kind("not done: the connection closed as soon as the request had come"),
    "cut": Kind("done, and the connection closed in the middle of the answer"),
    "late": Kind("done, and answered after `=seconds` (150)"),
    "4xx": Kind("not done: refused with that status, such as `404`; for `429`, the value is its `Retry-After`"),
    "5xx": Kind("done, and answered with that status and an error page, such as `503`"),
    "html": Kind("done, and answered with a web page and 200, as a login page would"),
    "portal": Kind("not done: redirected to a login page"),
    "empty": Kind("done, and answered with nothing"),
    "bomb": Kind("done, and answered with a little gzip that unpacks to a lot"),
    "not-json": Kind("done, and answered with text", API),
    "bad-utf8": Kind("done, and answered with JSON that is not UTF-8", API),
    "deep-json": Kind("done, and answered with JSON of 100,000 levels", API),
    "huge-json": Kind("done, and answered with 2 MB of JSON", API),
    "wrong-types": Kind("done, and every value of the answer has another type", API),
    "missing-fields": Kind("done, and the answer is without request id and status, or without models", API),
    "revoked": Kind("from this call on the key is revoked, everywhere; `=key` is the only one let in then", API),
    "unfetched": Kind("done, and its media cannot be fetched: the generation fails, and says so", ("create",)),
    "status": Kind("the status is `=word`, whatever is true", ("get",)),
    "stuck": Kind("the status is `processing`, whatever is true", ("get",)),
    "no-url": Kind("a generation that succeeded names no file", ("get",)),
    "error": Kind("failed, with `=text`, `=object`, `=null`, `=list` or `=huge` as its error", ("get",)),
    "slow": Kind("handed out at `=bytes` a second (20,000)", ("file",)),
    "stalled": Kind("half of it, then silence", ("file",)),
    "wrong-length": Kind("the stated length is 1,000 bytes more than what comes", ("file",)),
    "no-length": Kind("handed out without a stated length", ("file",)),
    "truncated": Kind("six tenths of the file, as if they were all", ("file",)),
    "endless": Kind("the file, and then zeros without end", ("file",)),
    "no-range": Kind("handed out from the start, whatever part was asked for", ("file",)),
    "changed": Kind("handed out from the start, as another version of the file", ("file",)),
}
"""Every fault by name; `4xx` and `5xx` stand for the statuses."""

_TEXT = re.compile(
    r"(?P<endpoint>[a-z]+):(?P<name>[a-z0-9-]+?)(@(?P<first>\d+))?(x(?P<times>\d+|\*))?(=(?P<value>.*))?"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that goes wrong with some calls of one endpoint."""

    endpoint: str
    name: str
    value: str | None = None
    first: int = 1
    """The first call that it happens to, from 1."""
    times: int | None = 1
    """How many calls in a row; `None`: every one from then on."""

    def __post_init__(self) -> None:
        if self.endpoint not in ENDPOINTS:
            raise ValueError(f"There is no endpoint {self.endpoint!r}: it is one of {', '.join(ENDPOINTS)}.")
        kind = KINDS.get(self.kind)
        if kind is None or self.name in ("4xx", "5xx"):
            from difflib import get_close_matches

            near = get_close_matches(self.name, KINDS, 1)
            raise ValueError(f"There is no fault {self.name!r}." + (f" Did you mean {near[0]}?" if near else ""))
        if self.endpoint not in kind.endpoints:
            raise ValueError(f"The fault {self.name!r} happens to {', '.join(kind.endpoints)}, not to {self.endpoint}.")
        if self.first < 1 or self.times == 0:
            raise ValueError("A fault begins with call 1 or later, and happens at least once.")

    @property
    def kind(self) -> str:
        """Its name in `KINDS`."""
        return f"{self.name[0]}xx" if re.fullmatch(r"[45]\d\d", self.name) else self.name

    @property
    def number(self) -> float:
        """The value as a number. Raises ValueError."""
        return float(self.value or {"late": 150, "slow": 20_000}.get(self.name, 0))

    def happens_to(self, call: int) -> bool:
        """Tell whether it strikes this call of its endpoint, counted from 1."""
        return self.first <= call and (self.times is None or call < self.first + self.times)

    def __str__(self) -> str:
        first = f"@{self.first}" if self.first > 1 else ""
        times = "" if self.times == 1 else f"x{self.times or '*'}"
        return f"{self.endpoint}:{self.name}{first}{times}" + ("" if self.value is None else f"={self.value}")


def read_fault(text: str) -> Fault:
    """The fault that a text such as `get:503@3x20` names. Raises ValueError that says what is wrong with it."""
    match = _TEXT.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text[:80]!r} is no fault: write endpoint:name, such as create:lost or get:503@3x20.")
    first, times = match["first"], match["times"]
    fault = Fault(
        endpoint=match["endpoint"],
        name=match["name"],
        value=match["value"],
        first=int(first or 1),
        times=None if times == "*" else int(times or 1),
    )
    if fault.name in ("late", "slow"):
        try:
            ok = 0 < fault.number < 1e9
        except ValueError:
            ok = False
        if not ok:
            raise ValueError(f"The value of {fault.name} is a number above 0, not {fault.value!r}.")
    return fault


class Faults:
    """The faults of one simulator, and how many calls there were. Any thread may ask."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._guard = threading.Lock()
        self._faults: tuple[Fault, ...] = ()
        self._calls: Counter[tuple[str, str]] = Counter()
        self.replace(texts)

    def replace(self, texts: Iterable[str]) -> None:
        """Other faults from now on, and calls counted anew. Raises ValueError, and then nothing has changed."""
        faults = tuple(read_fault(text) for text in texts)
        with self._guard:
            self._faults = faults
            self._calls.clear()

    def strike(self, endpoint: str, about: str, wished: Iterable[str] = ()) -> Fault | None:
        """Count a call and tell what goes wrong with it, if anything.

        Args:
            endpoint: One of `ENDPOINTS`.
            about: The generation; a request's own faults are counted by it, the others by endpoint.
            wished: The faults that the request itself asked for; they come first.
        """
        with self._guard:
            self._calls[endpoint, ""] += 1
            self._calls[endpoint, about] += about != ""
            own = [(read_fault(text), self._calls[endpoint, about]) for text in wished]
            for fault, call in [*own, *((fault, self._calls[endpoint, ""]) for fault in self._faults)]:
                if fault.endpoint == endpoint and fault.happens_to(call):
                    return fault
        return None

    def as_json(self) -> dict[str, object]:
        """The faults that are set, and the number of calls that each endpoint had since."""
        with self._guard:
            calls = {endpoint: self._calls[endpoint, ""] for endpoint in ENDPOINTS}
            return {"faults": [str(fault) for fault in self._faults], "calls": calls}
