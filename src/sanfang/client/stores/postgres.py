"""A store in PostgreSQL, for the processes of many machines.

Every method is one statement; leases run on the server's clock, so that those of the clients do
not matter. Needs psycopg 3: ``pip install 'sanfang[postgres]'``.
"""

# ruff: noqa: S608 - constants pasted into constants

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

from ..errors import BadCall, StoreFailed
from ..tokens import Token, TokenKey
from .common import PATIENCE, DurableStore, checked

try:
    import psycopg
except ImportError:
    raise BadCall(
        "PostgresStore 需要 psycopg 3：pip install 'sanfang[postgres]' / PostgresStore needs psycopg 3"
    ) from None

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sanfang_tokens (
    platform text NOT NULL, kind text NOT NULL, suite text NOT NULL, app text NOT NULL,
    corp text NOT NULL, person text NOT NULL,
    value text, fetched_at double precision, expires_at double precision,
    fence bigint NOT NULL, leased_until timestamptz,
    PRIMARY KEY (platform, kind, suite, app, corp, person));
CREATE TABLE IF NOT EXISTS sanfang_suite_tickets (
    platform text NOT NULL, suite_key text NOT NULL, ticket text NOT NULL,
    PRIMARY KEY (platform, suite_key));
CREATE TABLE IF NOT EXISTS sanfang_permanent_codes (
    platform text NOT NULL, suite_key text NOT NULL, corp_id text NOT NULL, code text NOT NULL,
    PRIMARY KEY (platform, suite_key, corp_id));
"""
_THERE = "SELECT to_regclass('sanfang_permanent_codes') IS NOT NULL"  # the last one made
_SCHEMA_LOCK = 0x5A4E464E  # those who start together make the tables one after another

_COLUMNS = "platform, kind, suite, app, corp, person"
_KEY = " AND ".join(f"t.{column} = %s" for column in _COLUMNS.split(", "))
_UNTIL = "clock_timestamp() + make_interval(secs => %s)"
_GET = f"SELECT value, fetched_at, expires_at FROM sanfang_tokens t WHERE {_KEY}"
_LEASE = f"""
INSERT INTO sanfang_tokens AS t ({_COLUMNS}, fence, leased_until)
VALUES (%s, %s, %s, %s, %s, %s, 1, {_UNTIL})
ON CONFLICT ({_COLUMNS}) DO UPDATE SET fence = t.fence + 1, leased_until = excluded.leased_until
WHERE t.leased_until IS NULL OR t.leased_until <= clock_timestamp()
RETURNING fence"""
_EXTEND = f"""
UPDATE sanfang_tokens t SET leased_until = {_UNTIL}
WHERE {_KEY} AND fence = %s AND leased_until IS NOT NULL"""
_RELEASE = f"UPDATE sanfang_tokens t SET leased_until = NULL WHERE {_KEY} AND fence = %s"
_PUT = f"""
UPDATE sanfang_tokens t
SET value = %s, fetched_at = %s, expires_at = %s, leased_until = NULL
WHERE {_KEY} AND fence = %s"""
_PUT_ANYWAY = f"""
INSERT INTO sanfang_tokens AS t (value, fetched_at, expires_at, {_COLUMNS}, fence)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 1)
ON CONFLICT ({_COLUMNS}) DO UPDATE SET value = excluded.value, fetched_at = excluded.fetched_at,
    expires_at = excluded.expires_at, fence = t.fence + 1, leased_until = NULL"""
_DELETE = f"UPDATE sanfang_tokens t SET value = NULL WHERE {_KEY} AND value = %s"
_TICKET = "SELECT ticket FROM sanfang_suite_tickets WHERE platform = %s AND suite_key = %s"
_SAVE_TICKET = (
    "INSERT INTO sanfang_suite_tickets VALUES (%s, %s, %s)"
    " ON CONFLICT (platform, suite_key) DO UPDATE SET ticket = excluded.ticket"
)
_CODE = (
    "SELECT code FROM sanfang_permanent_codes"
    " WHERE platform = %s AND suite_key = %s AND corp_id = %s"
)
_SAVE_CODE = (
    "INSERT INTO sanfang_permanent_codes VALUES (%s, %s, %s, %s)"
    " ON CONFLICT (platform, suite_key, corp_id) DO UPDATE SET code = excluded.code"
)
_FORGET = (
    "DELETE FROM sanfang_permanent_codes WHERE platform = %s AND suite_key = %s AND corp_id = %s"
)


class PostgresStore(DurableStore):
    """Keep tokens, tickets and permanent codes in three tables of a PostgreSQL database.

    ``conninfo`` is a URL or a connection text of libpq. The tables are made at the first use if
    they are not there. One connection per store, opened when needed and again when it broke.
    ``base_url`` and ``api_url``: see `DurableStore`. Methods raise `StoreFailed`.
    """

    def __init__(
        self, conninfo: str, *, base_url: str | None = None, api_url: str | None = None
    ) -> None:
        super().__init__(base_url, api_url)
        self._conninfo = conninfo
        self._connection: psycopg.Connection[Any] | None = None
        self._lock = threading.Lock()
        self._process = os.getpid()

    # -- tokens -----------------------------------------------------------------------------

    def get(self, key: TokenKey, /) -> Token | None:
        rows = self._run(_GET, *_columns(key))
        if not rows or rows[0][0] is None:
            return None
        return Token(*rows[0])

    def lease(self, key: TokenKey, seconds: float, /) -> int | None:
        rows = self._run(_LEASE, *_columns(key), seconds)
        return int(rows[0][0]) if rows else None

    def extend(self, key: TokenKey, fence: int, seconds: float, /) -> bool:
        return self._change(_EXTEND, seconds, *_columns(key), fence)

    def release(self, key: TokenKey, fence: int, /) -> None:
        self._change(_RELEASE, *_columns(key), fence)

    def put(self, key: TokenKey, token: Token, fence: int | None = None, /) -> bool:
        if fence is None:
            return self._change(_PUT_ANYWAY, *token, *_columns(key))
        return self._change(_PUT, *token, *_columns(key), fence)

    def delete_if(self, key: TokenKey, value: str, /) -> bool:
        return self._change(_DELETE, *_columns(key), value)

    # -- tickets and permanent codes --------------------------------------------------------

    def ticket(self, suite_key: str, /) -> str | None:
        rows = self._run(_TICKET, self.platform, suite_key)
        return rows[0][0] if rows else None

    def save_ticket(self, suite_key: str, ticket: str, /) -> None:
        self._change(_SAVE_TICKET, self.platform, suite_key, checked("ticket", ticket))

    def permanent_code(self, suite_key: str, corp_id: str, /) -> str | None:
        rows = self._run(_CODE, self.platform, suite_key, corp_id)
        return rows[0][0] if rows else None

    def save_permanent_code(self, suite_key: str, corp_id: str, code: str, /) -> None:
        self._change(_SAVE_CODE, self.platform, suite_key, corp_id, checked("code", code))

    def forget_corp(self, suite_key: str, corp_id: str, /) -> None:
        self._change(_FORGET, self.platform, suite_key, corp_id)

    # -- the connection ---------------------------------------------------------------------

    def close(self) -> None:
        with self._ours():
            connection, self._connection = self._connection, None
            if connection is not None:
                connection.close()

    def _run(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self._executed(statement, parameters).fetchall()

    def _change(self, statement: str, *parameters: Any) -> bool:
        return self._executed(statement, parameters).rowcount > 0

    def _executed(self, statement: str, parameters: tuple[Any, ...]) -> psycopg.Cursor[Any]:
        """Run a statement; the rows have arrived when this returns."""
        with self._ours():
            try:
                try:
                    return self._connected().execute(statement, parameters)
                except (psycopg.OperationalError, psycopg.InterfaceError):
                    # A connection that was cut while nobody used it. Once more does no harm: a
                    # lease taken twice ends by itself, and all else is the same done twice.
                    if self._connection is None or not self._connection.broken:
                        raise
                    self._connection = None
                    return self._connected().execute(statement, parameters)
            except (psycopg.Error, UnicodeError) as problem:
                raise StoreFailed(
                    "PostgresStore",
                    f"数据库不可用：{_reason(problem)}",
                    f"the database cannot be used: {_reason(problem)}",
                ) from None

    @contextlib.contextmanager
    def _ours(self) -> Iterator[None]:
        """Let one thread at a time use the connection, and none of a forked process."""
        if self._process != os.getpid():
            _inherited.append(self._connection)
            self._connection, self._lock = None, threading.Lock()
            self._process = os.getpid()
        with self._lock:
            yield

    def _connected(self) -> psycopg.Connection[Any]:
        connection = self._connection
        if connection is None or connection.closed:
            connection = psycopg.connect(
                self._conninfo,
                autocommit=True,
                connect_timeout=int(PATIENCE / 2),
                prepare_threshold=None,  # poolers that switch connections know no prepared ones
            )
            try:
                _prepare(connection)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return connection

    def __repr__(self) -> str:
        return "<PostgresStore>"  # the address may hold a password


_inherited: list[object] = []


def _prepare(connection: psycopg.Connection[Any]) -> None:
    connection.execute(f"SET statement_timeout = {int(PATIENCE * 1000)}")
    row = connection.execute(_THERE).fetchone()
    if row is not None and not row[0]:
        with connection.transaction():
            connection.execute(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK})")
            connection.execute(_SCHEMA)


def _reason(problem: Exception) -> str:
    """Say what is the matter, without the details that may repeat a row."""
    if isinstance(problem, psycopg.Error) and problem.diag.message_primary:
        return problem.diag.message_primary
    if isinstance(problem, psycopg.Error):
        return str(problem).partition("\n")[0][:200]
    return type(problem).__name__


def _columns(key: TokenKey) -> tuple[str, ...]:
    return key.platform, key.kind, key.suite, key.app, key.corp, key.user
