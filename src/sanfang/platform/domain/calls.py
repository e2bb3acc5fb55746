"""The call log: one record per call of the open API, written together and never waited for.

A call leaves its record in memory; a few times a second what has gathered is written as pages of some
hundred. When more comes than can be written, records are dropped and counted, calls are not slowed
down. What was gathered in the last moment before a crash is lost.

``call_id`` is the number of the page and the place on it. Who looks for something reads pages
backwards; the log is short (``Settings.call_log_keep``).
"""

from __future__ import annotations

import asyncio
import logging

import msgspec

from ..store.errors import StoreError
from ..store.ports import Durable, Tx
from ..store.queries import calls as rows_of

EVERY_S = 0.25  # how long calls gather
PAGE = 500  # calls on a page at most: half a millisecond of the event loop
MOST = 20_000  # calls in memory
_NUMBERS = 1000  # call_id = page_id * _NUMBERS + place
_READ = 20  # pages read in one go
_WRITTEN = 10  # pages written in one go
_LAST = (1 << 62) // _NUMBERS

Record = tuple[int, str, str, str, str, str, str, int, int, int, bool, str, str]

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
        self._waiting: list[Record] = []
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self.dropped = 0  # calls that found no room or could not be written

    def add(self, record: Record) -> None:
        """Take the fields of `CallRecord` from ``at`` on."""
        if len(self._waiting) >= MOST:
            self.dropped += 1
            return
        self._waiting.append(record)
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
        found: list[CallRecord] = []
        page_id = before // _NUMBERS or _LAST
        while len(found) < limit:
            pages = await self._durable.all(rows_of.PAGES, page_id, _READ)
            for page_id, page in pages:
                for place, record in reversed([*enumerate(_decode(page))]):
                    one = CallRecord(page_id * _NUMBERS + place, *record)
                    if (
                        (not before or one.call_id < before)
                        and (not corp_id or one.corp_id == corp_id)
                        and (not caller or caller in (one.app_key, one.suite_key))
                        and (not endpoint or one.endpoint == endpoint)
                        and (not refused or one.code)
                    ):
                        found.append(one)
                await asyncio.sleep(0)  # a page is half a millisecond; others want their turn
            if len(pages) < _READ:
                break
            page_id -= 1
        return found[:limit]

    def _start(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._writing is None and self._waiting:
            self._writing = asyncio.get_running_loop().create_task(self._write(), name="call log")

    async def _write(self) -> None:
        try:
            while self._waiting:
                pages: list[tuple[int, bytes]] = []
                while self._waiting and len(pages) < _WRITTEN:
                    page, self._waiting = self._waiting[:PAGE], self._waiting[PAGE:]
                    pages.append((len(page), _encode(page)))
                    await asyncio.sleep(0)
                await self._write_pages(pages)
        finally:
            self._writing = None

    async def _write_pages(self, pages: list[tuple[int, bytes]]) -> None:
        async def body(tx: Tx) -> None:
            await tx.many(rows_of.ADD, pages)
            await tx.run(rows_of.TRIM, self._keep)

        try:
            await self._durable.transact(body)
        except StoreError as error:
            if not self.dropped:
                log.warning("the call log cannot be written: %s", error)
            self.dropped += sum(calls for calls, _ in pages)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Record]).decode
