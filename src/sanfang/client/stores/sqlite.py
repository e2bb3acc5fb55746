"""A store in an SQLite file, for the processes of one machine."""

# ruff: noqa: S608 - constants pasted into constants

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..errors import StoreFailed
from ..tokens import Token, TokenKey
from .common import PATIENCE, DurableStore, checked, seconds_left

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS tokens (
        platform TEXT NOT NULL, kind TEXT NOT NULL, suite TEXT NOT NULL, app TEXT NOT NULL,
        corp TEXT NOT NULL, person TEXT NOT NULL,
        value TEXT, fetched_at REAL, expires_at REAL,
        fence INTEGER NOT NULL, leased_at REAL NOT NULL, leased_until REAL NOT NULL,
        PRIMARY KEY (platform, kind, suite, app, corp, person)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS suite_tickets (
        platform TEXT NOT NULL, suite_key TEXT NOT NULL, ticket TEXT NOT NULL,
        PRIMARY KEY (platform, suite_key)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS permanent_codes (
        platform TEXT NOT NULL, suite_key TEXT NOT NULL, corp_id TEXT NOT NULL,
        code TEXT NOT NULL, PRIMARY KEY (platform, suite_key, corp_id)) WITHOUT ROWID""",
)
_KEY = "platform = ? AND kind = ? AND suite = ? AND app = ? AND corp = ? AND person = ?"
_GET = f"SELECT value, fetched_at, expires_at FROM tokens WHERE {_KEY}"
_LEASED = f"SELECT fence, leased_at, leased_until FROM tokens WHERE {_KEY}"
_LEASE = f"UPDATE tokens SET fence = ?, leased_at = ?, leased_until = ? WHERE {_KEY}"
_NEW = "INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL, ?, ?, ?)"
_PUT = (
    "UPDATE tokens SET value = ?, fetched_at = ?, expires_at = ?, leased_at = 0, leased_until = 0"
    f" WHERE {_KEY}"
)
_DELETE = f"UPDATE tokens SET value = NULL WHERE {_KEY} AND value = ?"
_RELEASE = f"UPDATE tokens SET leased_at = 0, leased_until = 0 WHERE {_KEY} AND fence = ?"
_TICKET = "SELECT ticket FROM suite_tickets WHERE platform = ? AND suite_key = ?"
_SAVE_TICKET = "INSERT OR REPLACE INTO suite_tickets VALUES (?, ?, ?)"
_CODE = "SELECT code FROM permanent_codes WHERE platform = ? AND suite_key = ? AND corp_id = ?"
_SAVE_CODE = "INSERT OR REPLACE INTO permanent_codes VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM permanent_codes WHERE platform = ? AND suite_key = ? AND corp_id = ?"


class SQLiteStore(DurableStore):
    """Keep tokens, tickets and permanent codes in an SQLite file, made with mode 0600 when needed.

    Not on a network drive: SQLite's locks do not work there. ``base_url`` and ``api_url``: see
    `DurableStore`. ``clock`` gives the time of leases, in seconds, and must be the same for all
    processes. Methods raise `StoreFailed`; what was saved survives a power cut.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        base_url: str | None = None,
        api_url: str | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(base_url, api_url)
        self._path = os.fspath(path)
        self._clock = clock
        self._connection: sqlite3.Connection | None = None
        self._lock = threading.Lock()
        self._process = os.getpid()

    # -- tokens -----------------------------------------------------------------------------

    def get(self, key: TokenKey, /) -> Token | None:
        rows = self._rows(_GET, *_columns(key))
        if not rows or rows[0][0] is None:
            return None
        return Token(*rows[0])

    def lease(self, key: TokenKey, seconds: float, /) -> int | None:
        columns = _columns(key)
        # A look without the write lock first: those who wait their turn come often.
        if _is_leased(self._rows(_LEASED, *columns), self._clock()):
            return None
        with self._changing() as connection:
            rows, now = connection.execute(_LEASED, columns).fetchall(), self._clock()
            if _is_leased(rows, now):
                return None
            if rows:
                fence: int = rows[0][0] + 1
                connection.execute(_LEASE, (fence, now, now + seconds, *columns))
            else:
                fence = 1
                connection.execute(_NEW, (*columns, fence, now, now + seconds))
            return fence

    def extend(self, key: TokenKey, fence: int, seconds: float, /) -> bool:
        columns = _columns(key)
        with self._changing() as connection:
            rows, now = connection.execute(_LEASED, columns).fetchall(), self._clock()
            if not rows or rows[0][0] != fence or not rows[0][2]:
                return False
            connection.execute(_LEASE, (fence, now, now + seconds, *columns))
            return True

    def release(self, key: TokenKey, fence: int, /) -> None:
        with self._changing() as connection:
            connection.execute(_RELEASE, (*_columns(key), fence))

    def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
        columns = _columns(key)
        with self._changing() as connection:
            rows = connection.execute(_LEASED, columns).fetchall()
            last = rows[0][0] if rows else 0
            if fence is not None and fence != last:
                return False
            if not rows:
                connection.execute(_NEW, (*columns, 1, 0.0, 0.0))
            elif fence is None:
                connection.execute(_LEASE, (last + 1, 0.0, 0.0, *columns))
            connection.execute(_PUT, (*token, *columns))
            return True

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        with self._changing() as connection:
            return connection.execute(_DELETE, (*_columns(key), value)).rowcount > 0

    # -- tickets and permanent codes --------------------------------------------------------

    def ticket(self, suite_key: str, /) -> str | None:
        rows = self._rows(_TICKET, self.platform, suite_key)
        return rows[0][0] if rows else None

    def save_ticket(self, suite_key: str, ticket: str, /) -> None:
        checked("ticket", ticket)
        with self._changing() as connection:
            connection.execute(_SAVE_TICKET, (self.platform, suite_key, ticket))

    def permanent_code(self, suite_key: str, corp_id: str, /) -> str | None:
        rows = self._rows(_CODE, self.platform, suite_key, corp_id)
        return rows[0][0] if rows else None

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str, /) -> None:
        checked("code", code)
        with self._changing() as connection:
            connection.execute(_SAVE_CODE, (self.platform, suite_key, corp_id, code))

    def forget_corp(self, suite_key: str, corp_id: str, /) -> None:
        with self._changing() as connection:
            connection.execute(_FORGET, (self.platform, suite_key, corp_id))

    # -- the file ---------------------------------------------------------------------------

    def close(self) -> None:
        with self._lock:
            connection, self._connection = self._connection, None
            if connection is not None and self._process == os.getpid():
                connection.close()

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Give the connection, to one thread at a time."""
        if self._process != os.getpid():
            # Forked: neither connection nor lock may be used, and closing it would drop the
            # parent's locks.
            _inherited.append(self._connection)
            self._connection, self._lock = None, threading.Lock()
            self._process = os.getpid()
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = _connect(self._path)
                yield self._connection
            except (sqlite3.Error, OSError, UnicodeError) as problem:
                reason = type(problem).__name__ if isinstance(problem, UnicodeError) else problem
                raise StoreFailed(
                    "SQLiteStore",
                    f"{self._path} 不可用：{reason}。请检查目录、权限与磁盘空间",
                    f"{self._path} cannot be used: {reason}; check folder, permissions and disk",
                ) from None

    def _rows(self, sql: str, *parameters: str) -> list[tuple[Any, ...]]:
        with self._open() as connection:
            return connection.execute(sql, parameters).fetchall()

    @contextlib.contextmanager
    def _changing(self) -> Iterator[sqlite3.Connection]:
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    def __repr__(self) -> str:
        return f"<SQLiteStore {self._path!r}>"


_inherited: list[object] = []


def _connect(path: str) -> sqlite3.Connection:
    if path != ":memory:":
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        if os.name == "posix" and os.stat(path).st_mode & 0o077:  # noqa: PTH116
            os.chmod(path, 0o600)  # noqa: PTH101 - it was made by hand, or copied
    connection = sqlite3.connect(
        path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
    )
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            for statement in _SCHEMA:
                connection.execute(statement)
        except sqlite3.OperationalError as problem:
            # Of several that open a new file at once SQLite does not let all wait their turn.
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _columns(key: TokenKey) -> tuple[str, ...]:
    return key.platform, key.kind, key.suite, key.app, key.corp, key.user


def _is_leased(rows: list[tuple[Any, ...]], now: float) -> bool:
    return bool(rows) and seconds_left(now, rows[0][1], rows[0][2])
