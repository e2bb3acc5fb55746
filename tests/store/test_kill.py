"""kill -9 at the worst moment: what was answered is there, what was not begun is not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sanfang.platform.store import open_durable, open_hot

from .conftest import SCHEMA
from .fixtures import DURABLES, HOTS, durable_address, hot_address
from .things import names

pytestmark = [pytest.mark.anyio, pytest.mark.process]

CHILD = Path(__file__).parent / "child.py"


@pytest.fixture(params=DURABLES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with durable_address(request.param, tmp_path, blank=True) as where:
        yield where


@contextmanager
def child(*args: str) -> Iterator[Iterator[str]]:
    """Start a process and give the lines it prints; it is killed at the end of the block."""
    process = subprocess.Popen(
        [sys.executable, CHILD, *args], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    assert process.stdout is not None
    try:
        yield (line.strip() for line in process.stdout)
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()


async def what_is_there(address: str) -> list[str]:
    store = await open_durable(address, folder=SCHEMA)
    try:
        return await names(store)
    finally:
        await store.close()


async def test_a_transaction_that_was_answered_survives(address: str) -> None:
    with child("answered", address) as lines:
        assert next(lines) == "answered"
    assert await what_is_there(address) == ["a"]


async def test_of_a_transaction_that_was_not_answered_nothing_is_left(address: str) -> None:
    with child("in the body", address) as lines:
        assert next(lines) == "in the body"
    assert await what_is_there(address) == []


async def test_killed_under_load_nothing_that_was_answered_is_missing(address: str) -> None:
    answered = set()
    with child("load", address) as lines:
        for line in lines:
            answered.add(line)
            if len(answered) == 300:
                break
    there = set(await what_is_there(address))
    assert answered <= there
    pairs = {name.split()[0] for name in there}
    assert all({f"{pair} left", f"{pair} right"} <= there for pair in pairs)


@pytest.mark.parametrize("kind", HOTS)
async def test_the_hot_store_forgets_nothing_that_was_answered(kind: str, tmp_path: Path) -> None:
    with hot_address(kind, tmp_path) as address:
        with child("hot", address) as lines:
            answered = [next(lines) for _ in range(200)]
        hot = await open_hot(address)
        taken = [await hot.get(f"taken {n}", now=1) for n in answered]
        kept = [await hot.get(f"kept {n}", now=1) for n in answered]
        fence = await hot.lease("lease", "me", now=1, ttl=1)
        await hot.close()
    assert kept == [b"x"] * 200
    assert taken == [None] * 200
    assert fence is not None
    assert fence > int(answered[-1])
