"""Time as an object, so that a sandbox can travel and a test need not sleep."""

from __future__ import annotations

import asyncio
import contextlib
import time


class Clock:
    """Epoch milliseconds, plus an offset that can be moved forward.

    ``Clock(frozen_at=...)`` stands still until ``travel`` is called: what tests use.
    """

    def __init__(self, *, frozen_at: int | None = None) -> None:
        self._frozen = frozen_at
        self._offset = 0
        self._moved: set[asyncio.Event] = set()

    def now(self) -> int:
        """Return the current time in epoch milliseconds."""
        base = time.time_ns() // 1_000_000 if self._frozen is None else self._frozen
        return base + self._offset

    def travel(self, milliseconds: int) -> None:
        """Move forward; everyone who waits looks at the time again."""
        if milliseconds < 0:
            raise ValueError(
                "time runs forward only: tokens already given out would come back to life"
            )
        self._offset += milliseconds
        for event in self._moved:
            event.set()

    async def wait(self, until: int, wake: asyncio.Event | None = None) -> None:
        """Return when ``now() >= until`` or ``wake`` is set, whichever comes first."""
        event = wake or asyncio.Event()
        self._moved.add(event)
        try:
            while (left := until - self.now()) > 0 and not event.is_set():
                if self._frozen is not None:
                    await event.wait()
                else:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(event.wait(), left / 1000)
                if wake is None:
                    event.clear()
        finally:
            self._moved.discard(event)
