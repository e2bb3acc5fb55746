"""The call log: one row per call of the open API, written together and never waited for.

A call leaves its row in memory; a few times a second what has gathered is written in one go. When
more comes than can be written, rows are dropped and counted, calls are not slowed down. What was
gathered in the last moment before a crash is lost.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

import msgspec

from ..store.errors import StoreError
from ..store.ports import Durable, Row, Tx, Value
from ..store.queries import calls as rows_of

EVERY_S = 0.25  # how long rows gather
BATCH = (
    500  # rows written in one go: what SQLite writes is a millisecond the event loop stands still
)
MOST = 20_000  # rows in memory

log = logging.getLogger(__name__)


class CallRecord(msgspec.Struct, frozen=True):
    """One call. ``code`` is 0 or the number it was refused with; ``at`` in epoch milliseconds."""

    call_id: int
    at: int
    client_ip: str
    app_key: str
    suite_key: str
    corp_id: str
    endpoint: str  # id in the catalogue; empty: no such path
    path: str
    status: int
    code: int
    micros: int
    synthetic: bool
    zh: str
    en: str


class CallLog:
    """What the gate writes and the management API reads."""

    def __init__(self, durable: Durable, *, keep: int) -> None:
        self._durable = durable
        self._keep = keep
        self._waiting: list[Sequence[Value]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self.dropped = 0  # rows that found no room or could not be written

    def add(self, row: Sequence[Value]) -> None:
        """Take the columns of `CallRecord` from ``at`` on."""
        if len(self._waiting) >= MOST:
            self.dropped += 1
            return
        self._waiting.append(row)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(EVERY_S, self._start)

    async def flush(self) -> None:
        """Return when everything added so far is written (or dropped)."""
        while self._writing is not None or self._waiting:
            if self._writing is None:
                self._start()
            if self._writing is not None:
                await asyncio.wait([self._writing])

    async def listed(
        self,
        *,
        before: int = 0,
        corp_id: str = "",
        caller: str = "",
        endpoint: str = "",
        refused: bool = False,
        limit: int = 50,
    ) -> list[CallRecord]:
        """Return calls, newest first; ``caller`` is an app_key or suite_key."""
        await self.flush()
        args = (before, corp_id, caller, endpoint, int(refused), limit)
        found = await self._durable.all(rows_of.LIST, *args)
        return [_record(row) for row in found]

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._writing is None and self._waiting:
            self._writing = asyncio.get_running_loop().create_task(self._write(), name="call log")

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                await self._write_batch(batch)
        finally:
            self._writing = None

    async def _write_batch(self, batch: list[Sequence[Value]]) -> None:
        async def body(tx: Tx) -> None:
            await tx.many(rows_of.ADD, batch)
            await tx.run(rows_of.TRIM, self._keep, 2 * BATCH)

        try:
            await self._durable.transact(body)
        except StoreError as error:
            if not self.dropped:
                log.warning("the call log cannot be written: %s", error)
            self.dropped += len(batch)


def _record(row: Row) -> CallRecord:
    values = list(row)
    values[11] = bool(values[11])
    return CallRecord(*values)
