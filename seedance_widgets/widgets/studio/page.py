"""The widget of a Studio, as its parts see it."""

from __future__ import annotations

from typing import Any, Protocol

from ...session.session import Session
from ..compare.compare import Compare
from ..shared.live import LiveWidget
from .view import JobsView, StudioView


class Page(LiveWidget, Protocol):
    """The widget of a Studio: what it holds, and what can be handed to the page."""

    selected: Any
    """The id of the job on the stage."""
    compare: Any
    """What stands on the stage instead of a clip."""

    @property
    def session(self) -> Session:
        """Where the jobs go."""

    def signed(self, urls: Any) -> Any:
        """Links as they were given in the kernel, for those that a page has."""

    def forget_signatures(self) -> None:
        """The form is filled from a job: its links must be given again."""

    def write(self, view: StudioView, jobs_page: JobsView | None) -> None:
        """Hand the page what the kernel's half has drawn; the list stays as it is for `None`."""

    def show_compare(self, compare: Compare | None) -> Compare | None:
        """Hand the page a Compare for its stage, or take it away; the answer is the one before."""
