"""The ticket timer: every suite with a micro-app gets a new suite_ticket every 20 minutes (F41).

What is due, and for whom, is the domain's; here is only the waiting. Any number of processes may
run it: a suite's row is locked while its ticket is changed, and the others pass over it.
"""

from __future__ import annotations

import asyncio
import logging

from ..domain import suites
from ..domain.core import Core

log = logging.getLogger(__name__)
_LOOK_MS = 5_000
_BATCH = 100
_ELBOW_S = 0.01


class TicketTimer:
    """Rotates tickets until stopped."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Rotate what is due already, and go on."""
        self._task = asyncio.create_task(self._run(), name="ticket timer")

    async def stop(self) -> None:
        """Stop; a rotation under way is a transaction and either happens or does not."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while True:
            try:
                until = await self._step()
            except Exception:
                log.exception("rotating suite tickets failed; the next look tries again")
                until = self._core.clock.now() + _LOOK_MS
            await self._core.clock.wait(until)

    async def _step(self) -> int:
        """Rotate everything that is due; return when to look again."""
        while await suites.rotate_due_tickets(self._core, limit=_BATCH) == _BATCH:
            pass
        # Suites that start their timer meanwhile are not announced here: their first rotation is
        # an interval away, so looking every few seconds (one indexed read) is soon enough.
        now = self._core.clock.now()
        look = now + min(_LOOK_MS, self._core.settings.ticket_interval_ms)
        due = await suites.next_ticket_due(self._core)
        if due is not None and due <= now:
            await asyncio.sleep(_ELBOW_S)  # time moved meanwhile, or another process is just at it
        return look if due is None else min(due, look)
