"""The workers: one lane per corp, lanes side by side, order kept inside each.

A lane is a queue with at most one event being handled. An event that fails is tried again by the
schedule and **holds up its lane**, because order is kept; other corps do not notice. When it has
used up its attempts it becomes a dead letter and the lane goes on.

What is queued is ids, with the event beside them as long as few wait; a backlog stays on disk.
"""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from sanfang.client import CallRefused, NoTicket, RateLimited, SanfangError
from sanfang.protocol.events import Event

from .backoff import Backoff
from .clock import Clock
from .inbox import Inbox, Kept, State
from .outcomes import GiveUp, Moved, Superseded, WaitForTicket

T = TypeVar("T")

log = logging.getLogger("sanfang.isv")

STALE_TICKET = frozenset({40085, 853005})
"""The platform has a newer ticket than we; it will be pushed."""

_IN_MEMORY = 10_000  # events kept beside their ids
_NOTE = 1000  # characters of a failure that are stored


class _Stopped(Exception):  # noqa: N818
    """The app stops while the disk fails."""


class Job:
    """A waiting event. ``event`` is None when it must be read from disk first."""

    __slots__ = ("event", "id", "lane", "recovered")

    def __init__(self, event_id: int, lane: str, event: Event | None, recovered: bool) -> None:
        self.id = event_id
        self.lane = lane
        self.event = event
        self.recovered = recovered


class Handle(Protocol):
    """Handle one event; raises one of `outcomes`, or anything for a failed attempt."""

    def __call__(
        self, event_id: int, event: Event, lane: str, done: list[str]
    ) -> Awaitable[None]: ...


class Lanes:
    """Run jobs; ``concurrency`` at a time."""

    def __init__(
        self,
        inbox: Inbox,
        handle: Handle,
        backoff: Backoff,
        clock: Clock,
        concurrency: int,
    ) -> None:
        self._inbox = inbox
        self._handle = handle
        self._backoff = backoff
        self._clock = clock
        self._slots = asyncio.Semaphore(concurrency)
        self._lanes: dict[str, deque[Job]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._sleeping: dict[str, asyncio.Event] = {}  # lanes that wait for time
        self._parked: dict[str, asyncio.Event] = {}  # lanes that wait for a ticket
        self._tickets = 0  # how many tickets have arrived
        self._ids: set[int] = set()
        self._stopping = False

    @property
    def queued(self) -> int:
        """How many jobs are queued or running."""
        return len(self._ids)

    @property
    def parked(self) -> int:
        """How many corps wait for a suite_ticket."""
        return len(self._parked)

    def add(self, event_id: int, lane: str, event: Event | None, recovered: bool = False) -> None:
        """Queue an event; one that is queued already is left as it is."""
        if event_id in self._ids or self._stopping:
            return
        self._ids.add(event_id)
        if len(self._ids) > _IN_MEMORY:
            event = None
        self._line_up(Job(event_id, lane, event, recovered))

    def _line_up(self, job: Job) -> None:
        queue = self._lanes.get(job.lane)
        if queue is None:
            self._lanes[job.lane] = queue = deque((job,))
            self._tasks[job.lane] = asyncio.create_task(self._run(job.lane, queue))
        elif queue[-1].id < job.id:
            queue.append(job)
        else:
            # Before those that came later, but never before the one being handled.
            place = next(i for i, other in enumerate(queue) if other.id > job.id)
            queue.insert(max(place, 1), job)

    def ticket_arrived(self) -> None:
        """Wake the lanes that wait for a suite_ticket."""
        self._tickets += 1
        for wake in self._parked.values():
            wake.set()

    def hurry(self, event_id: int) -> None:
        """Try a postponed event now."""
        for lane, wake in self._sleeping.items():
            if self._lanes[lane][0].id == event_id:
                wake.set()

    async def stop(self, grace: float) -> None:
        """Take nothing new, give running handlers ``grace`` seconds, then cancel them.

        What was cancelled or never begun still waits on disk.
        """
        self._stopping = True
        for wake in (*self._sleeping.values(), *self._parked.values()):
            wake.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=grace)
            for task in late:
                task.cancel()
            if late:
                log.warning(
                    "%d 个处理函数在 %.3g 秒内没有结束，已取消，下次启动重新执行"
                    " / handlers cancelled after the grace period; they run again at the next start",
                    *(len(late), grace),
                )
                await asyncio.wait(late)

    async def _run(self, lane: str, queue: deque[Job]) -> None:
        try:
            while queue and not self._stopping:
                if await self._attempt(queue[0]):
                    self._ids.discard(queue.popleft().id)
        except _Stopped:
            pass
        finally:
            del self._lanes[lane], self._tasks[lane]

    async def _attempt(self, job: Job) -> bool:
        """Make one attempt, with the waiting before or after it; tell whether the job is over."""
        event, attempts, done = job.event, 0, list[str]()
        if event is None or job.recovered:
            kept = await self._on_disk(job, lambda: self._read(job.id))
            if kept is None or kept.state is not State.WAITING:
                return True
            event, attempts, done = kept.event, kept.attempts, kept.progress
            if (left := kept.due - self._clock.time()) > 0:
                await self._sleep(job.lane, left)
                if self._stopping:
                    return False
            if job.recovered:
                attempts = await self._count(job, kept)
                if attempts < 0:
                    return True
        problem: Exception | None = None
        tickets = self._tickets
        async with self._slots:
            if self._stopping:
                return False
            try:
                await self._handle(job.id, event, job.lane, done)
            except Exception as error:  # noqa: BLE001 - whatever a handler raises
                problem = error
        if problem is None:
            try:
                await self._inbox.finish(job.id)
            except sqlite3.Error:
                await self._on_disk(job, lambda: self._inbox.finish(job.id))
            return True
        return await self._settle(job, event, problem, attempts, tickets)

    async def _count(self, job: Job, kept: Kept) -> int:
        """Count the attempt before it is made; gives those before it, or -1 when used up.

        Only for events found on disk: if the handler kills the process, that must not go on
        for ever.
        """
        attempts = kept.attempts
        if self._backoff.wait(attempts) is None:
            note = "处理时进程反复退出 / the process kept dying while handling it"
            await self._bury(job, kept.event, attempts, note)
            return -1
        await self._on_disk(job, lambda: self._inbox.begin(job.id, attempts + 1))
        job.recovered = False
        job.event = None  # from now on attempts and due are read from disk
        return attempts

    async def _settle(
        self, job: Job, event: Event, problem: Exception, attempts: int, tickets: int
    ) -> bool:
        """Store what a failed attempt means."""
        match problem:
            case Superseded():
                await self._on_disk(job, lambda: self._inbox.supersede(job.id, str(problem)))
                log.info("事件 %d 已失效 / event %d is void: %s", job.id, job.id, problem)
                return True
            case Moved(lane=lane):
                await self._on_disk(job, lambda: self._inbox.move(job.id, lane))
                asyncio.get_running_loop().call_soon(self._move, job, lane)
                return True
            case WaitForTicket() | NoTicket():
                await self._park(job, problem, attempts, tickets)
                return False
            case CallRefused(code=code) if code in STALE_TICKET:
                await self._park(job, problem, attempts, tickets)
                return False
        return await self._failed(job, event, problem, attempts + 1)

    def _move(self, job: Job, lane: str) -> None:
        if self._stopping:
            return
        self._ids.add(job.id)
        self._line_up(Job(job.id, lane, job.event, job.recovered))

    async def _failed(self, job: Job, event: Event, problem: Exception, attempts: int) -> bool:
        note = f"{type(problem).__name__}: {problem}"[:_NOTE]
        wait = None if isinstance(problem, GiveUp) else self._backoff.wait(attempts)
        if wait is None:
            await self._bury(job, event, attempts, note)
            return True
        if isinstance(problem, RateLimited) and problem.retry_after:
            wait = max(wait, problem.retry_after)
        job.event = None
        due = self._clock.time() + wait
        await self._on_disk(job, lambda: self._inbox.postpone(job.id, attempts, due, note))
        log.warning(
            "事件 %d 第 %d 次处理失败，%.3g 秒后重试 / event %d failed (attempt %d), again in %.3g s: %s",
            *(job.id, attempts, wait, job.id, attempts, wait, note),
            exc_info=problem if attempts == 1 and not isinstance(problem, SanfangError) else None,
        )
        return False

    async def _bury(self, job: Job, event: Event, attempts: int, note: str) -> None:
        await self._on_disk(job, lambda: self._inbox.bury(job.id, attempts, note))
        log.error(
            "事件 %d（%s，%s）处理 %d 次后放弃，见 app.dead_letters()，修好后用 app.retry(%d)"
            " / event %d given up; see app.dead_letters(), then app.retry(%d): %s",
            *(job.id, event.event_type, job.lane or "-", attempts, job.id),
            *(job.id, job.id, note),
        )

    async def _park(self, job: Job, problem: Exception, attempts: int, tickets: int) -> None:
        """Wait for a ticket newer than those that had arrived when the attempt began."""
        job.event = None
        wake = self._parked[job.lane] = asyncio.Event()
        try:
            note = f"{problem}"[:_NOTE]
            await self._on_disk(job, lambda: self._inbox.postpone(job.id, attempts, 0, note))
            if self._tickets == tickets and not self._stopping:
                await wake.wait()
        finally:
            del self._parked[job.lane]

    async def _sleep(self, lane: str, seconds: float) -> None:
        wake = self._sleeping[lane] = asyncio.Event()
        if self._stopping:
            wake.set()
        sleeper = asyncio.ensure_future(self._clock.sleep(seconds))
        waker = asyncio.ensure_future(wake.wait())
        try:
            await asyncio.wait((sleeper, waker), return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._sleeping[lane]
            sleeper.cancel()
            waker.cancel()
            await asyncio.gather(sleeper, waker, return_exceptions=True)

    async def _read(self, event_id: int) -> Kept | None:
        return self._inbox.read(event_id)

    async def _on_disk(self, job: Job, access: Callable[[], Awaitable[T]]) -> T:
        """Read or write until it succeeds: a full disk must not run a finished handler again."""
        while True:
            try:
                return await access()
            except sqlite3.Error:
                log.exception("收件箱读写失败，1 秒后重试 / the inbox failed; again in 1 s")
                await self._sleep(job.lane, 1.0)
                if self._stopping:
                    raise _Stopped from None
