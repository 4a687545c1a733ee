"""The credits that a generation costs.

The reference prints two figures: 40 credits for 5 s of `seedance-2.0` at 720p from text, 64 with one image. At its
0.10 USD a second that is 80 credits a dollar, and 1.6 times as many with media. Everything else follows from these.
"""

from __future__ import annotations

import math
from dataclasses import replace

from ..request import models
from ..types import GenerationRequest

CREDITS_PER_USD = 80
WITH_MEDIA = 1.6
_UNPRICED_AS = "seedance-2.0"  # the reference prints no price for the other models


def credits_for(request: GenerationRequest) -> int:
    """Whole credits, rounded up. The request has its duration and resolution filled in."""
    text = replace(request, media_urls=())
    usd = models.price_usd(text, models.BUNDLED_MODELS)
    if usd is None:
        usd = models.price_usd(replace(text, model=_UNPRICED_AS), models.BUNDLED_MODELS) or 0.0
    exact = usd * CREDITS_PER_USD * (WITH_MEDIA if request.media_urls else 1)
    return math.ceil(round(exact, 6))
