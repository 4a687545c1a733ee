"""The widget of a Studio, as its parts see it."""

from __future__ import annotations

from typing import Any, Protocol

from ...session.session import Session
from ..compare.compare import Compare
from ..grid.grid import Grid
from ..shared.live import LiveWidget
from .view import FilmView, JobsView, StudioView


class Page(LiveWidget, Protocol):
    """The widget of a Studio: what it holds, and what can be handed to the page."""

    selected: Any
    """The id of the job on the stage."""
    compare: Any
    """What is compared on the stage instead of a clip."""
    takes: Any
    """The grid of several takes on the stage instead of a clip."""

    @property
    def session(self) -> Session:
        """Where the jobs go."""

    def signed(self, urls: Any) -> Any:
        """Links as they were given in the kernel, for those that a page has."""

    def forget_signatures(self) -> None:
        """The form is filled from a job: its links must be given again."""

    def write(self, view: StudioView, jobs_page: JobsView | None, film: list[FilmView]) -> None:
        """Hand the page what the kernel's half has drawn; the list stays as it is for `None`."""

    def put_on_stage(self, widget: Compare | Grid | None) -> list[Compare | Grid]:
        """Hand the page a widget for its stage, or take away what is there; the answer is what was there before."""
