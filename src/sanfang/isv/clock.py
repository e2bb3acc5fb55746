"""Time as an object, so that tests of retries need not wait."""

from __future__ import annotations

import asyncio
import time
from typing import Protocol


class Clock(Protocol):
    """What the workers ask for time; all in seconds."""

    def time(self) -> float:
        """Return the seconds since 1970."""

    async def sleep(self, seconds: float, /) -> None:
        """Return after ``seconds``; can be cancelled."""


class SystemClock:
    """The machine's own time."""

    def time(self) -> float:
        return time.time()

    async def sleep(self, seconds: float, /) -> None:
        await asyncio.sleep(seconds)
