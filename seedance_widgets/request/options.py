"""The one table of options of a request. Pure, standard library only, so that reading it costs nothing.

Every surface reads `OPTIONS`, and none has a list of its own: the validator, the form, the flags and their help, tab
completion, `%config`, the wire, the simulator, cards, diffs, frames, clips that tell what they were made from, code
that makes them again, saved prompts, exports and sweeps: see docs/adding-an-option.md. The live `/models` answer fills
in the allowed values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

WHOLE_SECONDS_4_TO_15 = tuple(range(4, 16))


Kind = Literal["choice", "integer", "urls", "url", "json"]


MEDIUM = r"media:([0-9a-f]{64})(\.[a-z0-9]{3,4})"
"""How a request names a medium by its content, as a pattern that `re` compiles at its first use."""


def shown_medium(url: str) -> str:
    """A medium as people read it: a link as it is, content by the first letters of its hash."""
    return re.sub(MEDIUM, lambda match: f"{match[1][:8]}…{match[2]}", url)


class Option(NamedTuple):
    """One option of a request, as every surface knows it. A named tuple: `%load_ext` waits until it is defined."""

    name: str
    """Its Python keyword and field of `GenerationRequest`."""
    wire: str
    """Its name in the JSON body."""
    flag: str
    """Its name in a magic and in the shell."""
    label: str
    """Its name in a form."""
    kind: Kind
    takes: str
    """What stands for its value in a help text."""
    help: str
    """What it means, in a few words; they follow its flag, and its name in the form."""
    unit: str = ""
    """The sign of its unit, which follows its value wherever that is shown."""
    counts: str = ""
    """What a whole number counts, in words."""
    allowed_by: str | None = None
    """The field of `Model` that lists its allowed values; `None` where the model has no say."""
    default: Any = None
    """What we send when the person says nothing. `None`: left out. The API documents no defaults, so ours are
    always sent, and the price is known before the click."""
    told: bool = True
    """Whether a clip, an export and its page tell it to whoever gets them."""
    in_form: bool = True
    """Whether the Studio's form has it."""
    saved: bool = True
    """Whether a saved prompt keeps it."""

    @property
    def is_plain(self) -> bool:
        """True for one word or number: a default of `%config`, a column of a frame, a line of a plan."""
        return self.kind in ("choice", "integer")

    @property
    def empty(self) -> Any:
        """The value of a request that says nothing of it."""
        return () if self.kind == "urls" else None

    def text(self, value: Any) -> str:
        """A value with its unit, as people read it."""
        if value in (None, (), []):
            return "none"
        if self.kind == "urls":
            return ", ".join(map(shown_medium, value))
        return f"{value} {self.unit}" if self.unit else str(value)


OPTIONS: tuple[Option, ...] = (
    Option(
        name="model",
        wire="model",
        flag="--model",
        label="Model",
        kind="choice",
        takes="ID",
        help="which model makes the video; %seedance_models lists them",
        allowed_by="id",
        default="seedance-2.0",
    ),
    Option(
        name="duration",
        wire="duration",
        flag="--duration",
        label="Duration",
        kind="integer",
        takes="SECONDS",
        help="length in whole seconds",
        unit="s",
        counts="seconds",
        allowed_by="durations",
        default=5,
    ),
    Option(
        name="aspect_ratio",
        wire="aspectRatio",
        flag="--aspect-ratio",
        label="Aspect ratio",
        kind="choice",
        takes="RATIO",
        help="shape of the picture, width to height, such as 16:9",
        allowed_by="aspect_ratios",
        default="16:9",
    ),
    Option(
        name="resolution",
        wire="resolution",
        flag="--resolution",
        label="Resolution",
        kind="choice",
        takes="LINES",
        help="lines of the picture, such as 720p",
        allowed_by="resolutions",
        default="720p",
    ),
    Option(
        name="media_urls",
        wire="mediaUrls",
        flag="--media",
        label="Reference media",
        kind="urls",
        takes="URL",
        help="public https URL of a reference image, video or audio; up to five, in order",
        default=(),
    ),
    Option(
        name="webhook_url",
        wire="webhookUrl",
        flag="--webhook-url",
        label="Webhook",
        kind="url",
        takes="URL",
        help="https URL that the server calls when the job has ended",
        told=False,
        in_form=False,
        saved=False,
    ),
    Option(
        name="metadata",
        wire="metadata",
        flag="--metadata",
        label="Metadata",
        kind="json",
        takes="JSON",
        help="a JSON object that the server keeps with the request",
        in_form=False,
    ),
)

OPTION: Mapping[str, Option] = {option.name: option for option in OPTIONS}


STEP_URL = "It takes a public https URL, such as https://host/a.jpg."
