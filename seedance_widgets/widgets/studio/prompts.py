"""Prompts that a Studio offers again: those saved beside the notebook, and those of earlier jobs."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypedDict, cast

from ...errors import SeedanceError, TemplateInvalid
from ...request.options import Option
from ...session.saved_prompts import Template, checked_name
from ...session.session import Session
from ...text import links
from ...types import RequestOptions
from ..shared.redraws import in_background
from .view import IN_FORM, RequestView, options_of_view

MOST_SAVED = 300
"""Saved prompts that a page is sent."""
RECENT, LOOKED_AT = 50, 200
"""Different prompts that the arrow keys go through, and the newest jobs that they are looked for in."""


LOOK_S = 1.0
"""Between two looks at whether the file has changed."""


class PromptsWatch:
    """Tells a page of saved prompts that changed since it was told of them: in another Studio, by code or by hand.

    Args:
        session: Whose prompts.
        send: Sends the page a message.
    """

    def __init__(self, session: Session, send: Callable[[PromptsView], object]) -> None:
        self._session = session
        self._send = send
        self._told: tuple[int, int] | None = None
        self._looked_at = 0.0

    def answer(self, make: Callable[[], PromptsView]) -> None:
        """Send the answer to what the page asked."""
        view = make()
        self._told = self._standing()
        self._send(view)

    def on_tick(self) -> None:
        """Look, now and then, once the page has asked for them."""
        if self._told is None or time.monotonic() - self._looked_at < LOOK_S:
            return
        self._looked_at = time.monotonic()
        if self._standing() != self._told:
            self._told = self._standing()
            in_background(lambda: self._send(saved_view(self._session, "")))

    def _standing(self) -> tuple[int, int]:
        try:
            stat = self._session.templates.path.stat()
        except (OSError, SeedanceError):
            return 0, 0
        return stat.st_mtime_ns, stat.st_size


class SavedView(TypedDict):
    """A saved prompt."""

    name: str
    request: RequestView | None
    text: str


class PromptsView(TypedDict):
    """The saved prompts, and the answer to what was asked for."""

    type: str
    click_id: str
    items: list[SavedView]
    file: str
    problem: str
    taken: str
    saved: str


def saved_view(session: Session, click_id: str, *, problem: str = "", taken: str = "", saved: str = "") -> PromptsView:
    """The saved prompts in the order of their file. Reads it; what is wrong with it is the problem.

    Args:
        session: Whose prompts.
        click_id: What is answered.
        problem: What went wrong with that, in words.
        taken: The name under which there is another prompt already.
        saved: The name under which it was saved just now.
    """
    templates = session.templates
    items: list[SavedView] = []
    try:
        items = [_item(session, name) for name in list(templates)[:MOST_SAVED]]
    except SeedanceError as error:
        problem = problem or f"{error.what} {error.next_step}".strip()
    return PromptsView(
        type="prompts",
        click_id=click_id,
        items=items,
        file=templates.path.name,
        problem=problem,
        taken=taken,
        saved=saved,
    )


def save(session: Session, click_id: str, name: str, request: RequestView, *, replace: bool) -> PromptsView:
    """Save the request of the form under a name; the answer has the prompts as they are then."""
    known = {option.name for option in IN_FORM}
    options = {key: value for key, value in options_of_view(request).items() if key in known}
    try:
        name = checked_name(name)
        session.save_template(name, request["prompt"], replace=replace, **cast(RequestOptions, options))
    except SeedanceError as error:
        is_taken = not replace and bool(request["prompt"].strip()) and name in _names(session)
        problem = f"There is a saved prompt “{name}” already." if is_taken else error.what
        return saved_view(session, click_id, problem=problem, taken=name if is_taken else "")
    return saved_view(session, click_id, saved=name)


def recent(session: Session) -> list[str]:
    """The prompts of the newest jobs, newest first, each once. Reads the store."""
    return list(dict.fromkeys(job.request.prompt for job in session.jobs(limit=LOOKED_AT)))[:RECENT]


def _names(session: Session) -> list[str]:
    try:
        return list(session.templates)
    except SeedanceError:
        return []


def _item(session: Session, name: str) -> SavedView:
    try:
        template = session.templates.find(name)
        return SavedView(name=name, request=_request(template), text=template.notice)
    except SeedanceError as error:
        return SavedView(name=name, request=None, text=f"{error.what} {error.next_step}".strip())


def _request(template: Template) -> RequestView:
    """For the form, which shows some value of every option: the default where the file names none."""
    values = {option.name: _value(option, template) for option in IN_FORM}
    return {"prompt": template.prompt, **values}


def _value(option: Option, template: Template) -> Any:
    """What the file says of an option. A person wrote it: raises TemplateInvalid for what no field can show."""
    value = template.options.get(option.name)
    if value is None:
        return list(option.default) if isinstance(option.default, tuple) else option.default
    if option.kind == "urls":
        urls = [value] if isinstance(value, str) else value
        fits = isinstance(urls, list) and all(isinstance(url, str) for url in urls)
        value = [links.kept(url) for url in urls] if fits else urls
    elif option.kind == "integer":
        fits = isinstance(value, int) and not isinstance(value, bool)
    else:
        fits = isinstance(value, dict if option.kind == "json" else str)
    if not fits:
        raise TemplateInvalid(f"{option.label} of {template.name!r} is not usable: {str(value)[:40]!r}.")
    return value
