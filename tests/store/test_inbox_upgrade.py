"""0012: what members got before is found by conversation or app, on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from sanfang.platform.store import open_durable
from sanfang.platform.store.migrate import FOLDER
from sanfang.platform.store.ports import Query, Tx

from .fixtures import DURABLES, durable_address

pytestmark = pytest.mark.anyio

MESSAGE = Query(
    "m",
    """INSERT INTO messages (message_id, corp_id, agent_id, msgtype, body, created_at, app, cid)
       VALUES ($1, 'c', $2, 'text', '{}', 0, $3, $4)""",
)
GOT = Query(
    "r", "INSERT INTO message_recipients (corp_id, userid, message_id) VALUES ('c', 'u', $1)"
)
THREADS = Query("t", "SELECT message_id, thread FROM message_recipients")
ROWS = [
    (1, 7, "dingapp", ""),
    (2, 0, "suitekey", ""),
    (3, 7, "dingapp", "cidx"),
    (4, 0, "", "cidy"),
]
EXPECTED = {(1, "app:7"), (2, "app:suitekey"), (3, "cidx"), (4, "cidy"), (5, "")}


@pytest.fixture(params=DURABLES)
def address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with durable_address(str(request.param), tmp_path, blank=True) as where:
        yield where


async def test_messages_sent_before_are_found_by_conversation_or_app(
    address: str, tmp_path: Path
) -> None:
    before = tmp_path / "before"
    before.mkdir()
    for path in FOLDER.glob("*.sql"):
        if path.name < "0012":
            shutil.copy(path, before)

    async def write(tx: Tx) -> None:
        for row in ROWS:
            await tx.run(MESSAGE, *row)
            await tx.run(GOT, row[0])
        await tx.run(GOT, 5)  # of a message that is no more

    store = await open_durable(address, folder=before)
    await store.transact(write)
    await store.close()
    store = await open_durable(address)
    try:
        found = await store.all(THREADS)
    finally:
        await store.close()
    assert {tuple(row) for row in found} == EXPECTED
