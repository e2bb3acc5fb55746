"""What holds for SQLite beyond the contract: the group, the thread, the lock, the log."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sanfang.platform.store import disk, migrate, sqlite, sqlite_file
from sanfang.platform.store.errors import StoreError, StoreInUse, StoreLost
from sanfang.platform.store.ports import Query, Tx
from sanfang.platform.store.sqlite import SqliteDurable

from . import things
from .conftest import SCHEMA
from .things import adding, names

pytestmark = pytest.mark.anyio


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteDurable]:
    durable = await SqliteDurable.open(tmp_path / "data" / "durable.db")
    await migrate.migrate(durable, SCHEMA)
    yield durable
    await durable.close()


def count_commits(store: SqliteDurable, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows by the name of the committing thread with every COMMIT."""
    threads: list[str] = []
    commit = store._commit_now

    def counted() -> None:
        threads.append(threading.current_thread().name)
        commit()

    monkeypatch.setattr(store, "_commit_now", counted)
    return threads


async def test_transactions_that_meet_are_committed_together(
    store: SqliteDurable, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = count_commits(store, monkeypatch)
    await asyncio.gather(*[store.transact(adding(f"n{n}")) for n in range(50)])
    assert len(commits) == 1
    assert len(await names(store)) == 50


async def test_a_quick_disk_commits_in_the_loop_and_a_slow_one_in_a_thread(
    store: SqliteDurable, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = count_commits(store, monkeypatch)
    monkeypatch.setattr(disk, "SLOW", float("inf"))
    await store.transact(adding("quick"))
    monkeypatch.setattr(disk, "SLOW", 0.0)
    await store.transact(adding("slow"))
    assert commits == [threading.current_thread().name, "sanfang-disk_0"]


async def test_reads_go_on_and_writers_gather_while_a_thread_commits(
    store: SqliteDurable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "SLOW", 0.0)
    hold = threading.Event()
    held = threading.Event()
    commit = store._commit_now

    def slow() -> None:
        held.set()
        hold.wait(10)
        commit()

    monkeypatch.setattr(store, "_commit_now", slow)
    first = asyncio.create_task(store.transact(adding("first")))
    await asyncio.to_thread(held.wait, 10)
    commits = count_commits(store, monkeypatch)
    rest = [asyncio.create_task(store.transact(adding(f"n{n}"))) for n in range(20)]
    cancelled = asyncio.create_task(store.transact(adding("cancelled")))
    await asyncio.sleep(0)
    cancelled.cancel()
    assert await names(store) == []
    hold.set()
    await asyncio.gather(first, *rest, cancelled, return_exceptions=True)
    assert len(commits) == 1
    assert await names(store) == ["first", *[f"n{n}" for n in range(20)]]
    assert cancelled.cancelled()


async def test_a_body_that_waits_for_something_else_is_rolled_back(store: SqliteDurable) -> None:
    async def body(tx: Tx) -> None:
        await tx.run(things.INSERT, "a", 1)
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="may await only its tx"):
        await store.transact(body)
    await store.transact(adding("b"))
    assert await names(store) == ["b"]


async def test_when_the_commit_fails_all_are_told_and_nothing_is_stored(
    store: SqliteDurable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(store, "_commit_now", full)
        answers = await asyncio.gather(
            *[store.transact(adding(f"n{n}")) for n in range(3)], return_exceptions=True
        )
    assert [type(answer) for answer in answers] == [StoreLost] * 3
    assert "disk is full" in str(answers[0])
    await store.transact(adding("after"))
    assert await names(store) == ["after"]


async def test_when_sqlite_rolls_the_group_back_all_are_told(store: SqliteDurable) -> None:
    """A full disk makes SQLite undo the whole transaction; a trigger plays the full disk."""
    trigger = Query(
        "trigger",
        """CREATE TRIGGER full BEFORE INSERT ON things WHEN new.name = 'huge'
           BEGIN SELECT RAISE(ROLLBACK, 'disk is full'); END""",
    )

    async def prepare(tx: Tx) -> None:
        await tx.run(trigger)

    await store.transact(prepare)
    answers = await asyncio.gather(
        *[store.transact(adding(name)) for name in ("before", "huge", "behind")],
        return_exceptions=True,
    )
    assert isinstance(answers[0], StoreLost)
    assert isinstance(answers[1], StoreError)
    assert answers[2] is None
    assert await names(store) == ["behind"]


async def test_one_that_only_read_waits_for_what_it_may_have_seen(
    store: SqliteDurable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise sqlite3.OperationalError("full")

    async def reading(tx: Tx) -> object:
        return await tx.one(things.BY_NAME, "a")

    monkeypatch.setattr(store, "_commit_now", full)
    answers = await asyncio.gather(
        store.transact(adding("a")), store.transact(reading), return_exceptions=True
    )
    assert [type(answer) for answer in answers] == [StoreLost] * 2


async def test_the_store_cannot_be_written_through_its_read_connection(
    store: SqliteDurable,
) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        await store.one(things.INSERT_RETURNING, "a", 1)


async def test_the_log_is_moved_into_the_database_as_it_grows(
    store: SqliteDurable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "CHECKPOINT_AFTER", 100)
    for n in range(400):
        await store.transact(adding(f"{n} {'x' * 500}"))
    log = tmp_path / "data" / "durable.db-wal"
    assert log.stat().st_size < 2_000_000  # 400 commits of some five pages would be 8 MB
    assert len(await names(store)) == 400


async def test_a_second_user_of_the_same_folder_is_told_who_has_it(
    store: SqliteDurable, tmp_path: Path
) -> None:
    with pytest.raises(StoreInUse) as caught:
        await SqliteDurable.open(tmp_path / "data" / "durable.db")
    assert str(os.getpid()) in caught.value.zh
    assert "another process" in caught.value.en
    await store.close()
    again = await SqliteDurable.open(tmp_path / "data" / "durable.db")
    await again.close()


async def test_a_file_that_an_outside_tool_is_writing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "PATIENCE_MS", 10)
    store = await SqliteDurable.open(tmp_path / "durable.db")
    await migrate.migrate(store, SCHEMA)
    tool = sqlite3.connect(tmp_path / "durable.db", isolation_level=None)
    tool.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreLost, match="locked"):
        await store.transact(adding("a"))
    assert await names(store) == []
    tool.close()
    await store.transact(adding("b"))
    assert await names(store) == ["b"]
    await store.close()


async def test_only_the_owner_may_read_the_file(store: SqliteDurable, tmp_path: Path) -> None:
    mode = (tmp_path / "data" / "durable.db").stat().st_mode
    assert stat.S_IMODE(mode) & 0o077 == 0


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.db"
    path.write_text("不是数据库，是我的笔记。" * 100)
    with pytest.raises(StoreError, match="not a usable SQLite database"):
        await SqliteDurable.open(path)


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="Cannot open the data file"):
        await SqliteDurable.open(tmp_path / "file" / "durable.db")


async def test_what_is_asked_often_is_asked_of_sqlite_once_a_commit_and_bounded(
    store: SqliteDurable, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    await store.transact(adding("a", 1))
    await store.one(things.BY_NAME, "a")
    store._reader.set_trace_callback(asked.append)
    for _ in range(3):
        await store.one(things.OFTEN, "a")
    assert len(asked) == 1
    await store.transact(adding("b", 1))
    await store.one(things.OFTEN, "a")
    assert len([each for each in asked if "things" in each]) == 2
    monkeypatch.setattr(sqlite, "KEPT", 10)
    for number in range(100):
        assert await store.one(things.OFTEN, f"nobody {number}") is None
        assert len(store._kept) <= 10
