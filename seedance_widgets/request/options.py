"""What can be asked for: one table of options, the models, the checks and the price. Pure.

The validator, the form, the magic's and the shell's flags, tab completion, the simulator's checks and the reference
page all read `OPTIONS`. The live `/models` answer fills in the allowed values; `BUNDLED_MODELS` is the fallback.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..values.plain import shown

MAX_TOLD = 80
"""Characters of a value that a sentence repeats."""


_WHOLE_SECONDS_4_TO_15 = tuple(range(4, 16))


Kind = Literal["choice", "integer", "urls", "url", "json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One option of a request, as every surface knows it."""

    name: str
    """Its Python keyword and field of `GenerationRequest`."""
    wire: str
    """Its name in the JSON body."""
    flag: str
    """Its name in a magic and in the shell."""
    label: str
    """Its name in a form."""
    kind: Kind
    help: str
    allowed_by: str | None = None
    """The field of `Model` that lists its allowed values; `None` where the model has no say."""
    default: Any = None
    """What we send when the person says nothing. `None`: left out. The API documents no defaults, so ours are
    always sent, and the price is known before the click."""


OPTIONS: tuple[Option, ...] = (
    Option(
        name="model",
        wire="model",
        flag="--model",
        label="Model",
        kind="choice",
        help="which model makes the video",
        allowed_by="id",
        default="seedance-2.0",
    ),
    Option(
        name="duration",
        wire="duration",
        flag="--duration",
        label="Duration",
        kind="integer",
        help="length in whole seconds",
        allowed_by="durations",
        default=5,
    ),
    Option(
        name="aspect_ratio",
        wire="aspectRatio",
        flag="--aspect-ratio",
        label="Aspect ratio",
        kind="choice",
        help="shape of the picture, width to height",
        allowed_by="aspect_ratios",
        default="16:9",
    ),
    Option(
        name="resolution",
        wire="resolution",
        flag="--resolution",
        label="Resolution",
        kind="choice",
        help="lines of the picture",
        allowed_by="resolutions",
        default="720p",
    ),
    Option(
        name="media_urls",
        wire="mediaUrls",
        flag="--media",
        label="Reference media",
        kind="urls",
        help="public https URL of a reference image, video or audio; up to five, in order",
        default=(),
    ),
    Option(
        name="webhook_url",
        wire="webhookUrl",
        flag="--webhook-url",
        label="Webhook",
        kind="url",
        help="https URL that the server calls when the job has ended",
    ),
    Option(
        name="metadata",
        wire="metadata",
        flag="--metadata",
        label="Metadata",
        kind="json",
        help="a JSON object that the server keeps with the request",
    ),
)

OPTION: Mapping[str, Option] = {option.name: option for option in OPTIONS}


STEP_URL = "It takes a public https URL, such as https://host/a.jpg."


def _told(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_TOLD else shown(value)
