"""A soft chord under each clip, so that players show sound and tests find an audio track."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .spec import ClipSpec

RATE_HZ = 32_000  # plenty for a chord below 600 Hz

_ROOTS_HZ = (110.0, 123.47, 130.81, 146.83, 164.81)
_CHORDS = ((1, 3 / 2, 2, 5 / 2), (1, 3 / 2, 9 / 4, 3), (1, 4 / 3, 2, 8 / 3), (1, 6 / 5 * 2, 3 / 2, 3))


def frames(spec: ClipSpec) -> Iterator[Any]:
    """The chord of a prompt as audio frames, swelling in and dying away within the clip's length."""
    from av.filter import Graph

    graph = Graph()
    source = graph.add("aevalsrc", f"exprs='{_formula(spec)}':s={RATE_HZ}:d={spec.seconds}:n=4096")
    shape = graph.add("aformat", f"sample_fmts=fltp:sample_rates={RATE_HZ}:channel_layouts=mono")
    sink = graph.add("abuffersink")
    source.link_to(shape)
    shape.link_to(sink)
    graph.configure()
    done = 0
    while done < spec.seconds * RATE_HZ:
        frame: Any = graph.pull()
        done += frame.samples
        yield frame


def _formula(spec: ClipSpec) -> str:
    """The wave as an expression of time t: four partials that breathe, each at its own pace."""
    dice = spec.dice("sound")
    root = dice.choice(_ROOTS_HZ)
    tones = []
    for n, ratio in enumerate(dice.choice(_CHORDS)):
        breath = f"(0.7+0.3*sin(2*PI*{dice.uniform(0.1, 0.3):.3f}*t+{n}))"
        tones.append(f"{0.05 / (1 + 0.6 * n):.4f}*sin(2*PI*{root * ratio:.3f}*t)*{breath}")
    return f"min(1,t/1.2)*min(1,max(0,({spec.seconds}-t)/1.2))*({'+'.join(tones)})"
