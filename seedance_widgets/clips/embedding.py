"""How large a clip may be that is put into a notebook as it is, rather than linked."""

from __future__ import annotations

from ..notebook import environment

BATCH_BYTES = 2_000_000
"""In a batch run, whose output is often moved away from its clips, and in Voila and marimo, which serve no clips."""
COLAB_BYTES = 8_000_000
"""In Colab, whose pages load no file of this machine: larger ones, which would crash the page, come in pieces."""
_configured: float | None = globals().get("_configured")  # a reload of the module keeps it


def configure(megabytes: float | None) -> None:
    """Set it for every place, in megabytes; 0 links all, `None` goes back to what fits the place. For `%config`."""
    global _configured
    _configured = megabytes


def limit_bytes() -> int:
    """The largest clip that is embedded here; 0 where clips are linked."""
    if _configured is not None:
        return round(_configured * 1_000_000)
    if environment.in_colab():
        return COLAB_BYTES
    return BATCH_BYTES if environment.is_batch() or unserved_by() else 0


def must_be_sent(size_bytes: int) -> bool:
    """Whether a page gets a clip only in pieces from the kernel: it loads no files, and this is too much to embed."""
    return (environment.in_colab() or bool(unserved_by())) and size_bytes > limit_bytes()


def unserved_by() -> str:
    """The name of what runs us, where that serves pages no clips; empty elsewhere."""
    return "Voila" if environment.in_voila() else "marimo" if environment.in_marimo() else ""
