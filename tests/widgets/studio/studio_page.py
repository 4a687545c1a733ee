"""The page's half of a Studio, as far as the kernel can tell: it posts messages and keeps what comes back."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from samples import until

from seedance_widgets.widgets.studio.studio import Studio

MakeStudio = Callable[..., "Page"]
_numbers = itertools.count(1)


class Page:
    """A page with one view of a Studio. Made before the Studio says anything that a test wants to see."""

    def __init__(self, studio: Studio) -> None:
        self.studio = studio
        self.views: list[dict[str, Any]] = []
        self.answers: list[tuple[dict[str, Any], list[bytes]]] = []
        studio.observe(lambda change: self.views.append(change.new), names="view")
        studio.send = lambda content, buffers=None: self.answers.append((content, list(buffers or ())))  # type: ignore[method-assign]

    def post(self, type_: str, click_id: str | None = None, **content: Any) -> str:
        """Send a command; returns its click id."""
        click_id = click_id or f"click-{next(_numbers)}"
        self.hear({"type": type_, "click_id": click_id, **content})
        return click_id

    def drop(self, name: str, *buffers: bytes) -> dict[str, Any]:
        """The answer to a file that was dropped: what the page sends of it goes beside the message."""
        message = {"type": "open", "click_id": f"click-{next(_numbers)}", "name": name}
        answer, _ = self.answer(lambda: self.hear(message, *map(memoryview, buffers)))
        assert answer["click_id"] == message["click_id"]
        return answer

    def hear(self, content: Any, *buffers: memoryview) -> None:
        """Hand any message to the kernel's half. What goes wrong there is raised here and not only logged."""
        self.studio._desk._on_message(self.studio, content, list(buffers))

    def write(self, **traits: Any) -> None:
        """Write to the form, as a person's typing does."""
        self.studio.set_state(traits)

    def request(self, **changes: Any) -> dict[str, Any]:
        """What a form that holds the traits sends, with changes."""
        names = ("prompt", "model", "duration", "aspect_ratio", "resolution", "media_urls")
        return {name: getattr(self.studio, name) for name in names} | changes

    def check(self, **changes: Any) -> dict[str, Any]:
        """The answer to a check of the form with changes."""
        click_id = self.post("check", request=self.request(**changes))
        return until(lambda: self._newest("check", click_id))

    def submit(self, click_id: str | None = None, force: bool = False, **changes: Any) -> dict[str, Any]:
        """The first outcome of a click on Generate with the form as it is, but for changes."""
        click_id = self.post("submit", click_id, request=self.request(**changes), force=force)
        return self.outcome(click_id)

    def outcome(self, click_id: str, reached: Callable[[dict[str, Any]], Any] = bool) -> dict[str, Any]:
        """The outcome of a click, once it is as wanted."""

        def found() -> Any:
            outcome = self._newest("outcome", click_id)
            return outcome if outcome and reached(outcome) else None

        return until(found)

    def answer(self, click: Callable[[], object]) -> tuple[dict[str, Any], list[bytes]]:
        """The bytes that come back for a message."""
        before = len(self.answers)
        click()
        until(lambda: len(self.answers) > before)
        return self.answers[before]

    def _newest(self, field: str, click_id: str) -> Any:
        value = self.studio.view.get(field)
        return value if value and value["click_id"] == click_id else None
