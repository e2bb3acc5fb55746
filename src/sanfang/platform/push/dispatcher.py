"""Keep the outbox moving: one small worker per suite that has something pending.

Suites share nothing but the process, so a dead ISV cannot slow another. Wake-ups come from the
transaction that wrote a push (`Durable.listen`), from each worker's own knowledge of what is due
next, and, for leases that another process left behind, from a sweep every few seconds. Any number
of dispatchers may work on one store; leases see to it that each lane has one at a time.
"""

from __future__ import annotations

import asyncio
import logging
import secrets

from ..domain import outbox
from ..domain.core import Core
from .recorder import Recorder
from .sender import Sender
from .worker import SuiteWorker

log = logging.getLogger(__name__)
_SWEEP_MS = 5_000
_RESTART_MS = 1_000


class Dispatcher:
    """Delivers pushes until stopped.

    ``owner`` names this dispatcher in leases (random by default). ``alone`` promises that no other
    process works on the store: leases that a killed process left are then freed at once, instead
    of after ``push_lease_ms``.
    """

    def __init__(
        self, core: Core, sender: Sender, *, owner: str | None = None, alone: bool = False
    ) -> None:
        self._core = core
        self._sender = sender
        self._recorder = Recorder(core)
        self._owner = owner or secrets.token_hex(8)
        self._alone = alone
        self._workers: dict[str, SuiteWorker] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeper: asyncio.Task[None] | None = None
        self._look = asyncio.Event()
        self._running = False

    @property
    def busy(self) -> int:
        """How many suites have something pending, as far as this dispatcher knows."""
        return len(self._workers)

    async def start(self) -> None:
        """Begin with everything that is pending. Raises what the store raises."""
        if self._alone:
            await outbox.free_leases(self._core)
        await self._core.durable.listen(outbox.CHANNEL, self._wake)
        self._running = True
        for suite_key in await outbox.active_suites(self._core):
            self._wake(suite_key)
        self._sweeper = asyncio.create_task(self._sweep(), name="push sweep")

    async def stop(self) -> None:
        """Let pushes in flight end (no longer than their timeout), give leases back, and stop."""
        self._running = False
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.wait([self._sweeper])
        flying = []
        for worker in self._workers.values():
            worker.stop()
            flying += worker.flying
        if flying:
            seconds = self._core.settings.push_timeout_ms / 1000 + 1
            _, late = await asyncio.wait(flying, timeout=seconds)
            for task in late:
                task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        await outbox.free_leases(self._core, self._owner)

    def _wake(self, suite_key: str) -> None:
        if not self._running:
            return
        if not suite_key:  # the store may have missed something, and cannot say for whom
            self._look.set()
            return
        worker = self._workers.get(suite_key)
        if worker is None:
            worker = SuiteWorker(self._core, self._sender, self._recorder, suite_key, self._owner)
            self._workers[suite_key] = worker
            task = asyncio.create_task(self._keep(suite_key, worker), name=f"push {suite_key}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        worker.wake()

    async def _keep(self, suite_key: str, worker: SuiteWorker) -> None:
        """Run a worker to its end, again if it breaks."""
        try:
            while True:
                try:
                    await worker.run()
                    return
                except Exception:
                    log.exception("push worker of %s broke; it starts again in a second", suite_key)
                await self._core.clock.wait(self._core.clock.now() + _RESTART_MS)
                if not self._running:
                    return
        finally:
            # No await between the worker's last look and this: a wake-up cannot fall in between.
            del self._workers[suite_key]

    async def _sweep(self) -> None:
        while True:
            await self._core.clock.wait(self._core.clock.now() + _SWEEP_MS, self._look)
            self._look.clear()
            try:
                for suite_key in await outbox.active_suites(self._core):
                    self._wake(suite_key)
            except Exception:
                log.exception("the sweep for pending pushes failed; the next one tries again")
