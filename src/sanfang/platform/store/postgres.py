"""The durable port on PostgreSQL through asyncpg.

Bodies run at READ COMMITTED; the queries name the rows they lock. A serialisation failure or a
deadlock runs the body again from the start, a few times, with a growing random pause. Statements are
prepared once per connection. Nothing but transactions changes a session, so the pool's usual
clean-up round trip at each release is left out.

Guarantee: what ``transact`` returned from is committed (as durable as the server's
``synchronous_commit`` makes it). When the connection breaks during the commit nobody can know whether
it happened; ``StoreLost`` says so.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from types import ModuleType
from typing import Any, Final, TypeVar

from .address import shown
from .errors import Conflict, ExtraMissing, StoreClosed, StoreError, StoreLost
from .ports import Query, Row, Tx, Value
from .postgres_listener import Listener

T = TypeVar("T")

CONNECTIONS = 10
TRIES = 6
PAUSE = 0.005  # seconds before the second try, at most; doubles
STATEMENT_TIMEOUT_MS = 30_000

_NOTIFY = "SELECT pg_notify(c, p) FROM unnest($1::text[], $2::text[]) AS n (c, p)"
_in_body: ContextVar[bool] = ContextVar("sanfang_in_body", default=False)


class PostgresDurable:
    """See ``ports.Durable``; made by ``open``."""

    dialect: Final = "postgres"

    def __init__(self, asyncpg: ModuleType, dsn: str, pool: Any) -> None:
        self._asyncpg = asyncpg
        self._dsn = dsn
        self._pool = pool
        self._listener = Listener(self._connect)
        self._closed = False

    @classmethod
    async def open(cls, dsn: str, *, connections: int = CONNECTIONS) -> PostgresDurable:
        """Connect to the database at ``dsn`` (``postgresql://user:password@host:port/name``).

        :raises ExtraMissing: asyncpg is not installed.
        :raises StoreLost: no server answers there, or it refuses us.
        """
        asyncpg = _driver()
        try:
            pool = await asyncpg.create_pool(
                dsn, min_size=1, max_size=connections, reset=_keep_session, **_settings()
            )
        except _unreachable(asyncpg) as error:
            raise _no_server(dsn, error) from error
        return cls(asyncpg, dsn, pool)

    async def one(self, query: Query, *args: Value) -> Row | None:
        self._check()
        with self.trouble():
            row: Row | None = await self._pool.fetchrow(query.postgres, *args)
            return row

    async def all(self, query: Query, *args: Value) -> list[Row]:
        self._check()
        with self.trouble():
            rows: list[Row] = await self._pool.fetch(query.postgres, *args)
            return rows

    async def transact(self, body: Callable[[Tx], Awaitable[T]]) -> T:
        self._check()
        pause = PAUSE
        for _ in range(TRIES):
            with self.trouble():
                connection = await self._pool.acquire(timeout=STATEMENT_TIMEOUT_MS / 1000)
            try:
                try:
                    return await self._attempt(connection, body)
                finally:
                    await self._pool.release(connection)
            except self._collisions():
                await asyncio.sleep(random.uniform(0, pause))  # noqa: S311 - not a secret
                pause *= 2
        raise StoreError(
            f"事务与其他事务冲突，重试 {TRIES} 次仍未成功，请稍后再试。",
            f"The transaction collided with others {TRIES} times in a row; try again later.",
        )

    async def listen(self, channel: str, callback: Callable[[str], None]) -> None:
        """As the port says. After a lost connection ``callback("")`` says: something may be missed."""
        self._check()
        with self.trouble():
            await self._listener.add(channel, callback)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._listener.close()
        try:
            await asyncio.wait_for(self._pool.close(), 10)
        except TimeoutError:
            self._pool.terminate()

    async def _attempt(self, connection: Any, body: Callable[[Tx], Awaitable[T]]) -> T:
        transaction = connection.transaction(isolation="read_committed")
        with self.trouble():
            await transaction.start()
        tx = _PostgresTx(self, connection)
        token = _in_body.set(True)
        try:
            result = await body(tx)
            if tx.failed is not None:  # COMMIT would quietly roll back
                raise tx.failed
            if tx.notices:
                channels, payloads = zip(*tx.notices, strict=True)
                with self.trouble():
                    await connection.execute(_NOTIFY, channels, payloads)
        except BaseException as error:
            with suppress(self._asyncpg.PostgresError, self._asyncpg.InterfaceError, OSError):
                await transaction.rollback()
            if isinstance(tx.failed, self._collisions()) and error is not tx.failed:
                raise tx.failed from error
            raise
        finally:
            _in_body.reset(token)
            tx.over = True
        try:
            await transaction.commit()
        except _unreachable(self._asyncpg) as error:
            raise StoreLost(
                f"提交时与数据库 {shown(self._dsn)} 的连接中断，无法得知是否已提交；请核对后再重试。",
                f"The connection to {shown(self._dsn)} broke during the commit, so it is not known "
                "whether it happened; look before you repeat.",
            ) from error
        return result

    def _collisions(self) -> tuple[type[Exception], ...]:
        return self._asyncpg.SerializationError, self._asyncpg.DeadlockDetectedError

    async def _connect(self) -> Any:
        return await self._asyncpg.connect(self._dsn, **_settings())

    def _check(self) -> None:
        if self._closed:
            raise StoreClosed
        if _in_body.get():
            raise RuntimeError("a transaction body may await only its tx, not the store itself")

    @contextmanager
    def trouble(self, query: Query | None = None) -> Iterator[None]:
        """Turn a lost server, a timeout or a broken constraint into an error of ours."""
        try:
            yield
        except self._asyncpg.IntegrityConstraintViolationError as error:
            name = query.name if query else "?"
            raise Conflict(
                f"{name}：违反约束（{error}）。", f"{name}: constraint broken ({error})."
            ) from error
        except self._asyncpg.QueryCanceledError as error:
            raise StoreLost(
                f"数据库 {shown(self._dsn)} 在 {STATEMENT_TIMEOUT_MS // 1000} 秒内没有完成语句。",
                f"{shown(self._dsn)} did not finish a statement within "
                f"{STATEMENT_TIMEOUT_MS // 1000} s.",
            ) from error
        except _unreachable(self._asyncpg) as error:
            if isinstance(error, self._asyncpg.InterfaceError) and "clos" not in str(error):
                raise  # wrong arguments, not a connection or pool that closed
            raise _no_server(self._dsn, error) from error


class _PostgresTx:
    """See ``ports.Tx``. ``failed`` is the first error a statement met."""

    __slots__ = ("_connection", "_store", "failed", "notices", "over")

    def __init__(self, store: PostgresDurable, connection: Any) -> None:
        self._store = store
        self._connection = connection
        self.failed: Exception | None = None
        self.notices: dict[tuple[str, str], None] = {}
        self.over = False

    async def one(self, query: Query, *args: Value) -> Row | None:
        with self._statement(query):
            row: Row | None = await self._connection.fetchrow(query.postgres, *args)
            return row

    async def all(self, query: Query, *args: Value) -> list[Row]:
        with self._statement(query):
            rows: list[Row] = await self._connection.fetch(query.postgres, *args)
            return rows

    async def run(self, query: Query, *args: Value) -> int:
        with self._statement(query):
            status: str = await self._connection.execute(query.postgres, *args)
        count = status.rpartition(" ")[2]  # "INSERT 0 1", "UPDATE 3", "CREATE TABLE"
        return int(count) if count.isdigit() else 0

    async def many(self, query: Query, rows: Iterable[Sequence[Value]]) -> None:
        with self._statement(query):
            await self._connection.executemany(query.postgres, rows)

    def notify(self, channel: str, payload: str) -> None:
        self.notices[channel, payload] = None

    @contextmanager
    def _statement(self, query: Query) -> Iterator[None]:
        if self.over:
            raise RuntimeError("this transaction is over; do not keep tx outside its body")
        try:
            with self._store.trouble(query):
                yield
        except Exception as error:
            self.failed = self.failed or error
            raise


def _driver() -> ModuleType:
    try:
        import asyncpg
    except ImportError as error:
        raise ExtraMissing("asyncpg", "postgres") from error
    driver: ModuleType = asyncpg
    return driver


def _settings() -> dict[str, Any]:
    return {
        "statement_cache_size": 1024,
        "max_cached_statement_lifetime": 0,
        "command_timeout": STATEMENT_TIMEOUT_MS / 1000 + 5,  # the server's own limit comes first
        "timeout": 10,
        "server_settings": {
            "application_name": "sanfang",
            "statement_timeout": str(STATEMENT_TIMEOUT_MS),
            "idle_in_transaction_session_timeout": str(STATEMENT_TIMEOUT_MS),
            "jit": "off",  # compiling costs more than our short statements
        },
    }


async def _keep_session(connection: Any) -> None:
    """asyncpg has rolled back what was open; there is nothing else to reset."""


def _unreachable(asyncpg: ModuleType) -> tuple[type[Exception], ...]:
    return (
        OSError,  # also TimeoutError
        asyncpg.InterfaceError,
        asyncpg.InternalClientError,  # the server hung up between two statements
        asyncpg.PostgresConnectionError,
        asyncpg.CannotConnectNowError,
        asyncpg.AdminShutdownError,
        asyncpg.CrashShutdownError,
        asyncpg.TooManyConnectionsError,
        asyncpg.InvalidAuthorizationSpecificationError,
        asyncpg.InvalidCatalogNameError,
    )


def _no_server(dsn: str, error: Exception) -> StoreLost:
    reason = str(error) or type(error).__name__
    return StoreLost(
        f"无法使用 PostgreSQL {shown(dsn)}：{reason}。请检查服务是否运行、地址与账号是否正确。",
        f"PostgreSQL at {shown(dsn)} cannot be used: {reason}. "
        "Check that it runs and that address and account are right.",
    )
