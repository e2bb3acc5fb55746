"""The data file: whose it is, who may work through it, what is in it after a crash."""

from __future__ import annotations

import asyncio
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest

from sanfang.isv import DataFileError, SuiteMismatch
from sanfang.isv.database import Database, schema

from .world import FakePlatform, event, idle, make, push, until

pytestmark = pytest.mark.anyio


def user(corp: str, name: str) -> dict[str, Any]:
    return event("user_add_org", CorpId=corp, UserId=[name])


async def test_a_file_serves_one_suite(tmp_path: Path) -> None:
    data = str(tmp_path / "isv.db")
    async with make(FakePlatform(), data=data):
        pass
    with pytest.raises(SuiteMismatch, match="belongs to suite suiteexample00000001"):
        await make(FakePlatform(), data=data, suite_key="suiteofsomebodyelse1").start()


async def test_only_the_owner_of_the_machine_account_may_read_the_file(tmp_path: Path) -> None:
    async with make(FakePlatform(), data=str(tmp_path / "isv.db")) as app:
        await push(app, user("ding1", "a"))
        for file in tmp_path.iterdir():
            assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


async def test_a_file_of_a_newer_sanfang_is_left_alone(tmp_path: Path) -> None:
    path = str(tmp_path / "isv.db")
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 999")
    connection.close()
    with pytest.raises(DataFileError, match="newer sanfang"):
        Database(path)


async def test_what_is_no_database_is_refused_with_an_explanation(tmp_path: Path) -> None:
    path = tmp_path / "isv.db"
    path.write_text("not a database, but long enough to have a header of one hundred bytes" * 3)
    with pytest.raises(DataFileError, match="cannot open or write"):
        Database(str(path))


async def test_every_migration_is_applied_once(tmp_path: Path) -> None:
    path = str(tmp_path / "isv.db")
    Database(path).close()
    database = Database(path)
    assert database.rows("PRAGMA user_version") == [(len(schema()),)]
    assert database.rows("PRAGMA journal_mode") == [("wal",)]
    assert database.writing.execute("PRAGMA synchronous").fetchall() == [(2,)]  # FULL
    database.close()


async def test_of_two_processes_on_a_file_one_handles_what_both_receive_in_order(
    tmp_path: Path,
) -> None:
    data, seen = str(tmp_path / "isv.db"), []
    one, other = (make(FakePlatform(), data=data, poll=0.01) for _ in range(2))
    one.on("user_add_org")(lambda event, corp: seen.append(("one", event.user_ids[0])))
    other.on("user_add_org")(lambda event, corp: seen.append(("other", event.user_ids[0])))
    async with one:
        await until(lambda: one.health().handling)
        async with other:
            for number in range(40):
                await push((one, other)[number % 2], user("ding1", str(number)))
            await idle(one)
            assert not other.health().handling
    assert seen == [("one", str(number)) for number in range(40)]


async def test_when_the_process_that_handles_ends_the_other_takes_over(tmp_path: Path) -> None:
    data, seen = str(tmp_path / "isv.db"), []
    one, other = (make(FakePlatform(), data=data, poll=0.01) for _ in range(2))
    other.on("user_add_org")(lambda event, corp: seen.append(event.user_ids[0]))
    async with other:
        await one.start()
        await other.stop()
        await other.start()
        await until(lambda: one.health().handling)
        await one.stop()
        await push(other, user("ding1", "a"))
        await until(lambda: seen == ["a"])


async def test_a_dead_letter_revived_in_one_process_is_handled_in_the_other(tmp_path: Path) -> None:
    data, fails, seen = str(tmp_path / "isv.db"), [True], []
    one, other = (make(FakePlatform(), data=data, poll=0.01) for _ in range(2))

    @one.on("user_add_org")
    async def handle(event: Any, corp: Any) -> None:
        from sanfang.isv import GiveUp

        if fails:
            raise GiveUp("not now")
        seen.append(event.user_ids[0])

    async with one:
        await push(one, user("ding1", "a"))
        await until(lambda: len(one.dead_letters()) == 1)
        fails.clear()
        assert other.retry(1)
        await until(lambda: seen == ["a"])
        other.close()


async def test_a_suite_configured_in_one_process_is_known_in_the_other(tmp_path: Path) -> None:
    data = str(tmp_path / "isv.db")
    one, other = (
        make(FakePlatform(), data=data, suite_key=None, suite_secret=None) for _ in range(2)
    )
    async with one, other:
        one.configure("suiteexample00000001", "secret-of-the-example-suite")
        assert await push(other, user("ding1", "a")) == "success"


async def test_what_was_stored_and_not_handled_comes_first_after_a_restart(tmp_path: Path) -> None:
    data, seen = str(tmp_path / "isv.db"), []
    app = make(FakePlatform(), data=data, grace=0.01)

    @app.on("user_add_org")
    async def endless(event: Any, corp: Any) -> None:
        await asyncio.Event().wait()

    async with app:
        for number in range(5):
            await push(app, user("ding1", str(number)))
    app = make(FakePlatform(), data=data)
    app.on("user_add_org")(lambda event, corp: seen.append(event.user_ids[0]))
    async with app:
        await push(app, user("ding1", "5"))
        await idle(app)
    assert seen == list("012345")
