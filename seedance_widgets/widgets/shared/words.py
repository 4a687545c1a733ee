"""A job in words: what the card, the durable output and the terminal all say. Pure; text in, text out."""

from __future__ import annotations

from ...clips.clip import size_text as size_text
from ...errors import (
    AdoptRefused,
    CapExceeded,
    ConnectionFailed,
    DeleteRefused,
    DownloadFailed,
    GenerationCancelled,
    GenerationFailed,
    InsufficientCredits,
    JobNotFound,
    MediaUnfetched,
    PriceChanged,
    RateLimited,
    RequestInvalid,
    SeedanceError,
    StoreError,
    SubmissionUncertain,
    Unauthorized,
)
from ...jobs.job import Home, Job
from ...notebook import environment
from ...render.text import estimate
from ...request.options import OPTIONS
from ...text.links import bare

TITLES: tuple[tuple[type[SeedanceError], str], ...] = (
    (SubmissionUncertain, "The server's answer was lost"),
    (MediaUnfetched, "The server could not fetch the media"),
    (GenerationFailed, "The generation failed"),
    (GenerationCancelled, "Cancelled"),
    (DownloadFailed, "The clip could not be saved"),
    (InsufficientCredits, "Not enough credits"),
    (Unauthorized, "The key was refused"),
    (RateLimited, "Too many requests"),
    (CapExceeded, "Over the cap"),
    (AdoptRefused, "Not the request id of this job"),
    (PriceChanged, "The price has changed"),
    (RequestInvalid, "The request does not fit"),
    (ConnectionFailed, "The server could not be reached"),
    (DeleteRefused, "Not deleted"),
    (JobNotFound, "No such job"),
    (StoreError, "The history cannot be used"),
)


def badge_of(session: Home) -> str:
    """What stands above several clips: the service, and what VS Code cannot play, with what opens the file."""
    if not environment.in_vscode():
        return session.label
    silent = "VS Code plays no AAC sound: %seedance_show and a job's id give a link that opens the file"
    return f"{session.label} · {silent}"


def title_of(error: SeedanceError) -> str:
    """A headline of a few words."""
    return next((title for kind, title in TITLES if isinstance(error, kind)), "The server refused")


def options_of(job: Job) -> list[tuple[str, str]]:
    """The options of a job as label and value, ready to show."""
    shown = []
    for option in OPTIONS:
        value = getattr(job.request, option.name)
        if value in (None, ()) or option.kind == "json":
            continue
        text = option.text(value)
        if option.kind == "url":  # where news of it goes is never hidden; what signs the address is
            text = f"{option.label.lower()} {bare(value)}"
        if option.kind == "urls":
            text = f"{len(value)} {'file' if len(value) == 1 else 'files'}"
        shown.append((option.label, text))
    return shown


def cost_text(job: Job) -> str:
    """The estimated cost, marked as such."""
    return estimate(job.cost)


def credits_text(job: Job) -> str | None:
    """The charge in the server's own unit; the simulator's credits are no one's."""
    if job.credits_charged is None:
        return None
    return f"{job.credits_charged} {'simulated credits' if job.session.is_simulated else 'credits charged'}"
