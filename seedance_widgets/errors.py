"""Every way it can go wrong, one class a cause.

    SeedanceError
    ├── SettingsMissing           no API key was found
    │   └── MediaPlaceMissing     there is no place where the vendor could fetch a file from; nothing was sent
    ├── SettingsInvalid           a key, address or folder that cannot work
    ├── RequestInvalid            the request does not fit the model; nothing was sent
    │   ├── MediaInvalid          what was given as a medium cannot be one; nothing was sent
    │   └── MediaMissing          a medium that is known by its content is not here any more; nothing was sent
    ├── CapExceeded               it would cost more than a cap allows; nothing was sent
    ├── PriceChanged              it costs more than the price that was shown; nothing was sent
    ├── ConnectionFailed          the server was never reached; nothing was sent
    ├── AnswerLost                sent, and no usable answer came back
    ├── ApiError                  the server answered, and it was no
    │   ├── RequestRefused        400 invalid_request
    │   ├── Unauthorized          401 unauthorized
    │   ├── InsufficientCredits   402 insufficient_credits
    │   ├── NotFound              404 not_found
    │   ├── RateLimited           429 rate_limited
    │   ├── ServerFailed          5xx internal_error
    │   └── AnswerUnreadable      not an answer of this API
    ├── JobError                  about one job, which it carries as `.job`
    │   ├── SubmissionUncertain   sent, and the answer was lost: `unconfirmed`
    │   ├── SentBefore            the same request is unconfirmed; it was not sent again
    │   ├── TakenOver             this kernel was paused, and another one went on without sending it
    │   ├── GenerationFailed      the server says `failed`
    │   │   └── MediaUnfetched    the server says that it could not fetch a medium: its link may have expired
    │   ├── GenerationCancelled   the server says `cancelled`
    │   ├── DownloadFailed        the video is there, our copy is not
    │   ├── CancelRefused         the server did not cancel
    │   ├── AdoptRefused          a request id that belongs to another job, or to another prompt
    │   └── WaitTimeout           we stopped waiting, the job goes on
    ├── SessionClosed             the session was closed, and nobody tells the news any more
    ├── JobNotFound               no such job in this history
    ├── DeleteRefused             a job that must stay; nothing was deleted
    ├── StoreError                the history cannot be read or written
    │   └── HistoryUnwritable     a paid job could be kept in memory only; nothing was sent
    ├── FetchFailed               a file could not be fetched from its URL
    ├── MediaNotPut               a medium could not be put where the vendor fetches it; nothing was sent
    ├── MediaError                a file that is not a whole video
    ├── ClipNotFetched            a clip in object storage that could not be fetched from there
    ├── ProvenanceMissing         a clip that does not tell what it was made from
    ├── ExportFailed              jobs could not be exported
    ├── SimulatorError            the simulator could not be started
    ├── PackageMissing            a package that only this needs is not installed
    ├── TemplateInvalid           a file of prompts, or one in it, that cannot be used or written
    ├── TemplateNotFound          no prompt of that name is saved
    └── WebhookInvalid            a webhook that the vendor did not sign

`str(error)` is what happened, whether money was spent, and what to do next, in that order. The three are also
attributes, in which whatever a terminal would obey is shown escaped. No error ever holds the API key.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING, ClassVar, Protocol

from .text.links import kept_in_text
from .text.printable import visible

if TYPE_CHECKING:
    from .types import GenerationRequest, MediaFacts, Problem


class JobLike(Protocol):
    """The job that an error carries, as far as the error knows it."""

    @property
    def id(self) -> str: ...


ALLOWED_SHOWN = 40
"""Allowed values that a sentence names; the error carries all."""


class SeedanceError(Exception):
    """The root. Catch it to catch everything this package raises on purpose."""

    default_charged: ClassVar[str] = "Nothing was charged."
    default_next_step: ClassVar[str] = ""

    def __init__(self, what: str, *, charged: str | None = None, next_step: str | None = None) -> None:
        self.what = visible(kept_in_text(what))  # it may quote a link that was given to the wrong option
        self.charged = visible(self.default_charged if charged is None else charged)
        self.next_step = visible(self.default_next_step if next_step is None else next_step)
        super().__init__(" ".join(part for part in (self.what, self.charged, self.next_step) if part))

    def _render_traceback_(self) -> list[str]:
        """Lines that IPython shows in a cell: the person's own and what happened, no frames of ours."""
        from .text.cell_traceback import short_traceback

        return short_traceback(self)


class SettingsMissing(SeedanceError):
    """No API key was found."""

    default_charged = ""
    default_next_step = (
        "%seedance_key asks for one without showing it; or set SEEDANCE_API_KEY in the environment of the kernel, or "
        "use seedance_widgets.simulate(), which needs no key and charges nothing."
    )


class MediaPlaceMissing(SettingsMissing):
    """A file is to be sent, and there is no place where the vendor could fetch it from. Nothing was sent."""

    default_charged = "Nothing was sent, nothing was charged."
    default_next_step = (
        "One of these: a bucket of yours, SEEDANCE_MEDIA=s3://bucket/prefix with "
        "pip install 'seedance-widgets[media]'; this notebook server, SEEDANCE_PUBLIC_URL=https://... where the "
        "internet reaches it; a function of yours, "
        "sw.connect(upload=lambda name, data, content_type: url); or a public https link to it. "
        "sw.simulate() needs none."
    )


class SettingsInvalid(SeedanceError):
    """A setting that cannot work: a key that is no header, an address without https, a folder that is a file."""

    default_charged = ""


class RequestInvalid(SeedanceError):
    """The request does not fit; found before anything was sent.

    `field` is the option's Python name, `allowed` what it takes (empty when that is not a list), `nearest` the
    closest allowed value to what was given.
    """

    default_charged = "Nothing was sent, nothing was charged."

    def __init__(
        self, what: str, *, field: str, allowed: Iterable[object] = (), nearest: object = None, next_step: str = ""
    ) -> None:
        self.field = field
        self.allowed = tuple(allowed)
        self.nearest = nearest
        if not next_step and self.allowed:
            more = f", and {len(self.allowed) - ALLOWED_SHOWN} more" if len(self.allowed) > ALLOWED_SHOWN else ""
            next_step = f"Allowed: {', '.join(map(str, self.allowed[:ALLOWED_SHOWN]))}{more}."
        if nearest is not None:
            next_step = f"Did you mean {nearest}? {next_step}".strip()
        super().__init__(what, next_step=next_step)


class MediaInvalid(RequestInvalid):
    """What was given as a reference medium cannot be one: not a picture, damaged, too large, of a wrong shape."""

    def __init__(self, what: str, *, field: str = "media", next_step: str = "") -> None:
        super().__init__(what, field=field, next_step=next_step)


class MediaMissing(RequestInvalid):
    """A medium that a request knows by its content is neither in the data folder nor in the bucket.

    `facts` is what is known of it, with its thumbnail; empty where nothing is.
    """

    def __init__(self, what: str, *, facts: MediaFacts | None = None) -> None:
        self.facts = facts
        super().__init__(what, field="media_urls", next_step="Give the file or the picture again, with media=[...].")

    def _repr_html_(self) -> str:
        thumbnail = "" if self.facts is None else self.facts.get("thumbnail", "")
        picture = f'<img alt="The missing picture" src="data:image/jpeg;base64,{thumbnail}"> ' if thumbnail else ""
        return f"<p>{picture}{escape(str(self))}</p>"


class CapExceeded(SeedanceError):
    """A cap on spending does not allow it; found before anything was sent, and no job was made.

    `cap` is "job", "session" or "day"; `cap_usd` is that cap, `spent_usd` what counts towards it already, `cost_usd`
    the estimate that did not fit, or `None` where the price is unknown; `request` is what was to be sent.
    """

    default_charged = "Nothing was sent, nothing was charged."

    def __init__(
        self,
        what: str,
        *,
        cap: str,
        cap_usd: float,
        spent_usd: float,
        cost_usd: float | None,
        request: GenerationRequest,
        next_step: str,
    ) -> None:
        self.cap = cap
        self.cap_usd = cap_usd
        self.spent_usd = spent_usd
        self.cost_usd = cost_usd
        self.request = request
        super().__init__(what, next_step=next_step)


class PriceChanged(SeedanceError):
    """It would cost more than the price that a person was shown; found before anything was sent.

    `shown_usd` was shown, `now_usd` is the estimate now, or `None` where no price is known any more. `plan` is what was
    to be sent, at the price of now: sending it is agreeing to that.
    """

    default_charged = "Nothing was sent, nothing was charged."

    def __init__(
        self,
        what: str,
        *,
        shown_usd: float,
        now_usd: float | None,
        plan: object,
        charged: str | None = None,
        next_step: str | None = None,
    ) -> None:
        self.shown_usd = shown_usd
        self.now_usd = now_usd
        self.plan = plan
        super().__init__(what, charged=charged, next_step=next_step)


class ConnectionFailed(SeedanceError):
    """The server was never reached (refused, DNS, TLS, proxy), so nothing can have been charged by this call."""

    default_charged = "Nothing was sent, nothing was charged."
    default_next_step = "Check the network and SEEDANCE_BASE_URL, then try again."


class AnswerLost(SeedanceError):
    """The request left, and no usable answer came back: cut, late, 5xx, or not this API's.

    `excerpt` is the first 2 kB of what did come, for the record.
    """

    default_charged = ""
    default_next_step = "Try again."

    def __init__(
        self, what: str, *, charged: str | None = None, next_step: str | None = None, excerpt: str = ""
    ) -> None:
        self.excerpt = excerpt
        super().__init__(what, charged=charged, next_step=next_step)


class ApiError(SeedanceError):
    """The server answered with an error.

    `status_code` is HTTP's, `code` and `message` are the server's words (text from outside: show it as text).
    `retry_after_s` is the wait the server named, in seconds, or `None` when it named none.
    """

    default_next_step = ""
    verdict: ClassVar[str] = "The server refused"
    """How the sentence begins."""

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        code: str = "",
        charged: str | None = None,
        next_step: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        self.retry_after_s = retry_after_s
        self.status_code = status_code
        self.code = code
        self.message = message
        label = f"HTTP {status_code} {code}".strip()
        super().__init__(f"{self.verdict} ({label}): {message}".rstrip(": "), charged=charged, next_step=next_step)


class RequestRefused(ApiError):
    """400: the request does not fit the server's schema."""

    default_next_step = "Change what the server names and submit again."


class Unauthorized(ApiError):
    """401: the key is missing, revoked, expired or wrong."""

    default_next_step = (
        "Make a key in the vendor's dashboard; %seedance_key asks for it here, and jobs that wait go on. "
        "SEEDANCE_API_KEY is read when the kernel starts."
    )


class InsufficientCredits(ApiError):
    """402: not enough credits for this job."""

    default_next_step = "Add credits in the vendor's dashboard, or ask for a shorter or smaller video."


class NotFound(ApiError):
    """404: the server knows no such generation under this key."""

    default_charged = ""
    default_next_step = "Check the request id, and that the key is the one the job was made with."
    verdict = "The server has no such generation"


class RateLimited(ApiError):
    """429: over the per-minute limit or the monthly quota."""

    def __init__(self, message: str, *, code: str = "rate_limited", retry_after_s: float | None = None) -> None:
        when = "in a minute" if retry_after_s is None else f"in {retry_after_s:.0f} s"
        super().__init__(
            message, status_code=429, code=code, next_step=f"Try again {when}.", retry_after_s=retry_after_s
        )


class ServerFailed(ApiError):
    """5xx: the server failed unexpectedly."""

    default_charged = ""
    default_next_step = "Try again later."
    verdict = "The server failed"


class AnswerUnreadable(ApiError):
    """An answer that is not this API's: not JSON, no envelope, too large, or a redirect.

    `excerpt` is the first 2 kB of it, for the record.
    """

    default_charged = ""
    default_next_step = "Check SEEDANCE_BASE_URL, and whether a proxy or a login page answers in the server's place."

    def __init__(
        self, message: str, *, status_code: int, excerpt: str = "", retry_after_s: float | None = None
    ) -> None:
        self.excerpt = excerpt
        super().__init__(message, status_code=status_code, code="unreadable", retry_after_s=retry_after_s)


class JobError(SeedanceError):
    """About one job, which it carries as `.job`."""

    def __init__(self, what: str, *, job: JobLike, charged: str | None = None, next_step: str | None = None) -> None:
        self.job = job
        super().__init__(what, charged=charged, next_step=next_step)


class SubmissionUncertain(JobError):
    """The request was sent and no usable answer came back. The job is kept as `unconfirmed`, never sent again."""

    default_charged = "You may have been charged."
    default_next_step = (
        "Look in the vendor's dashboard: if the generation is there, job.adopt(request_id) or %seedance_adopt brings "
        "it back; if it is not, job.discard() or %seedance_discard closes it, and the request can be sent again."
    )


class SentBefore(JobError):
    """The same request was sent before and nobody knows what became of it. `job` is that one; nothing was sent now."""

    default_charged = "Nothing was sent or charged now; the earlier one may have been charged."
    default_next_step = (
        "Look in the vendor's dashboard: if the generation is there, %seedance_adopt brings it back; if it is not, "
        "%seedance_discard closes the job. --fresh submits again without asking."
    )


class TakenOver(JobError):
    """It was not sent: this kernel was paused while it waited for its turn, and another one on the history went on."""

    default_charged = "Nothing was sent, nothing was charged."
    default_next_step = "Submit it again if you still want it."


class GenerationFailed(JobError):
    """The server says `failed`. `problem` is its reason, where it gave one."""

    default_charged = "The API does not say whether credits come back."
    default_next_step = "Change the prompt or the media and submit again."

    def __init__(
        self,
        what: str,
        *,
        job: JobLike,
        problem: Problem | None = None,
        charged: str | None = None,
        next_step: str | None = None,
    ) -> None:
        self.problem = problem
        super().__init__(what, job=job, charged=charged, next_step=next_step)


class MediaUnfetched(GenerationFailed):
    """The server says that it could not fetch a medium of the request: its link may have expired in a long queue.

    Nothing is sent again without you: `Job.send_again` makes a new job with new links, and may cost again.
    """


class GenerationCancelled(JobError):
    """The server says `cancelled`."""

    default_charged = "The API does not say whether credits come back."


class DownloadFailed(JobError):
    """The video exists at the server, but no whole copy of it could be saved."""

    default_charged = "The generation itself succeeded and was charged once; downloading again is free."
    default_next_step = "job.download() tries again."


class CancelRefused(JobError):
    """The server did not cancel; `.job.status` tells what is true."""

    default_charged = ""


class AdoptRefused(JobError):
    """A request id that is not this job's: another job has it, or the server made it from another prompt."""

    default_charged = "Nothing was changed, and asking costs nothing."
    default_next_step = "Look in the vendor's dashboard for the request id of this job's own prompt."


class WaitTimeout(JobError, TimeoutError):
    """Waiting ended before the job did. The job goes on and is still looked at."""

    default_charged = ""


class SessionClosed(SeedanceError):
    """The session was closed, so nobody is told what becomes of its jobs. They go on at the server."""

    default_charged = ""
    default_next_step = (
        "Jobs go on at the server: the next session on this history looks after them, and its job(id) tells how they "
        "stand."
    )


class JobNotFound(SeedanceError):
    """No job of that id or request id in this history."""

    default_charged = ""
    default_next_step = "session.jobs() lists what there is."


def job_gone(job_id: str, request_id: str | None = None, *, was_deleted: bool) -> JobNotFound:
    """The error for a job that was there: somebody deleted it, or its row is missing."""
    elsewhere = f" Request id {request_id} finds it in the vendor's dashboard." if request_id else ""
    if was_deleted:
        return JobNotFound(
            f"Job {job_id} was deleted from the history.",
            charged="Nothing was asked of the server and nothing is charged; what it had cost stays counted.",
            next_step=f"A deleted job is not brought back, and its clip is not fetched.{elsewhere} "
            "session.jobs() lists what there is.",
        )
    return JobNotFound(
        f"Job {job_id} is not in this history: its row was deleted, or it belongs to another one.",
        charged="Nothing was asked of the server and nothing is charged.",
        next_step=f"session.jobs() lists what there is.{elsewhere}",
    )


class DeleteRefused(SeedanceError):
    """A job that must stay: it goes on, or it may have been paid for. Nothing was deleted."""

    default_charged = ""


class StoreError(SeedanceError):
    """The history cannot be read or written."""

    default_charged = ""


class HistoryUnwritable(StoreError):
    """Neither the history nor the paper trail can be written, so a job that costs money was not sent.

    `where` is the history's file.
    """

    default_charged = "Nothing was sent, nothing was charged."
    default_next_step = (
        "Make room, or set SEEDANCE_HOME to a folder that you may write to. session.submit(..., unrecorded=True), "
        '%seedance --unrecorded or "Send unrecorded" in the Studio sends it all the same: if the kernel ends then, '
        "only the vendor's dashboard knows of it."
    )

    def __init__(self, what: str, *, where: str) -> None:
        self.where = where
        super().__init__(what)


class HistoryWarning(UserWarning):
    """Something that a person should know about the history: it was rebuilt, or is kept in memory for now."""


class ClipsWarning(UserWarning):
    """Clips are saved in another folder than the usual one, which cannot be written."""


class TemplateWarning(UserWarning):
    """Something in a file of saved prompts is not used."""


class FetchFailed(SeedanceError):
    """A file could not be fetched.

    `stale_url`: the URL itself is no longer good; the API may have a fresh one. `no_such_part`: the server has another
    file than the one that we have the beginning of. `hopeless`: it would be the same the next time, such as a file over
    the bound. `no_clip`: what came is whole, and is text or nothing.
    """

    default_charged = ""

    def __init__(
        self,
        what: str,
        *,
        stale_url: bool = False,
        no_such_part: bool = False,
        hopeless: bool = False,
        no_clip: bool = False,
        next_step: str | None = None,
    ) -> None:
        self.stale_url = stale_url
        self.no_such_part = no_such_part
        self.hopeless = hopeless
        self.no_clip = no_clip
        super().__init__(what, next_step=next_step)


class MediaNotPut(SeedanceError):
    """A reference medium could not be put where the vendor fetches it. Nothing was sent, and nothing is left there."""

    default_charged = "Nothing was sent, nothing was charged."
    default_next_step = "%seedance_doctor --network tries the place with a tiny file."


class MediaWarning(UserWarning):
    """Something that a person should know of a medium: where it goes, and what became of its transparent parts."""


class MediaError(SeedanceError):
    """A file that is not a whole, playable video."""

    default_charged = ""


class ClipNotFetched(SeedanceError):
    """A clip that lies in object storage could not be fetched from there. Nothing of it is lost."""

    default_charged = ""
    default_next_step = "Look at the network and the credentials of the bucket, and ask for the clip again."


class ProvenanceMissing(SeedanceError):
    """A clip that does not tell what it was made from: without metadata, of another tool, or damaged."""

    default_charged = ""
    default_next_step = (
        "Clips that were saved by seedance_widgets 0.1 or newer tell it; the .json file beside a clip does, too."
    )


class ExportFailed(SeedanceError):
    """Jobs could not be exported. Nothing is left of the export, and the clips are where they were."""

    default_charged = ""


class PackageMissing(SeedanceError, ImportError):
    """A package that only this call needs is not installed."""

    default_charged = ""


class SimulatorError(SeedanceError):
    """The simulator could not be started or does not answer."""


class TemplateInvalid(SeedanceError):
    """A file of saved prompts, or one of them, that cannot be read, used or written."""

    default_charged = ""


class TemplateNotFound(SeedanceError, KeyError):
    """No prompt is saved under that name."""

    default_charged = ""
    default_next_step = "%seedance_prompts lists them."

    def __str__(self) -> str:
        return Exception.__str__(self)


class WebhookInvalid(SeedanceError):
    """A webhook that is not signed with our secret, or is not this API's event. Do not act on it."""

    default_charged = ""
    default_next_step = "Answer it with 400 and do nothing else."
