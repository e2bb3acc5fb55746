"""Migrations, from the oldest version upwards, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from sanfang.platform.store import open_durable
from sanfang.platform.store.errors import MigrationRefused, StoreError
from sanfang.platform.store.migrate import migrate, read
from sanfang.platform.store.ports import Query, Tx

from .fixtures import DURABLES, durable_address

pytestmark = pytest.mark.anyio

FIRST = "CREATE TABLE boxes (box_id {serial}, name TEXT NOT NULL);\n"
SECOND = """-- boxes get a weight; and a word about semicolons
ALTER TABLE boxes ADD COLUMN weight BIGINT NOT NULL DEFAULT 0;  -- grams; not kilograms
INSERT INTO boxes (name)
  VALUES ('a;b');
"""
THIRD = "CREATE INDEX boxes_name ON boxes (name);\nUPDATE boxes SET weight = 7;\n"

ADD = Query("boxes.add", "INSERT INTO boxes (name) VALUES ($1)")
BOXES = Query("boxes.all", "SELECT name, weight FROM boxes ORDER BY box_id")
HISTORY = Query("history", "SELECT version, name FROM sanfang_migrations ORDER BY version")
TABLES = {
    "sqlite": Query("t", "SELECT count(*) FROM sqlite_schema WHERE name = $1"),
    "postgres": Query("t", "SELECT count(*) FROM pg_class WHERE oid = to_regclass($1)"),
}


@pytest.fixture(params=DURABLES)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def address(kind: str, tmp_path: Path) -> Iterator[str]:
    with durable_address(kind, tmp_path, blank=True) as where:
        yield where


def folder(tmp_path: Path, *texts: str) -> Path:
    """Write migrations 0001_step.sql, 0002_step.sql, ... into a new folder."""
    number = len(list(tmp_path.glob("schema*")))
    made = tmp_path / f"schema{number}"
    made.mkdir()
    for version, text in enumerate(texts, 1):
        (made / f"{version:04}_step.sql").write_text(text)
    return made


async def rows(address: str, schema: Path, query: Query, *args: str) -> list[tuple[object, ...]]:
    store = await open_durable(address, folder=schema)
    try:
        return [tuple(row) for row in await store.all(query, *args)]
    finally:
        await store.close()


async def test_an_old_database_is_brought_up_step_by_step_and_keeps_its_rows(
    address: str, tmp_path: Path
) -> None:
    async def body(tx: Tx) -> None:
        await tx.run(ADD, "old")

    store = await open_durable(address, folder=folder(tmp_path, FIRST))
    await store.transact(body)
    await store.close()
    assert await rows(address, folder(tmp_path, FIRST, SECOND), BOXES) == [("old", 0), ("a;b", 0)]
    newest = folder(tmp_path, FIRST, SECOND, THIRD)
    assert await rows(address, newest, BOXES) == [("old", 7), ("a;b", 7)]
    assert await rows(address, newest, HISTORY) == [(1, "step"), (2, "step"), (3, "step")]


async def test_migrating_twice_does_nothing(address: str, tmp_path: Path) -> None:
    schema = folder(tmp_path, FIRST, SECOND)
    store = await open_durable(address, folder=folder(tmp_path))
    assert await migrate(store, schema) == ["0001_step", "0002_step"]  # type: ignore[arg-type]
    assert await migrate(store, schema) == []  # type: ignore[arg-type]
    await store.close()


async def test_a_file_changed_after_it_ran_is_refused(address: str, tmp_path: Path) -> None:
    await rows(address, folder(tmp_path, FIRST), HISTORY)
    with pytest.raises(MigrationRefused, match="0001_step was changed"):
        await open_durable(address, folder=folder(tmp_path, FIRST + "\n"))


async def test_windows_line_ends_are_no_change(address: str, tmp_path: Path) -> None:
    await rows(
        address,
        folder(
            tmp_path,
            SECOND.replace("ALTER", "-- ALTER").replace(
                "INSERT", "CREATE TABLE boxes (name TEXT);\nINSERT"
            ),
        ),
        HISTORY,
    )
    windows = folder(tmp_path)
    original = tmp_path / "schema0" / "0001_step.sql"
    (windows / "0001_step.sql").write_bytes(original.read_bytes().replace(b"\n", b"\r\n"))
    assert await rows(address, windows, HISTORY) == [(1, "step")]


async def test_a_database_newer_than_the_program_is_refused(address: str, tmp_path: Path) -> None:
    await rows(address, folder(tmp_path, FIRST, SECOND), HISTORY)
    with pytest.raises(MigrationRefused) as caught:
        await open_durable(address, folder=folder(tmp_path, FIRST))
    assert "upgrade sanfang" in caught.value.en
    assert "请升级" in caught.value.zh


async def test_a_migration_that_fails_leaves_nothing_of_itself(
    address: str, kind: str, tmp_path: Path
) -> None:
    broken = "CREATE TABLE lids (lid_id {serial});\nINSERT INTO nowhere VALUES (1);\n"
    with pytest.raises(MigrationRefused, match=r"migration 0002 step failed at 'INSERT"):
        await open_durable(address, folder=folder(tmp_path, FIRST, broken))
    good = folder(tmp_path, FIRST)
    assert await rows(address, good, HISTORY) == [(1, "step")]
    assert await rows(address, good, TABLES[kind], "lids") == [(0,)]


async def test_starters_that_meet_take_turns(tmp_path: Path) -> None:
    schema = folder(tmp_path, FIRST, SECOND, THIRD)
    with durable_address("postgres", tmp_path, blank=True) as address:
        stores = await asyncio.gather(*[open_durable(address, folder=schema) for _ in range(5)])
        history = [tuple(row) for row in await stores[0].all(HISTORY)]
        await asyncio.gather(*[store.close() for store in stores])
    assert history == [(1, "step"), (2, "step"), (3, "step")]


@pytest.mark.parametrize("name", ["0003_gap.sql", "0001_twice.sql", "2_short.sql", "notes.sql"])
def test_files_that_do_not_count_from_one_are_refused(tmp_path: Path, name: str) -> None:
    schema = folder(tmp_path, FIRST)
    (schema / name).write_text(SECOND)
    with pytest.raises(MigrationRefused):
        read(schema)


async def test_the_schema_of_the_platform_fits_both_databases(address: str) -> None:
    store = await open_durable(address)
    applied = await store.all(HISTORY)
    await store.close()
    assert applied[0][0] == 1


@pytest.mark.parametrize("address", ["mysql://127.0.0.1/x", "redis://127.0.0.1/0"])
async def test_an_address_nobody_knows_is_refused(address: str) -> None:
    with pytest.raises(StoreError, match=r"postgresql://"):
        await open_durable(address)
