"""What goes wrong in one piece of work is said, and ends no other."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ..errors import SeedanceError


class Guard:
    """What went wrong last, while it lasts."""

    def __init__(self) -> None:
        self.problem: str | None = None

    async def guarded(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do something; what goes wrong is kept in `problem` and ends nothing else. Returns whether it went well."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001  also a bug of ours must not stop us from looking after the rest
            self.problem = str(error) if isinstance(error, SeedanceError) else f"{type(error).__name__}: {error}"
            return False
        self.problem = None
        return True
