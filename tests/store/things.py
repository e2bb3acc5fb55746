"""Statements on the table of schema/0001_shelf.sql, and bodies made of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sanfang.platform.store.ports import Durable, Query, Tx

INSERT = Query("things.insert", "INSERT INTO things (name, count) VALUES ($1, $2)")
INSERT_RETURNING = Query(
    "things.insert_returning",
    "INSERT INTO things (name, count) VALUES ($1, $2) RETURNING thing_id, name",
)
BY_NAME = Query("things.by_name", "SELECT name, count FROM things WHERE name = $1")
OFTEN = Query("things.often", "SELECT name, count FROM things WHERE name = $1", often=True)
LOCK = Query("things.lock", "SELECT count FROM things WHERE name = $1 FOR UPDATE")
SET = Query("things.set", "UPDATE things SET count = $2 WHERE name = $1")
RAISE = Query("things.raise", "UPDATE things SET count = count + $2::bigint WHERE name = $1")
SET_DATA = Query("things.set_data", "UPDATE things SET data = $2 WHERE name = $1")
DATA = Query("things.data", "SELECT data FROM things WHERE name = $1")
DELETE = Query("things.delete", "DELETE FROM things WHERE name = $1")
ALL = Query("things.all", "SELECT name, count FROM things ORDER BY thing_id LIMIT 10000")
COUNT = Query("things.count", "SELECT count(*) FROM things")


def adding(name: str, count: int = 0) -> Callable[[Tx], Awaitable[None]]:
    async def body(tx: Tx) -> None:
        await tx.run(INSERT, name, count)

    return body


async def names(store: Durable) -> list[str]:
    return [row[0] for row in await store.all(ALL)]


def setting(name: str, count: int) -> Callable[[Tx], Awaitable[int]]:
    async def body(tx: Tx) -> int:
        return await tx.run(SET, name, count)

    return body
