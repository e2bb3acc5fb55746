"""The durable port on one SQLite file: reads in the event loop, writes committed as a group.

*Reads* go to a connection of their own, straight from the loop: an indexed lookup takes some 5 µs,
less than any hand-over to a thread. They see the last commit and no writer blocks them (WAL).

*Writes*: a body runs to its end the moment it is handed in, inside a savepoint on the write
connection; SQLite's calls are synchronous, so a body that awaits nothing but its ``tx`` never
suspends. The first body of a round opens the SQLite transaction and asks for a commit at the end
of the loop's turn; bodies that arrive before that join it. One COMMIT, one fsync, then all callers
are told. ``Disk`` decides whether the COMMIT runs in the loop or in its thread; during the latter
nobody touches the connection, and those who wait form the next group.

Guarantee: what ``transact`` returned from survives kill -9 and power loss (synchronous=FULL).
A caller cancelled while it waits for the commit does not undo its body.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

from .disk import Disk, lost
from .errors import Conflict, StoreClosed
from .ports import Query, Row, Tx, Value
from .sqlite_file import MEMORY, SqliteFile, checkpoint, prepare

T = TypeVar("T")

CHECKPOINT_AFTER = 4000  # row changes, a commit counting as four: the log stays at some 16 MB

# Bytes of the file that reads see without a system call, SQLite's own maximum: with a million
# members, a row that no cache holds costs 6 µs instead of 13. Where it cannot be mapped it is read.
MAPPED = 0x7FFF0000
KEPT = 10_000  # rows of queries asked often, see _kept
_NOT_KEPT = object()


class SqliteDurable:
    """See ``ports.Durable``; made by ``open``."""

    dialect: Final = "sqlite"

    def __init__(self, file: SqliteFile | None) -> None:
        if file is None:
            self._writer = self._reader = sqlite3.connect(
                MEMORY, isolation_level=None, check_same_thread=False, cached_statements=1024
            )
            prepare(self._writer)
        else:
            self._writer = file.connect("FULL")
            self._reader = file.connect("FULL")
            self._reader.execute("PRAGMA query_only = ON")
            self._reader.execute(f"PRAGMA mmap_size = {MAPPED}")
        self._shared = self._reader is self._writer
        self._looking = False  # the reader keeps a read transaction open, see _look
        self._kept: dict[tuple[Query, tuple[Value, ...]], Row | None] = {}  # ... seen in it
        self._file = file
        self._disk = Disk(memory=file is None)
        self._group: list[_Waiting] = []
        self._open = False  # a SQLite transaction is open and its commit is scheduled
        self._dirty = False  # ... and somebody wrote in it
        self._in_body = False
        self._closed = False
        self._changes = self._logged = 0  # see CHECKPOINT_AFTER
        self._listeners: dict[str, list[Callable[[str], None]]] = {}

    @classmethod
    async def open(cls, path: str | Path) -> SqliteDurable:
        """Open or create the database at ``path``; ":memory:" keeps it in memory.

        :raises StoreInUse: another process works on it.
        """
        return cls(None if str(path) == MEMORY else SqliteFile(Path(path)))

    async def one(self, query: Query, *args: Value) -> Row | None:
        self._check()
        if not self._looking:
            self._look()
        if query.often and self._looking:
            return self._again(query, args)
        return _one(self._reader, query, args)

    async def all(self, query: Query, *args: Value) -> list[Row]:
        self._check()
        if not self._looking:
            self._look()
        return _all(self._reader, query, args)

    async def listen(self, channel: str, callback: Callable[[str], None]) -> None:
        self._listeners.setdefault(channel, []).append(callback)

    async def transact(self, body: Callable[[Tx], Awaitable[T]]) -> T:
        if self._disk.busy:
            await self._disk.free()
        self._check()
        loop = asyncio.get_running_loop()
        if not self._open:
            self._look_away()  # the log can start anew only while nobody reads in it
            try:
                self._writer.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:  # an outside tool is writing
                raise lost(error) from error
            self._open = True
            loop.call_soon(self._commit)
        tx = _SqliteTx(self._writer)
        result = self._run(body, tx)
        self._dirty = self._dirty or tx.wrote()
        if self._dirty:  # also for one that only read: it may have seen what others wrote
            future: asyncio.Future[None] = loop.create_future()
            self._group.append(_Waiting(future, tx.notices))
            await future
        return result

    async def close(self) -> None:
        """Wait for the commit in progress, then close; also gives the lock back."""
        if self._closed:
            return
        self._closed = True
        while self._open or self._disk.busy:
            await asyncio.sleep(0)
            await self._disk.free()
        await self._disk.close()
        self._reader.close()
        await asyncio.to_thread(self._writer.close)  # the last one out checkpoints
        if self._file is not None:
            self._file.close()

    def _look(self) -> None:
        """Open a read transaction and keep it until the next commit.

        Nobody else writes, so the view stays the newest; and a read without locking and unlocking
        the log costs 3.5 µs instead of 5.5.
        """
        if not self._shared:
            self._reader.execute("BEGIN")
            self._looking = True

    def _again(self, query: Query, args: tuple[Value, ...]) -> Row | None:
        """Answer from memory what this read transaction has answered before."""
        row: Any = self._kept.get((query, args), _NOT_KEPT)
        if row is _NOT_KEPT:
            if len(self._kept) >= KEPT:
                self._kept.clear()
            row = self._kept[query, args] = _one(self._reader, query, args)
        return row  # type: ignore[no-any-return]

    def _look_away(self) -> None:
        if self._looking:
            self._looking = False
            self._kept.clear()
            self._reader.execute("COMMIT")

    def _check(self) -> None:
        if self._closed:
            raise StoreClosed
        if self._in_body:
            raise RuntimeError("a transaction body may await only its tx, not the store itself")

    def _run(self, body: Callable[[Tx], Awaitable[T]], tx: _SqliteTx) -> T:
        self._writer.execute("SAVEPOINT body")
        self._in_body = True
        try:
            result = _drive(body(tx))
            if tx.failed is not None:  # PostgreSQL would refuse to commit, so do we
                raise tx.failed
        except BaseException as error:
            self._undo(error)
            raise
        finally:
            self._in_body = False
            tx.over = True
        self._writer.execute("RELEASE body")
        return result

    def _undo(self, error: BaseException) -> None:
        if self._writer.in_transaction:
            self._writer.execute("ROLLBACK TO body")
            self._writer.execute("RELEASE body")
        else:  # disk full and the like: SQLite has rolled the whole group back
            self._tell(error)

    def _commit(self) -> None:
        self._disk.submit(self._commit_now, self._committed)

    def _commit_now(self) -> None:
        if self._writer.in_transaction:
            self._writer.execute("COMMIT")

    def _committed(self, error: BaseException | None) -> None:
        if error is not None and self._writer.in_transaction:
            self._writer.execute("ROLLBACK")
        self._open = self._dirty = False
        self._look_away()
        self._tell(error)
        changes = self._writer.total_changes
        self._logged += 4 + changes - self._changes
        self._changes = changes
        if self._logged > CHECKPOINT_AFTER and self._file is not None:
            self._logged = 0
            self._disk.background(partial(checkpoint, self._writer), lambda error: None)

    def _tell(self, error: BaseException | None) -> None:
        group, self._group = self._group, []
        loop = asyncio.get_running_loop()
        for future, notices in group:
            if not future.done():
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(lost(error))
            if error is None:
                for channel, payload in notices:
                    for callback in self._listeners.get(channel, ()):
                        loop.call_soon(callback, payload)


class _Waiting(NamedTuple):
    future: asyncio.Future[None]
    notices: dict[tuple[str, str], None]


class _SqliteTx:
    """See ``ports.Tx``. ``failed`` is the first error a statement met."""

    __slots__ = ("_changes", "_connection", "_ran", "failed", "notices", "over")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._changes = connection.total_changes
        self._ran = False
        self.failed: Exception | None = None
        self.notices: dict[tuple[str, str], None] = {}
        self.over = False

    async def one(self, query: Query, *args: Value) -> Row | None:
        self._check()
        try:
            return _one(self._connection, query, args)
        except sqlite3.Error as error:
            raise self._fail(query, error) from error

    async def all(self, query: Query, *args: Value) -> list[Row]:
        self._check()
        try:
            return _all(self._connection, query, args)
        except sqlite3.Error as error:
            raise self._fail(query, error) from error

    async def run(self, query: Query, *args: Value) -> int:
        self._check()
        self._ran = True
        try:
            return max(self._connection.execute(query.sqlite, _ordered(query, args)).rowcount, 0)
        except sqlite3.Error as error:
            raise self._fail(query, error) from error

    async def many(self, query: Query, rows: Iterable[Sequence[Value]]) -> None:
        self._check()
        self._ran = True
        try:
            self._connection.executemany(query.sqlite, (_ordered(query, row) for row in rows))
        except sqlite3.Error as error:
            raise self._fail(query, error) from error

    def notify(self, channel: str, payload: str) -> None:
        self.notices[channel, payload] = None

    def wrote(self) -> bool:
        """Return whether anybody must wait for a commit."""
        return self._ran or bool(self.notices) or self._connection.total_changes != self._changes

    def _check(self) -> None:
        if self.over:
            raise RuntimeError("this transaction is over; do not keep tx outside its body")

    def _fail(self, query: Query, error: sqlite3.Error) -> Exception:
        failure: Exception = error
        if isinstance(error, sqlite3.IntegrityError):
            failure = Conflict(
                f"{query.name}：违反约束（{error}）。",
                f"{query.name}: constraint broken ({error}).",
            )
        self.failed = self.failed or failure
        return failure


def _drive(awaitable: Awaitable[T]) -> T:
    steps = awaitable.__await__()
    try:
        next(steps)
    except StopIteration as stop:
        result: T = stop.value
        return result
    steps.close()
    raise RuntimeError(
        "a transaction body may await only its tx; this one waited for something else "
        "and was rolled back"
    )


def _ordered(query: Query, args: Sequence[Value]) -> Sequence[Value]:
    return args if query.order is None else [args[index] for index in query.order]


def _one(connection: sqlite3.Connection, query: Query, args: Sequence[Value]) -> Row | None:
    cursor = connection.execute(query.sqlite, _ordered(query, args))
    row: Row | None = cursor.fetchone()
    cursor.close()  # ends the read transaction
    return row


def _all(connection: sqlite3.Connection, query: Query, args: Sequence[Value]) -> list[Row]:
    return connection.execute(query.sqlite, _ordered(query, args)).fetchall()
