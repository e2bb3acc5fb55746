"""From the inbox on disk to the lanes: at start what was left over, then what comes in."""

from __future__ import annotations

import asyncio
import logging
import sqlite3

from .clock import Clock
from .inbox import Inbox
from .lanes import Lanes
from .ownership import Ownership
from .suite_file import SuiteFile, Ticket
from .writer import Stored

log = logging.getLogger("sanfang.isv")

_WINDOW = 100_000  # ids queued in memory; what is beyond stays on disk
_SOON = 0.05  # seconds between two looks while there is a backlog beyond the window
_FORGET_EVERY = 600.0
_FORGET_PIECE = 500


class Workers:
    """Keep the lanes fed. Only the process that owns the data file's lock has them."""

    def __init__(
        self,
        inbox: Inbox,
        suite: SuiteFile,
        lanes: Lanes,
        ownership: Ownership,
        clock: Clock,
        *,
        poll: float,
        keep: float,
    ) -> None:
        self._inbox = inbox
        self._suite = suite
        self._lanes = lanes
        self._ownership = ownership
        self._clock = clock
        self._poll = poll
        self._keep = keep
        self._owner = False
        self._cursor = 0  # every waiting event up to this id is queued
        self._behind = False  # there are waiting events beyond the cursor that did not fit
        self._nudge: str | None = None
        self._ticket: Ticket | None = None
        self._next_forget = 0.0
        self._forgotten = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def owner(self) -> bool:
        """Whether this process handles events."""
        return self._owner

    def start(self) -> None:
        """Begin in the running loop; what an earlier process left over comes first."""
        self._task = asyncio.create_task(self._supervise(), name="sanfang-isv-workers")

    async def stop(self, grace: float) -> None:
        """End; see `Lanes.stop`."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        await self._lanes.stop(grace)
        self._owner = False
        self._ownership.release()

    def stored(self, rows: list[Stored]) -> None:
        """Queue events that were just committed, in the order of ids."""
        if not self._owner or self._behind or not rows:
            return
        if self._lanes.queued + len(rows) > _WINDOW:
            self._behind = True
            return
        new = [row for row in rows if row.id > self._cursor]
        # A gap: another process stored something in between, and it goes first.
        if new and new[0].id > self._cursor + 1 and not self._load(before=new[0].id):
            return
        for row in rows:
            self._lanes.add(row.id, row.lane, row.event)
        if new:
            self._cursor = new[-1].id

    def rescan(self) -> None:
        """Queue whatever waits and is not queued, revived dead letters among it."""
        if self._owner and not self._behind:
            for waiting in self._inbox.waiting(0, self._cursor + 1, _WINDOW):
                self._lanes.add(waiting.id, waiting.lane, None)

    async def _supervise(self) -> None:
        while True:
            try:
                await self._work()
            except Exception:  # a worker that is gone would be noticed by nobody
                log.exception("后台循环出错，1 秒后重启 / the workers failed; again in 1 s")
                await asyncio.sleep(1.0)

    async def _work(self) -> None:
        while not self._ownership.acquire():  # noqa: ASYNC110 - another process holds it
            await asyncio.sleep(self._poll)
        if not self._owner:
            self._nudge = self._suite.nudge()
            self._owner = True
            self._load(recovered=True)
        while True:
            await asyncio.sleep(_SOON if self._behind else self._poll)
            self._look()
            await self._forget()

    def _look(self) -> None:
        """See what other processes have received or revived, and go on with a backlog."""
        if self._behind and self._lanes.queued > _WINDOW // 2:
            return
        self._load()
        ticket = self._suite.held_ticket()
        if ticket != self._ticket:
            self._ticket = ticket
            self._lanes.ticket_arrived()
        nudge = self._suite.nudge()
        if nudge != self._nudge:
            self._nudge = nudge
            self.rescan()

    def _load(self, *, before: int = 2**63 - 1, recovered: bool = False) -> bool:
        """Queue waiting events after the cursor; tell whether all of them fitted."""
        room = max(_WINDOW - self._lanes.queued, 1)
        found = self._inbox.waiting(self._cursor, before, room)
        for waiting in found:
            self._lanes.add(waiting.id, waiting.lane, None, recovered)
        if found:
            self._cursor = found[-1].id
        self._behind = len(found) == room
        return not self._behind

    async def _forget(self) -> None:
        """Delete a piece of what ended long ago."""
        now = self._clock.time()
        if now < self._next_forget:
            return
        try:
            self._forgotten, deletion = self._inbox.forget(
                now - self._keep, self._forgotten, _FORGET_PIECE
            )
            if deletion is not None:
                await deletion
        except sqlite3.Error:
            log.exception("清理收件箱失败 / could not clean the inbox")
            self._forgotten = 0
        if not self._forgotten:
            self._next_forget = now + _FORGET_EVERY
