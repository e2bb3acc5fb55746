"""Blocking writes of one file: in the event loop while the disk is quick, else in a thread.

A commit with fsync takes 0.2 ms on a good disk, about what handing it to a thread and back costs,
and 1-100 ms on a laptop or a network volume, which would stop every request. So the slowest recent
piece of work decides (measured numbers: docs/storage.md). While a thread works, ``busy`` is true
and the connection belongs to it; everyone else waits in ``free``.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .errors import StoreLost

SLOW = 0.001  # seconds: above this a piece of work goes to the thread
FORGET = 0.95  # how much of the slowest piece is remembered after the next one

Work = Callable[[], object]
Done = Callable[[BaseException | None], None]


class Disk:
    """Run work one piece after another, where it disturbs least."""

    def __init__(self, *, memory: bool = False) -> None:
        self.busy = False
        self._memory = memory
        self._slowest = 0.0
        self._waiting: list[asyncio.Future[None]] = []
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sanfang-disk")

    async def free(self) -> None:
        """Wait until no thread works. All who waited run before the next piece of work starts."""
        while self.busy:
            future = asyncio.get_running_loop().create_future()
            self._waiting.append(future)
            await future

    def submit(self, work: Work, done: Done) -> None:
        """Run ``work``, then ``done(error)`` in the loop; at once if the disk is quick."""
        if self._memory or self._slowest < SLOW:
            done(self._measured(work))
        else:
            self._hand_over(self._measured, work, done)

    def background(self, work: Work, done: Done) -> None:
        """Run work that is known to be slow in the thread; it does not count for the pace."""
        self._hand_over(_caught, work, done)

    async def close(self) -> None:
        await self.free()
        self._thread.shutdown()

    def _measured(self, work: Work) -> BaseException | None:
        start = time.perf_counter()
        error = _caught(work)
        self._slowest = max(time.perf_counter() - start, self._slowest * FORGET)
        return error

    def _hand_over(
        self, runner: Callable[[Work], BaseException | None], work: Work, done: Done
    ) -> None:
        loop = asyncio.get_running_loop()
        self.busy = True

        def back(error: BaseException | None) -> None:
            self.busy = False
            waiting, self._waiting = self._waiting, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)
            done(error)

        self._thread.submit(lambda: loop.call_soon_threadsafe(back, runner(work)))


def _caught(work: Work) -> BaseException | None:
    try:
        work()
    except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must hear of it
        return error
    return None


def lost(error: BaseException) -> StoreLost:
    """Return what a caller is told when the disk refused a write."""
    told = StoreLost(
        f"数据没有写入磁盘：{error}。请检查磁盘空间与权限。",
        f"The data could not be written: {error}. Check free space and permissions.",
    )
    told.__cause__ = error
    return told
