"""What holds for the hot store in process beyond the contract: its file, and what it forgets."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sanfang.platform.store import disk, memory
from sanfang.platform.store.errors import StoreInUse, StoreLost
from sanfang.platform.store.expiry import Expiry
from sanfang.platform.store.memory import MemoryHot

pytestmark = pytest.mark.anyio


@pytest.fixture
async def hot(tmp_path: Path) -> AsyncIterator[MemoryHot]:
    store = MemoryHot(tmp_path / "hot.db")
    yield store
    await store.close()


def in_file(path: Path) -> dict[str, bytes]:
    """Return what another process would read now."""
    connection = sqlite3.connect(path)
    try:
        return dict(connection.execute("SELECT key, value FROM hot"))
    finally:
        connection.close()


async def test_what_was_answered_is_in_the_file(hot: MemoryHot, tmp_path: Path) -> None:
    await hot.put("a", b"x", now=0, ttl=100)
    assert in_file(tmp_path / "hot.db") == {"a": b"x"}
    await hot.take("a", now=0)
    assert in_file(tmp_path / "hot.db") == {}


async def test_a_value_on_its_way_to_the_file_is_answered_when_it_is_there(
    hot: MemoryHot, tmp_path: Path
) -> None:
    writing = asyncio.create_task(hot.put("a", b"x", now=0, ttl=100))
    await asyncio.sleep(0)
    assert await hot.get("a", now=0) == b"x"
    assert in_file(tmp_path / "hot.db") == {"a": b"x"}
    await writing


async def test_the_same_on_a_slow_disk(
    hot: MemoryHot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "SLOW", 0.0)
    monkeypatch.setattr(memory, "CHECKPOINT_AFTER", 20)
    for round_ in range(5):
        await asyncio.gather(*[hot.put(f"{round_} {n}", b"x", now=0, ttl=100) for n in range(20)])
        assert await hot.get(f"{round_} 0", now=0) == b"x"
    assert len(in_file(tmp_path / "hot.db")) == 100


@pytest.mark.parametrize("checkpoint_after", [0, 1000])
async def test_a_change_during_a_slow_write_follows_it(
    hot: MemoryHot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, checkpoint_after: int
) -> None:
    monkeypatch.setattr(disk, "SLOW", 0.0)
    monkeypatch.setattr(memory, "CHECKPOINT_AFTER", checkpoint_after)
    held, hold = threading.Event(), threading.Event()
    write = hot._write

    def slow(*rows: object) -> None:
        held.set()
        hold.wait(10)
        write(*rows)  # type: ignore[arg-type]

    monkeypatch.setattr(hot, "_write", slow)
    first = asyncio.create_task(hot.put("a", b"x", now=0, ttl=100))
    await asyncio.to_thread(held.wait, 10)
    second = asyncio.create_task(hot.put("b", b"y", now=0, ttl=100))
    await asyncio.sleep(0)
    assert in_file(tmp_path / "hot.db") == {}
    hold.set()
    async with asyncio.timeout(10):
        await asyncio.gather(first, second)
    assert in_file(tmp_path / "hot.db") == {"a": b"x", "b": b"y"}


async def test_changes_that_meet_are_written_once(
    hot: MemoryHot, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = []
    write = hot._write
    monkeypatch.setattr(
        hot, "_write", lambda rows, gone: (batches.append(len(rows)), write(rows, gone))
    )
    await asyncio.gather(*[hot.put(f"k{n}", b"x", now=0, ttl=100) for n in range(40)])
    assert batches == [40]


async def test_a_failed_write_is_told_and_made_up_for(
    hot: MemoryHot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(rows: object, gone: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(hot, "_write", full)
        with pytest.raises(StoreLost, match="disk is full"):
            await hot.put("a", b"x", now=0, ttl=100)
    await hot.put("b", b"y", now=0, ttl=100)
    assert in_file(tmp_path / "hot.db") == {"a": b"x", "b": b"y"}


async def test_expired_values_leave_memory_and_file(hot: MemoryHot, tmp_path: Path) -> None:
    for n in range(500):
        await hot.put(f"k{n}", b"x", now=n, ttl=100)
    for n in range(200):
        await hot.put("busy", b"x", now=100_000 + n, ttl=100)
    assert len(hot) == 1
    assert set(in_file(tmp_path / "hot.db")) == {"busy"}


async def test_values_that_expired_while_nobody_ran_are_dropped(tmp_path: Path) -> None:
    hot = MemoryHot(tmp_path / "hot.db")
    await asyncio.gather(*[hot.put(f"k{n}", b"x", now=0, ttl=100) for n in range(10)])
    await hot.close()
    hot = MemoryHot(tmp_path / "hot.db")
    assert len(hot) == 10
    assert await hot.get("k1", now=100) is None
    for n in range(4):
        await hot.put("new", b"x", now=100_000 + n, ttl=100)
    assert len(hot) == 1
    await hot.close()


async def test_one_time_codes_leave_nothing_behind() -> None:
    hot = MemoryHot(None)
    for n in range(2000):
        await hot.put(f"code {n}", b"x", now=n, ttl=7_200_000)
        await hot.take(f"code {n}", now=n)
    assert len(hot) == 0
    assert sum(len(bucket) for bucket in hot._expiry._buckets.values()) == 0
    assert len(hot._unsaved) == 0


async def test_a_second_user_of_the_file_is_refused(hot: MemoryHot, tmp_path: Path) -> None:
    with pytest.raises(StoreInUse):
        MemoryHot(tmp_path / "hot.db")


def test_expiry_returns_a_few_keys_at_a_time_and_never_too_early() -> None:
    expiry = Expiry()
    for n in range(100):
        expiry.add(f"k{n}", n * 1000)
    expiry.discard("k0", 0)
    assert expiry.due(9_999, 50) == []
    found = []
    while due := expiry.due(50_000, 7):
        assert len(due) <= 7
        found += due
    assert sorted(found) == sorted(f"k{n}" for n in range(1, 50))
