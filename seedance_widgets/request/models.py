"""Models: what each takes, and what it costs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from ..types import GenerationRequest, Model
from .options import WHOLE_SECONDS_4_TO_15, Option

MAX_USD_PER_SECOND = 1_000.0
"""No second of video costs more: what is above is a mistake, and as good as no price."""


MAX_PRICED_S = 86_400
"""Of a longer video nobody knows the price."""


MEDIUM_SHARE = 0.6
"""API page "image-to-video": the example of 40 credits costs 64 with one image. It prints no figure for more media."""


MAX_ODD_PRICES = 10


MEDIA_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "image": (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"),
    "video": (".mp4", ".mov", ".m4v"),
    "audio": (".mp3", ".wav"),
}


_ASPECT_RATIOS = ("16:9", "9:16", "1:1")


_RESOLUTIONS = ("480p", "720p", "1080p")


BUNDLED_MODELS: tuple[Model, ...] = (
    Model(
        id="seedance-2.0",
        best_for="highest quality, multimodal",
        durations=WHOLE_SECONDS_4_TO_15,
        aspect_ratios=_ASPECT_RATIOS,
        resolutions=_RESOLUTIONS,
        usd_per_second={"480p": 0.05, "720p": 0.1, "1080p": 0.2},
        mode="image_to_video",
    ),
    Model(
        id="seedance-2.0-fast",
        best_for="faster turnaround",
        durations=WHOLE_SECONDS_4_TO_15,
        aspect_ratios=_ASPECT_RATIOS,
        resolutions=_RESOLUTIONS,
        mode="image_to_video",
    ),
    Model(
        id="seedance-1.5-pro",
        best_for="lower cost",
        durations=(5, 10),
        aspect_ratios=_ASPECT_RATIOS,
        resolutions=_RESOLUTIONS,
        mode="image_to_video",
    ),
)
"""The vendor's overview page, used only until the live list is known. It prints no price for the last two."""


def allowed_values(option: Option, model: Model) -> tuple[Any, ...]:
    """The values that a model takes for an option; empty where the model has no say."""
    if option.allowed_by is None:
        return ()
    allowed = getattr(model, option.allowed_by)
    return (allowed,) if isinstance(allowed, str) else tuple(allowed)


def known_values(option: Option, models: Iterable[Model] = BUNDLED_MODELS) -> tuple[Any, ...]:
    """Every value that some model takes, in order, without repeats: for completion and help."""
    return tuple(dict.fromkeys(value for model in models for value in allowed_values(option, model)))


def price_usd(request: GenerationRequest, models: Sequence[Model]) -> float | None:
    """The estimated cost in US dollars, or `None` where the server names no price for it.

    The price list is for text alone. Each reference medium adds `MEDIUM_SHARE` of that, so that a cap rather counts too
    much than too little; `price_note` says so.
    """
    model = next((m for m in models if m.id == request.model), None)
    if model is None or request.duration is None or request.resolution is None:
        return None
    per_second = model.usd_per_second.get(request.resolution)
    if per_second is None or not 0 <= request.duration <= MAX_PRICED_S:
        return None
    return round(per_second * request.duration * (1 + MEDIUM_SHARE * len(request.media_urls)), 4)


def price_note(request: GenerationRequest) -> str:
    """The part that a price leaves open, as a sentence; empty where the price list covers the request."""
    many = len(request.media_urls)
    if not many:
        return ""
    media = "1 reference medium is" if many == 1 else f"{many} reference media are"
    return f"The price list names no price for media: {media} counted as {MEDIUM_SHARE * many * 100:.0f} % more."


def usable_prices(prices: Any) -> tuple[dict[str, float], tuple[str, ...]]:
    """The usable prices of a second, by resolution, and as text what the server gives instead of a price."""
    if prices is None:
        return {}, ()
    if not isinstance(prices, Mapping):
        return {}, (f"{prices!r:.40}",)
    named: dict[str, float] = {}
    odd: list[str] = []
    for resolution, usd in prices.items():
        if usd is None:
            continue
        if isinstance(usd, int | float) and not isinstance(usd, bool) and 0 <= usd <= MAX_USD_PER_SECOND:
            named[resolution] = float(usd)
        else:
            odd.append(f"{usd!r:.40} at {resolution:.20}")
    return named, tuple(odd[:MAX_ODD_PRICES])


def with_known_price(live: Sequence[Model], bundled: Sequence[Model] = BUNDLED_MODELS) -> tuple[Model, ...]:
    """The live models, each with our one line on what it is best for, which the answer does not carry."""
    best_for = {model.id: model.best_for for model in bundled}
    return tuple(m if m.best_for else replace(m, best_for=best_for.get(m.id, "")) for m in live)


def media_kind(url: str) -> str | None:
    """`image`, `video` or `audio` by the ending of the URL's path; `None` where the ending says nothing."""
    path = urlsplit(url).path.lower()
    return next((kind for kind, endings in MEDIA_ENDINGS.items() if path.endswith(endings)), None)


def media_roles(urls: Sequence[str]) -> tuple[str, ...]:
    """The server's use of each URL: it infers the mode from their number and kinds ("image-to-video")."""
    kinds = [media_kind(url) for url in urls]
    if kinds == ["image"]:
        return ("first frame",)
    if kinds == ["image", "image"]:
        return ("first frame", "last frame")
    return ("reference",) * len(urls)
