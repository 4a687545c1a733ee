"""The grid: the jobs of a sweep as rows and columns that fill in live, and what can be made of them all."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from IPython.display import display
from ipywidgets import widget_serialization

from ...errors import JobNotFound, SeedanceError
from ...jobs.job import Home, Job, checked_jobs
from ...notebook import environment
from ...request.code import as_magic, as_python
from ...session.default import default_session
from ...sweep import WAIT, Question, Sweep, progress_text
from ...sweep.by_axis import ByAxis, by_axis
from ..choose.choose import Choose
from ..compare.compare import MOST as MOST_COMPARED
from ..compare.compare import Compare
from ..shared.again import send_again
from ..shared.clips import ClipsWidget
from ..shared.in_order import InOrder
from ..shared.live import Handler
from ..shared.marks import Marks
from ..shared.redraws import in_background
from ..shared.words import badge_of
from .arrange import Axes, Item, Unsent, arrange, axes_of, caption_of, shared_words, values_of
from .files import contact_sheet, side_by_side
from .saved import grid_html, grid_text
from .view import (
    MOST_CELLS,
    CellView,
    ExportView,
    GridView,
    by_axis_view,
    cell_view,
    groups_view,
    order,
    question_view,
    summary,
    sweep_view,
    unsent_view,
)

DOING = {"sheet": "Making the contact sheet", "film": "Making the film"}


class Grid(ClipsWidget):
    """Jobs as a grid of clips that play together.

    Args:
        jobs: The jobs, or a function that returns them; it is asked again at every redraw, off the main thread. A
            sweep stands with all its combinations, also those that are not sent yet.
        axes: The values of each axis, in order: `{"animal": ["fox", "owl"], "weather": ["rain", "snow"]}`. Two are rows
            and columns, those before the last two make groups. Read from the jobs when left out.
        session: Whose jobs they are; that of the jobs when left out.
    """

    LATER = "views-later"

    opened: Any = traitlets.Instance(anywidget.AnyWidget, allow_none=True).tag(sync=True, **widget_serialization)
    """The widget in the place of the clips: Choose, or Compare of some. Written by the kernel only."""

    def __init__(
        self,
        jobs: Sweep | Iterable[Job] | Callable[[], Iterable[Job]],
        axes: Axes | None = None,
        session: Home | None = None,
    ) -> None:
        self._sweep = sweep = jobs if isinstance(jobs, Sweep) else None
        if isinstance(jobs, Sweep):
            axes, session, jobs = axes or jobs.axes, jobs.session, lambda: sweep.jobs if sweep else ()
        listed: list[Job] = [] if callable(jobs) and not isinstance(jobs, type) else checked_jobs(jobs)
        self._source = jobs if callable(jobs) else None
        self._added = listed
        self._given_axes = axes
        self._settled_cells: dict[str, tuple[object, CellView]] = {}
        self._exports: dict[str, ExportView] = {}
        self._question: Question | None = None
        self._trouble = ""
        self._orders = InOrder()
        self._marks = Marks(lambda content, mark: self._do(lambda: mark(self._job_of(content))))
        super().__init__(session or (listed[0].session if listed else default_session()))

    def __repr__(self) -> str:
        return f"<Grid, {summary(self._items())}>"

    @property
    def jobs(self) -> list[Job]:
        """The jobs, in the order in which they were given."""
        jobs = [*self._source(), *self._added] if self._source else self._added
        return list({job.id: job for job in jobs}.values())

    @property
    def axes(self) -> dict[str, list[Any]]:
        """The axes with their values."""
        given = self._given_axes
        return axes_of(self.jobs) if given is None else {name: list(values) for name, values in given.items()}

    def _items(self) -> list[Item]:
        """The jobs, and where the others of a sweep will stand."""
        return [*self.jobs, *(unsent_of(self._sweep) if self._sweep else ())]

    def add(self, *jobs: Job) -> None:
        """Show more jobs. One whose values are on no axis stands below the others."""
        self._added = [*self._added, *jobs]
        self._redraws.ask()

    def contact_sheet(self, *, columns: int | None = None) -> Path:
        """Save one picture of every clip as a PNG beside the notebook, and return its path.

        Raises MediaError when there is no clip yet or one cannot be read.
        """
        return contact_sheet(order(self.jobs, self.axes), columns=columns or self._columns())

    def side_by_side(self, *, columns: int | None = None, sound: bool = False) -> Path:
        """Save all clips as one mp4 that plays them at once, and return its path.

        Args:
            columns: Clips in a row; as on the page when left out.
            sound: With the sound of the first clip.

        Raises MediaError when there is no clip yet, one cannot be read, or they are too many for one picture.
        """
        return side_by_side(order(self.jobs, self.axes), columns=columns or self._columns(), sound=sound)

    def _columns(self) -> int:
        """As many as the widest table has; a wrapped row becomes as wide as it is high."""
        wide = (len(g.columns) or math.ceil(math.sqrt(len(g.rows[0].cells))) for g in arrange(self._items(), self.axes))
        return max(wide, default=1)

    def _concerns(self, job: Job) -> bool:
        return self._source is not None or any(each.id == job.id for each in self._added)

    # --- what the page shows --------------------------------------------------------------------------------------
    def _jobs(self) -> Iterable[Job]:
        return self.jobs

    def _view(self, rev: int) -> GridView:
        items, axes = self._items(), self.axes
        shown = items[:MOST_CELLS]
        question = self._sweep.asking.question if self._sweep else None
        if question != self._question:
            self._question = question
            self._fallbacks.expire()
        return GridView(
            kind="grid",
            rev=rev,
            label=badge_of(self._session),
            jobs=len(items),
            summary=summary(items),
            final=self._source is None and all(job.settled for job in self.jobs),
            groups=groups_view(arrange(shown, axes)),
            cells={item.id: self._cell(item, caption_of(item, axes), rev) for item in shown},
            exports=list(self._exports.values()),
            question=question_view(question) if question else None,
            note=self._note(question) or None,
            shared=shared_words(axes),
            sweep=sweep_view(self._sweep) if self._sweep else None,
            by_axis=by_axis_view(self.by_axis()),
        )

    def by_axis(self) -> ByAxis:
        """What your marks say of each value of each axis. Shows itself as a table."""
        return by_axis([(values_of(job), job) for job in self.jobs], self.axes)

    def _note(self, question: Question | None) -> str:
        """What went wrong last, or why the rest of a sweep was not sent."""
        sweep = self._sweep
        if self._trouble or question is not None or sweep is None or sweep.is_running:
            return self._trouble
        if sweep.unsent and (problem := sweep.problem) is not None:
            return f"{problem.what} {problem.charged}".strip()
        if not sweep.asking.is_declined:
            return ""
        return "Nothing more was sent." if sweep.jobs else "Nothing was sent."

    def _cell(self, job: Item, caption: str, rev: int) -> CellView:
        """A cell; that of a job that has ended is made once: of five hundred most have."""
        if isinstance(job, Unsent):
            return unsent_view(job, caption)
        known = self._settled_cells.get(job.id)
        mark = (job.row.rev, job.starred, job.rating, job.tags, job.note, caption)
        if known is not None and known[0] == mark:
            return known[1]
        cell = cell_view(job, caption, rev)
        if job.settled:
            self._settled_cells[job.id] = (mark, cell)
        return cell

    def _text(self) -> str:
        if self._sweep is not None:
            return str(self._sweep)
        items = self._items()
        return grid_text(order(items, self.axes), summary(items), self._session.label)

    def _instead(self) -> str:
        if self._sweep is not None and not self._sweep.settled:
            return WAIT
        name = "sw.Grid(sweep)" if self._sweep is not None else "grid"
        return f"{name}.contact_sheet() saves a picture of all clips, {name}.side_by_side() a film of them."

    def _progress(self) -> tuple[float, str]:
        items, sweep = self._items(), self._sweep
        ended = sum(isinstance(item, Job) and item.settled for item in items)
        share = ended / len(items) if items else 1.0
        if sweep is None:
            return share, summary(items)
        words = [f"Sweep {sweep.name}: {progress_text(sweep)}", self._note(None)]
        return 1.0 if sweep.settled else share, "\n  ".join(filter(None, words))

    def _subject(self) -> str:
        return super()._subject() if self._sweep is None else self._sweep.id

    def _bundle(self) -> dict[str, str]:
        items, axes = self._items(), self.axes
        groups = arrange(items[:MOST_CELLS], axes)
        words = summary(items)
        if self._question is not None or (self._sweep and self._sweep.asking.is_declined):
            words += " · sweep.resume() sends them"
        html = grid_html(groups, axes, words, self._session.label)
        return {"text/html": html, "text/plain": grid_text(order(items, axes), words, self._session.label)}

    # --- the page's messages --------------------------------------------------------------------------------------
    def _handlers(self, _buffers: Any) -> dict[str, Handler]:
        return {
            "export": self._on_export,
            "download": self._on_download,
            "send": lambda content: in_background(lambda: self._answer(content, is_yes=True)),
            "decline": lambda content: in_background(lambda: self._answer(content, is_yes=False)),
            "hold": lambda _: self._with_sweep(lambda sweep: sweep.hold()),
            "cancel_all": lambda _: self._with_sweep(lambda sweep: sweep.cancel()),
            "ask": lambda _: self._with_sweep(lambda sweep: sweep.ask()),
            "show": self._on_show,
            "cancel": lambda content: in_background(lambda: self._do(lambda: self._job_of(content).cancel())),
            "star": self._marks.star,
            "rate": self._marks.rate,
            "tag": self._marks.tag,
            "note": self._marks.note,
            "reject": self._marks.reject,
            "code": self._on_code,
            "again": lambda content: in_background(lambda: self._do(lambda: self._again(content))),
            "delete": lambda content: in_background(lambda: self._do(lambda: self._job_of(content).delete())),
        }

    def _on_show(self, content: dict[str, Any]) -> None:
        """Put another widget in the place of the clips, or take it away again; of several wishes the last counts."""
        self._orders.add(lambda: self._do(lambda: self._open_widget(self._made(content))))

    def _made(self, content: dict[str, Any]) -> ClipsWidget | None:
        what, ids = content.get("what"), content.get("job_ids")
        if what == "choose":
            return Choose(self._sweep or (lambda: self.jobs), self._given_axes, self._session)
        if what == "compare" and isinstance(ids, list):
            return Compare(*(self._job_of({"job_id": each}) for each in ids[: MOST_COMPARED + 1]))
        return None

    def _open_widget(self, widget: ClipsWidget | None) -> None:
        before, self.opened = self.opened, widget
        if self.comm is None and widget is not None:  # closed meanwhile
            widget.close()
        if before is not None:
            before.close()

    def close(self) -> None:
        """Take the grid away from every page, with what stands in it. Jobs go on."""
        before = self.opened
        super().close()
        if before is not None:
            before.close()

    def _with_sweep(self, do: Callable[[Sweep], object]) -> None:
        """Do something with the whole sweep, off this thread: a server may be slow to cancel."""
        if (sweep := self._sweep) is not None:
            in_background(lambda: self._do(lambda: do(sweep)))

    def _do(self, do: Callable[[], object]) -> None:
        """Do what a click asked for; what goes wrong stands above the grid."""
        try:
            do()
            self._trouble = ""
        except SeedanceError as error:
            self._trouble = f"{error.what} {error.charged}".strip()
        self._redraws.ask()

    def _on_code(self, content: dict[str, Any]) -> None:
        """Answer with the code that makes a job's request."""
        with contextlib.suppress(JobNotFound):
            job = self._job_of(content)
            code = {"as_magic": as_magic(job.request), "as_python": as_python(job.request)}
            self.send({"type": "code", "job_id": job.id, **code}, [])

    def _again(self, content: dict[str, Any]) -> None:
        """Send a job's request once more, for no more than its button names. **Spends credits.**"""
        self.add(send_again(self._session, self._job_of(content), content))

    def _answer(self, content: dict[str, Any], *, is_yes: bool) -> None:
        """A person has answered the question of the sweep. **Spends credits** where it was yes."""
        if self._sweep is None:
            return
        asking, question_id = self._sweep.asking, str(content.get("question"))

        def answer() -> None:
            if is_yes:
                asking.send(question_id)
            else:
                asking.decline(question_id)

        self._do(answer)

    def _on_download(self, content: dict[str, Any]) -> None:
        with contextlib.suppress(JobNotFound):
            job = self._job_of(content)
            job.engine.save_again(job.id)

    def _on_export(self, content: dict[str, Any]) -> None:
        what = str(content.get("what"))
        running = self._exports.get(what)
        if what not in DOING or (running is not None and running["state"] == "busy"):
            return
        self._exports[what] = ExportView(what=what, state="busy", text=f"{DOING[what]}…", url=None)
        self._redraws.ask()
        in_background(lambda: self._export(what))

    def _export(self, what: str) -> None:
        try:
            path = self.contact_sheet() if what == "sheet" else self.side_by_side()
            done = ExportView(what=what, state="done", text=f"{path.parent.name}/{path.name}", url=None)
            done["url"] = environment.files_url(path)
        except SeedanceError as error:
            done = ExportView(what=what, state="failed", text=f"{error.what} {error.next_step}".strip(), url=None)
        except OSError as error:
            text = f"The file cannot be written ({error.strerror or error}). Nothing else has changed."
            done = ExportView(what=what, state="failed", text=text, url=None)
        self._exports[what] = done
        self._redraws.ask()


def unsent_of(sweep: Sweep) -> list[Unsent]:
    """The combinations that have no job, in the order of the plan."""
    is_waiting = sweep.is_sending
    places = sweep.plan.places
    return [
        Unsent(f"place-{number}", places[number].values, places[number].request.prompt, is_waiting)
        for number in range(len(places))
        if sweep.job_at(number) is None
    ]


def present_sweep(sweep: Sweep) -> None:
    """Show a sweep where the person is looking."""
    display(Grid(sweep))
