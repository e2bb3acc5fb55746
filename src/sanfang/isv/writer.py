"""The one writer of the data file: writes that meet share one COMMIT.

Measured (uvicorn, one core, 64 connections, synchronous=FULL): one row per commit 4,000/s, some
33 rows per commit 28,000 requests/s. The batch runs in a thread of its own: the loop goes on
reading requests while the disk syncs, and a slow disk makes the groups larger instead of stopping
the loop. Rows go in with one statement per hundred, since every statement hands the interpreter
lock over and back.

Guarantee: a future that is resolved with a value stands for something on disk. When a commit
fails (disk full), all futures of that batch get the exception and nothing of it is stored.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, NamedTuple, TypeVar

from sanfang.protocol.events import Event

from .database import Database

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], Any]


class Row(NamedTuple):
    """A received event as the inbox stores it; ``received`` in epoch milliseconds."""

    key: bytes
    lane: str
    event_type: str
    plain: bytes
    received: int


class Stored(NamedTuple):
    """A row that is on disk now, with the event it was made from."""

    id: int
    lane: str
    event: Event


_CHUNK = 100
# Rows whose key is known are left out; `_ids` finds out which.
_INSERT = (
    "INSERT INTO inbox (key, lane, event_type, plain, received) VALUES {} ON CONFLICT DO NOTHING"
)
_INSERTS = ["", *(_INSERT.format(", ".join(["(?, ?, ?, ?, ?)"] * n)) for n in range(1, _CHUNK + 1))]
_LAST_ID = "SELECT seq FROM sqlite_sequence WHERE name = 'inbox'"
_BY_KEYS = "SELECT key, id, state FROM inbox WHERE key IN ({})"
# A dead letter that the platform pushes again gets a new life: somebody pressed re-push.
_REVIVE = "UPDATE inbox SET state = 0, attempts = 0, due = 0 WHERE id = ?"
_FINISH = "UPDATE inbox SET state = 1, note = '' WHERE id IN (SELECT value FROM json_each(?))"


Awaiting = asyncio.Future[Any] | Future[Any]


class _Batch:
    """What is written in one transaction, who waits for it, and how they are told."""

    __slots__ = ("failure", "finished", "ids", "results", "rows", "settle", "works")

    def __init__(self, settle: Callable[[_Batch], None]) -> None:
        self.settle = settle
        self.rows: list[tuple[Row, Event, Awaiting]] = []
        self.finished: list[tuple[int, Awaiting]] = []
        self.works: list[tuple[Work, Awaiting]] = []
        self.ids: list[int | None] = []
        self.results: list[tuple[bool, Any]] = []
        self.failure: Exception | None = None


class Writer:
    """Group commits for one loop; ``stored`` is told of every new row, in the order of ids."""

    def __init__(self, database: Database, stored: Callable[[list[Stored]], None]) -> None:
        self._database = database
        self._stored = stored
        self._queue: queue.SimpleQueue[_Batch | None] = queue.SimpleQueue()
        self._open: _Batch | None = None  # collects until the writer is free
        self._busy = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def start(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """Take ``loop`` as the one that futures belong to; starts the thread if need be."""
        if loop is not self._loop:
            self._loop, self._open, self._busy = loop, None, False
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._work, name="sanfang-isv-writer", daemon=True
            )
            self._thread.start()

    def close(self) -> None:
        """Write what was handed over, then end the thread."""
        if self._thread is not None:
            if self._open is not None and not self._busy:
                self._hand_over()
            self._queue.put(None)
            self._thread.join()
            self._thread = None

    # In the loop

    def insert(self, row: Row, event: Event) -> asyncio.Future[int | None]:
        """Store a received event; gives its id, or None when it is there already."""
        future = self._running().create_future()
        self._collect().rows.append((row, event, future))
        return future

    def finish(self, event_id: int) -> asyncio.Future[None]:
        """Mark an event as done."""
        future = self._running().create_future()
        self._collect().finished.append((event_id, future))
        return future

    def run(self, work: Callable[[sqlite3.Connection], T]) -> asyncio.Future[T]:
        """Run statements inside the next transaction; an exception undoes only these."""
        future: asyncio.Future[T] = self._running().create_future()
        self._collect().works.append((work, future))
        return future

    # Anywhere

    def run_now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """The same, from any thread: returns when committed. Blocks for about one fsync."""
        self.start(self._loop)
        future: Future[T] = Future()
        batch = _Batch(_resolve)
        batch.works.append((work, future))
        self._queue.put(batch)
        return future.result()

    def _running(self) -> asyncio.AbstractEventLoop:
        if self._loop is None:
            raise RuntimeError("the writer was not started")
        return self._loop

    def _collect(self) -> _Batch:
        if self._open is None:
            loop = self._running()
            self._open = _Batch(lambda batch: self._tell(loop, batch))
            if not self._busy:
                # Two rounds of the loop later: all requests that came in with this one are in.
                loop.call_soon(loop.call_soon, self._hand_over)
        return self._open

    def _hand_over(self) -> None:
        batch, self._open = self._open, None
        if batch is not None:
            self._busy = True
            self._queue.put(batch)

    def _deliver(self, batch: _Batch) -> None:
        self._busy = False
        self._hand_over()  # first: the disk shall not wait for us
        _resolve(batch)
        if batch.ids:
            new = zip(batch.ids, batch.rows, strict=True)
            self._stored([Stored(i, row.lane, event) for i, (row, event, _) in new if i])

    # In the thread

    def _work(self) -> None:
        while (batch := self._queue.get()) is not None:
            with self._database.write_lock:
                _write(self._database.writing, batch)
            batch.settle(batch)

    def _tell(self, loop: asyncio.AbstractEventLoop, batch: _Batch) -> None:
        # The loop is gone when a process ends without stop(): what is written is written.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(self._deliver, batch)


def _write(connection: sqlite3.Connection, batch: _Batch) -> None:
    try:
        connection.execute("BEGIN IMMEDIATE")
        for start in range(0, len(batch.rows), _CHUNK):
            rows = [row for row, _, _ in batch.rows[start : start + _CHUNK]]
            batch.ids += _insert(connection, rows)
        batch.results = [_attempt(connection, work) for work, _ in batch.works]
        if batch.finished:
            connection.execute(_FINISH, (json.dumps([i for i, _ in batch.finished]),))
        connection.execute("COMMIT")
    except Exception as error:  # noqa: BLE001 - handed to everyone who waits
        batch.failure, batch.ids, batch.results = error, [], []
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def _attempt(connection: sqlite3.Connection, work: Work) -> tuple[bool, Any]:
    connection.execute("SAVEPOINT work")
    try:
        result = work(connection)
    except Exception as error:  # noqa: BLE001 - handed to the one who waits
        connection.execute("ROLLBACK TO work")
        connection.execute("RELEASE work")
        return False, error
    connection.execute("RELEASE work")
    return True, result


def _insert(connection: sqlite3.Connection, rows: list[Row]) -> list[int | None]:
    found = connection.execute(_LAST_ID).fetchone()
    last: int = found[0] if found else 0
    parameters: list[Any] = []
    for row in rows:
        parameters += row
    new = connection.execute(_INSERTS[len(rows)], parameters).rowcount
    if new == len(rows):  # none known: ids are consecutive, since nobody else can write now
        return list(range(last + 1, last + new + 1))
    return _ids(connection, rows, last)


def _ids(connection: sqlite3.Connection, rows: list[Row], last: int) -> list[int | None]:
    """Give each row its id if it is new or revived, None if it is a duplicate."""
    keys = list({row.key for row in rows})
    sql = _BY_KEYS.format(", ".join("?" * len(keys)))
    fresh: dict[bytes, int] = {}
    for key, event_id, state in connection.execute(sql, keys).fetchall():
        if event_id > last:
            fresh[key] = event_id
        elif state == 3:
            connection.execute(_REVIVE, (event_id,))
            fresh[key] = event_id
    return [fresh.pop(row.key, None) for row in rows]


def _resolve(batch: _Batch) -> None:
    if batch.failure is not None:
        for _, _, future in batch.rows:
            _settle(future, False, batch.failure)
        for _, future in (*batch.finished, *batch.works):
            _settle(future, False, batch.failure)
        return
    for (_, _, future), event_id in zip(batch.rows, batch.ids, strict=True):
        if not future.done():
            future.set_result(event_id)
    for _, future in batch.finished:
        _settle(future, True, None)
    for (_, future), (fine, value) in zip(batch.works, batch.results, strict=True):
        _settle(future, fine, value)


def _settle(future: Awaiting, fine: bool, value: Any) -> None:
    if future.done():  # who waited was cancelled; the write stands
        return
    if fine:
        future.set_result(value)
    else:
        future.set_exception(value)
