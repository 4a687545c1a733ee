"""AI video in a notebook cell, with the Seedance 2.0 Open API.

    %load_ext seedance_widgets
    %seedance a paper boat in heavy rain

or, in code::

    import seedance_widgets as sw

    session = sw.default_session()         # the API with SEEDANCE_API_KEY, else the simulator: no key, no charge
    job = session.submit("A paper boat crosses a puddle", duration=5)
    job                                    # a live card, which becomes the video
    clip = job.wait()

Importing this module loads nothing else: each name below is loaded when it is first used.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from .notebook import presenters

if sys.platform == "emscripten":
    raise ImportError(
        "seedance_widgets cannot run in a browser's Python (JupyterLite, Pyodide): it needs threads, sockets and PyAV. "
        "JupyterLab, Notebook 7, VS Code and Colab have a Python of their own, where it runs."
    )

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .api.client import AsyncClient as AsyncClient
    from .api.client import Client as Client
    from .api.webhook import verify_webhook as verify_webhook
    from .clips.clip import Clip as Clip
    from .clips.clip import ClipFrame as ClipFrame
    from .clips.provenance import Provenance as Provenance
    from .clips.provenance import open as open
    from .errors import AdoptRefused as AdoptRefused
    from .errors import AnswerLost as AnswerLost
    from .errors import AnswerUnreadable as AnswerUnreadable
    from .errors import ApiError as ApiError
    from .errors import CancelRefused as CancelRefused
    from .errors import CapExceeded as CapExceeded
    from .errors import ClipNotFetched as ClipNotFetched
    from .errors import ClipsWarning as ClipsWarning
    from .errors import ConnectionFailed as ConnectionFailed
    from .errors import DeleteRefused as DeleteRefused
    from .errors import DownloadFailed as DownloadFailed
    from .errors import ExportFailed as ExportFailed
    from .errors import FetchFailed as FetchFailed
    from .errors import GenerationCancelled as GenerationCancelled
    from .errors import GenerationFailed as GenerationFailed
    from .errors import HistoryUnwritable as HistoryUnwritable
    from .errors import HistoryWarning as HistoryWarning
    from .errors import InsufficientCredits as InsufficientCredits
    from .errors import JobError as JobError
    from .errors import JobNotFound as JobNotFound
    from .errors import MediaError as MediaError
    from .errors import MediaInvalid as MediaInvalid
    from .errors import MediaMissing as MediaMissing
    from .errors import MediaNotPut as MediaNotPut
    from .errors import MediaPlaceMissing as MediaPlaceMissing
    from .errors import MediaUnfetched as MediaUnfetched
    from .errors import MediaWarning as MediaWarning
    from .errors import NotFound as NotFound
    from .errors import PackageMissing as PackageMissing
    from .errors import PriceChanged as PriceChanged
    from .errors import ProvenanceMissing as ProvenanceMissing
    from .errors import RateLimited as RateLimited
    from .errors import RequestInvalid as RequestInvalid
    from .errors import RequestRefused as RequestRefused
    from .errors import SeedanceError as SeedanceError
    from .errors import SentBefore as SentBefore
    from .errors import ServerFailed as ServerFailed
    from .errors import SessionClosed as SessionClosed
    from .errors import SettingsInvalid as SettingsInvalid
    from .errors import SettingsMissing as SettingsMissing
    from .errors import SimulatorError as SimulatorError
    from .errors import StoreError as StoreError
    from .errors import SubmissionUncertain as SubmissionUncertain
    from .errors import TakenOver as TakenOver
    from .errors import TemplateInvalid as TemplateInvalid
    from .errors import TemplateNotFound as TemplateNotFound
    from .errors import TemplateWarning as TemplateWarning
    from .errors import Unauthorized as Unauthorized
    from .errors import WaitTimeout as WaitTimeout
    from .errors import WebhookInvalid as WebhookInvalid
    from .jobs.costs import Costs as Costs
    from .jobs.deletion import Deleted as Deleted
    from .jobs.family import Family as Family
    from .jobs.job import Job as Job
    from .jobs.listing import Jobs as Jobs
    from .jobs.model_table import Models as Models
    from .life.estimate import Estimate as Estimate
    from .life.plan import Plan as Plan
    from .request.caps import Caps as Caps
    from .request.diff import Diff as Diff
    from .request.models import BUNDLED_MODELS as BUNDLED_MODELS
    from .session.connect import connect as connect
    from .session.connect import simulate as simulate
    from .session.default import default_session as default_session
    from .session.default import use_session as use_session
    from .session.default import wait_all as wait_all
    from .session.saved_prompts import Template as Template
    from .session.saved_prompts import Templates as Templates
    from .session.session import Session as Session
    from .settings.settings import Settings as Settings
    from .sharing.bundle import Bundle as Bundle
    from .simulator import Simulator as Simulator
    from .simulator import SimulatorSettings as SimulatorSettings
    from .sweep import Sweep as Sweep
    from .sweep import SweepPlan as SweepPlan
    from .threads.nested_asyncio import enable_nested_asyncio as enable_nested_asyncio
    from .types import Accepted as Accepted
    from .types import Generation as Generation
    from .types import GenerationRequest as GenerationRequest
    from .types import Model as Model
    from .types import Problem as Problem
    from .types import WebhookEvent as WebhookEvent
    from .widgets.choose.choose import Choose as Choose
    from .widgets.compare.compare import Compare as Compare
    from .widgets.grid.grid import Grid as Grid
    from .widgets.studio.studio import Studio as Studio

_HOMES = {
    "api.client": "AsyncClient Client",
    "api.webhook": "verify_webhook",
    "clips.clip": "Clip ClipFrame",
    "clips.provenance": "Provenance open",
    "errors": (
        "AdoptRefused AnswerLost AnswerUnreadable ApiError CancelRefused CapExceeded ClipNotFetched ClipsWarning "
        "ConnectionFailed DeleteRefused DownloadFailed ExportFailed FetchFailed GenerationCancelled GenerationFailed "
        "HistoryUnwritable HistoryWarning InsufficientCredits JobError JobNotFound MediaError MediaInvalid "
        "MediaMissing MediaNotPut MediaPlaceMissing MediaUnfetched MediaWarning NotFound PackageMissing PriceChanged "
        "ProvenanceMissing RateLimited RequestInvalid RequestRefused SeedanceError SentBefore ServerFailed "
        "SessionClosed SettingsInvalid SettingsMissing SimulatorError StoreError SubmissionUncertain TakenOver "
        "TemplateInvalid TemplateNotFound TemplateWarning Unauthorized WaitTimeout WebhookInvalid"
    ),
    "jobs.costs": "Costs",
    "jobs.deletion": "Deleted",
    "jobs.family": "Family",
    "jobs.job": "Job",
    "jobs.listing": "Jobs",
    "jobs.model_table": "Models",
    "life.estimate": "Estimate",
    "life.plan": "Plan",
    "request.caps": "Caps",
    "request.diff": "Diff",
    "request.models": "BUNDLED_MODELS",
    "session.connect": "connect simulate",
    "session.default": "default_session use_session wait_all",
    "session.saved_prompts": "Template Templates",
    "session.session": "Session",
    "settings.settings": "Settings",
    "sharing.bundle": "Bundle",
    "simulator": "Simulator SimulatorSettings",
    "sweep": "Sweep SweepPlan",
    "threads.nested_asyncio": "enable_nested_asyncio",
    "types": "Accepted Generation GenerationRequest Model Problem WebhookEvent",
    "widgets.choose.choose": "Choose",
    "widgets.compare.compare": "Compare",
    "widgets.grid.grid": "Grid",
    "widgets.studio.studio": "Studio",
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names.split()}

_HOOKS = ["__version__", "load_ipython_extension", "unload_ipython_extension"]

__all__ = [*_HOOKS, *sorted(_HOME_OF.keys() - {"open"})]
"""All names but `open`: `from seedance_widgets import *` must not take Python's own away. `sw.open` is there."""


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f".{_HOME_OF[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*_HOOKS, *_HOME_OF])


def load_ipython_extension(ip: Any) -> None:
    """`%load_ext seedance_widgets`: registers the magics and nothing else. No network, no thread, no patching."""
    from .magic import load

    load(ip)


def unload_ipython_extension(ip: Any) -> None:
    """`%unload_ext seedance_widgets`: takes the magics away. Jobs go on."""
    from .magic import unload

    unload(ip)


def _present(job: Any) -> None:
    from .widgets import show

    show(job)


def _widget_of(job: Any) -> Any:
    from .widgets import widget_of

    return widget_of(job)


def _grid_of(sweep: Any) -> Any:
    from .widgets.grid.grid import Grid

    return Grid(sweep)


def _open_studio(session: Any, **values: Any) -> Any:
    from .widgets.studio.studio import Studio

    return Studio(session, **values)


def _open_compare(*jobs: Any) -> Any:
    from .widgets.compare.compare import Compare

    return Compare(*jobs)


def _open_choose(jobs: Any) -> Any:
    from .widgets.choose.choose import Choose

    return Choose(jobs)


def _present_sweep(sweep: Any) -> None:
    from .widgets.grid.grid import present_sweep

    present_sweep(sweep)


presenters.present = _present
presenters.present_sweep = _present_sweep
presenters.widget_of = _widget_of
presenters.grid_of = _grid_of
presenters.open_studio = _open_studio
presenters.open_compare = _open_compare
presenters.open_choose = _open_choose
