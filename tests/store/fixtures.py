"""Fresh stores of every kind, for this folder and for whoever wants to test on all of them.

``durable_address`` and ``hot_address`` give what ``open_durable`` and ``open_hot`` (or a started
process) take. PostgreSQL gives each test a schema, Redis a key prefix, so that runs never meet.
Without a server the test is skipped, or fails if SANFANG_REQUIRE_SERVICES=1.
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

POSTGRES = os.environ.get("SANFANG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
REDIS = os.environ.get("SANFANG_TEST_REDIS", "redis://127.0.0.1:6379/9")
REQUIRED = os.environ.get("SANFANG_REQUIRE_SERVICES") == "1"

DURABLES = ("sqlite", "postgres")
HOTS = ("memory", "redis")


@contextmanager
def durable_address(kind: str, folder: Path) -> Iterator[str]:
    """Give the address of an empty durable store; ``kind`` is one of DURABLES."""
    if kind == "sqlite":
        yield str(folder / "durable.db")
        return
    need("PostgreSQL", POSTGRES, _postgres_error())
    schema = f"t_{uuid.uuid4().hex}"
    _elsewhere(_postgres(f"CREATE SCHEMA {schema}"))
    try:
        yield f"{POSTGRES}{'&' if '?' in POSTGRES else '?'}search_path={schema}"
    finally:
        _elsewhere(_postgres(f"DROP SCHEMA {schema} CASCADE"))


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
