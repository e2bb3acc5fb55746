"""Write down what came of pushes, many in one transaction.

Answers arrive faster than a disk commits. Those that arrive while a transaction is on its way wait
and share the next one, across suites: the load makes the groups, nobody waits for a timer.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from ..domain import outbox
from ..domain.core import Core
from ..domain.model import Attempt, Due

_MOST = 64  # results in one transaction


class _Result(NamedTuple):
    due: Due
    attempt: Attempt
    written: asyncio.Future[Due | None]


class Recorder:
    """Groups calls of `outbox.finish`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._waiting: list[_Result] = []
        self._writer: asyncio.Task[None] | None = None

    async def finish(self, due: Due, attempt: Attempt) -> Due | None:
        """Record an attempt durably; return the lane's next push. Raises what the store raises."""
        written: asyncio.Future[Due | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Result(due, attempt, written))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="push recorder")
        return await written

    async def _write(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
                await self._write_group(sorted(group, key=_lane))
        finally:
            self._writer = None

    async def _write_group(self, group: list[_Result]) -> None:
        try:
            following = await outbox.finish_all(
                self._core, [(result.due, result.attempt) for result in group]
            )
        except Exception as error:  # noqa: BLE001 - each caller gets it
            if len(group) > 1:
                # One that cannot be written must not keep the others from it.
                for result in group:
                    await self._write_group([result])
            elif not group[0].written.done():
                group[0].written.set_exception(error)
            return
        for result, due in zip(group, following, strict=True):
            if not result.written.done():
                result.written.set_result(due)


def _lane(result: _Result) -> tuple[str, str]:
    """Groups of processes that meet lock their rows in this order, so they do not lock each other out."""
    push = result.due.push
    return push.suite_key, push.corp_id
