"""What the dispatcher asks the store must not grow with what was delivered long ago (design §6)."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest

from sanfang.platform.store import open_durable
from sanfang.platform.store.ports import Query
from sanfang.platform.store.queries import outbox


@pytest.mark.parametrize(
    ("query", "index"),
    [
        (outbox.HEAD, "pushes_head"),
        (outbox.SUPERSEDE, "pushes_head"),
        (outbox.NEXT, "pushes_next"),
        (outbox.REVIVE_SUITE, "pushes_head"),
        (outbox.NEXT_DUE, "lanes_due"),
        (outbox.CLAIM, "lanes_due"),
    ],
)
def test_open_pushes_and_due_lanes_have_an_index_of_their_own(
    tmp_path: Path, query: Query, index: str
) -> None:
    async def main() -> None:
        await (await open_durable(tmp_path / "d.db")).close()

    asyncio.run(main())
    connection = sqlite3.connect(tmp_path / "d.db")
    try:
        marks = [0] * query.sqlite.count("?")
        plan = connection.execute(f"EXPLAIN QUERY PLAN {query.sqlite}", marks).fetchall()
    finally:
        connection.close()
    assert any(index in row[3] for row in plan), plan
    assert not any(row[3].startswith("SCAN") for row in plan), plan
