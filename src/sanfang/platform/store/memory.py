"""The hot port in one process: dicts, written through to a SQLite file of its own.

An operation changes the dict at once, which makes it atomic, and returns when the change has been
written; changes that meet are written together. The file is synchronous=NORMAL: what was answered
survives kill -9 of the process; a power cut may cost the last moments (tokens are then fetched
again). Rate windows are not written. Leases are values under names of their own, and one counter
gives all of them their fencing numbers, so that no number ever comes twice.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from .disk import Disk, lost
from .errors import StoreClosed
from .expiry import Expiry
from .ports import Window
from .sqlite_file import SqliteFile, checkpoint
from .windows import Windows

SWEEP = 4  # expired keys removed per change
FOREVER = 1 << 62
LEASE = "\0lease "
FENCE = "\0fence"
CHECKPOINT_AFTER = 4000  # keys written

_TABLE = """CREATE TABLE IF NOT EXISTS hot (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at INTEGER NOT NULL) WITHOUT ROWID"""
_SAVE = "INSERT OR REPLACE INTO hot (key, value, expires_at) VALUES (?, ?, ?)"
_REMOVE = "DELETE FROM hot WHERE key = ?"


class MemoryHot:
    """See ``ports.Hot``. Without a path nothing is written and everything ends with the process.

    :raises StoreInUse: another process works on the file.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._values: dict[str, tuple[bytes, int]] = {}
        self._expiry = Expiry()
        self._windows = Windows()
        self._fence = 0
        self._closed = False
        self._file: SqliteFile | None = None
        self._unsaved: set[str] = set()  # changed, not handed to the file yet
        self._flying: set[str] = set()  # being written
        self._waiting: list[asyncio.Future[None]] = []
        self._scheduled = False
        self._written = 0
        if path is not None:
            self._file = SqliteFile(path)
            self._disk = Disk()
            self._connection = self._file.connect("NORMAL")
            self._load()

    def __len__(self) -> int:
        return len(self._values)

    async def put(self, key: str, value: bytes, *, now: int, ttl: int) -> None:
        self._set(key, value, now + ttl)
        await self._saved(now)

    async def get(self, key: str, *, now: int) -> bytes | None:
        value = self._live(key, now)
        if key in self._unsaved or key in self._flying:  # answer only what a restart would answer
            await self._saved(now)
        return value

    async def keep(self, key: str, value: bytes, *, now: int, ttl: int) -> bytes:
        live = self._live(key, now)
        value = value if live is None else live
        self._set(key, value, now + ttl)
        await self._saved(now)
        return value

    async def take(self, key: str, *, now: int) -> bytes | None:
        value = self._live(key, now)
        if value is not None:
            self._drop(key)
            await self._saved(now)
        return value

    async def extend(self, key: str, *, now: int, ttl: int) -> bool:
        value = self._live(key, now)
        if value is None:
            return False
        self._set(key, value, now + ttl)
        await self._saved(now)
        return True

    async def swap(self, key: str, old: bytes | None, new: bytes, *, now: int, ttl: int) -> bool:
        if self._live(key, now) != old:
            return False
        self._set(key, new, now + ttl)
        await self._saved(now)
        return True

    async def delete(self, *keys: str) -> None:
        for key in keys:
            self._drop(key)
        await self._saved(None)

    async def admit(self, windows: Sequence[Window], *, now: int) -> int:
        return self._windows.admit(windows, now)

    async def lease(self, key: str, owner: str, *, now: int, ttl: int) -> int | None:
        held = self._live(LEASE + key, now)
        if held is None:
            self._fence += 1
            self._set(FENCE, b"%d" % self._fence, FOREVER)
            held = b"%d %s" % (self._fence, owner.encode())
        fence, _, holder = held.partition(b" ")
        if holder != owner.encode():
            return None
        self._set(LEASE + key, held, now + ttl)
        await self._saved(now)
        return int(fence)

    async def release(self, key: str, owner: str) -> None:
        held = self._values.get(LEASE + key)
        if held is not None and held[0].partition(b" ")[2] == owner.encode():
            self._drop(LEASE + key)
            await self._saved(None)

    async def close(self) -> None:
        """Write what is left, close the file and give its lock back."""
        if self._closed:
            return
        self._closed = True
        if self._file is not None:
            while self._scheduled or self._disk.busy:
                await asyncio.sleep(0)
                await self._disk.free()
            await self._disk.close()
            await asyncio.to_thread(self._connection.close)
            self._file.close()

    def _live(self, key: str, now: int) -> bytes | None:
        if self._closed:
            raise StoreClosed
        entry = self._values.get(key)
        return entry[0] if entry is not None and entry[1] > now else None

    def _set(self, key: str, value: bytes, expires_at: int) -> None:
        if self._closed:
            raise StoreClosed
        before = self._values.get(key)
        if before is not None:
            self._expiry.discard(key, before[1])
        self._values[key] = (value, expires_at)
        self._expiry.add(key, expires_at)
        self._unsaved.add(key)

    def _drop(self, key: str) -> None:
        before = self._values.pop(key, None)
        if before is not None:
            self._expiry.discard(key, before[1])
            self._unsaved.add(key)

    def _sweep(self, now: int) -> None:
        for key in self._expiry.due(now, SWEEP):
            del self._values[key]
            self._unsaved.add(key)

    async def _saved(self, now: int | None) -> None:
        """Remove a few expired keys, then wait until everything changed so far is in the file."""
        if now is not None:
            self._sweep(now)
        if self._file is None:
            self._unsaved.clear()
            return
        loop = asyncio.get_running_loop()
        if not self._scheduled:
            self._scheduled = True
            loop.call_soon(self._flush)
        future: asyncio.Future[None] = loop.create_future()
        self._waiting.append(future)
        await future

    def _flush(self) -> None:
        if self._disk.busy:  # _flushed comes back here
            return
        self._flying, self._unsaved = self._unsaved, set()
        waiting, self._waiting = self._waiting, []
        self._scheduled = False
        values = self._values
        rows = [(key, *values[key]) for key in self._flying if key in values]
        gone = [(key,) for key in self._flying if key not in values]
        self._disk.submit(partial(self._write, rows, gone), partial(self._flushed, waiting))

    def _write(self, rows: list[tuple[str, bytes, int]], gone: list[tuple[str]]) -> None:
        self._written += len(rows) + len(gone)
        try:
            self._connection.execute("BEGIN IMMEDIATE")
            self._connection.executemany(_SAVE, rows)
            self._connection.executemany(_REMOVE, gone)
            self._connection.execute("COMMIT")
        except sqlite3.Error:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _flushed(self, waiting: list[asyncio.Future[None]], error: BaseException | None) -> None:
        if error is not None:
            self._unsaved |= self._flying  # the next change tries again
        self._flying = set()
        for future in waiting:
            if not future.done():
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(lost(error))
        if self._written > CHECKPOINT_AFTER:
            self._written = 0
            work = partial(checkpoint, self._connection)
            self._disk.background(work, lambda error: self._again())
        else:
            self._again()

    def _again(self) -> None:
        if self._scheduled:
            self._flush()

    def _load(self) -> None:
        self._connection.execute(_TABLE)
        for key, value, expires_at in self._connection.execute("SELECT * FROM hot"):
            self._values[key] = (value, expires_at)
            self._expiry.add(key, expires_at)
        if FENCE in self._values:
            self._fence = int(self._values[FENCE][0])
