"""The stores: durable rows a second alone and in company, reads, hot operations.

    .venv/bin/python benchmarks/store.py

Every row is 600 bytes in a table with a primary key, a unique and an ordinary index. Compared in one
run: bare ``sqlite3`` (a commit per row, a hundred rows per commit), our port with 1, 16 and 100 callers
that each wait for their commit, with synchronous FULL (ours) and NORMAL, with the commit in the loop
(what a quick disk gets) and in the thread (what a slow one gets); bare ``asyncpg`` and our port over it.
The pool of asyncpg is the usual one, which resets the session at every release; ours need not.
PostgreSQL and Redis rows appear when SANFANG_TEST_POSTGRES / SANFANG_TEST_REDIS (default: loopback)
answer. Rounds are interleaved; the median counts. Ratios are against the first row of each table.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import statistics
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sanfang.platform.store import disk, open_durable, open_hot
from sanfang.platform.store.errors import StoreError
from sanfang.platform.store.ports import Durable, Hot, Query, Tx

POSTGRES = os.environ.get("SANFANG_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/test")
REDIS = os.environ.get("SANFANG_TEST_REDIS", "redis://127.0.0.1:6379/9")
ROUNDS = 5
SECONDS = 0.4

SCHEMA = """CREATE TABLE events (
  event_id {serial}, key TEXT NOT NULL UNIQUE, due_at BIGINT NOT NULL, body TEXT NOT NULL);
CREATE INDEX events_due ON events (due_at);
"""
INSERT = Query("insert", "INSERT INTO events (key, due_at, body) VALUES ($1, $2, $3)")
READ = Query("read", "SELECT due_at, body FROM events WHERE event_id = $1")
BODY = "x" * 600
Run = Callable[[], Awaitable[float]]  # one round: operations a second


class Keys:
    """Unique keys, spread like tokens."""

    def __init__(self) -> None:
        self.number = 0

    def row(self) -> tuple[str, int, str]:
        self.number += 1
        return f"{self.number * 2654435761 % (1 << 32):08x}{self.number}", self.number, BODY


def bare_writes(folder: Path, mode: str, rows_per_commit: int) -> Run:
    """sqlite3 with nothing around it."""
    connection = sqlite3.connect(folder / f"{uuid.uuid4().hex}.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {mode}")
    schema = SCHEMA.replace("{serial}", "INTEGER PRIMARY KEY AUTOINCREMENT")
    connection.executescript(schema)
    keys = Keys()

    async def run() -> float:
        start, rows = time.perf_counter(), 0
        while (spent := time.perf_counter() - start) < SECONDS:
            connection.execute("BEGIN IMMEDIATE")
            for _ in range(rows_per_commit):
                connection.execute(
                    "INSERT INTO events (key, due_at, body) VALUES (?, ?, ?)", keys.row()
                )
            connection.execute("COMMIT")
            rows += rows_per_commit
        return rows / spent

    return run


def our_writes(store: Durable, callers: int, *, slow: bool = False) -> Run:
    """One row per transaction; each caller waits until it is durable."""
    keys = Keys()
    keys.number = callers * 10_000_000  # PostgreSQL: one table for all

    async def write() -> None:
        async def body(tx: Tx) -> None:
            await tx.run(INSERT, *keys.row())

        await store.transact(body)

    async def run() -> float:
        usual, disk.SLOW = disk.SLOW, 0.0 if slow else float("inf")
        try:
            return await in_company(write, callers)
        finally:
            disk.SLOW = usual

    return run


def our_reads(store: Durable, callers: int) -> Run:
    async def read() -> None:
        await store.one(READ, 1 + int(time.perf_counter() * 1e7) % 1000)

    return lambda: in_company(read, callers)


async def in_company(work: Callable[[], Awaitable[object]], callers: int) -> float:
    """Let ``callers`` repeat ``work`` for a while; return operations a second."""
    start = time.perf_counter()
    end = start + SECONDS
    done = 0

    async def caller() -> None:
        nonlocal done
        while time.perf_counter() < end:
            await work()
            done += 1

    await asyncio.gather(*[caller() for _ in range(callers)])
    return done / (time.perf_counter() - start)


async def table(title: str, unit: str, runs: dict[str, Run]) -> None:
    results: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            results[name].append(await run())
    base = statistics.median(next(iter(results.values())))
    print(f"{title:<58}{unit:>10}{'µs':>8}{'ratio':>8}")
    for name, rates in results.items():
        rate = statistics.median(rates)
        print(f"  {name:<56}{rate:>10,.0f}{1e6 / rate:>8.1f}{rate / base:>8.2f}")
    print()


async def fill(store: Durable) -> None:
    keys = Keys()

    async def body(tx: Tx) -> None:
        await tx.many(INSERT, [keys.row() for _ in range(1000)])

    await store.transact(body)


async def sqlite_tables(folder: Path, schema: Path) -> None:
    stores: list[Durable] = []

    async def ours(callers: int, *, normal: bool = False, slow: bool = False) -> Run:
        """Every line gets a file of its own: what one leaves behind must not burden another."""
        store = await open_durable(folder / f"{len(stores)}.db", folder=schema)
        if normal:
            store._writer.execute("PRAGMA synchronous = NORMAL")  # type: ignore[attr-defined]
        stores.append(store)
        return our_writes(store, callers, slow=slow)

    runs = {
        "sqlite3, a commit per row, FULL": bare_writes(folder, "FULL", 1),
        "sqlite3, a commit per row, NORMAL": bare_writes(folder, "NORMAL", 1),
        "sqlite3, 100 rows per commit, FULL": bare_writes(folder, "FULL", 100),
        "sqlite3, 100 rows per commit, NORMAL": bare_writes(folder, "NORMAL", 100),
    }
    for n in (1, 16, 100):
        runs[f"sanfang, {n} callers, FULL, commit in the loop"] = await ours(n)
        runs[f"sanfang, {n} callers, FULL, commit in the thread"] = await ours(n, slow=True)
        runs[f"sanfang, {n} callers, NORMAL"] = await ours(n, normal=True)
    await table("durable rows, SQLite", "rows/s", runs)
    for store in stores:
        await store.close()

    full = await open_durable(folder / "full.db", folder=schema)
    await fill(full)
    connection = sqlite3.connect(folder / "full.db")

    async def bare() -> None:
        number = 1 + int(time.perf_counter() * 1e7) % 1000
        connection.execute(
            "SELECT due_at, body FROM events WHERE event_id = ?", (number,)
        ).fetchone()

    await table(
        "reads by key, SQLite",
        "reads/s",
        {"sqlite3": lambda: in_company(bare, 1), "sanfang": our_reads(full, 1)},
    )
    connection.close()
    await full.close()


@contextmanager
def postgres_schema() -> Iterator[str]:
    import asyncpg

    def execute(statement: str) -> None:
        async def run() -> None:
            connection = await asyncpg.connect(POSTGRES, timeout=3)
            await connection.execute(statement)
            await connection.close()

        asyncio.run(run())

    schema = f"bench_{uuid.uuid4().hex}"
    execute(f"CREATE SCHEMA {schema}")
    try:
        yield f"{POSTGRES}?search_path={schema}"
    finally:
        execute(f"DROP SCHEMA {schema} CASCADE")


async def postgres_tables(address: str, schema: Path) -> None:
    import asyncpg

    store = await open_durable(address, folder=schema)
    await fill(store)
    pool = await asyncpg.create_pool(address, min_size=10, max_size=10)
    keys = Keys()
    keys.number = 1 << 31

    async def bare_write() -> None:
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(INSERT.postgres, *keys.row())

    async def bare_read() -> None:
        await pool.fetchrow(READ.postgres, 1 + int(time.perf_counter() * 1e7) % 1000)

    for callers in (1, 16, 100):
        await table(
            f"PostgreSQL, {callers} callers",
            "/s",
            {
                "asyncpg pool, a transaction of one row": lambda n=callers: in_company(
                    bare_write, n
                ),
                "sanfang, a transaction of one row": our_writes(store, callers),
                "asyncpg pool, a read": lambda n=callers: in_company(bare_read, n),
                "sanfang, a read": our_reads(store, callers),
            },
        )
    await pool.close()
    await store.close()


async def hot_table(title: str, hot: Hot, callers: int) -> None:
    number = 0
    now = 1_700_000_000_000
    for n in range(1000):
        await hot.put(f"token {n}", BODY[:200].encode(), now=now, ttl=7_200_000)

    async def get() -> None:
        await hot.get(f"token {int(time.perf_counter() * 1e7) % 1000}", now=now)

    async def keep() -> None:
        key = f"token {int(time.perf_counter() * 1e7) % 1000}"
        await hot.keep(key, b"x", now=now, ttl=7_200_000)

    async def once() -> None:
        nonlocal number
        number += 1
        key = f"code {number}"
        await hot.put(key, b"x", now=now, ttl=300_000)
        await hot.take(key, now=now)

    await table(
        f"{title}, {callers} callers",
        "/s",
        {
            "get": lambda: in_company(get, callers),
            "keep": lambda: in_company(keep, callers),
            "put, then take": lambda: in_company(once, callers),
        },
    )
    await hot.delete(*[f"token {n}" for n in range(1000)])


async def hot_tables(address: str, title: str) -> None:
    hot = await open_hot(address)
    for callers in (1, 100):
        await hot_table(title, hot, callers)
    await hot.close()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        schema = folder / "schema"
        schema.mkdir()
        (schema / "0001_events.sql").write_text(SCHEMA)
        asyncio.run(sqlite_tables(folder, schema))
        asyncio.run(hot_tables(str(folder / "hot.db"), "hot state in process, written through"))
        try:
            with postgres_schema() as address:
                asyncio.run(postgres_tables(address, schema))
        except OSError as error:
            print(f"no PostgreSQL: {error}\n")
        try:
            asyncio.run(hot_tables(f"{REDIS}?prefix=bench:{uuid.uuid4().hex}:", "hot state, Redis"))
        except StoreError as error:
            print(f"no Redis: {error.en}\n")


if __name__ == "__main__":
    main()
