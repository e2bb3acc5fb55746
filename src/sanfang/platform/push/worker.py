"""Work off the lanes of one suite.

A lane is one suite and one corp; its pushes go out one after another, those of different lanes side
by side, up to ``push_parallel``. Nothing is held while an ISV thinks: no transaction, no lock, only
the lane's lease, so a handler may call the API before it answers (isv-lifecycle.md §3.3).

An ISV that does not answer in time is asked with one push at a time until it answers again: it would
gain nothing from 32 connections that all wait for the timeout.
"""

from __future__ import annotations

import asyncio
import logging

from sanfang.protocol.crypto import CallbackError

from ..domain import outbox
from ..domain.core import Core
from ..domain.model import Attempt, Due
from .recorder import Recorder
from .reply import judge, record
from .sender import Sender
from .trouble import Trouble

log = logging.getLogger(__name__)
_AILING = 3  # timeouts in a row
_ELBOW_S = 0.01


class SuiteWorker:
    """Delivers what one suite has pending; `run` ends when nothing is left."""

    def __init__(
        self, core: Core, sender: Sender, recorder: Recorder, suite_key: str, owner: str
    ) -> None:
        self._core = core
        self._sender = sender
        self._recorder = recorder
        self._suite_key = suite_key
        self._owner = owner
        self._stirred = asyncio.Event()
        self._flying: dict[str, asyncio.Task[None]] = {}
        self._claimed_twice: set[str] = set()
        self._timeouts = 0
        self._stopping = False

    @property
    def flying(self) -> list[asyncio.Task[None]]:
        """The lanes being worked off."""
        return list(self._flying.values())

    def wake(self) -> None:
        """Look again: something became due, or a lane came free."""
        self._stirred.set()

    def stop(self) -> None:
        """Claim nothing more; pushes in flight go on to their end."""
        self._stopping = True
        self._stirred.set()

    async def run(self) -> None:
        """Claim and deliver until nothing is pending, or `stop`. Raises what the store raises."""
        clock = self._core.clock
        while not self._stopping:
            self._stirred.clear()
            until = clock.now() + self._core.settings.push_lease_ms
            room = self._width() - len(self._flying)
            if room > 0:
                due_at = await outbox.next_due(self._core, self._suite_key)
                if due_at is not None and due_at <= clock.now():
                    if not await self._claim(room):
                        await asyncio.sleep(_ELBOW_S)  # another process is just claiming it
                    continue
                if due_at is None and not self._flying and not self._stirred.is_set():
                    return
                until = due_at or until
            await clock.wait(until, self._stirred)

    def _width(self) -> int:
        return 1 if self._timeouts >= _AILING else self._core.settings.push_parallel

    async def _claim(self, room: int) -> int:
        """Start up to ``room`` lanes; return how many were claimed."""
        claimed = await outbox.claim(self._core, self._suite_key, self._owner, limit=room)
        if self._stopping:
            return 0
        for due in claimed:
            corp_id = due.push.corp_id
            if corp_id in self._flying:
                self._claimed_twice.add(corp_id)
            else:
                task = asyncio.create_task(self._work_off(due), name=f"lane {self._suite_key}")
                self._flying[corp_id] = task
        return len(claimed)

    async def _work_off(self, due: Due) -> None:
        """Deliver a lane's pushes in order while there is one that can go."""
        corp_id = due.push.corp_id
        try:
            following: Due | None = due
            while following is not None and (following is due or not self._stopping):
                attempt = await self._deliver(following)
                following = await self._recorder.finish(following, attempt)
                while following is None and corp_id in self._claimed_twice:
                    following = await self._claimed_meanwhile(due)
        except Exception:
            # Its lease runs out, then the lane is claimed anew; nothing is lost.
            log.exception("push lane of %s %s failed", self._suite_key, corp_id)
        finally:
            self._claimed_twice.discard(corp_id)
            del self._flying[corp_id]
            self._stirred.set()

    async def _claimed_meanwhile(self, due: Due) -> Due | None:
        """Return what the lane holds for us, after it was claimed while we were still at it.

        It may have been claimed before our last result was written (its lease had run out: time
        travel, a stalled process), then the result settled what is to come; or after, when a new
        push had made it due again and we had not left yet, then it is ours to go on. The store
        knows.
        """
        self._claimed_twice.discard(due.push.corp_id)
        return await outbox.resume(self._core, due)

    async def _deliver(self, due: Due) -> Attempt:
        push = due.push
        try:
            keys = self._sender.keys.get(due.token, due.aes_key, due.key_id)
        except CallbackError as fault:
            trouble = Trouble(71009, "keys", fault.zh, fault.en)
            return _unsent(self._core.clock.now(), trouble)
        answer = await self._sender.post(due.url, keys, push.plain)
        self._timeouts = self._timeouts + 1 if answer.timed_out else 0
        verdict = judge(answer, keys, strict=self._core.settings.strict_2016_reply)
        return record(answer, verdict)


def _unsent(now: int, trouble: Trouble) -> Attempt:
    """Write the record of a push that could not even be encrypted."""
    return Attempt(
        started_at=now,
        latency_ms=0,
        status=0,
        outcome="failed",
        reply="",
        reason=f"{trouble.zh} / {trouble.en}",
    )
