"""Fresh stores of every kind, for this folder and for whoever wants to test on all of them.

``durable_address`` and ``hot_address`` give what ``open_durable`` and ``open_hot`` (or a started
process) take. PostgreSQL gives each test a schema, Redis a key prefix, so that runs never meet.
Making a schema's tables takes PostgreSQL longer than most tests take, so a schema that a test leaves
with the tables of this version and few rows is emptied and given to the next one. Without a server
the test is skipped, or fails if SANFANG_REQUIRE_SERVICES=1.
"""

from __future__ import annotations

import asyncio
import functools
import os
import threading
import uuid
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sanfang.platform.store import migrate

POSTGRES = os.environ.get("SANFANG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
REDIS = os.environ.get("SANFANG_TEST_REDIS", "redis://127.0.0.1:6379/9")
REQUIRED = os.environ.get("SANFANG_REQUIRE_SERVICES") == "1"

DURABLES = ("sqlite", "postgres")
HOTS = ("memory", "redis")


@contextmanager
def durable_address(kind: str, folder: Path, *, blank: bool = False) -> Iterator[str]:
    """Give the address of an empty durable store; ``kind`` is one of DURABLES.

    ``blank``: without tables, for tests of migrations and of other tables than the platform's.
    """
    if kind == "sqlite":
        yield str(folder / "durable.db")
        return
    need("PostgreSQL", POSTGRES, _postgres_error())
    if _empty and not blank:
        schema = _empty.pop()
    else:
        schema = f"t_{uuid.uuid4().hex}"
        _elsewhere(_postgres(f"CREATE SCHEMA {schema}"))
    try:
        yield f"{POSTGRES}{'&' if '?' in POSTGRES else '?'}search_path={schema}"
    finally:
        _elsewhere(_leave(schema))


_empty: list[str] = []  # schemas of this process, with tables and without rows
_CURRENT = ",".join(each.checksum for each in migrate.read(migrate.FOLDER))
_MOST_ROWS = (
    5000  # deleted rows stay in the tables' files for a while and would slow the next tests
)
_TABLES = """SELECT relkind::text, count(*) FROM pg_class
  WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'i', 'S') GROUP BY 1
  UNION ALL SELECT 'column', count(*) FROM information_schema.columns WHERE table_schema = $2
  ORDER BY 1"""
_EMPTY = """DO $$ DECLARE it record; deleted bigint; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR it IN SELECT relname, relkind FROM pg_class
    WHERE relnamespace = '{schema}'::regnamespace AND relkind IN ('r', 'S')
  LOOP
    IF it.relkind = 'S' THEN
      PERFORM setval(format('{schema}.%I', it.relname)::regclass, 1, false);
    ELSIF it.relname <> 'sanfang_migrations' THEN
      EXECUTE format('DELETE FROM {schema}.%I', it.relname);
      GET DIAGNOSTICS deleted = ROW_COUNT;
      IF deleted > {most} THEN RAISE EXCEPTION 'many rows'; END IF;
    END IF;
  END LOOP;
END $$"""


async def _leave(schema: str) -> None:
    """Empty a schema for the next test, or drop it when it is not as this version makes it."""
    import asyncpg

    connection = await asyncpg.connect(POSTGRES, timeout=5)
    try:
        try:
            table = f"{schema}.sanfang_migrations"
            rows = await connection.fetch(f"SELECT checksum FROM {table} ORDER BY version")
            shape = [tuple(row) for row in await connection.fetch(_TABLES, schema, schema)]
            current = ",".join(row[0] for row in rows) == _CURRENT
            if current and _shapes.setdefault("this version", shape) == shape:
                await connection.execute(_EMPTY.format(schema=schema, most=_MOST_ROWS))
                _empty.append(schema)
                return
        except asyncpg.PostgresError:
            pass
        await connection.execute(f"DROP SCHEMA {schema} CASCADE")
    finally:
        await connection.close()


_shapes: dict[str, list[tuple[str, int]]] = {}  # tables, indexes and sequences of this version


def drop_all() -> None:
    """Drop the schemas that wait for another test."""
    while _empty:
        _elsewhere(_postgres(f"DROP SCHEMA {_empty.pop()} CASCADE"))


@contextmanager
def hot_address(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty hot store; ``kind`` is one of HOTS."""
    if kind == "memory":
        yield str(folder / "hot.db")
        return
    need("Redis", REDIS, _redis_error())
    prefix = f"t:{uuid.uuid4().hex}:"
    try:
        yield f"{REDIS}{'&' if '?' in REDIS else '?'}prefix={prefix}"
    finally:
        _elsewhere(_forget(prefix))


def need(name: str, address: str, error: str | None) -> None:
    """Skip the test when a server does not answer, or fail where services are required."""
    if error is None:
        return
    reason = f"no {name} at {address}: {error}"
    if REQUIRED:
        pytest.fail(f"SANFANG_REQUIRE_SERVICES=1, but {reason}")
    pytest.skip(reason)


@functools.cache
def _postgres_error() -> str | None:
    return _error(_postgres("SELECT 1"))


@functools.cache
def _redis_error() -> str | None:
    return _error(_forget("t:nothing:"))


def _error(attempt: Coroutine[Any, Any, None]) -> str | None:
    try:
        _elsewhere(attempt)
    except Exception as error:  # noqa: BLE001 - any reason is a reason
        return f"{type(error).__name__}: {error}"
    return None


async def _postgres(statement: str) -> None:
    import asyncpg

    connection = await asyncpg.connect(POSTGRES, timeout=5)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


async def _forget(prefix: str) -> None:
    import redis.asyncio

    async with redis.asyncio.Redis.from_url(REDIS) as client:
        async for key in client.scan_iter(f"{prefix}*", count=1000):
            await client.delete(key)


def _elsewhere(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` in a loop of its own, whether or not one runs here."""
    failure: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(work)
        except BaseException as error:  # noqa: BLE001 - raised below
            failure.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failure:
        raise failure[0]
