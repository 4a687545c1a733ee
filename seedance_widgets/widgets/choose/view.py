"""The view of Choose, as values: pure projections of its jobs. Mirrored by `frontend/src/views/view.ts`."""

from __future__ import annotations

from typing import TypedDict

from ...jobs.job import Job
from ..card.view import ClipView, clip_view
from ..shared.html import clip_url


class ChoiceView(TypedDict):
    """A clip that is chosen or not."""

    job_id: str
    caption: str
    prompt: str
    clip: ClipView | None
    has_poster: bool
    url: str | None
    starred: bool
    rating: int | None
    rejected: bool


class ChooseView(TypedDict):
    """The one trait of Choose."""

    kind: str
    rev: int
    label: str
    jobs: int
    final: bool
    clips: list[ChoiceView]
    problem: str | None


def choice_view(job: Job, caption: str) -> ChoiceView:
    """A clip with its marks. The poster is not in it: the page asks for it when it is near."""
    clip = job.saved_clip
    return ChoiceView(
        job_id=job.id,
        caption=caption,
        prompt=job.request.prompt,
        clip=clip_view(job),
        has_poster=clip is not None and clip.poster_path is not None,
        url=clip_url(clip),
        starred=job.starred,
        rating=job.rating,
        rejected=job.rejected,
    )
