"""What holds for PostgreSQL beyond the contract: collisions, lost connections, waking listeners."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sanfang.platform.store import open_durable, postgres
from sanfang.platform.store.errors import ExtraMissing, StoreError, StoreLost
from sanfang.platform.store.ports import Query, Tx
from sanfang.platform.store.postgres import PostgresDurable

from . import things
from .conftest import SCHEMA
from .fixtures import durable_address
from .things import adding, names

pytestmark = pytest.mark.anyio

SUICIDE = Query("suicide", "SELECT pg_terminate_backend(pg_backend_pid())")
KILL = Query("kill", "SELECT pg_terminate_backend($1::int)")
PID = Query("pid", "SELECT pg_backend_pid()")
SLEEP = Query("sleep", "SELECT pg_sleep($1::bigint)")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[PostgresDurable]:
    with durable_address("postgres", tmp_path, blank=True) as address:
        durable = await open_durable(address, folder=SCHEMA)
        assert isinstance(durable, PostgresDurable)
        yield durable
        await durable.close()


async def test_a_deadlock_is_resolved_by_running_a_body_again(store: PostgresDurable) -> None:
    await store.transact(adding("a", 0))
    await store.transact(adding("b", 0))
    both_hold_one = asyncio.Barrier(2)
    runs = []

    async def body(tx: Tx, first: str, second: str) -> None:
        runs.append(first)
        await tx.run(things.RAISE, first, 1)
        if len(runs) <= 2:
            await both_hold_one.wait()
        await tx.run(things.RAISE, second, 1)

    await asyncio.gather(
        store.transact(lambda tx: body(tx, "a", "b")), store.transact(lambda tx: body(tx, "b", "a"))
    )
    assert [tuple(row) for row in await store.all(things.ALL)] == [("a", 2), ("b", 2)]
    assert len(runs) == 3


async def test_collisions_without_end_become_an_error(
    store: PostgresDurable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "PAUSE", 0.0)
    runs = []

    async def body(tx: Tx) -> None:
        runs.append(1)
        raise store._asyncpg.SerializationError("again")

    with pytest.raises(StoreError, match="collided"):
        await store.transact(body)
    assert len(runs) == postgres.TRIES


async def test_a_connection_lost_in_a_transaction_is_told_and_the_store_goes_on(
    store: PostgresDurable,
) -> None:
    async def body(tx: Tx) -> None:
        await tx.run(things.INSERT, "a", 1)
        await tx.one(SUICIDE)

    with pytest.raises(StoreLost, match=r"PostgreSQL at postgresql://"):
        await store.transact(body)
    await store.transact(adding("b"))
    assert await names(store) == ["b"]


async def test_a_connection_lost_before_the_commit_leaves_the_outcome_open(
    store: PostgresDurable,
) -> None:
    other = await store._connect()

    async def body(tx: Tx) -> None:
        await tx.run(things.INSERT, "a", 1)
        row = await tx.one(PID)
        assert row is not None
        await other.execute(f"SELECT pg_terminate_backend({row[0]})")

    with pytest.raises(StoreLost, match="not known whether it happened"):
        await store.transact(body)
    await other.close()
    assert await names(store) == []


async def test_a_listener_comes_back_and_says_that_something_may_be_missed(
    store: PostgresDurable,
) -> None:
    heard: asyncio.Queue[str] = asyncio.Queue()
    await store.listen("shelf", heard.put_nowait)

    async def body(tx: Tx) -> None:
        tx.notify("shelf", "after")

    async with asyncio.timeout(10):
        await store.one(KILL, store._listener._connection.get_server_pid())
        assert await heard.get() == ""
        await store.transact(body)
        assert await heard.get() == "after"


async def test_a_statement_that_takes_too_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "STATEMENT_TIMEOUT_MS", 1500)  # opening takes its time too
    with durable_address("postgres", tmp_path, blank=True) as address:
        store = await open_durable(address, folder=SCHEMA)
        try:
            with pytest.raises(StoreLost, match="did not finish"):
                await store.one(SLEEP, 10)
        finally:
            await store.close()


async def test_a_wrong_number_of_arguments_is_not_taken_for_a_lost_server(
    store: PostgresDurable,
) -> None:
    with pytest.raises(store._asyncpg.InterfaceError, match="argument"):
        await store.one(things.BY_NAME)


async def test_no_server_is_told_without_the_password() -> None:
    with pytest.raises(StoreLost) as caught:
        await open_durable("postgresql://someone:geheim@127.0.0.1:1/test")
    assert "127.0.0.1:1" in caught.value.zh
    assert "geheim" not in str(caught.value)
    assert "someone" not in str(caught.value)


async def test_without_asyncpg_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncpg", None)
    with pytest.raises(ExtraMissing, match=r"sanfang\[postgres\]"):
        await open_durable("postgresql://127.0.0.1/test")
