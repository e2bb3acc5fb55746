"""The victim of test_kill.py: says what it has done, until it is killed."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

from sanfang.platform.store import open_durable, open_hot
from sanfang.platform.store.ports import Durable, Query, Tx

SCHEMA = Path(__file__).parent / "schema"
INSERT = Query("things.insert", "INSERT INTO things (name, count) VALUES ($1, 0)")


def say(text: str) -> None:
    print(text, flush=True)


async def answered(store: Durable) -> None:
    async def body(tx: Tx) -> None:
        await tx.run(INSERT, "a")

    await store.transact(body)
    say("answered")
    await asyncio.sleep(60)


async def in_the_body(store: Durable) -> None:
    async def body(tx: Tx) -> None:
        await tx.run(INSERT, "a")
        say("in the body")
        time.sleep(60)

    await store.transact(body)


async def load(store: Durable) -> None:
    """Write pairs; a pair is whole or not there."""

    async def body(tx: Tx, name: str) -> None:
        await tx.run(INSERT, f"{name} left")
        await tx.run(INSERT, f"{name} right")

    async def caller(number: int) -> None:
        for turn in range(100_000):
            name = f"{number}-{turn}"
            await store.transact(lambda tx, name=name: body(tx, name))  # type: ignore[misc]
            say(f"{name} left")

    await asyncio.gather(*[caller(number) for number in range(16)])


async def hot(address: str) -> None:
    store = await open_hot(address)

    async def caller() -> None:
        while True:
            fence = await store.lease("lease", f"owner {time.monotonic_ns()}", now=0, ttl=0)
            await store.put(f"taken {fence}", b"x", now=0, ttl=1000)
            await store.put(f"kept {fence}", b"x", now=0, ttl=1000)
            await store.take(f"taken {fence}", now=0)
            say(f"{fence}")

    await asyncio.gather(*[caller() for _ in range(8)])


async def main(what: str, address: str) -> None:
    if what == "hot":
        await hot(address)
    store = await open_durable(address, folder=SCHEMA)
    await {"answered": answered, "in the body": in_the_body, "load": load}[what](store)


asyncio.run(main(*sys.argv[1:]))
